import fc from 'fast-check'
import { expect, test } from 'vitest'
import { waitFor } from '../../../lambdas/admission/rate-window.ts'
import { instant } from '../../../lambdas/platform/instant.ts'

const MINUTE = Date.UTC(2026, 10, 27, 12, 0)
const at = (seconds: number) => instant(MINUTE + Math.round(seconds * 1000))

test.each([
  ['nothing before', 0, 1, 1, 5, 10, 0],
  ['the last that fits', 0, 5, 1, 5, 10, 0],
  ['one too many: of the five, one is gone 12 s into the next minute', 0, 6, 1, 5, 10, 62],
  ['the minute before counts by what is left of it', 10, 1, 1, 5, 30, 6],
  ['and not at all at its end', 10, 1, 1, 5, 59.9, 0],
  ['a limit of one', 0, 2, 1, 1, 0, 120],
] as const)('L1: %s', (_name, before, current, own, limit, seconds, wait) => {
  expect(waitFor(before, current, own, limit, at(seconds))).toBe(wait)
})

test('a request that is larger than the limit passes when nothing else was asked for', () => {
  expect(waitFor(0, 900, 900, 500, at(10))).toBe(0)
  expect(waitFor(0, 901, 900, 500, at(10))).toBeGreaterThan(0)
  expect(waitFor(1, 900, 900, 500, at(10))).toBeGreaterThan(0)
})

test('who waits as long as they were told gets through, and not a second more than it takes', () => {
  const use = fc.nat(50)
  fc.assert(
    fc.property(
      use,
      use,
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 59_999 }),
      (before, others, limit, ms) => {
        const now = instant(MINUTE + ms)
        const wait = waitFor(before, others + 1, 1, limit, now)
        const passes = (seconds: number): boolean => {
          const later = instant(now + seconds * 1000)
          const minutes = Math.floor(later / 60_000) - Math.floor(now / 60_000)
          if (minutes === 0) return waitFor(before, others + 1, 1, limit, later) === 0
          return waitFor(minutes === 1 ? others : 0, 1, 1, limit, later) === 0
        }
        expect(Number.isInteger(wait)).toBe(true)
        expect(passes(wait)).toBe(true)
        if (wait > 1) expect(passes(wait - 1)).toBe(false)
      },
    ),
  )
})

test('in any minute that slides, no more get through than the limit, and the estimate’s share of the minute before', () => {
  // Against the exact log: what the two fixed minutes can be off by is how unevenly the one before was filled.
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 179_000 }), { maxLength: 80 }),
      fc.integer({ min: 1, max: 10 }),
      (times, limit) => {
        const admitted: number[] = []
        for (const ms of times.toSorted((a, b) => a - b)) {
          const minute = Math.floor(ms / 60_000)
          const inMinute = (which: number) => admitted.filter((one) => Math.floor(one / 60_000) === which).length
          const wait = waitFor(inMinute(minute - 1), inMinute(minute) + 1, 1, limit, instant(MINUTE + ms))
          if (wait === 0) admitted.push(ms)
        }
        for (const end of admitted) {
          const sliding = admitted.filter((one) => one <= end && one > end - 60_000).length
          expect(sliding).toBeLessThanOrEqual(2 * limit)
        }
        for (const minute of [0, 1, 2])
          expect(admitted.filter((one) => Math.floor(one / 60_000) === minute).length).toBeLessThanOrEqual(limit)
      },
    ),
  )
})
