/**
 * Asks the endpoints of a plan one after the other until one answers. Each is asked in its own words; what one refuses because it
 * does not know a flag or a member is asked again without it, and that is remembered for this endpoint and model. All of this happens
 * before the first event: once something has been said to the client, nobody else is asked.
 */
import { isElsewherePossible, kindOfTrouble, modelNotOffered } from '../bedrock/faults.ts'
import { type Kinds, UpstreamAbsent } from '../bedrock/kinds.ts'
import type { Knowledge } from '../bedrock/knowledge.ts'
import type { LearnedStore } from '../bedrock/learned.store.ts'
import type { LearnedMemory, Thing } from '../bedrock/learned.ts'
import { repairOf } from '../bedrock/repair.ts'
import { type AskedMessage, type Translation, translate } from '../bedrock/translate.ts'
import type { TranslationRules } from '../bedrock/translation-rules.ts'
import type { Attribution, Upstream, UpstreamCall } from '../bedrock/upstream.ts'
import { Fault, type FaultCode } from '../platform/fault.ts'
import { addMs, type Instant } from '../platform/instant.ts'
import type { Timers } from '../platform/timer.host.ts'
import type { Breaker } from './breaker.ts'
import type { BedrockOptions, UpstreamKind } from './endpoint.ts'
import type { Target } from './plan-route.ts'
import { optionsFor } from './routing.ts'
import type { Traces } from './traces.store.ts'

/** One request that is to be answered by any of its targets. */
export interface Errand {
  readonly targets: readonly [Target, ...Target[]]
  readonly asked: AskedMessage
  /** The client's name of the model. */
  readonly model: string
  readonly anthropicVersion: string | null
  readonly teamOptions: BedrockOptions | null
  readonly attribution: Attribution
  readonly rules: TranslationRules
  /** Whoever asked has stopped waiting. */
  readonly signal: AbortSignal
  /** A stream begins when the prompt has been read; a whole answer takes as long as it takes. */
  readonly streams: boolean
  now(): Instant
  /** Told who is asked, before he is. */
  asking(target: Target): void
  /** What is written down beside the answer; the environment may not be frozen before it is done. */
  later(errand: Promise<unknown>): void
}

/** What is known of an errand before anybody is asked. */
export type Planned = Omit<Errand, 'asking' | 'later' | 'signal' | 'streams'>

export interface ReachTools {
  readonly upstreams: Readonly<Record<UpstreamKind, Upstream>> & { readonly kinds: Kinds }
  readonly memory: LearnedMemory
  readonly learned: Pick<LearnedStore, 'put' | 'addProbe'>
  readonly breaker: Breaker
  readonly traces: Traces
  readonly timers: Timers
}

export interface Reached<T> {
  readonly answer: T
  readonly target: Target
  /** What was left out or said otherwise, by flag or path. */
  readonly adjusted: readonly string[]
  /** Endpoints that turned it away before. */
  readonly failovers: number
}

type Ask<T> = (upstream: Upstream, call: UpstreamCall, signal: AbortSignal) => Promise<T>

/** @throws Fault the most hopeful of all that were met */
export async function reachBedrock<T>(errand: Errand, ask: Ask<T>, tools: ReachTools): Promise<Reached<T>> {
  const met: Fault[] = []
  for (const [place, target] of errand.targets.entries()) {
    const isLast = place === errand.targets.length - 1
    errand.asking(target)
    try {
      const reached = await askThere({ target, errand, tools }, isLast ? ask : patient(ask, errand, tools.timers))
      tools.breaker.noteSuccess(target.endpoint.id, target.model.name)
      return { ...reached, failovers: met.length }
    } catch (thrown) {
      if (errand.signal.aborted || !(thrown instanceof Fault) || !isElsewherePossible(thrown)) throw thrown
      noteTrouble(target, thrown, errand, tools)
      met.push(thrown)
    }
  }
  throw mostHopeful(met)
}

/**
 * The longest prompts are read within a minute; what has not begun after two will not, as on a connection that is open at our end alone.
 * Only where somebody else can be asked: waiting costs nothing else.
 */
const PATIENCE_MS = 120_000

