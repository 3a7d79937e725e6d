import { RemovalPolicy, Tags } from 'aws-cdk-lib'
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb'
import { Construct } from 'constructs'

/** `lambdas/table/` holds one page of keys for each. */
export type TableName = 'core' | 'usage' | 'events' | 'ephemeral'

const STRING = AttributeType.STRING

/** The four tables. What may be forgotten is not backed up; everything else outlives the stack. */
export class GatewayTables extends Construct {
  readonly core: Table
  readonly usage: Table
  readonly events: Table
  readonly ephemeral: Table

  constructor(scope: Construct, id: string) {
    super(scope, id)
    this.core = this.keep('Core', 'core', ['GSI1', 'GSI2', 'GSI3'])
    this.usage = this.keep('Usage', 'usage', ['GSI1'])
    this.events = this.keep('Events', 'events', ['GSI1', 'GSI2', 'GSI3'], { stream: StreamViewType.NEW_AND_OLD_IMAGES })
    this.ephemeral = this.table('Ephemeral', 'ephemeral', [], { removalPolicy: RemovalPolicy.DESTROY })
  }

  private keep(id: string, name: TableName, indexes: readonly string[], props: Partial<TableProps> = {}): Table {
    return this.table(id, name, indexes, {
      removalPolicy: RemovalPolicy.RETAIN,
      deletionProtection: true,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      ...props,
    })
  }

  private table(id: string, name: TableName, indexes: readonly string[], props: Partial<TableProps>): Table {
    const table = new Table(this, id, {
      partitionKey: { name: 'PK', type: STRING },
      sortKey: { name: 'SK', type: STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expires_at',
      ...props,
    })
    for (const index of indexes) {
      table.addGlobalSecondaryIndex({
        indexName: index,
        partitionKey: { name: `${index}PK`, type: STRING },
        sortKey: { name: `${index}SK`, type: STRING },
        projectionType: ProjectionType.ALL,
      })
    }
    Tags.of(table).add('gateway:table', name)
    return table
  }
}
