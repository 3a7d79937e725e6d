/**
 * What somebody used in an hour in one way, and how many such hours lie together as columns. Hours come from single items
 * (`HourItem`) or from packs of them (`HourPack`); both are read by the same lines.
 */

/** What hours are told apart by. The team is the one that paid. */
export interface HourPart {
  /** `2026-11-24T12` */
  readonly hour: string
  readonly identity: string
  readonly model: string
  readonly endpoint: string
  readonly team: string | null
}

export interface HourUse extends HourPart {
  readonly requests: number
  readonly failed: number
  readonly unpriced: number
  readonly unpricedTokens: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  /** Whole nano-dollars. */
  readonly cost: number
  readonly saved: number
  readonly durationMs: number
  readonly toolCalls: number
  /** Bucket of `durationBucket` → requests. Made when somebody asks: few questions are about it. */
  durations(): readonly (readonly [bucket: number, requests: number])[]
}

export interface HourTools extends HourPart {
  readonly tools: readonly (readonly [name: string, calls: number])[]
}

export interface HourItem {
  readonly part: HourPart
  readonly counts: ReadonlyMap<string, number>
}

/**
 * Columns: one place for each hour, in all of them. What nearly every hour has is a column; what each hour has some of
 * (buckets of durations, names of tools) stands in `few`, as pairs of a place in `names` and a count.
 */
export interface HourPack {
  readonly format: typeof PACK_FORMAT
  readonly hours: readonly string[]
  readonly identities: readonly string[]
  readonly models: readonly string[]
  readonly endpoints: readonly string[]
  readonly teams: readonly (string | null)[]
  readonly hour: readonly number[]
  readonly identity: readonly number[]
  readonly model: readonly number[]
  readonly endpoint: readonly number[]
  readonly team: readonly number[]
  readonly counts: Readonly<Record<string, readonly number[]>>
  readonly names: readonly string[]
  readonly few: readonly (readonly number[])[]
}

/** Another one means other columns: who finds it reads the single items instead. */
export const PACK_FORMAT = 1

const TOOL = 't#'
const isOfFew = (name: string): boolean => name.startsWith(TOOL) || /^h\d+$/.test(name)

/** Values and the places at which they were first seen. */
class Places<T> {
  readonly values: T[] = []
  readonly #places = new Map<T, number>()

  of(value: T): number {
    const known = this.#places.get(value)
    if (known !== undefined) return known
    this.#places.set(value, this.values.length)
    return this.values.push(value) - 1
  }
}

export function packOf(items: readonly HourItem[]): HourPack {
  const [hours, identities, models, endpoints] = [0, 1, 2, 3].map(() => new Places<string>()) as Four
  const [teams, names] = [new Places<string | null>(), new Places<string>()]
  const columns = new Set(items.flatMap(({ counts }) => [...counts.keys()].filter((name) => !isOfFew(name))))
  return {
    format: PACK_FORMAT,
    hour: items.map(({ part }) => hours.of(part.hour)),
    identity: items.map(({ part }) => identities.of(part.identity)),
    model: items.map(({ part }) => models.of(part.model)),
    endpoint: items.map(({ part }) => endpoints.of(part.endpoint)),
    team: items.map(({ part }) => teams.of(part.team)),
    counts: Object.fromEntries([...columns].map((name) => [name, items.map(({ counts }) => counts.get(name) ?? 0)])),
    few: items.map(({ counts }) =>
      [...counts].flatMap(([name, count]) => (isOfFew(name) ? [names.of(name), count] : [])),
    ),
    hours: hours.values,
    identities: identities.values,
    models: models.values,
    endpoints: endpoints.values,
    teams: teams.values,
    names: names.values,
  }
}

type Four = [Places<string>, Places<string>, Places<string>, Places<string>]

const partAt = (pack: HourPack, place: number): HourPart => ({
  hour: pack.hours[pack.hour[place] ?? -1] ?? '',
  identity: pack.identities[pack.identity[place] ?? -1] ?? '',
  model: pack.models[pack.model[place] ?? -1] ?? '',
  endpoint: pack.endpoints[pack.endpoint[place] ?? -1] ?? '',
  team: pack.teams[pack.team[place] ?? -1] ?? null,
})

/** @param meaningOf What a name of few stands for; made once for all hours of the pack. */
function pairsAt<T>(few: readonly number[], meanings: readonly T[]): (readonly [T, number])[] {
  const pairs: (readonly [T, number])[] = []
  for (let at = 0; at < few.length; at += 2) pairs.push([meanings[few[at] ?? -1] as T, few[at + 1] ?? 0])
  return pairs
}

export function usesIn(pack: HourPack): HourUse[] {
  const none: readonly number[] = []
  const column = (name: string): readonly number[] => pack.counts[name] ?? none
  const [requests, failed, unpriced] = [column('requests'), column('errors'), column('unpriced')]
  const [input, output, read] = [column('input_tokens'), column('output_tokens'), column('cache_read_tokens')]
  const [short, long] = [column('cache_write_5m_tokens'), column('cache_write_1h_tokens')]
  const [cost, saved, unpricedTokens] = [column('cost_nano'), column('saved_nano'), column('unpriced_tokens')]
  const [duration, toolCalls] = [column('duration_ms'), column('tool_calls')]
  const buckets = pack.names.map((name) => Number(name.slice(1)))
  return pack.few.map((few, place) => ({
    ...partAt(pack, place),
    requests: requests[place] ?? 0,
    failed: failed[place] ?? 0,
    unpriced: unpriced[place] ?? 0,
    unpricedTokens: unpricedTokens[place] ?? 0,
    inputTokens: input[place] ?? 0,
    outputTokens: output[place] ?? 0,
    cacheReadTokens: read[place] ?? 0,
    cacheWriteTokens: (short[place] ?? 0) + (long[place] ?? 0),
    cost: cost[place] ?? 0,
    saved: saved[place] ?? 0,
    durationMs: duration[place] ?? 0,
    toolCalls: toolCalls[place] ?? 0,
    durations: () => pairsAt(few, buckets),
  }))
}

export function toolsIn(pack: HourPack): HourTools[] {
  const tools = pack.names.map((name) => name.slice(TOOL.length))
  return pack.few.map((few, place) => ({ ...partAt(pack, place), tools: pairsAt(few, tools) }))
}
