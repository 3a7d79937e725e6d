/** What single endpoints and models were found to take or to refuse, for as long as it may be believed. */
import type { RoutedEndpoint } from '../endpoints/routing.ts'
import { addMs, type Instant } from '../platform/instant.ts'
import type { Knowledge } from './knowledge.ts'
import type { TranslationRules } from './translation-rules.ts'

/** `beta:<flag>`, `member:<path>` with `*` for every index, or `role:system`. */
export type Thing = string

export interface Learned {
  readonly endpointId: string
  /** Anthropic's undated name. */
  readonly model: string
  readonly thing: Thing
  readonly takes: boolean
  /** It was among what a request was sent without, and may be innocent. */
  readonly isSuspicion: boolean
  readonly until: Instant
}

/** A beta flag that somebody asked for, to be tried alone. */
export interface Probe {
  readonly endpointId: string
  readonly model: string
  readonly flag: string
}

export interface LearnedMemory {
  note(learned: Learned): void
  /** Of another environment: what is known here for longer was learnt later. */
  noteShared(learned: Learned): void
  /** Nothing surer is known than that it may have been refused. */
  isSuspected(probe: Probe, at: Instant): boolean
  /** @returns whether this environment has not asked for it lately, and it is worth writing down. */
  noteProbe(probe: Probe, at: Instant): boolean
  knowledgeOf(endpoint: RoutedEndpoint, model: string, modelId: string, rules: TranslationRules, at: Instant): Knowledge
}

/** A dozen endpoints with a dozen models and a handful of things each; beyond it the oldest go, since what clients ask for is learnt here. */
const REMEMBERED = 2_000

/** Flags come from clients; what an environment has not had room for is learnt by another one, or later. */
const MOST_PROBES = 100
/** What has been tried is known by then; what is asked for again has been forgotten. */
const ASKED_AGAIN_MS = 3_600_000

const nameOf = ({ endpointId, model, thing }: Pick<Learned, 'endpointId' | 'model' | 'thing'>): string =>
  `${endpointId}\n${model}\n${thing}`

export function createLearnedMemory(): LearnedMemory {
  const known = new Map<string, Learned>()
  const askedUntil = new Map<string, Instant>()
  return {
    noteProbe({ endpointId, model, flag }, at) {
      const name = `${endpointId}\n${model}\n${flag}`
      for (const [other, until] of askedUntil) if (until <= at) askedUntil.delete(other)
      if (askedUntil.has(name) || askedUntil.size >= MOST_PROBES) return false
      askedUntil.set(name, addMs(at, ASKED_AGAIN_MS))
      return true
    },
    isSuspected({ endpointId, model, flag }, at) {
      const one = known.get(nameOf({ endpointId, model, thing: `beta:${flag}` }))
      return one?.isSuspicion === true && one.until > at
    },
    noteShared(learned) {
      const own = known.get(nameOf(learned))
      if (own === undefined || own.until < learned.until) this.note(learned)
    },
    note(learned) {
      const name = nameOf(learned)
      known.delete(name)
      known.set(name, learned)
      if (known.size > REMEMBERED) known.delete(known.keys().next().value ?? '')
    },
    knowledgeOf(endpoint, model, modelId, rules, at) {
      const refused = new Set<Thing>()
      const accepted = new Set<Thing>()
      const put = (thing: Thing, takes: boolean): void => {
        ;(takes ? refused : accepted).delete(thing)
        ;(takes ? accepted : refused).add(thing)
      }
      for (const one of known.values()) {
        if (one.endpointId === endpoint.id && one.model === model && one.until > at) put(one.thing, one.takes)
      }
      for (const { profile, beta, supported } of endpoint.betaOverrides) {
        if (profile === model || profile === modelId) put(`beta:${beta}`, supported)
      }
      return { rules, refused, accepted }
    },
  }
}
