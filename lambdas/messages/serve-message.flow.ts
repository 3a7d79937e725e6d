/**
 * POST /v1/messages, and the same in Bedrock's format, from the first byte in to the last byte out. Read this file first: each step is one call into the
 * module that owns it, in the order in which it happens. What waits is handed in by `functions/messages/services.ts`.
 */

import { admitForFree } from '../admission/admit.ts'
import type { Payer } from '../admission/allowance.ts'
import { type Credential, readCredential } from '../admission/credential.ts'
import { refusalOf } from '../admission/refusal.ts'
import type { Hold } from '../admission/reservation.ts'
import type { Target } from '../endpoints/plan-route.ts'
import { type Optioned, optionsFor } from '../endpoints/routing.ts'
import type { Invocation } from '../http/invocation.ts'
import { type AskedModel, readModel } from '../models/model-names.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'
import type { Timers } from '../platform/timer.host.ts'
import type { HoldEnd } from '../spend/ledger.store.ts'
import type { RecentOutput } from '../spend/recent-output.ts'
import type { OpenedRequest, RequestEnd } from '../spend/request-record.ts'
import { estimateTokens, NO_USAGE, type Usage } from '../spend/usage.ts'
import type { WebUse } from '../web/use-web.flow.ts'
import type { WebSettings } from '../web/web.ts'
import { type AdmissionTools, admitRequest } from './admit-request.flow.ts'
import type { AnswerFormat } from './answer-format.ts'
import { converse } from './converse.flow.ts'
import { identify, orUnavailable } from './identify.flow.ts'
import { type MessageRequest, readMessageRequest, type SaidInPath } from './message-request.ts'
import { type RouteTools, routeOf, warmRoutes } from './route-request.flow.ts'
import { refuseOversized } from './transport-limit.ts'
import { readWebRequest, type WebRequest } from './web-request.ts'

/** Everything a request needs from outside. */
export interface Tools extends AdmissionTools {
  readonly routes: RouteTools
  readonly timers: Timers
  readonly recentOutput: RecentOutput
  readonly web: WebUse & { readonly settings: { of(userId: string | null): Promise<WebSettings> } }
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
  /** Says of a request that is open what is known better by now. Never rejects. */
  restate(request: OpenedRequest): Promise<void>
  /** What a usage would cost, by the prices at hand: nobody waits for them. */
  expectedCost(request: OpenedRequest, usage: Usage): NanoUsd
  /** Reads the prices of that version, if they are not at hand. @throws what the SDK throws */
  readPrices(version: number): Promise<void>
  hold(request: OpenedRequest, holds: readonly Hold[], attempt: number): Promise<HoldEnd>
  /** A request as it lies in the books while it is open. Never rejects: what cannot be read is left to `watch`. */
  lying(request: OpenedRequest): Promise<OpenedRequest | undefined>
  /** Never rejects: what cannot be settled stays pending, and is settled by `watch`. @returns the cost, where it is in the books. */
  settle(
    request: OpenedRequest,
    end: RequestEnd,
    pricesVersion: number,
    settledAt: Instant,
  ): Promise<NanoUsd | undefined>
  /** Never rejects. */
  withdraw(request: OpenedRequest): Promise<void>
}

export interface Incoming extends Invocation {
  readonly requestId: string
  readonly headers: Headers
  /** In Bedrock's format the path says which model and whether it streams. */
  readonly inPath?: SaidInPath
  readonly format: AnswerFormat
  /** A header of the answer, whatever it will be. */
  tell(header: string, value: string): void
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
  if (asked instanceof Fault) throw await firstFault(credential, asked, incoming.arrivedAt, tools)

  // May they, now? The request is written down while that is found out.
  const recorded = (payer: Payer): OpenedRequest => recordOf(incoming, asked, payer, tools)
  const turns = asked.web.tools.length > 0 ? TURNS_HELD : 1
  const applicant = { credential, incoming, asked, model: nameOf(asked.names), turns, recordOf: recorded }
  const admitted = await admitRequest(applicant, tools)
  const { allowance, request } = admitted

