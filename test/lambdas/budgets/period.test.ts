import fc from 'fast-check'
import { expect, test } from 'vitest'
import { monthsOf, PERIODS, type Period, spentAttribute, stretchOf } from '../../../lambdas/budgets/period.ts'
import { type Instant, instant, isoOf, monthOf } from '../../../lambdas/platform/instant.ts'

const at = (text: string): Instant => instant(Date.parse(text))

test.each<[Period, string, string, string]>([
  ['daily', '2026-11-24T00:00:00.000Z', '2026-11-24', '2026-11-25'],
  ['daily', '2026-11-24T23:59:59.999Z', '2026-11-24', '2026-11-25'],
  ['daily', '2028-02-29T12:00:00Z', '2028-02-29', '2028-03-01'],
  ['weekly', '2026-11-23T00:00:00Z', '2026-11-23', '2026-11-30'],
  ['weekly', '2026-11-29T23:59:59.999Z', '2026-11-23', '2026-11-30'],
  ['weekly', '2027-01-01T08:00:00Z', '2026-12-28', '2027-01-04'],
  ['monthly', '2026-11-01T00:00:00Z', '2026-11-01', '2026-12-01'],
  ['monthly', '2026-12-31T23:59:59.999Z', '2026-12-01', '2027-01-01'],
  ['monthly', '2027-02-10T00:00:00Z', '2027-02-01', '2027-03-01'],
])('L7, budgets B8: %s, at %s, is from %s to %s, at midnight UTC', (period, now, start, end) => {
  const stretch = stretchOf(period, at(now))
  expect([isoOf(stretch.start), isoOf(stretch.end)]).toEqual([`${start}T00:00:00.000Z`, `${end}T00:00:00.000Z`])
})

test('L7: the end of a period is later than any moment of it, also than its first', () => {
  for (const period of PERIODS) {
    const { start, end } = stretchOf(period, at('2026-06-01T00:00:00Z'))
    expect(start).toBe(at('2026-06-01T00:00:00Z'))
    expect(end).toBeGreaterThan(start)
  }
})

/** From 1970 to 2200. */
const moment = fc.integer({ min: 0, max: 7_258_118_400_000 }).map(instant)
const period = fc.constantFrom(...PERIODS)

test('periods tile time: each moment is in one, and where it ends the next begins', () => {
  fc.assert(
    fc.property(period, moment, (one, now) => {
      const { start, end } = stretchOf(one, now)
      expect(start).toBeLessThanOrEqual(now)
      expect(end).toBeGreaterThan(now)
      expect(stretchOf(one, start)).toEqual({ start, end })
      expect(stretchOf(one, instant(end - 1))).toEqual({ start, end })
      expect(stretchOf(one, end).start).toBe(end)
    }),
  )
})

test('the months that are read are those that a period has touched so far, and its member is the same in each', () => {
  fc.assert(
    fc.property(period, moment, (one, now) => {
      const { start } = stretchOf(one, now)
      const months = monthsOf(one, now)
      expect(months.map(monthOf)).toEqual([...new Set([monthOf(now), monthOf(start)])])
      for (const month of months) expect(spentAttribute(one, month)).toBe(spentAttribute(one, now))
    }),
  )
})
