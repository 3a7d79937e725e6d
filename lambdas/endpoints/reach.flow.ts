/**
 * Asks the endpoints of a plan one after the other until one answers. Each is asked in its own words; what one refuses because it
 * does not know a flag or a member is asked again without it, and that is remembered for this endpoint and model. All of this happens
 * before the first event: once something has been said to the client, nobody else is asked.
 */
import { isElsewherePossible, kindOfTrouble } from '../bedrock/faults.ts'
import { type Kinds, UpstreamAbsent } from '../bedrock/kinds.ts'
import type { LearnedStore } from '../bedrock/learned.store.ts'
import type { Knowledge, LearnedMemory, Thing } from '../bedrock/learned.ts'
import { repairOf } from '../bedrock/repair.ts'
import { type AskedBody, type Translated, translate } from '../bedrock/translate.ts'
import type { TranslationRules } from '../bedrock/translation-rules.ts'
import type { Attribution, Upstream, UpstreamCall } from '../bedrock/upstream.ts'
import { Fault, type FaultCode } from '../platform/fault.ts'
import { addMs, type Instant } from '../platform/instant.ts'
import type { Breaker } from './breaker.ts'
import type { BedrockOptions, UpstreamKind } from './endpoint.ts'
import type { Target } from './plan-route.ts'
import { optionsOver } from './routing.ts'
import type { Traces } from './traces.store.ts'

/** One request that is to be answered by any of its targets. */
export interface Errand {
  readonly targets: readonly [Target, ...Target[]]
  readonly asked: AskedBody
  /** The client's name of the model. */
  readonly model: string
  readonly anthropicVersion: string | null
  readonly teamOptions: BedrockOptions | null
  readonly attribution: Attribution
  readonly rules: TranslationRules
  now(): Instant
  /** What is written down beside the answer; the environment may not be frozen before it is done. */
  later(errand: Promise<unknown>): void
}

export interface ReachTools {
  readonly upstreams: Readonly<Record<UpstreamKind, Upstream>> & { readonly kinds: Kinds }
  readonly memory: LearnedMemory
  readonly learned: Pick<LearnedStore, 'put' | 'addProbe'>
  readonly breaker: Breaker
  readonly traces: Traces
}

export interface Reached<T> {
  readonly answer: T
  readonly target: Target
  /** What was left out or said otherwise, by flag or path. */
  readonly adjusted: readonly string[]
}

/** @throws Fault the most hopeful of all that were met */
export async function reachBedrock<T>(
  errand: Errand,
  ask: (upstream: Upstream, call: UpstreamCall) => Promise<T>,
  tools: ReachTools,
): Promise<Reached<T>> {
  const met: Fault[] = []
  for (const target of errand.targets) {
    try {
      const reached = await askThere(target, errand, ask, tools)
      tools.breaker.noteSuccess(target.endpoint.id, target.model.name)
      return reached
    } catch (thrown) {
      if (!(thrown instanceof Fault) || !isElsewherePossible(thrown)) throw thrown
      noteTrouble(target, thrown, errand, tools)
      met.push(thrown)
    }
  }
  throw mostHopeful(met)
}

/** A flag or member costs one repeat, and clients send some at once; a request that is refused six times has another problem. */
const MOST_REPAIRS = 5

async function askThere<T>(
  target: Target,
  errand: Errand,
  ask: (upstream: Upstream, call: UpstreamCall) => Promise<T>,
  { upstreams, memory, learned }: ReachTools,
): Promise<Reached<T>> {
  const { endpoint, model } = target
  const suspected = new Set<Thing>()
  for (let repairs = 0; ; ) {
    const at = errand.now()
    const kind = upstreams.kinds.kindOf(endpoint, at)
    const known = memory.knowledgeOf(endpoint, model.name, model.bedrockId, errand.rules, at)
    if (known.refused.has(THE_MODEL)) throw notThere(errand.model)
    const sent = translate(
      errand.asked,
      { kind, modelId: model.bedrockId, model: model.name },
      without(known, suspected),
    )
    try {
      const answer = await ask(upstreams[kind], callOf(target, sent, errand))
      for (const thing of suspected) learn(thing, SUSPECTED_MS)
      if (kind === 'invoke') for (const flag of sent.unknownBetas) probe(flag)
      return { answer, target, adjusted: sent.adjusted }
    } catch (thrown) {
      if (thrown instanceof UpstreamAbsent && kind === 'messages') {
        upstreams.kinds.noteAbsent(endpoint, at)
        continue
      }
      if (isModelUnknown(thrown)) memory.note({ ...there(THE_MODEL, at), until: addMs(at, NOT_THERE_MS) })
      const repair = isRejection(thrown) && repairs < MOST_REPAIRS ? repairOf(thrown.message, sent, known) : null
      if (repair === null) throw thrown
      repairs++
      for (const thing of repair.things) {
        suspected.add(thing)
        if (repair.certain) learn(thing, NAMED_MS)
        else if (thing.startsWith(BETA)) probe(thing.slice(BETA.length))
      }
    }
  }

  function there(thing: Thing, at: Instant) {
    return { endpointId: endpoint.id, model: model.name, thing, takes: false, until: at }
  }

  function learn(thing: Thing, ms: number): void {
    const at = errand.now()
    const one = { ...there(thing, at), until: addMs(at, ms) }
    memory.note(one)
    errand.later(learned.put(one))
  }

  function probe(flag: string): void {
    const one = { endpointId: endpoint.id, model: model.name, flag }
    if (memory.noteProbe(one)) errand.later(learned.addProbe(one, errand.now()))
  }
}

const BETA = 'beta:'

/** What was refused by name is believed for a day; Bedrock learns new flags within weeks. */
const NAMED_MS = 24 * 3_600_000
/** What was only suspected is believed until a probe has told, and no longer than a coffee break's many requests. */
const SUSPECTED_MS = 3_600_000

/** Stands among the things an endpoint refuses, for the environment alone: a name that a caller made up is not asked for again at once. */
const THE_MODEL: Thing = 'model'
const NOT_THERE_MS = 5 * 60_000

const isRejection = (thrown: unknown): thrown is Fault => thrown instanceof Fault && thrown.code === 'upstream_rejected'
const isModelUnknown = (thrown: unknown): boolean => thrown instanceof Fault && thrown.code === 'model_refused'

const notThere = (model: string): Fault =>
  new Fault(
    'model_refused',
    `Bedrock does not offer the model "${model}" to this gateway. Choose another one with /model.`,
    { detail: { upstream: 'remembered' } },
  )

const without = (known: Knowledge, suspected: ReadonlySet<Thing>): Knowledge =>
  suspected.size === 0 ? known : { ...known, refused: new Set([...known.refused, ...suspected]) }

const callOf = ({ endpoint, model }: Target, sent: Translated, errand: Errand): UpstreamCall => ({
  endpoint,
  modelId: model.bedrockId,
  model: errand.model,
  body: sent.body,
  betas: sent.betas,
  anthropicVersion: errand.anthropicVersion,
  options: optionsOver(errand.teamOptions, endpoint.options),
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
