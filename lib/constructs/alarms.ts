import { Aws, CfnCondition, Duration, Fn, Stack } from 'aws-cdk-lib'
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront'
import {
  Alarm,
  type CfnAlarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { distribution5xxRate, GatewayMetrics } from './gateway-metrics.ts'
import type { GatewayTables } from './gateway-tables.ts'

export interface GatewayFunctions {
  readonly messages: NodejsFunction
  readonly control: NodejsFunction
  readonly watch: NodejsFunction
  readonly prices: NodejsFunction
  readonly outbox: NodejsFunction
}

export interface AlarmsProps {
  readonly functions: GatewayFunctions
  readonly tables: GatewayTables
  readonly distribution: Distribution
  /** Who is subscribed hears of alarms, and of their end. */
  readonly topic: ITopic
  readonly concurrencyQuota: number
}

/** `of` the last so many periods, `periods` have to be beyond the threshold. */
interface Judgement {
  readonly threshold: number
  readonly periods?: number
  readonly of?: number
  readonly comparison?: ComparisonOperator
  readonly missing?: TreatMissingData
  /** Something happened, and is over: that nothing more has happened is no news, so its end is not told. */
  readonly event?: boolean
}

const AT_LEAST = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD

/** Short enough that somebody hears of it while it lasts, long enough for a figure to be more than chance. */
const FIVE_MINUTES = Duration.minutes(5)

/**
 * What somebody should hear of. Each alarm has its heading in docs/runbook.md, which `test/rules/runbook.test.ts` sees to, and costs
 * 10 cents a month for each metric it reads: docs/decisions/0006-operations.md has the sum, and what was left out for it.
 */
export class Alarms extends Construct {
  /** Those of every region. */
  readonly all: Alarm[] = []
  private readonly action: SnsAction
  private readonly figures: GatewayMetrics

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id)
    this.action = new SnsAction(props.topic)
    this.figures = new GatewayMetrics(Stack.of(this).stackName)
    this.failures(props.functions)
    this.capacity(props)
    this.answers(props)
    this.endpoints()
    this.money()
    this.tables(props.tables)
    this.schedules(props.functions)
    this.outbox()
  }

  /** An invocation that threw, crashed, ran out of memory or of time. `prices` is in `schedules`, by what it should have done. */
  private failures({ messages, control, watch, outbox }: GatewayFunctions): void {
    const errorsOf = (fn: NodejsFunction): Metric => fn.metricErrors({ period: FIVE_MINUTES })
    // A request that fails is answered, not thrown: a single error is a crash or a time-out, and a request that was lost.
    this.raise('MessagesErrors', 'Invocations of messages crash or run out of time.', errorsOf(messages), {
      threshold: 1,
    })
    this.raise('ControlErrors', 'Invocations of control crash or run out of time.', errorsOf(control), { threshold: 1 })
    // Each runs every minute, and the next run makes up for the last: three failures in five minutes are no accident any more.
    this.raise('WatchErrors', 'Runs of watch fail.', errorsOf(watch), { threshold: 3 })
    this.raise('OutboxErrors', 'Runs of outbox fail.', errorsOf(outbox), { threshold: 3 })
  }

  private capacity({ functions, concurrencyQuota }: AlarmsProps): void {
    const throttlesOf = (fn: NodejsFunction): Metric => fn.metricThrottles({ period: FIVE_MINUTES })
    // A throttled request never reaches us, and the client sees a bare 429 of the platform's. Its own tries hide one or two.
    this.raise('MessagesThrottles', 'Lambda turns requests to messages away.', throttlesOf(functions.messages), {
      threshold: 5,
    })
    this.raise('ControlThrottles', 'Lambda turns requests to control away.', throttlesOf(functions.control), {
      threshold: 5,
    })
    const concurrency = new Metric({
      namespace: 'AWS/Lambda',
      metricName: 'ConcurrentExecutions',
      statistic: 'Maximum',
      // A minute: at a thousand environments more every ten seconds, five minutes would hide how near it came.
      period: Duration.minutes(1),
    })
    // The last fifth is for the time it takes to have a quota raised. Three minutes, so that one burst is none.
    const threshold = Math.floor(concurrencyQuota * 0.8)
    this.raise('ConcurrencyNearQuota', 'The account runs most of the environments it may.', concurrency, {
      threshold,
      periods: 3,
    })
    const duration = functions.messages.metricDuration({ statistic: 'p99', period: FIVE_MINUTES })
    // 885 s is where messages ends an answer by itself, 15 s before Lambda would; a percentile near it means that many are cut short.
    // The other functions have no such end: for them a time-out is an error, and told as one.
    this.raise('MessagesNearTimeout', 'Answers take as long as a function may run.', duration, { threshold: 880_000 })
  }

  private answers({ functions, distribution }: AlarmsProps): void {
    const answers5xx = (fn: NodejsFunction): Metric =>
      new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'Url5xxCount',
        dimensionsMap: { FunctionName: fn.functionName },
        statistic: 'Sum',
        period: FIVE_MINUTES,
      })
    // Bedrock's throttling is a 5xx too, and Claude Code tries three times: ten are several people's failures, or one's for minutes.
    const often = { threshold: 10, periods: 2, of: 3 }
    this.raise('Messages5xx', 'Clients get 5xx from messages.', answers5xx(functions.messages), often)
    // A person in the portal causes few requests; five that failed are a page that does not work.
    this.raise('Control5xx', 'The portal and its API answer 5xx.', answers5xx(functions.control), { threshold: 5 })
    const unavailable = this.figures.sum('DatabaseUnavailable', FIVE_MINUTES)
    // The SDK has tried five times before a request is refused, so even three are not noise.
    this.raise('DatabaseUnavailable', 'Requests are refused because DynamoDB does not answer.', unavailable, {
      threshold: 3,
    })
    const forbidden = this.figures.sum('BedrockFaults', FIVE_MINUTES, { Kind: 'upstream_forbidden' })
    // Access does not come and go: the first refusal means that nobody gets an answer of that model.
    this.raise('BedrockForbidden', 'Bedrock refuses the gateway access to a model.', forbidden, { threshold: 1 })
    const bugs = this.figures.sum('Bugs', FIVE_MINUTES)
    this.raise('Bugs', 'Something was thrown that nobody had foreseen.', bugs, { threshold: 1, event: true })
    this.distribution5xx(distribution)
  }

  /** CloudFront writes its figures to us-east-1, and an alarm reads those of its own region: elsewhere the alarm would never see one. */
  private distribution5xx(distribution: Distribution): void {
    const rate = distribution5xxRate(distribution, FIVE_MINUTES)
    // Percent. One in twenty, for a quarter of an hour: with few requests a single failure is a high rate, but not for long.
    const alarm = this.raise('Distribution5xx', 'CloudFront answers 5xx.', rate, { threshold: 5, periods: 3 })
    const condition = new CfnCondition(this, 'InUsEast1', { expression: Fn.conditionEquals(Aws.REGION, 'us-east-1') })
    ;(alarm.node.defaultChild as CfnAlarm).cfnOptions.condition = condition
    // What is not there everywhere cannot be shown everywhere.
    this.all.splice(this.all.indexOf(alarm), 1)
  }

  private endpoints(): void {
    const unhealthy = this.figures.largest('EndpointsUnhealthy', FIVE_MINUTES)
    // It has taken two bad minutes to be called so; requests pass it over by then, and only a person can mend a role or an account.
    this.raise('EndpointsUnhealthy', 'An endpoint is unhealthy.', unhealthy, { threshold: 1 })
  }

  private money(): void {
    const failures = this.figures.sum('SettlementFailures', FIVE_MINUTES)
    // Twelve tries have failed before one is counted, and the books are wrong by a guess from then on.
    this.raise('SettlementFailures', 'Settlements do not get through to DynamoDB.', failures, { threshold: 1 })
    const estimated = this.figures.sum('EstimatedSettlements', Duration.hours(1))
    // A deployment ends some requests, and a broken stream happens: ten within an hour are a cause worth finding.
    this.raise('EstimatedSettlements', 'Requests are billed at an estimate.', estimated, { threshold: 10, event: true })
  }

  /**
   * For each table the way it is mostly used: what else goes wrong with it is seen by what fails because of it. DynamoDB counts system
   * errors by operation, and each would be a metric to pay for.
   */
  private tables(tables: GatewayTables): void {
    const USE = [
      ['Core', 'ReadThrottleEvents', 'BatchGetItem'],
      ['Usage', 'WriteThrottleEvents', 'TransactWriteItems'],
      ['Events', 'WriteThrottleEvents', 'Query'],
      ['Ephemeral', 'WriteThrottleEvents', 'UpdateItem'],
    ] as const
    for (const [name, throttles, operation] of USE) {
      const { tableName } =
        tables[name.toLowerCase() as keyof Pick<GatewayTables, 'core' | 'usage' | 'events' | 'ephemeral'>]
      const metric = (metricName: string, dimensions: Record<string, string> = {}): Metric =>
        new Metric({
          namespace: 'AWS/DynamoDB',
          metricName,
          dimensionsMap: { TableName: tableName, ...dimensions },
          statistic: 'Sum',
          period: FIVE_MINUTES,
        })
      // On-demand tables throttle for a moment when traffic doubles, and the SDK tries again: it has to go on to be told.
      const lasting = { threshold: 10, periods: 2, of: 3 }
      this.raise(`${name}TableThrottles`, `DynamoDB throttles the ${name} table.`, metric(throttles), lasting)
      const errors = metric('SystemErrors', { Operation: operation })
      this.raise(`${name}TableErrors`, `DynamoDB fails at the ${name} table.`, errors, lasting)
    }
  }

  private schedules({ watch, outbox }: GatewayFunctions): void {
    const runsOf = (fn: NodejsFunction): Metric => fn.metricInvocations({ period: FIVE_MINUTES })
    const silent = {
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      missing: TreatMissingData.BREACHING,
    }
    // Ten minutes without a run of what runs each minute. A deployment or a moment without environments takes less.
    this.raise('WatchNotRunning', 'watch does not run.', runsOf(watch), { ...silent, periods: 2 })
    this.raise('OutboxNotRunning', 'outbox does not run.', runsOf(outbox), { ...silent, periods: 2 })
    const rows = this.figures.smallest('PriceRows', Duration.hours(6))
    // Thirty hours: a day, and room for a run that came late and was tried again. It is told only by a run that went well, so its
    // absence means that prices did not run, or failed; and a run that leaves no price at all is below 1.
    this.raise('PricesNotRefreshed', 'The price table has not been refreshed, or is empty.', rows, {
      ...silent,
      periods: 5,
    })
    // One a day is all there can be, and the client has tried three times.
    const refused = this.figures.sum('PriceRefreshFailures', Duration.hours(1))
    this.raise('PriceRefreshFailed', "AWS's price list could not be read, or a price of it was held back.", refused, {
      threshold: 1,
      event: true,
    })
  }

  private outbox(): void {
    const oldest = this.figures.largest('OldestPendingSeconds', FIVE_MINUTES)
    // The stream delivers within seconds and the schedule within a minute. A quarter of an hour is several tries in vain.
    this.raise('OutboxBehind', 'A notification waits and is not delivered.', oldest, { threshold: 900, periods: 2 })
    const givenUp = this.figures.sum('NotificationsGivenUp', FIVE_MINUTES)
    this.raise('NotificationsGivenUp', 'A notification was given up.', givenUp, { threshold: 1, event: true })
  }

  /** @param id Never changes once deployed: it is the alarm's name, and its heading in the runbook. */
  private raise(id: string, sentence: string, metric: IMetric, judgement: Judgement): Alarm {
    const { threshold, periods = 1, of = periods, comparison = AT_LEAST } = judgement
    const alarm = new Alarm(this, id, {
      alarmName: `${Stack.of(this).stackName}-${id}`,
      alarmDescription: `${sentence} What to do: docs/runbook.md#${id.toLowerCase()}`,
      metric,
      threshold,
      evaluationPeriods: of,
      datapointsToAlarm: periods,
      comparisonOperator: comparison,
      // Most figures are written only when there is something to tell.
      treatMissingData: judgement.missing ?? TreatMissingData.NOT_BREACHING,
    })
    alarm.addAlarmAction(this.action)
    if (judgement.event !== true) alarm.addOkAction(this.action)
    this.all.push(alarm)
    return alarm
  }
}
