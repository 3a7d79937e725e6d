/** The template's tables, in the embedded database: same keys, indexes, TTL and stream. Those of an earlier start are kept. */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import { resolve, type Scope } from './intrinsics.ts'
import { tableNameOf } from './names.ts'
import { type Template, tagOf } from './template.ts'

export interface DeployedTable {
  readonly logicalId: string
  readonly name: string
  readonly streamArn: string | undefined
}

/** @returns the tables by their tag `gateway:table`. */
export async function deployTables(
  template: Template,
  scope: Scope,
  endpoint: string,
): Promise<Map<string, DeployedTable>> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const tables = new Map<string, DeployedTable>()
  for (const { logicalId, properties } of template.of('AWS::DynamoDB::Table')) {
    const tag = tagOf(properties, 'gateway:table')
    if (tag === undefined) throw new Error(`the table ${logicalId} has no tag gateway:table`)
    const name = tableNameOf(logicalId)
    await createTable(client, name, resolve(properties, scope) as TableProperties)
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }))
    tables.set(tag, { logicalId, name, streamArn: Table?.LatestStreamArn })
  }
  client.destroy()
  return tables
}

type TableProperties = Pick<
  CreateTableCommandInput,
  'KeySchema' | 'AttributeDefinitions' | 'GlobalSecondaryIndexes' | 'BillingMode'
> & {
  readonly StreamSpecification?: { readonly StreamViewType: 'NEW_AND_OLD_IMAGES' }
  readonly TimeToLiveSpecification?: { readonly AttributeName: string; readonly Enabled: boolean }
}

async function createTable(client: DynamoDBClient, name: string, properties: TableProperties): Promise<void> {
  const { StreamSpecification, TimeToLiveSpecification } = properties
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        KeySchema: properties.KeySchema,
        AttributeDefinitions: properties.AttributeDefinitions,
        BillingMode: properties.BillingMode,
        GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes,
        ...(StreamSpecification && { StreamSpecification: { StreamEnabled: true, ...StreamSpecification } }),
      }),
    )
  } catch (thrown) {
    if (thrown instanceof ResourceInUseException) return
    throw thrown
  }
  if (TimeToLiveSpecification)
    await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }))
}
