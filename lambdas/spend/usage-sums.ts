/** Sums over hours. Months of a thousand people are hundreds of thousands of hours: they are added up where they stand. */
import { nanoUsd, usdOf } from '../platform/money.ts'
import type { HourUse } from './hour-use.ts'

const SUMMED = [
  'requests',
  'failed',
  'unpriced',
  'unpricedTokens',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cost',
  'saved',
  'durationMs',
  'toolCalls',
] as const satisfies readonly (keyof HourUse)[]

/** Money in whole nano-dollars. */
export type Sums = Record<(typeof SUMMED)[number], number>

export const newSums = (): Sums => ({
  requests: 0,
  failed: 0,
  unpriced: 0,
  unpricedTokens: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cost: 0,
  saved: 0,
  durationMs: 0,
  toolCalls: 0,
})

export function addUse(sums: Sums, use: HourUse): void {
  for (const name of SUMMED) sums[name] += use[name]
}

/** What a map holds under a key, made when it is first asked for. */
export function under<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

/** Nano-dollars have nine decimals: nothing is rounded away. @throws RangeError beyond nine million dollars */
export const usd = (nano: number): number => usdOf(nanoUsd(nano), 9)

export const tokensOf = (sums: Sums): number =>
  sums.inputTokens + sums.outputTokens + sums.cacheReadTokens + sums.cacheWriteTokens

/** Of what was read, from the cache; one decimal, 0 of nothing. */
export const cacheHitPct = ({ cacheReadTokens, inputTokens }: Sums): number => {
  const read = inputTokens + cacheReadTokens
  return read === 0 ? 0 : Math.round((cacheReadTokens / read) * 1000) / 10
}

export const averageMs = ({ durationMs, requests }: Sums): number =>
  requests === 0 ? 0 : Math.round(durationMs / requests)

export const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
