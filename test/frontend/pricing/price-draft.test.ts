/** What is sent of the form of a price. */
import { describe, expect, test } from 'vitest'
import {
  complaintsIn,
  type Draft,
  draftOf,
  newDraft,
  wishOf,
} from '../../../frontend/src/features/pricing/price-draft.ts'
import { typicalThousand } from '../../../frontend/src/features/pricing/rates.ts'

const TODAY = '2026-11-27'
const FIVE = {
  input_rate: '5',
  output_rate: '25.00',
  cache_read_rate: '0,5',
  cache_write_rate: ' 6.25 ',
  cache_write_1h_rate: '10',
}
const draft = (over: Partial<Draft> = {}): Draft => ({ ...newDraft('claude-opus-5-5', TODAY), rates: FIVE, ...over })
const NUMBERS = {
  input_rate: 5,
  output_rate: 25,
  cache_read_rate: 0.5,
  cache_write_rate: 6.25,
  cache_write_1h_rate: 10,
}

const ROW = {
  model_prefix: 'claude-haiku-5-5',
  ...NUMBERS,
  cache_read_rate: 0.000000001,
  source: 'seed',
  aws_sku: null,
  updated_at: '2026-11-01T00:00:00.000Z',
  updated_by: null,
  scope: 'regional',
  tier: 'flex',
  effective_from: '2026-11-01',
  long_prompt: { above_tokens: 100_000, ...NUMBERS },
  in_force: true,
  overridden_by: null,
  derived: false,
} as const

test('five rates, where and from when', () => {
  expect(complaintsIn(draft(), TODAY)).toEqual({})
  expect(wishOf(draft())).toEqual({ ...NUMBERS, scope: 'global', tier: 'default', effective_from: TODAY })
})

test('what is there comes back as it was, to the last of nine decimals', () => {
  const back = draftOf(ROW, TODAY)
  expect(back.rates.cache_read_rate).toBe('0.000000001')
  expect(complaintsIn(back, TODAY)).toEqual({})
  expect(wishOf(back)).toEqual({
    ...NUMBERS,
    cache_read_rate: 0.000000001,
    scope: 'regional',
    tier: 'flex',
    effective_from: TODAY,
    long_prompt: { above_tokens: 100_000, ...NUMBERS },
  })
})

test('a price that is to begin later keeps its day', () => {
  const later = { ...ROW, source: 'admin_manual', effective_from: '2026-12-24' } as const
  expect(draftOf(later, TODAY).from).toBe('2026-12-24')
})

describe('a rate', () => {
  test.each([
    ['', 'Enter a rate, or 0.'],
    ['  ', 'Enter a rate, or 0.'],
    ['five', 'Enter dollars, such as 1.25.'],
    ['-1', 'Enter dollars, such as 1.25.'],
    ['1.2.3', 'Enter dollars, such as 1.25.'],
    ['1e3', 'Enter dollars, such as 1.25.'],
    ['$5', 'Enter dollars, such as 1.25.'],
    ['0.0000000001', 'At most nine decimals.'],
    ['10000.1', 'At most 10,000 dollars.'],
  ])('%j is told what to be instead', (text, words) => {
    expect(complaintsIn(draft({ rates: { ...FIVE, output_rate: text } }), TODAY)).toEqual({ output_rate: words })
  })

  test.each([
    ['0', 0],
    ['.5', 0.5],
    ['5.', 5],
    ['0,25', 0.25],
    ['10000', 10_000],
  ])('%j is %d', (text, rate) => {
    const one = draft({ rates: { ...FIVE, output_rate: text } })
    expect(complaintsIn(one, TODAY)).toEqual({})
    expect(wishOf(one).output_rate).toBe(rate)
  })
})

test('nothing at all is free only where it is ticked', () => {
  const zero = {
    input_rate: '0',
    output_rate: '0',
    cache_read_rate: '0',
    cache_write_rate: '0',
    cache_write_1h_rate: '0',
  }
  expect(complaintsIn(draft({ rates: zero }), TODAY)).toEqual({ free: 'Tick that it is free, or enter a rate.' })
  const free = draft({ rates: zero, isFree: true })
  expect(complaintsIn(free, TODAY)).toEqual({})
  expect(wishOf(free).free).toBe(true)
  expect(wishOf(draft({ isFree: true }))).not.toHaveProperty('free')
})

test.each([
  [{ model: ' ' }, { model: 'Enter the model, such as claude-opus-5-5.' }],
  [{ model: 'gpt-5' }, { model: 'Enter a model of Claude, such as claude-opus-5-5.' }],
  [{ from: '' }, { from: 'Enter a day.' }],
  [{ from: '2026-11-26' }, { from: 'Today or later: what was asked before has been charged.' }],
  [{ hasLong: true, above: '0', long: FIVE }, { above: 'Enter a number of tokens, such as 200,000.' }],
  [
    { hasLong: true, above: '200,000', long: { ...FIVE, input_rate: '' } },
    { 'long.input_rate': 'Enter a rate, or 0.' },
  ],
])('%j is complained about at its field', (over, complaints) => {
  expect(complaintsIn(draft(over), TODAY)).toEqual(complaints)
})

test('long prompts are sent only where they cost something else', () => {
  expect(wishOf(draft({ above: '200,000', long: FIVE }))).not.toHaveProperty('long_prompt')
  expect(wishOf(draft({ hasLong: true, above: '200,000', long: FIVE })).long_prompt).toEqual({
    above_tokens: 200_000,
    ...NUMBERS,
  })
})

test('a thousand typical requests, by the rates of long prompts where they are long', () => {
  // 2,000 × 5 + 600 × 25 + 45,000 × 0.5 + 3,000 × 6.25 dollars per million, a thousand times.
  expect(typicalThousand({ ...NUMBERS, long_prompt: null })).toBeCloseTo(66.25, 9)
  const twice = { above_tokens: 40_000, ...NUMBERS, input_rate: 10 }
  expect(typicalThousand({ ...NUMBERS, long_prompt: twice })).toBeCloseTo(76.25, 9)
  expect(typicalThousand({ ...NUMBERS, long_prompt: { ...twice, above_tokens: 50_000 } })).toBeCloseTo(66.25, 9)
})
