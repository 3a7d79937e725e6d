/** Sums over hours. Months of a thousand people are hundreds of thousands of hours: they are added up where they stand. */
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
  'durationMs',
  'toolCalls',
] as const satisfies readonly (keyof HourUse)[]

/** Money in whole nano-dollars: an organisation's may be more than the nine million dollars that a double counts exactly. */
export type Sums = Record<(typeof SUMMED)[number], number> & { cost: bigint; saved: bigint }

export const newSums = (): Sums => ({
  requests: 0,
  failed: 0,
  unpriced: 0,
  unpricedTokens: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cost: 0n,
  saved: 0n,
  durationMs: 0,
  toolCalls: 0,
})

export function addUse(sums: Sums, use: HourUse): void {
  for (const name of SUMMED) sums[name] += use[name]
  sums.cost += BigInt(use.cost)
  sums.saved += BigInt(use.saved)
}

/** What a map holds under a key, made when it is first asked for. */
export function under<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

const NANO_PER_USD = 1_000_000_000n

/** The double nearest to the amount: of what is below nine million dollars every nano-dollar is told. */
export function usd(nano: number | bigint): number {
  const amount = BigInt(nano)
  const size = amount < 0n ? -amount : amount
  const dollars = Number(`${size / NANO_PER_USD}.${String(size % NANO_PER_USD).padStart(9, '0')}`)
  return amount < 0n ? -dollars : dollars
}

/** The larger first. */
export const byAmount = (one: bigint, other: bigint): number => (one > other ? -1 : one < other ? 1 : 0)

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
