/** What the simulated Bedrock does next: told by a test, or by the conversation itself; everywhere, or at one place alone. */
import type { Refusal } from './validation.ts'

export type Behaviour =
  | { readonly kind: 'text'; readonly text?: string; readonly tokens?: number; readonly chunkDelayMs?: number }
  | {
      readonly kind: 'tool'
      readonly name: string
      readonly input: Readonly<Record<string, unknown>>
      /** Called beside it in the same turn. */
      readonly also?: readonly { readonly name: string; readonly input: Readonly<Record<string, unknown>> }[]
      /** The answer ends for another reason than to have them run. */
      readonly stops?: string
      /** Thought before it is called. */
      readonly thinking?: string
      /** Why the safeguard finds it dangerous, where one was asked for; absent: it does not. */
      readonly flagged?: string
    }
  | { readonly kind: 'thinking'; readonly text: string }
  /** A greeting that ends for another reason than usual, `refusal` say. */
  | { readonly kind: 'stop'; readonly reason: string }
  | {
      readonly kind: 'error'
      readonly status: number
      readonly type: string
      readonly message: string
      readonly retryAfterSeconds?: number
    }
  /** An exception as a frame of the stream, after so many events. `type` as the stream names it: `throttlingException`. */
  | {
      readonly kind: 'exception-mid-stream'
      readonly type: string
      readonly message: string
      readonly afterEvents: number
      /** Of `modelStreamErrorException` alone: what the model itself answered. */
      readonly originalStatusCode?: number
      readonly originalMessage?: string
    }
  | { readonly kind: 'silence'; readonly beforeMs?: number; readonly betweenMs?: number }
  /** Frames cut into pieces of so many bytes; absent: a few. */
  | { readonly kind: 'slow-frames'; readonly bytes?: number }
  /** The connection is broken off after so many events; 0: before the answer begins. */
  | { readonly kind: 'reset'; readonly afterEvents: number }
  /** Nothing more comes after so many events, and nothing ends it; absent or 0: no answer begins. */
  | { readonly kind: 'hang'; readonly afterEvents?: number }
  /** The stream ends as if it were whole, after so many events. */
  | { readonly kind: 'early-end'; readonly afterEvents: number }
  /** The stream ends in the middle of a frame. */
  | { readonly kind: 'truncated-frame' }
  /** After the first event one of a type nobody knows: its name in the frame's header, or in the chunk. */
  | { readonly kind: 'unknown-event'; readonly in: 'frame' | 'chunk' }
  /** Text deltas of a kilobyte each, until so many bytes have been sent. */
  | { readonly kind: 'large'; readonly bytes: number }

/** Absent members: any. */
export interface Place {
  readonly account?: string
  readonly region?: string
  /** Anthropic's undated name, or the id the call is made with. */
  readonly model?: string
  /** For whom the call is, as `key` of its request metadata tells. */
  readonly key?: string
}

export type ControlOperation = 'ListInferenceProfiles' | 'GetInferenceProfile'

/** CountTokens beside InvokeModel, or `count_tokens` of the native Messages API. */
export type CountPath = 'invoke' | 'messages'

export interface PlaceScript {
  /** For the next call alone; several queue up. */
  next(behaviour: Behaviour): void
  /** For every call from now on. */
  always(behaviour: Behaviour): void
  /** What Bedrock's control plane answers from now on; absent operation: every one. */
  refuseControl(refusal: Refusal, operation?: ControlOperation): void
  /** Whether the path of the native Messages API exists. */
  nativeMessages(offered: boolean): void
  /** Whether tokens are counted, or how that fails, whatever is known of the model; absent path: on both. */
  countTokens(counts: boolean | Refusal, path?: CountPath): void
  /** Flags taken beside the usual ones. */
  acceptBetas(...flags: readonly string[]): void
  /** Flags refused although they usually are taken. */
  refuseBetas(...flags: readonly string[]): void
  /** Whether the refusal says which flag it means. */
  nameBetas(named: boolean): void
  /** A member that is extra here: `context_management`, `tools.*.defer_loading`. */
  refuseMember(path: string): void
  /** A role that messages may not have here. */
  refuseRole(role: string): void
  /** The longest prompt, in tokens of the simulator. */
  promptLimit(tokens: number): void
  /** Undoes all of the above, at this place. */
  clear(): void
}

export interface Script extends PlaceScript {
  /** At one place alone; what is told there goes before what is told everywhere. */
  at(place: Place): PlaceScript
  /** Undoes everything, everywhere. */
  clear(): void
}

/** What one call is made of, as far as a place can name it. */
export interface Called {
  readonly account: string
  readonly region: string
  readonly modelId: string
  /** Anthropic's undated name of the model behind it. */
  readonly model: string
  readonly key?: string | undefined
}

