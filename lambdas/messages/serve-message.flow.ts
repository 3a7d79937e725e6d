/**
 * POST /v1/messages, from the first byte in to the last byte out. Read this file first: each step is one call into the
 * module that owns it, in the order in which it happens. What waits is handed in by `functions/messages/services.ts`.
 */

import { admit, refusalOf } from '../admission/admit.ts'
import type { AllowanceStore } from '../admission/allowance.store.ts'
import type { Payer } from '../admission/allowance.ts'
import { type Credential, readCredential } from '../admission/credential.ts'
import type { InvokeClient, InvokeRequest } from '../bedrock/invoke.client.ts'
import { toInvokeBody } from '../bedrock/to-bedrock.ts'
import type { Invocation } from '../http/invocation.ts'
import { DEFAULT_ENDPOINT } from '../models/default-endpoint.ts'
import { type ModelTarget, targetOf } from '../models/model-names.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { Timers } from '../platform/timer.host.ts'
import type { RecentOutput } from '../spend/recent-output.ts'
import type { OpenedRequest, RequestEnd } from '../spend/request-record.ts'
import { estimateTokens, NO_USAGE, type Usage } from '../spend/usage.ts'
import { type Identified, identify } from './identify.flow.ts'
import { type MessageRequest, readMessageRequest } from './message-request.ts'
import { relayAnswer } from './relay.flow.ts'
import { refuseOversized } from './transport-limit.ts'
import { wholeAnswer } from './whole-answer.flow.ts'

/** Everything a request needs from outside. */
export interface Tools {
  readonly allowances: AllowanceStore
  readonly accounts: Accounts
  readonly bedrock: InvokeClient
  readonly timers: Timers
  readonly recentOutput: RecentOutput
  readonly settings: MessagesSettings
}

export interface MessagesSettings {
  readonly inferenceProfilePrefix: string
  readonly onHangUp: 'drain' | 'abort'
  /** A function URL takes no larger event; a plain server has no such limit. */
  readonly limitsBody: boolean
}

/** The books, as far as a request sees them. */
export interface Accounts {
  open(request: OpenedRequest): Promise<void>
  /** Never rejects: what cannot be settled stays pending, and is settled by `watch`. */
  settle(request: OpenedRequest, end: RequestEnd, pricesVersion: number, settledAt: Instant): Promise<void>
  /** Never rejects. */
  withdraw(request: OpenedRequest): Promise<void>
}

export interface Incoming extends Invocation {
  readonly requestId: string
  readonly headers: Headers
  /** The environment may not be frozen before this is done. */
  waitUntil(errand: Promise<unknown>): void
}

export type Served =
  | { readonly streamed: true; readonly body: ReadableStream<Uint8Array> }
  | { readonly streamed: false; readonly body: Uint8Array | ReadableStream<Uint8Array> }

/** @throws Fault */
export async function serveMessage(incoming: Incoming, tools: Tools): Promise<Served> {
  // Who asks, and for what? A stranger is not told what is wrong with the body.
  const credential = readCredential(incoming.headers)
  const asked = await readAsked(incoming, tools)
  if (asked instanceof Fault) throw await firstFault(credential, asked, tools)

  // May they, now? The request is written down while the allowance is read.
  const { allowance, payer } = await identify(credential, tools.allowances, {
    write: (supposed) => tools.accounts.open(recordOf(incoming, asked, supposed, tools)),
    takeBack: (supposed) => incoming.waitUntil(tools.accounts.withdraw(recordOf(incoming, asked, supposed, tools))),
  })
  const request = recordOf(incoming, asked, payer, tools)
  const settle = (end: RequestEnd): Promise<void> =>
    tools.accounts.settle(
      request,
      end,
      allowance.pricesVersion,
      (incoming.arrivedAt + Math.round(incoming.elapsedMs())) as Instant,
    )
  const verdict = admit(allowance)
  if (!verdict.admitted) {
    incoming.waitUntil(settle(refusedAt(incoming)))
    throw refusalOf(verdict)
  }

  // To Bedrock, and back to the caller with the meter running. The bill follows the stream's end, not the caller's patience.
  const { served, ended } = await converse(incoming, asked, request.estimate, tools)
  incoming.waitUntil(
    ended.then((end) => {
      if (end.status === 'ok') tools.recentOutput.note(asked.target.name, end.usage.outputTokens)
      return settle(end)
    }),
  )
  if (served instanceof Fault) throw served
  return served
}

interface Asked extends MessageRequest {
  readonly target: ModelTarget
}

/** The request, or what is wrong with it: told only to somebody known. */
async function readAsked(incoming: Incoming, tools: Tools): Promise<Asked | Fault> {
  try {
    const asked = readMessageRequest(await incoming.readBody(), incoming.headers)
    if (tools.settings.limitsBody) refuseOversized(asked.text, asked.bytes)
    return { ...asked, target: targetOf(asked.model, tools.settings.inferenceProfilePrefix) }
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
    throw thrown
  }
}

/** Credential, then suspension, then the body: the first of the three that fails. */
async function firstFault(credential: Credential, body: Fault, tools: Tools): Promise<Fault> {
  const { allowance }: Identified = await identify(credential, tools.allowances)
  const verdict = admit(allowance)
  return verdict.admitted ? body : refusalOf(verdict)
}

function recordOf(incoming: Incoming, asked: Asked, payer: Payer, tools: Tools): OpenedRequest {
  return {
    requestId: incoming.requestId,
    payer,
    model: asked.model,
    target: asked.target,
    endpointId: DEFAULT_ENDPOINT,
    streaming: asked.stream,
    sessionId: asked.sessionId,
    details: asked.details(),
    arrivedAt: incoming.arrivedAt,
    estimate: {
      ...NO_USAGE,
      inputTokens: estimateTokens(asked.bytes),
      outputTokens: tools.recentOutput.meanOf(asked.target.name),
    },
  }
}

const refusedAt = (incoming: Incoming): RequestEnd => ({
  status: 'refused',
  messageId: null,
  usage: NO_USAGE,
  estimated: false,
  stopReason: null,
  tools: [],
  firstByteMs: null,
  durationMs: incoming.elapsedMs(),
})

interface Conversation {
  readonly served: Served | Fault
  readonly ended: Promise<RequestEnd>
}

async function converse(incoming: Incoming, asked: Asked, estimate: Usage, tools: Tools): Promise<Conversation> {
  const call: InvokeRequest = {
    bedrockId: asked.target.bedrockId,
    model: asked.model,
    body: toInvokeBody(asked, incoming.headers.get('anthropic-beta')),
  }
  const job = {
    requestId: incoming.requestId,
    model: asked.model,
    estimate,
    elapsedMs: () => incoming.elapsedMs(),
    remainingMs: () => incoming.remainingMs(),
  }
  if (asked.stream) {
    const relay = await relayAnswer(
      { ...job, open: (signal) => tools.bedrock.stream(call, signal) },
      { timers: tools.timers, onHangUp: tools.settings.onHangUp },
    )
    return { served: relay.refused ?? { streamed: true, body: relay.body }, ended: relay.ended }
  }
  const { answer, ended } = await wholeAnswer(
    { ...job, throughDistribution: incoming.throughDistribution, ask: (signal) => tools.bedrock.whole(call, signal) },
    tools.timers,
  )
  return { served: answer instanceof Fault ? answer : { streamed: false, body: answer }, ended }
}