function patient<T>(ask: Ask<T>, { streams }: Errand, timers: Timers): Ask<T> {
  if (!streams) return ask
  return async (upstream, call, signal) => {
    const stop = new AbortController()
    const callOff = timers.after(PATIENCE_MS, () => stop.abort())
    try {
      return await ask(upstream, call, AbortSignal.any([signal, stop.signal]))
    } catch (thrown) {
      if (!stop.signal.aborted || signal.aborted) throw thrown
      throw new Fault('upstream_timeout', 'Bedrock has not begun to answer within two minutes.', {
        detail: { upstream: 'silent', trouble: 'error' },
        cause: thrown,
      })
    } finally {
      callOff()
    }
  }
}

/** One endpoint and what it takes to ask it. */
interface Stop {
  readonly target: Target
  readonly errand: Errand
  readonly tools: ReachTools
}

/** What this endpoint has taught about this request. */
interface Lessons {
  /** By name; true of it until somebody changes it. */
  readonly named: Set<Thing>
  /** One of them at least; a probe will tell which. */
  readonly suspected: Set<Thing>
}

/** A flag or member costs one repeat, and clients send some at once; a request that is refused six times has another problem. */
const MOST_REPAIRS = 5

async function askThere<T>(stop: Stop, ask: Ask<T>): Promise<Omit<Reached<T>, 'failovers'>> {
  const lessons: Lessons = { named: new Set(), suspected: new Set() }
  for (let repairs = 0; ; ) {
    const words = inItsWords(stop, lessons)
    const { kind, known, sent } = words
    try {
      const answer = await ask(stop.tools.upstreams[kind], callOf(stop.target, stop.errand, sent), stop.errand.signal)
      rememberLessons(stop, lessons, words)
      return { answer, target: stop.target, adjusted: [...sent.dropped, ...sent.adjusted] }
    } catch (thrown) {
      if (thrown instanceof UpstreamAbsent && kind === 'messages') noteAbsent(stop)
      else if (!isLesson(thrown) || repairs++ >= MOST_REPAIRS || !takeLesson(thrown.message, sent, known, lessons)) {
        noteUnknownModel(stop, thrown)
        throw thrown
      }
    }
  }
}

/** A request to the first endpoint of a plan in the words of a kind; whoever counts takes out what is about the answer. */
export function callForCount(kind: UpstreamKind, errand: Planned, memory: LearnedMemory): UpstreamCall {
  const [target] = errand.targets
  const { endpoint, model } = target
  const known = memory.knowledgeOf(endpoint, model.name, model.bedrockId, errand.rules, errand.now())
  const words = { kind, modelId: model.bedrockId, model: model.name }
  const sent = translate(errand.asked, words, known)
  return callOf(target, errand, sent)
}

interface Words {
  readonly kind: UpstreamKind
  readonly known: Knowledge
  readonly sent: Translation
  /** How much more may be remembered of this endpoint and model. */
  readonly room: number
}

/** Some dozen flags and members exist. Without an end callers who make up names would fill the table and slow down everybody's requests. */
const MOST_LEARNT = 100

function inItsWords({ target, errand, tools }: Stop, { named, suspected }: Lessons): Words {
  const { endpoint, model } = target
  const at = errand.now()
  const kind = tools.upstreams.kinds.kindOf(endpoint, at)
  const before = tools.memory.knowledgeOf(endpoint, model.name, model.bedrockId, errand.rules, at)
  if (before.refused.has(THE_MODEL)) throw modelNotOffered(errand.model, { upstream: 'remembered' })
  const known = { ...before, refused: new Set([...before.refused, ...named, ...suspected]) }
  const sent = translate(errand.asked, { kind, modelId: model.bedrockId, model: model.name }, known)
  return { kind, known, sent, room: Math.max(0, MOST_LEARNT - before.refused.size) }
}

const isLesson = (thrown: unknown): thrown is Fault => thrown instanceof Fault && thrown.code === 'upstream_rejected'

/** @returns whether there is one in what was said. */
function takeLesson(said: string, sent: Translation, known: Knowledge, lessons: Lessons): boolean {
  const repair = repairOf(said, sent, known)
  if (repair === null) return false
  const which = repair.certainty === 'named' ? lessons.named : lessons.suspected
  for (const thing of repair.refused) which.add(thing)
  return true
}

