import { Duration } from 'aws-cdk-lib'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { InferenceProfilePrefix } from '../settings.ts'
import {
  applyGuardrails,
  assumeEndpointRoles,
  callClaude,
  listInferenceProfiles,
  readInferenceProfiles,
  readPriceLists,
} from './bedrock-access.ts'
import { GatewayFunction } from './gateway-function.ts'
import type { GatewayKey } from './gateway-key.ts'
import type { GatewayTables } from './gateway-tables.ts'
import { notify, type OutboundProps, outboundEnvironment } from './outbound-access.ts'

export interface SchedulesProps {
  readonly tables: GatewayTables
  readonly sealing: GatewayKey
  readonly outbound: OutboundProps
  readonly logRetention: RetentionDays
  /** Scope of the endpoint that the deployment brings. */
  readonly inferenceProfilePrefix: InferenceProfilePrefix
  readonly endpointRoleNames: string
  readonly reservedConcurrency?: number | undefined
}

/**
 * Of the Events table's changes, those that leave an event waiting to be told. Audit entries, attempts, leases and how events ended are
 * most of them, and would each be an invocation.
 */
const WAITING = FilterCriteria.filter({
  eventName: FilterRule.or('INSERT', 'MODIFY'),
  dynamodb: {
    NewImage: {
      PK: { S: FilterRule.beginsWith('EVENT#') },
      SK: { S: FilterRule.isEqual('META') },
      GSI1SK: { S: FilterRule.exists() },
      state: { S: FilterRule.isEqual('pending') },
    },
  },
})

/** What happens without anybody asking: abandoned requests, prices, notifications. */
export class Schedules extends Construct {
  readonly watch: NodejsFunction
  readonly prices: NodejsFunction
  readonly outbox: NodejsFunction
  readonly outboxRoleArn: string

  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id)
    this.watch = this.addWatch(props)
    this.prices = this.addPrices(props)
    this.outbox = this.addOutbox(props)
    this.outboxRoleArn = this.outbox.role?.roleArn ?? ''
  }

  private addWatch(props: SchedulesProps): NodejsFunction {
    const { tables, logRetention, reservedConcurrency } = props
    const watch = new GatewayFunction(this, 'Watch', {
      name: 'watch',
      description: 'Claude Code Gateway: settles abandoned requests, looks after endpoints, packs hours',
      environment: {
        CORE_TABLE: tables.core.tableName,
        USAGE_TABLE: tables.usage.tableName,
        EVENTS_TABLE: tables.events.tableName,
        EPHEMERAL_TABLE: tables.ephemeral.tableName,
        INFERENCE_PROFILE_PREFIX: props.inferenceProfilePrefix,
      },
      memoryMb: 512,
      // After an outage of a day there is much to look through. An account that does not answer takes 20 s of it, five flags that
      // hang take 100.
      timeoutSeconds: 300,
      logRetention,
      reservedConcurrency,
    })
    watch.allow(tables.core, ['Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
    watch.allow(tables.usage, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
    watch.allow(tables.events, ['PutItem'])
    watch.allow(tables.ephemeral, ['Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
    const looking = [listInferenceProfiles(), readInferenceProfiles()]
    // A flag is tried as a request would be sent: with the endpoint's guardrail.
    const trying = [callClaude('InvokeModel'), applyGuardrails()]
    for (const statement of [...looking, ...trying, assumeEndpointRoles(props.endpointRoleNames)])
      watch.function.addToRolePolicy(statement)
    return this.every('WatchSchedule', Duration.minutes(1), watch)
  }

  private addPrices({ tables, logRetention }: SchedulesProps): NodejsFunction {
    const prices = new GatewayFunction(this, 'Prices', {
      name: 'prices',
      description: 'Claude Code Gateway: keeps the price table',
      environment: { CORE_TABLE: tables.core.tableName, EVENTS_TABLE: tables.events.tableName },
      memoryMb: 512,
      timeoutSeconds: 120,
      logRetention,
    })
    prices.allow(tables.core, ['GetItem', 'Query', 'PutItem', 'UpdateItem'])
    prices.allow(tables.events, ['PutItem'])
    prices.function.addToRolePolicy(readPriceLists())
    return this.every('PricesSchedule', Duration.days(1), prices)
  }

  private addOutbox({ tables, sealing, outbound, logRetention, reservedConcurrency }: SchedulesProps): NodejsFunction {
    const outbox = new GatewayFunction(this, 'Outbox', {
      name: 'outbox',
      description: 'Claude Code Gateway: delivers notifications',
      environment: {
        CORE_TABLE: tables.core.tableName,
        EVENTS_TABLE: tables.events.tableName,
        SEALING_KEY_ARN: sealing.key.keyArn,
        ...outboundEnvironment(outbound),
      },
      memoryMb: 512,
      timeoutSeconds: 60,
      // A run goes by the time of its schedule: one that comes late would lease events for a time that is over.
      longestWaitSeconds: 60,
      logRetention,
      reservedConcurrency,
    })
    outbox.allow(tables.core, ['GetItem'])
    outbox.allow(tables.events, ['GetItem', 'PutItem', 'UpdateItem'], ['GSI1'])
    for (const statement of [sealing.allowing('Decrypt'), ...notify(outbound)])
      outbox.function.addToRolePolicy(statement)
    outbox.function.addEventSource(
      new DynamoEventSource(tables.events as ITable, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        reportBatchItemFailures: true,
        bisectBatchOnError: true,
        // The schedule finds whatever the stream gave up on.
        retryAttempts: 3,
        filters: [WAITING],
      }),
    )
    return this.every('OutboxSchedule', Duration.minutes(1), outbox)
  }

  private every(
    id: string,
    duration: Duration,
    { function: fn }: { readonly function: NodejsFunction },
  ): NodejsFunction {
    // Another run comes soon; two more tries bridge a moment in which Lambda has no environment.
    new Rule(this, id, { schedule: Schedule.rate(duration), targets: [new LambdaFunction(fn, { retryAttempts: 2 })] })
    return fn
  }
}
