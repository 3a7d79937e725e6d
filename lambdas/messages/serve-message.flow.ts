/**
 * POST /v1/messages, and the same in Bedrock's format, from the first byte in to the last byte out. Read this file first: each step is one call into the
 * module that owns it, in the order in which it happens. What waits is handed in by `functions/messages/services.ts`.
 */

import { admit, refusalOf } from '../admission/admit.ts'
import type { AllowanceStore } from '../admission/allowance.store.ts'
import type { Allowance, Payer } from '../admission/allowance.ts'
import { type Credential, readCredential } from '../admission/credential.ts'
import type { Upstream, UpstreamCall } from '../bedrock/upstream.ts'
import type { Target } from '../endpoints/plan-route.ts'
import { type Reached, reachBedrock } from '../endpoints/reach.flow.ts'
import { optionsOver } from '../endpoints/routing.ts'
import type { Invocation } from '../http/invocation.ts'
import { type AskedModel, readModel } from '../models/model-names.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { Timers } from '../platform/timer.host.ts'
import type { RecentOutput } from '../spend/recent-output.ts'
import type { OpenedRequest, RequestEnd } from '../spend/request-record.ts'
import { estimateTokens, NO_USAGE, type Usage } from '../spend/usage.ts'
import type { AnswerFormat } from './answer-format.ts'
import { type Identified, identify, orUnavailable } from './identify.flow.ts'
import { type MessageRequest, readMessageRequest, type SaidInPath } from './message-request.ts'
import { relayAnswer } from './relay.flow.ts'
import { type Route, type RouteTools, routeOf, warmRoutes } from './route-request.flow.ts'
import { refuseOversized } from './transport-limit.ts'
import { wholeAnswer } from './whole-answer.flow.ts'

/** Everything a request needs from outside. */
export interface Tools {
  readonly allowances: AllowanceStore
  readonly accounts: Accounts
  readonly routes: RouteTools
  readonly timers: Timers
  readonly recentOutput: RecentOutput
  readonly settings: MessagesSettings
}

export interface MessagesSettings {
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
  /** In Bedrock's format the path says which model and whether it streams. */
  readonly inPath?: SaidInPath
  readonly format: AnswerFormat
  /** The environment may not be frozen before this is done. */
  waitUntil(errand: Promise<unknown>): void
}

export type Served = (
  | { readonly streamed: true; readonly body: ReadableStream<Uint8Array> }
  | { readonly streamed: false; readonly body: Uint8Array | ReadableStream<Uint8Array> }
) & {
  /** What was left out of the request or said otherwise, by flag or path; as far as it is known when the answer begins. */
  readonly adjusted: readonly string[]
}

/** @throws Fault */
export async function serveMessage(incoming: Incoming, tools: Tools): Promise<Served> {
  // Who asks, and for what? A stranger is not told what is wrong with the body.
  const credential = readCredential(incoming.headers)
  warmRoutes(tools.routes, incoming.arrivedAt)
  const asked = await readAsked(incoming, tools)
  if (asked instanceof Fault) throw await firstFault(credential, asked, tools)

  // May they, now? The request is written down while the allowance is read.
  const beside = {
    write: (supposed: Payer) => tools.accounts.open(recordOf(incoming, asked, supposed, tools)),
    takeBack: (supposed: Payer) =>
      incoming.waitUntil(tools.accounts.withdraw(recordOf(incoming, asked, supposed, tools))),
  }
  const question = { session: asked.sessionId ?? '', model: nameOf(asked.names), at: incoming.arrivedAt }
  const { allowance, payer } = await identify(credential, tools.allowances, beside, question)
  const request = recordOf(incoming, asked, payer, tools)
  const settle = (end: RequestEnd, by?: Target): Promise<void> => {
    const answered = by === undefined ? request : answeredBy(by, request, allowance)
    const settledAt = (incoming.arrivedAt + Math.round(incoming.elapsedMs())) as Instant
    return tools.accounts.settle(answered, end, allowance.pricesVersion, settledAt)
  }
  const refuse = (why: unknown): unknown => {
    incoming.waitUntil(settle(refusedAt(incoming)))
    return why
  }
  const verdict = admit(allowance)
  if (!verdict.admitted) throw refuse(refusalOf(verdict))

  // By which endpoints? Those of their team, in the order of its strategy.
  const { arrivedAt: at, headers } = incoming
  const planned = routeOf({ asked, names: asked.names, allowance, payer, at, headers }, tools.routes)
  const route = await orUnavailable(planned).catch((thrown: unknown) => {
    throw refuse(thrown)
  })

  // To Bedrock, and back to the caller with the meter running. The bill follows the stream's end, not the caller's patience.
  const { served, ended } = await converse(incoming, asked, route, request.estimate, tools)
  incoming.waitUntil(
    ended.then(({ end, by }) => {
      if (end.status === 'ok') tools.recentOutput.note(nameOf(asked.names), end.usage.outputTokens)
      return settle(end, by)
    }),
  )
  if (served instanceof Fault) throw served
  return served
}