/** What holds for one call. */
export interface CallRules {
  readonly nativeMessages: boolean
  readonly countTokens: Readonly<Record<CountPath, boolean | Refusal | undefined>>
  readonly nameBetas: boolean
  readonly promptLimit: number
  readonly acceptedBetas: readonly string[]
  readonly refusedBetas: readonly string[]
  readonly refusedMembers: readonly string[]
  readonly refusedRoles: readonly string[]
}

export interface ScriptReader extends Script {
  /** `undefined`: the conversation decides. */
  take(called: Called): Behaviour | undefined
  rulesFor(called: Called): CallRules
  refusalOfControl(called: Called, operation: ControlOperation): Refusal | undefined
}

interface Told {
  readonly queue: Behaviour[]
  standing?: Behaviour
  readonly control: { readonly operation: ControlOperation | undefined; readonly refusal: Refusal }[]
  nativeMessages?: boolean
  readonly countTokens: Partial<Record<CountPath, boolean | Refusal>>
  nameBetas?: boolean
  promptLimit?: number
  readonly acceptedBetas: string[]
  readonly refusedBetas: string[]
  readonly refusedMembers: string[]
  readonly refusedRoles: string[]
}

const nothingTold = (): Told => ({
  queue: [],
  control: [],
  countTokens: {},
  acceptedBetas: [],
  refusedBetas: [],
  refusedMembers: [],
  refusedRoles: [],
})

export function createScript(): ScriptReader {
  const places = new Map<string, { readonly place: Place; told: Told }>()
  const at = (place: Place): PlaceScript => {
    const key = JSON.stringify([place.account, place.region, place.model, place.key])
    const told = (): Told => {
      const known = places.get(key) ?? { place, told: nothingTold() }
      places.set(key, known)
      return known.told
    }
    return placeScript(told, () => void places.delete(key))
  }
  /** The most exact place first. */
  const toldAt = (called: Called): readonly Told[] =>
    [...places.values()]
      .filter(({ place }) => covers(place, called))
      .sort((one, other) => exactness(other.place) - exactness(one.place))
      .map(({ told }) => told)
  return {
    ...at({}),
    at,
    clear: () => places.clear(),
    take(called) {
      const told = toldAt(called)
      return told.find(({ queue }) => queue.length > 0)?.queue.shift() ?? first(told, ({ standing }) => standing)
    },
    rulesFor: (called) => rulesOf(toldAt(called)),
    refusalOfControl: (called, operation) =>
      first(
        toldAt(called),
        ({ control }) => control.findLast((one) => (one.operation ?? operation) === operation)?.refusal,
      ),
  }
}

const exactness = (place: Place): number => Object.values(place).filter((member) => member !== undefined).length

const covers = ({ account, region, model, key }: Place, called: Called): boolean =>
  (account ?? called.account) === called.account &&
  (key ?? called.key) === called.key &&
  (region ?? called.region) === called.region &&
  (model === undefined || model === called.model || model === called.modelId)

function first<T>(told: readonly Told[], read: (told: Told) => T | undefined): T | undefined {
  for (const one of told) {
    const value = read(one)
    if (value !== undefined) return value
  }
  return undefined
}

const rulesOf = (told: readonly Told[]): CallRules => ({
  nativeMessages: first(told, (one) => one.nativeMessages) ?? true,
  countTokens: {
    invoke: first(told, (one) => one.countTokens.invoke),
    messages: first(told, (one) => one.countTokens.messages),
  },
  nameBetas: first(told, (one) => one.nameBetas) ?? false,
  promptLimit: first(told, (one) => one.promptLimit) ?? Number.POSITIVE_INFINITY,
  acceptedBetas: told.flatMap((one) => one.acceptedBetas),
  refusedBetas: told.flatMap((one) => one.refusedBetas),
  refusedMembers: told.flatMap((one) => one.refusedMembers),
  refusedRoles: told.flatMap((one) => one.refusedRoles),
})

function placeScript(told: () => Told, clear: () => void): PlaceScript {
  return {
    next: (behaviour) => void told().queue.push(behaviour),
    always: (behaviour) => {
      told().standing = behaviour
    },
    refuseControl: (refusal, operation) => void told().control.push({ operation, refusal }),
    nativeMessages: (offered) => {
      told().nativeMessages = offered
    },
    countTokens: (counts, path) => {
      for (const one of path === undefined ? (['invoke', 'messages'] as const) : [path])
        told().countTokens[one] = counts
    },
    acceptBetas: (...flags) => void told().acceptedBetas.push(...flags),
    refuseBetas: (...flags) => void told().refusedBetas.push(...flags),
    nameBetas: (named) => {
      told().nameBetas = named
    },
    refuseMember: (path) => void told().refusedMembers.push(path),
    refuseRole: (role) => void told().refusedRoles.push(role),
    promptLimit: (tokens) => {
      told().promptLimit = tokens
    },
    clear,
  }
}
