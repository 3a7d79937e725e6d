import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayOf, hourOf, instant, isoWeekOf, minuteOf, monthOf } from '../../../lambdas/platform/instant.ts'

const at = (iso: string) => instant(Date.parse(iso))

test.each([
  ['2026-11-24T12:05:09.123Z', '2026-W48'],
  ['2026-01-01T00:00:00Z', '2026-W01'],
  ['2027-01-01T00:00:00Z', '2026-W53'],
  ['2024-12-30T00:00:00Z', '2025-W01'],
  ['2021-01-03T23:59:59Z', '2020-W53'],
])('%s lies in ISO week %s', (iso, week) => {
  expect(isoWeekOf(at(iso))).toBe(week)
})

test('an ISO week starts on Monday and lasts seven days', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40_000 }), (day) => {
      const monday = at('1970-01-05T00:00:00Z') + day * 7 * 86_400_000
      const weeks = Array.from({ length: 7 }, (_, i) => isoWeekOf(instant(monday + i * 86_400_000)))
      expect(new Set(weeks).size).toBe(1)
      expect(isoWeekOf(instant(monday - 1))).not.toBe(weeks[0])
    }),
  )
})

test('periods are cut in UTC', () => {
  const late = at('2026-12-31T23:59:59.999Z')
  expect([monthOf(late), dayOf(late), hourOf(late), minuteOf(late)]).toEqual([
    '2026-12',
    '2026-12-31',
    '2026-12-31T23',
    '2026-12-31T23:59',
  ])
})