const answeredBy = (
  { endpoint, model }: Target,
  request: OpenedRequest,
  { team }: Pick<Allowance, 'team'>,
): OpenedRequest => {
  const { serviceTier } = optionsOver(team?.routing.options ?? null, endpoint.options)
  return { ...request, target: model, endpointId: endpoint.id, serviceTier }
}

interface Asked extends MessageRequest {
  readonly names: AskedModel
}

/** What prices and affinities go by until an endpoint has answered. */
const nameOf = ({ name, stem }: AskedModel): string => name ?? stem

/** The request, or what is wrong with it: told only to somebody known. */
async function readAsked(incoming: Incoming, tools: Tools): Promise<Asked | Fault> {
  try {
    const asked = readMessageRequest(await incoming.readBody(), incoming.headers, incoming.inPath)
    if (tools.settings.limitsBody) refuseOversized(asked.text, asked.bytes)
    return { ...asked, names: readModel(asked.model) }
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

/** The dearer scope: until an endpoint has answered nobody knows which it will be, and an estimate must not be too low. */
function recordOf(incoming: Incoming, asked: Asked, payer: Payer, tools: Tools): OpenedRequest {
  const name = nameOf(asked.names)
  return {
    requestId: incoming.requestId,
    payer,
    model: asked.model,
    target: { name, bedrockId: name, scope: 'regional' },
    endpointId: NO_ENDPOINT_YET,
    serviceTier: null,
    streaming: asked.stream,
    sessionId: asked.sessionId,
    details: asked.details(),
    arrivedAt: incoming.arrivedAt,
    estimate: {
      ...NO_USAGE,
      inputTokens: estimateTokens(asked.bytes),
      outputTokens: tools.recentOutput.meanOf(name),
    },
  }
}

/** Stands in the books of a request that no endpoint has answered. */
const NO_ENDPOINT_YET = 'none'

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
  /** `by`: who was asked last, and has answered if anybody has. */
  readonly ended: Promise<{ readonly end: RequestEnd; readonly by: Target }>
}

type How<T> = (upstream: Upstream, call: UpstreamCall, stop: AbortSignal) => Promise<T>

async function converse(
  incoming: Incoming,
  asked: Asked,
  route: Route,
  estimate: Usage,
  tools: Tools,
): Promise<Conversation> {
  let reached: Reached<unknown> | undefined
  let by = route.errand.targets[0]
  const ask = async <T>(signal: AbortSignal, how: How<T>): Promise<T> => {
    const errand = {
      ...route.errand,
      signal,
      streams: asked.stream,
      asking: (target: Target) => {
        by = target
      },
      now: () => (incoming.arrivedAt + Math.round(incoming.elapsedMs())) as Instant,
      later: (promise: Promise<unknown>) => incoming.waitUntil(promise),
    }
    const answer = await reachBedrock(errand, how, tools.routes)
    reached = answer
    route.noteAnswer(answer.target, errand)
    return answer.answer
  }
  const job = {
    requestId: incoming.requestId,
    model: asked.model,
    format: incoming.format,
    estimate,
    elapsedMs: () => incoming.elapsedMs(),
    remainingMs: () => incoming.remainingMs(),
  }
  const byWhom = (ended: Promise<RequestEnd>) =>
    ended.then((end) => {
      if (reached === undefined) return { end, by }
      const { adjusted, failovers } = reached
      return { end: { ...end, way: { failovers, adjusted: adjusted.length } }, by }
    })
  if (asked.stream) {
    const relay = await relayAnswer(
      { ...job, open: (signal) => ask(signal, (upstream, call, stop) => upstream.stream(call, stop)) },
      { timers: tools.timers, onHangUp: tools.settings.onHangUp },
    )
    const served = { streamed: true as const, body: relay.body, adjusted: reached?.adjusted ?? [] }
    return { served: relay.refused ?? served, ended: byWhom(relay.ended) }
  }
  const { throughDistribution } = incoming
  const { answer, ended } = await wholeAnswer(
    { ...job, throughDistribution, ask: (signal) => ask(signal, (upstream, call, stop) => upstream.whole(call, stop)) },
    tools.timers,
  )
  const served =
    answer instanceof Fault ? answer : { streamed: false as const, body: answer, adjusted: reached?.adjusted ?? [] }
  return { served, ended: byWhom(ended) }
}
