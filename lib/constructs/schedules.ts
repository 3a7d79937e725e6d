import { Duration } from 'aws-cdk-lib'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { Construct } from 'constructs'
import { listInferenceProfiles } from './bedrock-access.ts'
import { GatewayFunction } from './gateway-function.ts'
import type { GatewayTables } from './gateway-tables.ts'

export interface SchedulesProps {
  readonly tables: GatewayTables
  readonly reservedConcurrency?: number | undefined
}

/** What happens without anybody asking: abandoned requests, prices, notifications. */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, { tables, reservedConcurrency }: SchedulesProps) {
    super(scope, id)
    this.watch(tables, reservedConcurrency)
    this.prices(tables)
    this.outbox(tables, reservedConcurrency)
  }

  private watch(tables: GatewayTables, reservedConcurrency: number | undefined): void {
    const watch = new GatewayFunction(this, 'Watch', {
      name: 'watch',
      description: 'Claude Code Gateway: settles abandoned requests, notices new models',
      environment: { CORE_TABLE: tables.core.tableName, USAGE_TABLE: tables.usage.tableName },
      memoryMb: 512,
      // After an outage of a day there is much to look through.
      timeoutSeconds: 300,
      reservedConcurrency,
    })
    watch.allow(tables.core, ['GetItem', 'PutItem', 'Query'])
    watch.allow(tables.usage, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
    watch.function.addToRolePolicy(listInferenceProfiles())
    this.every('WatchSchedule', Duration.minutes(1), watch)
  }

  private prices(tables: GatewayTables): void {
    const prices = new GatewayFunction(this, 'Prices', {
      name: 'prices',
      description: 'Claude Code Gateway: keeps the price table',
      environment: { CORE_TABLE: tables.core.tableName },
      memoryMb: 512,
      timeoutSeconds: 120,
    })
    prices.allow(tables.core, ['Query', 'PutItem', 'UpdateItem'])
    this.every('PricesSchedule', Duration.days(1), prices)
  }

  private outbox(tables: GatewayTables, reservedConcurrency: number | undefined): void {
    const outbox = new GatewayFunction(this, 'Outbox', {
      name: 'outbox',
      description: 'Claude Code Gateway: delivers notifications',
      environment: { EVENTS_TABLE: tables.events.tableName },
      memoryMb: 512,
      timeoutSeconds: 60,
      reservedConcurrency,
    })
    outbox.allow(tables.events, ['Query', 'UpdateItem'], { indexes: true })
    outbox.function.addEventSource(
      new DynamoEventSource(tables.events as ITable, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        reportBatchItemFailures: true,
        bisectBatchOnError: true,
        // The schedule finds whatever the stream gave up on.
        retryAttempts: 3,
      }),
    )
    this.every('OutboxSchedule', Duration.minutes(1), outbox)
  }

  private every(id: string, duration: Duration, { function: fn }: Pick<GatewayFunction<'watch'>, 'function'>): void {
    new Rule(this, id, { schedule: Schedule.rate(duration), targets: [new LambdaFunction(fn, { retryAttempts: 2 })] })
  }
}
