/**
 * Every figure that an alarm or the dashboard reads and AWS does not measure itself, in CloudWatch's embedded metric format: members
 * of a log line that CloudWatch Logs makes metrics of, so that a request costs one line and no call.
 * Dimensions have few values each, and never a name, a key or a word of anybody: every combination is a metric that is billed.
 * Source: Amazon CloudWatch user guide, "Specification: Embedded metric format".
 */

/** What the alarms look under. */
export const METRICS_NAMESPACE = 'ClaudeCodeGateway'

/** Each figure with its unit and what it is told apart by, beside the gateway itself (an account may have two). */
export const FIGURES = {
  /** Requests to `/v1/messages` that came to an end, by how. */
  Requests: { unit: 'Count', by: ['Outcome'] },
  /** What this gateway said no to, by the fault's code. */
  Refusals: { unit: 'Count', by: ['Reason'] },
  /** What Bedrock said no to or broke off, by the fault's code. */
  BedrockFaults: { unit: 'Count', by: ['Kind'] },
  /** Endpoints that a request was turned away from before another one answered it. */
  Failovers: { unit: 'Count', by: [] },
  /** How many endpoints are unhealthy; told each minute while one is. */
  EndpointsUnhealthy: { unit: 'Count', by: [] },
  FirstByteMs: { unit: 'Milliseconds', by: ['Family'] },
  DurationMs: { unit: 'Milliseconds', by: ['Family'] },
  /** Nano-dollars. */
  Cost: { unit: 'None', by: [] },
  /** A settlement that DynamoDB did not take, of a request or of an abandoned one. */
  SettlementFailures: { unit: 'Count', by: [] },
  /** Requests in the books with what could be guessed instead of what Bedrock reported. */
  EstimatedSettlements: { unit: 'Count', by: [] },
  /** Answers that reported another usage than Bedrock counted beside them. */
  UsageContradictions: { unit: 'Count', by: [] },
  /** Searches of the web that were answered. */
  WebSearches: { unit: 'Count', by: [] },
  /** Requests that were refused because the database did not answer. */
  DatabaseUnavailable: { unit: 'Count', by: [] },
  /** Something was thrown that nobody had foreseen. */
  Bugs: { unit: 'Count', by: [] },
  /** Answers of the control plane: `2xx`, `4xx`, `5xx`. */
  ControlRequests: { unit: 'Count', by: ['Status'] },
  /** How long the notification that waits longest has been due; told only while one waits. */
  OldestPendingSeconds: { unit: 'Seconds', by: [] },
  /** Notifications that nobody will get. */
  NotificationsGivenUp: { unit: 'Count', by: [] },
  /** Rows in the price table after a run of `prices`. */
  PriceRows: { unit: 'Count', by: [] },
  /** A daily look at AWS's price list that came to nothing. */
  PriceRefreshFailures: { unit: 'Count', by: [] },
} as const satisfies Record<string, { readonly unit: string; readonly by: readonly string[] }>

export type FigureName = keyof typeof FIGURES

type DimensionsOf<Name extends FigureName> = (typeof FIGURES)[Name]['by'][number]

/** One measurement; whoever measures something that is told apart says by which value. */
export type Figure = {
  readonly [Name in FigureName]: { readonly name: Name; readonly value: number } & {
    readonly [Dimension in DimensionsOf<Name>]: string
  }
}[FigureName]

/**
 * The members that make a log line a line of metrics. A figure that is told apart by something is also there for all of it.
 * @param gateway The stack's name. @param atMs When it was measured, milliseconds since the epoch.
 */
export function metricMembers(figures: readonly Figure[], gateway: string, atMs: number): Record<string, unknown> {
  if (figures.length === 0) return {}
  const members: Record<string, unknown> = { Gateway: gateway }
  const directives = figures.map((figure) => {
    const { unit, by } = FIGURES[figure.name]
    members[figure.name] = figure.value
    for (const dimension of by) members[dimension] = (figure as unknown as Record<string, string>)[dimension]
    return {
      Namespace: METRICS_NAMESPACE,
      Dimensions: [['Gateway'], ...(by.length === 0 ? [] : [['Gateway', ...by]])],
      Metrics: [{ Name: figure.name, Unit: unit }],
    }
  })
  return { ...members, _aws: { Timestamp: atMs, CloudWatchMetrics: directives } }
}
