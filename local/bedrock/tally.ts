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
  | 'messages-count-tokens'
  | 'converse'
  | 'converse-stream'

/** What a call says beside its body. */
export interface CallHeaders {
  /** Of `X-Amzn-Bedrock-Request-Metadata`, which goes into the invocation log. */
  readonly requestMetadata: Readonly<Record<string, string>> | undefined
  readonly guardrail: { readonly id: string; readonly version: string } | undefined
  readonly serviceTier: string | undefined
  readonly latency: string | undefined
  /** Of `anthropic-version` and `anthropic-beta`, which only the native Messages API reads. */
  readonly anthropicVersion: string | undefined
  readonly betas: readonly string[]
}

export interface UpstreamCall extends CallHeaders {
  /** The message id the answer carries. */
  readonly id: string
  readonly operation: Operation
  /** As the call named it. */
  readonly modelId: string
  readonly region: string
  readonly account: string
  readonly accessKeyId: string
  /** What AssumeRole was given for this access key. */
  readonly sessionTags: Readonly<Record<string, string>>
  readonly requestBytes: number
  /** Only where the simulator was told to keep bodies: parsed, and as it came. */
  readonly body?: Readonly<Record<string, unknown>>
  readonly text?: string
  outcome: 'running' | 'completed' | 'client-gone' | 'error' | 'broken'
  /** What is billed; of an answer that was cut short, what had been generated. */
  usage: BilledUsage
  eventsSent: number
}