/** What was refused by name is believed for a day; Bedrock learns new flags within weeks. */
const NAMED_MS = 24 * 3_600_000
/** What was only suspected is believed until a probe has told, an hour at most. */
const SUSPECTED_MS = 3_600_000

/**
 * Only now that the request has gone through without: before, it was a guess. A suspicion is remembered of what a probe can clear, and
 * not against what one has shown: of a member it was about this request alone.
 */
function rememberLessons(stop: Stop, { named, suspected }: Lessons, { kind, known, sent, room }: Words): void {
  // Flags that were left out because nobody knows them.
  for (const flag of kind === 'invoke' ? sent.unknownBetas : []) askForProbe(stop, flag)
  const flags = [...suspected].filter((thing) => thing.startsWith(BETA) && !known.accepted.has(thing))
  for (const thing of [...named].slice(0, room)) remember(stop, thing, false)
  for (const thing of flags.slice(0, room)) {
    remember(stop, thing, true)
    askForProbe(stop, thing.slice(BETA.length))
  }
}

const BETA = 'beta:'

function remember({ target, errand, tools }: Stop, thing: Thing, isSuspicion: boolean): void {
  const until = addMs(errand.now(), isSuspicion ? SUSPECTED_MS : NAMED_MS)
  const one = { endpointId: target.endpoint.id, model: target.model.name, thing, takes: false, isSuspicion, until }
  tools.memory.note(one)
  errand.later(tools.learned.put(one))
}

function askForProbe({ target, errand, tools }: Stop, flag: string): void {
  const one = { endpointId: target.endpoint.id, model: target.model.name, flag }
  const at = errand.now()
  if (tools.memory.noteProbe(one, at)) errand.later(tools.learned.addProbe(one, at))
}

const noteAbsent = ({ target, errand, tools }: Stop): void =>
  tools.upstreams.kinds.noteAbsent(target.endpoint, errand.now())

/** Stands among what an endpoint refuses, in this environment alone: a name that a caller made up is not asked for again at once. */
const THE_MODEL: Thing = 'model'
const NOT_THERE_MS = 5 * 60_000

function noteUnknownModel({ target, errand, tools }: Stop, thrown: unknown): void {
  if (!target.isUnlisted || !(thrown instanceof Fault) || thrown.code !== 'model_refused') return
  const until = addMs(errand.now(), NOT_THERE_MS)
  tools.memory.note({
    endpointId: target.endpoint.id,
    model: target.model.name,
    thing: THE_MODEL,
    takes: false,
    isSuspicion: false,
    until,
  })
}

const callOf = (target: Target, errand: Planned, sent: Translation): UpstreamCall => ({
  endpoint: target.endpoint,
  modelId: target.model.bedrockId,
  model: errand.model,
  body: sent.body,
  betas: sent.betas,
  anthropicVersion: errand.anthropicVersion,
  options: optionsFor(errand, target.endpoint.options),
  attribution: errand.attribution,
})

function noteTrouble(target: Target, fault: Fault, errand: Errand, { breaker, traces }: ReachTools): void {
  const trouble = kindOfTrouble(fault)
  if (trouble === null) return
  const at = errand.now()
  const { endpoint, model } = target
  const gaveUp = breaker.noteTrouble(endpoint.id, model.name, trouble, fault.retryAfterSeconds, at)
  errand.later(traces.noteTrouble(endpoint.id, trouble, gaveUp, at))
}

/** What passes by itself before what an administrator has to mend: the client shall try again if that can help at all. */
const HOPE: readonly FaultCode[] = [
  'upstream_busy',
  'rate_limited',
  'upstream_timeout',
  'upstream_failed',
  'upstream_forbidden',
  'model_refused',
]

function mostHopeful(met: readonly Fault[]): Fault {
  const [first] = met.toSorted((a, b) => HOPE.indexOf(a.code) - HOPE.indexOf(b.code))
  if (first === undefined) throw new Error('a plan without a target')
  return first
}
