/** How an answer is written to the client: Anthropic's server-sent events, or the frames of Bedrock's event stream. */
import type { Fault } from '../platform/fault.ts'

export interface AnswerFormat {
  /** Of a stream. */
  readonly contentType: string
  /** Bedrock's own figures at the end of an answer, which Anthropic's API does not have, are passed on. */
  readonly keepsMetrics: boolean
  /** @param json One line of JSON, UTF-8. */
  event(type: string, json: Uint8Array): Uint8Array
  readonly ping: Uint8Array
  /** The last thing in a stream that cannot go on. */
  error(fault: Fault, requestId: string): Uint8Array
}