  // By which endpoints? Those of their team, in the order of its strategy.
  const { arrivedAt: at, headers } = incoming
  const { payer } = request
  const planned = Promise.all([
    routeOf({ asked, names: asked.names, allowance, payer, at, headers }, tools.routes),
    asked.web.tools.length > 0 ? tools.web.settings.of(payer.userId) : NO_WEB,
  ])
  const [route, webSettings] = await orUnavailable(planned).catch((thrown: unknown) => {
    throw admitted.refuse(thrown, thrown instanceof Fault ? thrown.code : 'bug')
  })

  // To Bedrock, and back to the caller with the meter running. The bill follows the stream's end, not the caller's patience.
  const books = restating(request, route.errand, tools.accounts)
  const { served, ended } = await converse(
    {
      incoming,
      asked,
      route,
      estimate: request.estimate,
      webSettings,
      priced: (target) => answeredBy(target, request, route.errand),
      mostTurns: payer.counters.some(({ reserved }) => reserved !== undefined) ? TURNS_HELD : MOST_TURNS,
      asking: books.asking,
    },
    tools,
  )
  incoming.waitUntil(
    ended.then(async ({ end, by }) => {
      await books.told()
      if (end.status === 'ok') tools.recentOutput.note(nameOf(asked.names), end.usage.outputTokens)
      return admitted.settle(end, answeredBy(by, request, route.errand))
    }),
  )
  if (served instanceof Fault) throw served
  return served
}

const answeredBy = ({ endpoint, model }: Target, request: OpenedRequest, optioned: Optioned): OpenedRequest => {
  const { serviceTier } = optionsFor(optioned, endpoint.options)
  return { ...request, target: model, endpointId: endpoint.id, serviceTier }
}

/** As often as Anthropic's own loop turns before it hands over to the client. Source: API reference, "Handling stop reasons", `pause_turn`. */
const MOST_TURNS = 10
/** A search takes two turns, and one more where the model looks again. So much is held where a budget is nearly used up, and no more is taken. */
const TURNS_HELD = 3

/**
 * What is known better once an endpoint is asked: its tier, which has prices of its own, and what earlier turns have used. The books hear of
 * it beside the call, so that `watch` bills by it should this environment die.
 */
function restating(request: OpenedRequest, optioned: Optioned, accounts: Accounts) {
  let { serviceTier } = request
  let told: Promise<unknown> = Promise.resolve()
  return {
    asking(target: Target, expected: Usage | undefined): void {
      const as = answeredBy(target, request, optioned)
      if (as.serviceTier === serviceTier && expected === undefined) return
      serviceTier = as.serviceTier
      const better = expected === undefined ? as : { ...as, estimate: expected }
      told = told.then(() => accounts.restate(better))
    },
    /** Before it is settled: what were written later would lie there for good. */
    told: () => told,
  }
}

export interface Asked extends MessageRequest {
  readonly names: AskedModel
  readonly web: WebRequest
}

const NO_WEB: WebSettings = { mode: 'disabled', providers: [], fetches: false }

/** What prices and affinities go by until an endpoint has answered. */
const nameOf = ({ name, stem }: AskedModel): string => name ?? stem

/** The request, or what is wrong with it: told only to somebody known. */
async function readAsked(incoming: Incoming, tools: Tools): Promise<Asked | Fault> {
  try {
    const asked = readMessageRequest(await incoming.readBody(), incoming.headers, incoming.inPath)
    if (tools.settings.limitsBody) refuseOversized(asked.text, asked.bytes)
    return { ...asked, names: readModel(asked.model), web: readWebRequest(asked) }
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
    throw thrown
  }
}

/** Credential, then suspension, then the body: the first of the three that fails. */
async function firstFault(credential: Credential, body: Fault, at: Instant, tools: Tools): Promise<Fault> {
  const { allowance } = await identify(credential, tools.allowances, { at, spending: false })
  const verdict = admitForFree(allowance, at)
  return verdict.admitted ? body : refusalOf(verdict, at)
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
