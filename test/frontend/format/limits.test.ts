import { expect, test } from 'vitest'
import { limitInShort } from '../../../frontend/src/format/budget.ts'
import {
  ratesInWords,
  readAmount,
  readWhole,
  typedAmount,
  typedWhole,
  usageOf,
} from '../../../frontend/src/format/limits.ts'

test.each([
  ['', null],
  ['  ', null],
  ['0', 0],
  ['0.07', 0.07],
  ['12.5', 12.5],
  ['$ 1,234.50', 1234.5],
  ['1,000,000', 1_000_000],
])('%j is an amount', (text, value) => {
  expect(readAmount(text)).toEqual({ value })
})

test.each(['-1', '1.234', '1,5', '1.000,50', 'many', '1e3', 'Infinity', '1000000.01', '12,34'])(
  '%j is none',
  (text) => {
    expect(readAmount(text)).toEqual({ error: expect.stringMatching(/^Enter/) })
  },
)

test.each([
  ['', null],
  ['1', 1],
  ['10,000', 10_000],
])('%j is a rate', (text, value) => {
  expect(readWhole(text, 10_000)).toEqual({ value })
})

test.each(['0', '-1', '1.5', '10001', 'ten', '1e2'])('%j is no rate', (text) => {
  expect(readWhole(text, 10_000)).toEqual({ error: expect.stringContaining('from 1 to 10,000') })
})

test('what was read stands in its field so that it is read again', () => {
  for (const usd of [null, 0, 50, 12.5, 0.07, 999_999.99]) expect(readAmount(typedAmount(usd))).toEqual({ value: usd })
  for (const rate of [null, 1, 10_000]) expect(readWhole(typedWhole(rate), 10_000)).toEqual({ value: rate })
})

test('limits are told with their time', () => {
  expect(limitInShort(0, 'daily')).toBe('$0.00 / day')
  expect(limitInShort(1234.5, 'monthly')).toBe('$1,234.50 / month')
  expect(ratesInWords({ rpm: null, tpm: null })).toBeUndefined()
  expect(ratesInWords({ rpm: 1, tpm: null })).toBe('1 request / min')
  expect(ratesInWords({ rpm: 60, tpm: 100_000 })).toBe('60 requests, 100K tokens / min')
  expect([79.9, 80, 99.9, 100, 250].map(usageOf)).toEqual(['normal', 'warn', 'warn', 'danger', 'danger'])
})
