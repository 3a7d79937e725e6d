/**
 * Percentiles of durations that were only counted in buckets. A bucket's duration is taken for its middle, which is at
 * most 5 % off, so a percentile is too: it lies between two such middles.
 */
import { BUCKET_GROWTH } from './settlement.ts'

/** In per cent, of any percentile told here. */
export const LARGEST_ERROR_PCT = 5

/** Bucket → how many requests took that long. */
export type DurationCounts = Map<number, number>

export function addDurations(
  counts: DurationCounts,
  durations: readonly (readonly [bucket: number, requests: number])[],
): void {
  for (const [bucket, requests] of durations) counts.set(bucket, (counts.get(bucket) ?? 0) + requests)
}

export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** Whole milliseconds, interpolated between neighbours as PostgreSQL's `percentile_cont` does; 0 of nothing. */
export function percentilesOf(counts: DurationCounts): Percentiles {
  const sorted = [...counts].sort(([one], [other]) => one - other)
  const total = sorted.reduce((sum, [, requests]) => sum + requests, 0)
  const at = (fraction: number): number => Math.round(valueAt(sorted, fraction * (total - 1)))
  return total === 0 ? { p50: 0, p95: 0, p99: 0 } : { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

type Sorted = readonly (readonly [bucket: number, requests: number])[]

function valueAt(sorted: Sorted, rank: number): number {
  const below = middleAt(sorted, Math.floor(rank))
  return below + (rank - Math.floor(rank)) * (middleAt(sorted, Math.ceil(rank)) - below)
}

function middleAt(sorted: Sorted, rank: number): number {
  let seen = 0
  for (const [bucket, requests] of sorted) {
    seen += requests
    if (rank < seen) return middleOf(bucket)
  }
  return 0
}

/** Bucket 0 holds what took a millisecond or less. */
const middleOf = (bucket: number): number =>
  bucket === 0 ? 1 : (BUCKET_GROWTH ** bucket + BUCKET_GROWTH ** (bucket - 1)) / 2
