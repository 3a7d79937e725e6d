import { expect, test } from 'vitest'
import {
  limitInShort,
  percentOfLimit,
  perPeriod,
  policyInWords,
  reachedAt,
  until,
} from '../../../frontend/src/format/budget.ts'

test('a policy in words', () => {
  expect(
    policyInWords([
      { at_percent: 80, action: 'notify' },
      { at_percent: 100, action: 'shape', shaped_rpm: 3 },
      { at_percent: 150, action: 'block' },
    ]),
  ).toBe('Notify at 80%, slow down to 3 a minute at 100%, block at 150%')
  expect(policyInWords([{ at_percent: 100, action: 'shape' }])).toBe('Slow down to 5 a minute at 100%')
})

test('a limit and its period', () => {
  expect(limitInShort(1200, 'weekly')).toBe('$1,200.00 / week')
  expect(limitInShort(0, 'daily')).toBe('$0.00 / day')
  expect(perPeriod('monthly')).toBe('per month')
})

test('percent of a limit is never cut short', () => {
  expect([0, 12.34, 99.94, 1240].map(percentOfLimit)).toEqual(['0.0%', '12.3%', '99.9%', '1240%'])
})

const at = (text: string) => Date.parse(text)

test.each([
  ['2026-11-24T12:00:20Z', 'in 1 min'],
  ['2026-11-24T12:59:00Z', 'in 59 min'],
  ['2026-11-24T23:50:00Z', 'in 12 h'],
  ['2026-11-25T13:00:00Z', 'in 1 day'],
  ['2026-12-01T00:00:00Z', 'in 7 days'],
])('%s is %s', (iso, words) => {
  expect(until(iso, at('2026-11-24T12:00:00Z'))).toBe(words)
})

test('when an amount is reached at the pace so far', () => {
  const period = { start: '2026-11-01T00:00:00Z', end: '2026-12-01T00:00:00Z' }
  const now = at('2026-11-11T00:00:00Z')
  // A third of the month for a half of it: at two thirds of the month.
  expect(reachedAt(100, 50, period, now)).toBe(at('2026-11-21T00:00:00Z'))
  // Not in this period, already, nothing spent, and too early to tell.
  expect(reachedAt(100, 10, period, now)).toBeUndefined()
  expect(reachedAt(100, 100, period, now)).toBeUndefined()
  expect(reachedAt(100, 0, period, now)).toBeUndefined()
  expect(reachedAt(100, 50, period, at('2026-11-02T00:00:00Z'))).toBeUndefined()
})
