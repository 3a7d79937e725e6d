/** Bedrock's own books: every call it was asked, so that a test can hold the gateway's ledger against them. */

export interface BilledUsage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWrite5mTokens: number
  readonly cacheWrite1hTokens: number
}

export const NOTHING_BILLED: BilledUsage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
}

export type Operation =
  | 'invoke'
  | 'invoke-with-response-stream'
  | 'count-tokens'
  | 'messages'
  | 'converse'
  | 'converse-stream'

export interface UpstreamCall {
  /** The message id the answer carries. */
  readonly id: string
  readonly operation: Operation
  readonly modelId: string
  readonly region: string
  readonly accessKeyId: string
  readonly requestBytes: number
  readonly betas: readonly string[]
  /** Only where the simulator was told to keep bodies. */
  readonly body?: Readonly<Record<string, unknown>>
  outcome: 'running' | 'completed' | 'client-gone' | 'error' | 'broken'
  /** What is billed; of an answer that was cut short, what had been generated. */
  usage: BilledUsage
  eventsSent: number
}
