import { describe, expect, test } from 'vitest'
import { instant } from '../../../lambdas/platform/instant.ts'
import { planRefresh } from '../../../lambdas/pricing/plan-refresh.ts'
import { type KeptPrice, type Price, type Rates, ratesOfUsd } from '../../../lambdas/pricing/price.ts'
import { priceBookOf } from '../../../lambdas/pricing/price-book.ts'
import type { ListedPrice } from '../../../lambdas/pricing/price-list.ts'

const AT = instant(Date.parse('2026-11-27T12:00:00Z'))
const flat = (usd: number): Rates => ratesOfUsd(usd, usd, usd, usd, usd)

const listed = (over: Partial<ListedPrice> = {}): ListedPrice => ({
  model: 'claude-opus-5-5',
  scope: 'global',
  tier: 'default',
  rates: flat(3),
  long: null,
  sku: 'SKU',
  ...over,
})
const kept = (over: Partial<Price> = {}): KeptPrice => ({
  model: 'claude-opus-5-5',
  scope: 'global',
  tier: 'default',
  from: '2026-11-01',
  rates: flat(3),
  source: 'price_list_api',
  awsSku: 'SKU',
  updatedAt: null,
  updatedBy: null,
  ...over,
})
const plan = (known: readonly KeptPrice[], list: readonly ListedPrice[]) =>
  planRefresh(known, list, AT, 'daily refresh')
const countsOf = ({ inserted, updated, unchanged, skippedManual, puts }: ReturnType<typeof plan>) => ({
  inserted,
  updated,
  unchanged,
  skippedManual,
  puts: puts.length,
})
const NONE = { inserted: 0, updated: 0, unchanged: 0, skippedManual: 0, puts: 0 }

describe('P6: a price of the list', () => {
  test('that nobody has written yet is inserted, and holds from today on', () => {
    const made = plan([], [listed()])
    expect(countsOf(made)).toEqual({ ...NONE, inserted: 1, puts: 1 })
    expect(made.puts[0]).toEqual({
      ...kept(),
      from: '2026-11-27',
      updatedAt: '2026-11-27T12:00:00.000Z',
      updatedBy: 'daily refresh',
    })
    expect(made.changes[0]).toMatchObject({ kind: 'inserted', before: { source: 'seed', rates: { input: 4e9 } } })
  })

  test('that is as it was changes nothing, whatever its number', () => {
    expect(countsOf(plan([kept({ from: '2026-01-01' })], [listed({ sku: 'another' })]))).toEqual({
      ...NONE,
      unchanged: 1,
    })
  })

  test('that is another now gets a day of its own, and what was before stays', () => {
    const before = kept()
    const made = plan([before], [listed({ rates: flat(2) })])
    expect(countsOf(made)).toEqual({ ...NONE, updated: 1, puts: 1 })
    const book = priceBookOf([before, ...made.puts])
    const inputOn = (day: string) =>
      book.priceOf('claude-opus-5-5', 'global', null, instant(Date.parse(day)))?.rates.input
    expect([inputOn('2026-11-26T23:00:00Z'), inputOn('2026-11-27T00:00:00Z')]).toEqual([3e9, 2e9])
  })

  test('under an administrator’s is kept beneath it and changes no bill', () => {
    const manual = kept({ source: 'admin_manual', rates: flat(1) })
    const made = plan([manual], [listed()])
    expect(countsOf(made)).toEqual({ ...NONE, skippedManual: 1, puts: 1 })
    expect(priceBookOf([manual, ...made.puts]).priceOf('claude-opus-5-5', 'global', null, AT)).toBe(manual)
    expect(priceBookOf(made.puts).priceOf('claude-opus-5-5', 'global', null, AT)?.rates).toEqual(flat(3))
    expect(countsOf(plan([manual, ...made.puts], [listed()]))).toEqual({ ...NONE, skippedManual: 1 })
  })

  test('is not hidden by an administrator’s that begins tomorrow', () => {
    const tomorrow = kept({ source: 'admin_manual', from: '2026-11-28' })
    expect(countsOf(plan([tomorrow], [listed()]))).toEqual({ ...NONE, inserted: 1, puts: 1 })
  })

  test('of one scope or tier says nothing of the other', () => {
    const made = plan([kept()], [listed(), listed({ scope: 'regional' }), listed({ tier: 'flex' })])
    expect(countsOf(made)).toEqual({ ...NONE, unchanged: 1, inserted: 2, puts: 2 })
  })
})

test('looked at twice, the second time nothing is written', () => {
  const list = [
    listed(),
    listed({ model: 'claude-haiku-5-5', rates: flat(0.1) }),
    listed({ model: 'claude-new-1', long: flat(9) }),
  ]
  const first = plan([], list)
  expect(countsOf(plan(first.puts, list))).toEqual({ ...NONE, unchanged: 3 })
})

describe('long prompts', () => {
  const HAIKU = { model: 'claude-haiku-5-5' }
  const longOf = (known: readonly KeptPrice[], one: ListedPrice) => plan(known, [one]).puts[0]?.longPrompt

  test('begin where they are known to', () => {
    expect(longOf([], listed({ ...HAIKU, rates: flat(0.1), long: flat(0.5) }))).toEqual({
      aboveTokens: 100_000,
      rates: flat(0.5),
    })
    expect(longOf([], listed({ long: flat(9) }))).toEqual({ aboveTokens: 200_000, rates: flat(9) })
  })

  test('that cost the same are none', () => expect(longOf([], listed({ long: flat(3) }))).toBeUndefined())

  test('of which the list says nothing stay as much dearer as they were', () => {
    expect(longOf([], listed({ ...HAIKU, rates: flat(0.2) }))).toEqual({ aboveTokens: 100_000, rates: flat(1) })
  })
})
