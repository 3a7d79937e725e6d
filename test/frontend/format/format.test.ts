/** What a person reads of a figure. */
import { describe, expect, test } from 'vitest'
import { modelName } from '../../../frontend/src/format/model-name.ts'
import { exactly, money, moneyTicks } from '../../../frontend/src/format/money.ts'
import { changeOf, count, duration, exactCount, percent } from '../../../frontend/src/format/number.ts'
import { bucketLabel, bucketName, countdown, relative, secondsAgo } from '../../../frontend/src/format/time.ts'

test.each([
  [0, '$0.00'],
  [1284.1, '$1,284.10'],
  [0.01, '$0.01'],
  [0.0042, '$0.0042'],
  [0.0001, '$0.0001'],
  [0.000_099, '<$0.0001'],
  [-3, '-$3.00'],
  [1_250_000, '$1.3M'],
])('%d dollars are %s', (usd, text) => {
  expect(money(usd)).toBe(text)
})

test('nothing is rounded away in the exact form: nano-dollars have nine decimals', () => {
  expect(exactly(0.000_000_001)).toBe('$0.000000001')
})

test('the ticks of an axis have as many decimals as their step needs', () => {
  expect(moneyTicks([0, 5, 10])).toEqual(['$0', '$5', '$10'])
  expect(moneyTicks([0, 0.05, 0.1])).toEqual(['$0.00', '$0.05', '$0.10'])
  expect(moneyTicks([0, 0.002, 0.004])).toEqual(['$0.000', '$0.002', '$0.004'])
})

test('counts are exact below ten thousand', () => {
  expect(count(9_999)).toBe('9,999')
  expect(count(10_000)).toBe('10K')
  expect(count(38_400)).toBe('38.4K')
  expect(exactCount(1_234_567)).toBe('1,234,567')
})

test.each([
  [820, '820 ms'],
  [6_400, '6.4 s'],
  [59_940, '59.9 s'],
  [59_960, '1 m 00 s'],
  [125_000, '2 m 05 s'],
])('%d ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})

test.each([
  [0, '0.0%'],
  [0.0005, '<0.1%'],
  [0.484, '48.4%'],
  [1, '100%'],
])('a share of %d is %s', (share, text) => {
  expect(percent(share)).toBe(text)
})

describe('a change', () => {
  test.each([
    [0, 0, undefined],
    [5, 0, { text: 'new', direction: 'none' }],
    [100, 100, { text: 'no change', direction: 'none' }],
    [118.2, 100, { text: '18.2%', direction: 'up' }],
    [50, 100, { text: '50.0%', direction: 'down' }],
    [1_200, 100, { text: '×12', direction: 'up' }],
  ])('from %d to %d', (now, before, change) => {
    expect(changeOf(now, before)).toEqual(change)
  })
})

describe('time', () => {
  const now = Date.parse('2026-11-27T12:00:00Z')
  test.each([
    ['2026-11-27T11:59:30Z', 'just now'],
    ['2026-11-27T11:59:00Z', '1 min ago'],
    ['2026-11-27T11:00:00Z', '1 h ago'],
    ['2026-11-26T11:00:00Z', 'yesterday'],
    ['2026-11-21T12:00:00Z', '6 days ago'],
  ])('%s is %s', (iso, text) => {
    expect(relative(iso, now)).toBe(text)
  })
  test('seconds and minutes since', () => {
    expect(secondsAgo(now - 12_000, now)).toBe('12 s ago')
    expect(secondsAgo(now - 180_000, now)).toBe('3 min ago')
  })
  test('a countdown ends at nothing', () => {
    expect(countdown(300_000)).toBe('5:00')
    expect(countdown(4_001)).toBe('0:05')
    expect(countdown(-1)).toBe('0:00')
  })
})

test('buckets are told in UTC, as they are counted', () => {
  expect(bucketLabel('2026-11-24T13:00:00')).toBe('13:00')
  expect(bucketLabel('2026-11-24')).toBe('Tue 24')
  expect(bucketLabel('2026-W48')).toBe('Week 48')
  expect(bucketName('2026-11-24T13:00:00')).toBe('24 Nov, 13:00')
  expect(bucketName('2026-W01')).toBe('Week 1 of 2026')
})

test.each([
  ['claude-opus-4-6-20260105', 'Opus 4.6'],
  ['claude-opus-5-5', 'Opus 5.5'],
  ['claude-sonnet-5', 'Sonnet 5'],
  ['claude-sonnet-4-20250514', 'Sonnet 4'],
  ['eu.anthropic.claude-x', 'eu.anthropic.claude-x'],
])('%s is called %s', (id, name) => {
  expect(modelName(id)).toBe(name)
})
