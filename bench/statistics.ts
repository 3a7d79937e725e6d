/** The arithmetic of the bench: quantiles, and differences taken pair by pair. */

/** @param share 0 to 1. Between two samples it is interpolated (method 7 of Hyndman and Fan, the usual one). */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) return Number.NaN
  const sorted = [...samples].sort((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5)

/** One round: what was measured one after the other, while the machine was in the same mood. */
export interface Pair {
  readonly direct: readonly number[]
  readonly through: readonly number[]
}

export interface Added {
  /** The median over the rounds of median through minus median direct. */
  readonly p50: number
  /** The middle half of the rounds: how sure the median is. */
  readonly p50From: number
  readonly p50To: number
  /** Of all samples together, through minus direct: one round is too short for a p99 of its own. */
  readonly p99: number
}

export function addedOf(pairs: readonly Pair[]): Added {
  const differences = pairs.map(({ direct, through }) => median(through) - median(direct))
  const all = (side: keyof Pair): number[] => pairs.flatMap((pair) => pair[side])
  return {
    p50: median(differences),
    p50From: quantile(differences, 0.25),
    p50To: quantile(differences, 0.75),
    p99: quantile(all('through'), 0.99) - quantile(all('direct'), 0.99),
  }
}

/** Everybody's turn once a round. Each round goes the other way, so that nobody always follows the same one. */
export const orderOf = <T>(round: number, everybody: readonly T[]): readonly T[] =>
  round % 2 === 0 ? everybody : [...everybody].reverse()
