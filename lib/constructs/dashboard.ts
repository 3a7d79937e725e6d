import { Aws, Duration, Stack } from 'aws-cdk-lib'
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront'
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  Metric,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import { Construct } from 'constructs'
import type { GatewayFunctions } from './alarms.ts'
import { distribution5xxRate, GatewayMetrics } from './gateway-metrics.ts'
import type { GatewayTables } from './gateway-tables.ts'

export interface DashboardProps {
  readonly functions: GatewayFunctions
  readonly tables: GatewayTables
  readonly distribution: Distribution
  readonly alarms: readonly Alarm[]
  readonly concurrencyQuota: number
}

/** Fine enough to see a minute's trouble in an afternoon, coarse enough to see a week. */
const PERIOD = Duration.minutes(5)

/** The values that the functions tell figures apart by; an unknown one is missing on a graph, and in no alarm. */
const OUTCOMES = ['ok', 'aborted', 'failed']
const REASONS = [
  'unauthenticated',
  'suspended',
  'model_refused',
  'no_endpoint',
  'over_budget',
  'rate_limited',
  'invalid_request',
  'database_unavailable',
  'settings_unreadable',
]
const FAULTS = [
  'upstream_busy',
  'upstream_failed',
  'upstream_timeout',
  'upstream_forbidden',
  'upstream_rejected',
  'rate_limited',
  'model_refused',
]
const FAMILIES = ['opus', 'sonnet', 'haiku', 'fable', 'other']

/** A row of three graphs, or of one. */
const THIRD = 8
const WHOLE = 24

