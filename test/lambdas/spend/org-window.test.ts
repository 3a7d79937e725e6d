import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OrgQuery } from '../../../contract/org-analytics.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { momentOf, windowBefore } from '../../../lambdas/spend/analytics.ts'
import { bucketsBy, daysOf, orgWindowOf, stretchesOf, toldWindow, untilNow } from '../../../lambdas/spend/org-window.ts'

const at = instant(Date.parse('2026-11-24T12:30:00Z'))
const window = (query: object) => orgWindowOf(OrgQuery.parse(query), at)

const HOUR_MS = 3_600_000
const anyWindow = fc
  .record({
    from: fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2026, 10) }),
    hours: fc.integer({ min: 1, max: 90 * 24 }),
    granularity: fc.constantFrom('auto', 'hour', 'day', 'week'),
  })
  .map(({ from, hours, granularity }) => {
    const first = from - (from % HOUR_MS)
    const iso = (ms: number) => new Date(ms).toISOString()
    return window({ from: iso(first), to: iso(first + hours * HOUR_MS), granularity })
  })

describe('N3', () => {
  test.each([
    [{}, 'hour'],
    [{ days: '7' }, 'hour'],
    [{ days: '8' }, 'day'],
    [{ days: '90' }, 'day'],
    [{ days: '91' }, 'week'],
    [{ days: '91', granularity: 'hour' }, 'hour'],
    [{ days: '1', granularity: 'week' }, 'week'],
    [{ from: '2026-11-01', to: '2026-11-07' }, 'hour'],
    [{ from: '2026-11-01', to: '2026-11-08' }, 'day'],
  ])('%j is told by the %s', (query, granularity) => {
    expect(window(query).granularity).toBe(granularity)
  })
})

test('by the hour there is an end', () => {
  expect(window({ days: '99', granularity: 'hour' }).granularity).toBe('hour')
  expect(() => window({ days: '101', granularity: 'hour' })).toThrow(
    expect.objectContaining({ code: 'invalid_request' }),
  )
})

test('N12: the window before is as long and ends where this one begins, to the hour', () => {
  fc.assert(
    fc.property(anyWindow, (one) => {
      const [now, before] = [toldWindow(one), toldWindow(windowBefore(one))]
      expect(before.to).toBe(now.from)
      expect(before.from).toBe(now.prior_from)
      expect(Date.parse(before.to) - Date.parse(before.from)).toBe(Date.parse(now.to) - Date.parse(now.from))
    }),
  )
})

test('the stretches of a window lie end to end, cover it, and each of its hours is in the one that says so', () => {
  fc.assert(
    fc.property(anyWindow, (one) => {
      const stretches = stretchesOf(one)
      const { from, to } = toldWindow(one)
      expect(stretches[0]?.bucket.localeCompare(from)).toBeLessThanOrEqual(0)
      expect(stretches.at(-1)?.bucket_end.localeCompare(to)).toBeGreaterThanOrEqual(0)
      for (const [place, stretch] of stretches.entries())
        if (place > 0) expect(stretch.bucket).toBe(stretches[place - 1]?.bucket_end)
      const bucketOf = bucketsBy(one)
      for (const hour of [one.firstHour, one.lastHour]) {
        const stretch = stretches.find(({ bucket }) => bucket === bucketOf(hour))
        const moment = new Date(momentOf(hour)).toISOString()
        expect(stretch !== undefined && stretch.bucket <= moment && moment < stretch.bucket_end).toBe(true)
      }
    }),
  )
})

test('weeks begin on Monday, also across a year', () => {
  const stretches = stretchesOf(window({ from: '2026-12-30', to: '2027-01-05', granularity: 'week' }))
  expect(stretches).toEqual([
    { bucket: '2026-12-28T00:00:00.000Z', bucket_end: '2027-01-04T00:00:00.000Z' },
    { bucket: '2027-01-04T00:00:00.000Z', bucket_end: '2027-01-11T00:00:00.000Z' },
  ])
})

test('nobody looks into the future', () => {
  const hours = { firstHour: '2026-11-24T10', lastHour: '2026-11-26T10' }
  expect(untilNow(hours, at)).toEqual({ firstHour: '2026-11-24T10', lastHour: '2026-11-24T12' })
  expect(untilNow({ ...hours, firstHour: '2026-11-24T13' }, at)).toBeUndefined()
  expect(daysOf(hours)).toEqual(['2026-11-24', '2026-11-25', '2026-11-26'])
})
