import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addDurations,
  type DurationCounts,
  LARGEST_ERROR_PCT,
  percentilesOf,
} from '../../../lambdas/spend/durations.ts'
import { durationBucket } from '../../../lambdas/spend/settlement.ts'

/** As PostgreSQL's `percentile_cont` has it, of the durations themselves. */
function exactly(durations: readonly number[], fraction: number): number {
  const sorted = [...durations].sort((one, other) => one - other)
  const rank = fraction * (sorted.length - 1)
  const at = (place: number): number => sorted[place] ?? Number.NaN
  return at(Math.floor(rank)) + (rank % 1) * (at(Math.ceil(rank)) - at(Math.floor(rank)))
}

const countsOf = (durations: readonly number[]): DurationCounts => {
  const counts: DurationCounts = new Map()
  for (const ms of durations) addDurations(counts, [[durationBucket(ms), 1]])
  return counts
}

test('a percentile is never further from the true one than is told', () => {
  const durations = fc.array(fc.integer({ min: 10, max: 900_000 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(durations, (some) => {
      const told = percentilesOf(countsOf(some))
      for (const [name, fraction] of [
        ['p50', 0.5],
        ['p95', 0.95],
        ['p99', 0.99],
      ] as const) {
        const exact = exactly(some, fraction)
        // Half a millisecond more, since whole ones are told.
        expect(Math.abs(told[name] - exact)).toBeLessThanOrEqual((exact * LARGEST_ERROR_PCT) / 100 + 0.5)
      }
      expect(told.p50).toBeLessThanOrEqual(told.p95)
      expect(told.p95).toBeLessThanOrEqual(told.p99)
    }),
  )
})

test('there are none of nothing, and an instant takes a millisecond', () => {
  expect(percentilesOf(new Map())).toEqual({ p50: 0, p95: 0, p99: 0 })
  expect(percentilesOf(countsOf([0, 0.2]))).toEqual({ p50: 1, p95: 1, p99: 1 })
})