/** The gateway at one look: first whether something is wrong, then what, then what it costs. Three dashboards of an account are free. */
export class Dashboard extends Construct {
  readonly url: string
  private readonly figures: GatewayMetrics

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id)
    const { stackName } = Stack.of(this)
    this.figures = new GatewayMetrics(stackName)
    new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: stackName,
      defaultInterval: Duration.hours(12),
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', width: WHOLE, height: 4, alarms: [...props.alarms] })],
        this.traffic(),
        this.latency(props.functions),
        this.failures(props),
        this.capacity(props),
        this.tables(props.tables),
        this.books(),
        this.cost(props),
      ],
    })
    this.url = `https://${Aws.REGION}.console.aws.amazon.com/cloudwatch/home?region=${Aws.REGION}#dashboards/dashboards/${stackName}`
  }

  private traffic(): IWidget[] {
    return [
      graph(
        'Requests by outcome, and searches of the web',
        OUTCOMES.map((Outcome) => this.figures.sum('Requests', PERIOD, { Outcome })),
        [this.figures.sum('WebSearches', PERIOD)],
      ),
      graph(
        'Refusals by reason',
        REASONS.map((Reason) => this.figures.sum('Refusals', PERIOD, { Reason })),
      ),
      graph(
        'Bedrock faults by kind',
        FAULTS.map((Kind) => this.figures.sum('BedrockFaults', PERIOD, { Kind })),
      ),
    ]
  }

  private latency({ control }: GatewayFunctions): IWidget[] {
    const median = (name: string) => FAMILIES.map((Family) => this.figures.percentile(name, PERIOD, 50, { Family }))
    return [
      graph('First byte, median, ms', median('FirstByteMs')),
      graph('Whole answer, median, ms', median('DurationMs')),
      graph('Slowest hundredth, ms', [
        this.figures.percentile('FirstByteMs', PERIOD, 99),
        this.figures.percentile('DurationMs', PERIOD, 99),
        control.metricDuration({ statistic: 'p99', period: PERIOD, label: 'control' }),
      ]),
    ]
  }

  private failures({ functions, distribution }: DashboardProps): IWidget[] {
    const ofEach = (metricName: string): Metric[] =>
      Object.entries(functions).map(([label, fn]: [string, NodejsFunction]) => lambdaMetric(fn, metricName, label))
    const edge = distribution5xxRate(distribution, PERIOD).with({ region: 'us-east-1', label: 'CloudFront 5xx, %' })
    return [
      graph('Function errors', ofEach('Errors')),
      graph(
        '5xx of the function URLs',
        [
          lambdaMetric(functions.messages, 'Url5xxCount', 'messages'),
          lambdaMetric(functions.control, 'Url5xxCount', 'control'),
          this.figures.sum('Bugs', PERIOD),
        ],
        [edge],
      ),
      graph('Runs of the scheduled functions', [
        lambdaMetric(functions.watch, 'Invocations', 'watch'),
        lambdaMetric(functions.outbox, 'Invocations', 'outbox'),
        lambdaMetric(functions.prices, 'Invocations', 'prices'),
      ]),
    ]
  }

  private capacity({ functions, concurrencyQuota }: DashboardProps): IWidget[] {
    const largest = { statistic: 'Maximum', period: PERIOD }
    const environments = new GraphWidget({
      title: 'Environments against the quota',
      width: THIRD,
      left: [
        new Metric({ namespace: 'AWS/Lambda', metricName: 'ConcurrentExecutions', label: 'the account', ...largest }),
        functions.messages.metric('ConcurrentExecutions', { label: 'messages', ...largest }),
        functions.control.metric('ConcurrentExecutions', { label: 'control', ...largest }),
      ],
      leftAnnotations: [{ value: concurrencyQuota, label: 'quota' }],
      leftYAxis: { min: 0 },
    })
    const throttles = graph('Throttled invocations', [
      lambdaMetric(functions.messages, 'Throttles', 'messages'),
      lambdaMetric(functions.control, 'Throttles', 'control'),
    ])
    const endpoints = graph(
      'Requests answered elsewhere, and unhealthy endpoints',
      [this.figures.sum('Failovers', PERIOD)],
      [this.figures.largest('EndpointsUnhealthy', PERIOD)],
    )
    return [environments, throttles, endpoints]
  }

  private tables(tables: GatewayTables): IWidget[] {
    const each = (metricName: string): Metric[] =>
      Object.entries({
        core: tables.core,
        usage: tables.usage,
        events: tables.events,
        ephemeral: tables.ephemeral,
      }).map(([label, table]: [string, Table]) => table.metric(metricName, { statistic: 'Sum', period: PERIOD, label }))
    const throttled = (kind: string): Metric[] => each(`${kind}ThrottleEvents`)
    return [
      graph('DynamoDB: read units', each('ConsumedReadCapacityUnits')),
      graph('DynamoDB: write units', each('ConsumedWriteCapacityUnits')),
      graph('DynamoDB: throttled reads and writes', throttled('Read'), throttled('Write')),
    ]
  }

  private books(): IWidget[] {
    return [
      graph('Settlements', [
        this.figures.sum('SettlementFailures', PERIOD),
        this.figures.sum('EstimatedSettlements', PERIOD),
        this.figures.sum('UsageContradictions', PERIOD),
        this.figures.sum('DatabaseUnavailable', PERIOD),
      ]),
      graph(
        'Outbox',
        [this.figures.sum('NotificationsGivenUp', PERIOD)],
        [this.figures.largest('OldestPendingSeconds', PERIOD)],
      ),
      graph(
        'Price table, rows',
        [this.figures.smallest('PriceRows', Duration.hours(6))],
        [this.figures.sum('PriceRefreshFailures', Duration.hours(6))],
      ),
    ]
  }

  private cost({ functions }: DashboardProps): IWidget[] {
    const claude = new MathExpression({
      expression: 'nano / 1000000000',
      usingMetrics: { nano: this.figures.sum('Cost', Duration.hours(1)) },
      period: Duration.hours(1),
      label: 'Claude, USD an hour',
    })
    const memory = (fn: NodejsFunction): number => (fn.node.defaultChild as { memorySize?: number }).memorySize ?? 0
    const lambda = Object.entries(functions).map(([label, fn]: [string, NodejsFunction]) => {
      return new MathExpression({
        // Milliseconds and megabytes to gigabyte-seconds, in which Lambda is billed.
        expression: `${label} * ${memory(fn)} / 1024000`,
        usingMetrics: { [label]: fn.metricDuration({ statistic: 'Sum', period: Duration.hours(1) }) },
        period: Duration.hours(1),
        label,
      })
    })
    return [
      graph('What the answers cost', [claude]),
      graph('Lambda, GB-seconds an hour', lambda),
      graph(
        'Answers of the control plane',
        ['2xx', '4xx', '5xx'].map((Status) => this.figures.sum('ControlRequests', PERIOD, { Status })),
      ),
    ]
  }
}

const graph = (title: string, left: IMetric[], right: IMetric[] = []): GraphWidget =>
  new GraphWidget({
    title,
    width: THIRD,
    left,
    right,
    leftYAxis: { min: 0 },
    ...(right.length > 0 && { rightYAxis: { min: 0 } }),
  })

const lambdaMetric = (fn: NodejsFunction, metricName: string, label: string): Metric =>
  fn.metric(metricName, { statistic: 'Sum', period: PERIOD, label })
