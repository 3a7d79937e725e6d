/** One request as the ledger knows it: opened before Bedrock hears of it, settled when its stream has ended. */
import type { Payer } from '../admission/allowance.ts'
import type { RequestDetails } from '../detection/request-details.ts'
import type { ModelTarget } from '../models/model-names.ts'
import type { Fault, FaultCode } from '../platform/fault.ts'
import { addMs, type Instant } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'
import type { Contradiction, Usage } from './usage.ts'

export interface OpenedRequest {
  readonly requestId: string
  readonly payer: Payer
  /** The client's own string. */
  readonly model: string
  readonly target: ModelTarget
  readonly endpointId: string
  /** What Bedrock was asked for, as far as it was; tiers have prices of their own. `null`: Bedrock's usual one. */
  readonly serviceTier: string | null
  readonly streaming: boolean
  readonly sessionId: string | null
  readonly details: RequestDetails
  readonly arrivedAt: Instant
  /** For the recovery of a request whose environment died; no verdict reads it. */
  readonly estimate: Usage
}

/**
 * `ok`: the answer came whole. `aborted`: cut short by the client or our deadline. `failed`: Bedrock refused it or broke
 * off. `refused`: by us, Bedrock never heard of it.
 */
export type RequestStatus = 'ok' | 'aborted' | 'failed' | 'refused'

export interface RequestEnd {
  readonly status: RequestStatus
  /** Why it did not end well, where Bedrock or the deadline is the reason. */
  readonly fault?: { readonly code: FaultCode; readonly detail: Fault['detail'] } | undefined
  /** Why it was refused, where it was. */
  readonly refusal?: string | undefined
  /** Bedrock's id of the answer, as far as one came. */
  readonly messageId: string | null
  readonly usage: Usage
  /** The usage is not what Bedrock reported in full, but what could be seen or guessed. */
  readonly estimated: boolean
  readonly stopReason: string | null
  /** What Bedrock counted beside it, where it differs. */
  readonly contradicted?: Contradiction | null
  /** Names of the tools the answer called, in order, with repeats. */
  readonly tools: readonly string[]
  readonly firstByteMs: number | null
  readonly durationMs: number
  /** Where it took several turns of the model, each of them: they may have been answered by different endpoints, and have prices by size. */
  readonly turns?: readonly AnsweredTurn[]
  /** What it used of the web. */
  readonly web?: WebUsed
  /** What it took to be answered; absent where nobody has answered. */
  readonly way?: RequestWay
}

export interface AnsweredTurn {
  readonly usage: Usage
  readonly target: ModelTarget
  readonly serviceTier: string | null
}

export interface WebUsed {
  /** That were answered. */
  readonly searches: number
  readonly pages: number
  /** Of the searches. */
  readonly cost: NanoUsd
}

export interface RequestWay {
  /** Endpoints that turned it away before. */
  readonly failovers: number
  /** Flags and members that were left out or said otherwise. */
  readonly adjusted: number
}

/** The longest a request can run: Lambda's limit of 15 minutes, which the `messages` function uses in full, and the plain server keeps to. */
export const LONGEST_REQUEST_MS = 900_000

/** After this nobody can be working on the request any more: the longest run, and a minute for clocks that disagree. */
export const deadlineOf = (arrivedAt: Instant): Instant => addMs(arrivedAt, LONGEST_REQUEST_MS + 60_000)
