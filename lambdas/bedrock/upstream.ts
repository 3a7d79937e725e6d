/** One way to speak to Claude on Bedrock. Two exist, `invoke` and `messages`; whoever calls does not know which. */
import type { BedrockOptions, Endpoint } from '../endpoints/endpoint.ts'

/** For whom it is, so that the AWS bill and Bedrock's invocation log can name them. Ids, never names of people. */
export interface Attribution {
  readonly teamId: string | null
  /** The user's UUID, or `key:<id>`. */
  readonly identity: string
  readonly keyId: string
  readonly sessionId: string | null
}

export interface UpstreamCall {
  readonly endpoint: Endpoint
  /** What Bedrock is called with: an inference profile id or the ARN of an application inference profile. */
  readonly modelId: string
  /** The client's name of the model, for the words of a refusal. */
  readonly model: string
  /** JSON as UTF-8, in the words of the endpoint's kind. */
  readonly body: Uint8Array
  /** For `messages`, which reads them from a header; `invoke` has them in the body already. */
  readonly betas: readonly string[]
  /** The `anthropic-version` that the client sent; `null` where it sent none. */
  readonly anthropicVersion: string | null
  /** The team's options over the endpoint's. */
  readonly options: BedrockOptions
  readonly attribution: Attribution
}

export interface Upstream {
  /**
   * Resolves with the first chunk in hand. Each chunk is one Messages event as JSON in UTF-8, byte for byte as Bedrock sent it.
   * @throws Fault, also from the iterator when the stream breaks.
   */
  stream(call: UpstreamCall, signal: AbortSignal): Promise<AsyncGenerator<Uint8Array, void>>
  /** The whole answer as JSON. @throws Fault */
  whole(call: UpstreamCall, signal: AbortSignal): Promise<Uint8Array>
  /** @throws Fault, also where Bedrock does not count for this model. */
  countTokens(call: UpstreamCall): Promise<number>
}
