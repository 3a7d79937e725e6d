/** The talk with Bedrock: one turn of the model, or as many as it takes where it may use the web; streamed, or in one piece. */
import type { Upstream, UpstreamCall } from '../bedrock/upstream.ts'
import type { Target } from '../endpoints/plan-route.ts'
import { type Errand, type Reached, reachBedrock } from '../endpoints/reach.flow.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { OpenedRequest, RequestEnd } from '../spend/request-record.ts'
import type { Usage } from '../spend/usage.ts'
import type { Written } from '../web/rewritten.ts'
import type { WebSettings } from '../web/web.ts'
import type { WebTool } from '../web/web-tools.ts'
import { relayAnswer } from './relay.flow.ts'
import type { Route } from './route-request.flow.ts'
import type { Asked, Incoming, Served, Tools } from './serve-message.flow.ts'
import { prepareWeb } from './web-request.ts'
import { type WebTurns, webTurns } from './web-turns.flow.ts'
import { wholeAnswer } from './whole-answer.flow.ts'

export interface Conversation {
  readonly served: Served | Fault
  /** `by`: who answered last, or was asked last where nobody has answered. */
  readonly ended: Promise<{ readonly end: RequestEnd; readonly by: Target }>
}

type How<T> = (upstream: Upstream, call: UpstreamCall, stop: AbortSignal) => Promise<T>

export interface Talk {
  readonly incoming: Incoming
  readonly asked: Asked
  readonly route: Route
  readonly estimate: Usage
  readonly webSettings: WebSettings
  /** By what an answer of this target is priced. */
  priced(target: Target): OpenedRequest
  /** Where the model may use the web: after so many of its turns the answer pauses. */
  readonly mostTurns: number
  /** Hears who is about to be asked, and what all of it will have used by then, where it is not the first turn. */
  asking(target: Target, expected: Usage | undefined): void
}

export async function converse(talk: Talk, tools: Tools): Promise<Conversation> {
  const { incoming, asked, route, estimate, asking } = talk
  const { written, offered, leftOut } = prepareWeb(asked, asked.web, talk.webSettings)
  let reached: Reached<unknown> | undefined
  let by = route.errand.targets[0]
  const ask = async <T>({ utf8, body }: Written, signal: AbortSignal, how: How<T>): Promise<T> => {
    const errand = {
      ...route.errand,
      // The prompt cache of the turns before is where they were answered.
      targets: reached === undefined ? route.errand.targets : startingWith(reached.target, route.errand.targets),
      asked: { ...route.errand.asked, utf8, body },
      signal,
      streams: asked.stream,
      asking: (target: Target) => {
        by = target
        asking(target, turns.expected())
      },
      now: () => (incoming.arrivedAt + Math.round(incoming.elapsedMs())) as Instant,
      later: (promise: Promise<unknown>) => incoming.waitUntil(promise),
    }
    const answer = await reachBedrock(errand, how, tools.routes)
    reached = { ...answer, failovers: answer.failovers + (reached?.failovers ?? 0) }
    route.noteAnswer(answer.target, errand)
    return answer.answer
  }
  const adjusted = (): readonly string[] => [...leftOut, ...(reached?.adjusted ?? [])]
  const turns = turnsOf(talk, { written, offered, ask, by: () => by }, tools)
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
      const way = reached && { failovers: reached.failovers, adjusted: adjusted().length }
      // Of several turns the last one may have been refused by somebody who had answered none.
      return { end: { ...turns.summed(end), ...(way && { way }) }, by: reached?.target ?? by }
    })
  if (asked.stream) {
    const relay = await relayAnswer(
      { ...job, open: (signal) => turns.stream(signal) },
      { timers: tools.timers, onHangUp: tools.settings.onHangUp },
    )
    const served = { streamed: true as const, body: relay.body, adjusted: adjusted() }
    return { served: relay.refused ?? served, ended: byWhom(relay.ended) }
  }
  const { throughDistribution } = incoming
  const { answer, ended } = await wholeAnswer(
    { ...job, throughDistribution, ask: (signal) => turns.whole(signal) },
    tools.timers,
  )
  const served = answer instanceof Fault ? answer : { streamed: false as const, body: answer, adjusted: adjusted() }
  return { served, ended: byWhom(ended) }
}

interface Asking {
  readonly written: Written
  readonly offered: readonly WebTool[]
  ask<T>(words: Written, signal: AbortSignal, how: How<T>): Promise<T>
  by(): Target
}

const STREAM: How<AsyncGenerator<Uint8Array, void>> = (upstream, call, stop) => upstream.stream(call, stop)
const WHOLE: How<Uint8Array> = (upstream, call, stop) => upstream.whole(call, stop)

/** One turn of the model, or as many as it takes where it may use the web. */
function turnsOf(
  { incoming, asked, webSettings, mostTurns, priced }: Talk,
  { written, offered, ask, by }: Asking,
  { web }: Tools,
): WebTurns {
  if (offered.length === 0) {
    return {
      stream: (signal) => ask(written, signal, STREAM),
      whole: (signal) => ask(written, signal, WHOLE),
      expected: () => undefined,
      summed: (end) => end,
    }
  }
  const talk = {
    written,
    offered,
    settings: webSettings,
    mostTurns,
    model: asked.model,
    askStream: (words: Written, signal: AbortSignal) => ask(words, signal, STREAM),
    askWhole: (words: Written, signal: AbortSignal) => ask(words, signal, WHOLE),
    lastAsked: () => priced(by()),
    now: () => (incoming.arrivedAt + Math.round(incoming.elapsedMs())) as Instant,
  }
  return webTurns(talk, web)
}

const startingWith = (first: Target, targets: Errand['targets']): Errand['targets'] => [
  first,
  ...targets.filter((target) => target !== first),
]
