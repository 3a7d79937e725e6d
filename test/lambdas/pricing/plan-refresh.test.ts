import { describe, expect, test } from 'vitest'
import { instant } from '../../../lambdas/platform/instant.ts'
import { planRefresh } from '../../../lambdas/pricing/plan-refresh.ts'
import { type KeptPrice, type Price, type Rates, ratesOfUsd } from '../../../lambdas/pricing/price.ts'
import { priceBookOf } from '../../../lambdas/pricing/price-book.ts'
import type { ListedPrice } from '../../../lambdas/pricing/price-list.ts'

const AT = instant(Date.parse('2026-11-27T12:00:00Z'))
/** As Claude's prices are: everything goes by the input. */
const by = (usd: number): Rates => {
  const times = (factor: number) => Number((usd * factor).toFixed(9))
  return ratesOfUsd(times(1), times(5), times(0.1), times(1.25), times(2))
}

const listed = (over: Partial<ListedPrice> = {}): ListedPrice => ({
  model: 'claude-opus-5-5',
  scope: 'global',
  tier: 'default',
  rates: by(3),
  long: null,
  sku: 'SKU',
  ...over,
})
const kept = (over: Partial<Price> = {}): KeptPrice => ({
  model: 'claude-opus-5-5',
  scope: 'global',
  tier: 'default',
  from: '2026-11-01',
  rates: by(3),
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
    const made = plan([before], [listed({ rates: by(2) })])
    expect(countsOf(made)).toEqual({ ...NONE, updated: 1, puts: 1 })
    const book = priceBookOf([before, ...made.puts])
    const inputOn = (day: string) =>
      book.priceOf('claude-opus-5-5', 'global', null, instant(Date.parse(day)))?.rates.input
    expect([inputOn('2026-11-26T23:00:00Z'), inputOn('2026-11-27T00:00:00Z')]).toEqual([3e9, 2e9])
  })

  test('under an administrator’s is kept beneath it and changes no bill', () => {
    const manual = kept({ source: 'admin_manual', rates: by(1) })
    const made = plan([manual], [listed()])
    expect(countsOf(made)).toEqual({ ...NONE, skippedManual: 1, puts: 1 })
    expect(priceBookOf([manual, ...made.puts]).priceOf('claude-opus-5-5', 'global', null, AT)).toBe(manual)
    expect(priceBookOf(made.puts).priceOf('claude-opus-5-5', 'global', null, AT)?.rates).toEqual(by(3))
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

describe('a price out of all proportion to the one in force', () => {
  const heldIn = (known: readonly KeptPrice[], one: ListedPrice) => {
    const made = plan(known, [one, listed({ model: 'claude-opus-4-7', rates: by(5) })])
    // Whatever becomes of it, the other model's is taken.
    expect(made.puts.some(({ model }) => model === 'claude-opus-4-7')).toBe(true)
    const own = made.puts.filter(({ model }) => model === one.model)
    expect(own.length + made.heldBack.length).toBe(1)
    return made.heldBack.length === 1
  }
  const times = (factor: number) => listed({ rates: by(3 * factor) })

  test.each([
    [5, false],
    [5.1, true],
    [1000, true],
    [0.2, false],
    [0.19, true],
    [0.001, true],
  ])('times %d: is held back: %s', (factor, held) => expect(heldIn([kept()], times(factor))).toBe(held))

  test('a single rate of it is enough, and so is one of long prompts', () => {
    for (const kind of ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const) {
      const wrong = { ...by(3), [kind]: by(3)[kind] * 100 }
      expect(heldIn([kept()], listed({ rates: wrong }))).toBe(true)
      expect(heldIn([kept()], listed({ long: wrong }))).toBe(true)
      expect(heldIn([kept()], listed({ rates: { ...by(3), [kind]: 0 } }))).toBe(true)
    }
  })

  test('is told with both, counted nowhere, and changes no bill', () => {
    const made = plan([kept()], [times(1000)])
    expect(countsOf(made)).toEqual(NONE)
    expect([made.changes, made.heldBack]).toEqual([
      [],
      [{ before: kept(), after: expect.objectContaining({ rates: by(3000) }) }],
    ])
  })

  test('is measured by the release’s where nobody has written one, and by another scope’s where there is none', () => {
    expect(heldIn([], listed({ rates: by(4000) }))).toBe(true)
    const regional = kept({ model: 'claude-land-1', scope: 'regional' })
    expect(heldIn([regional], listed({ model: 'claude-land-1', rates: by(3000) }))).toBe(true)
    expect(heldIn([regional], listed({ model: 'claude-land-1' }))).toBe(false)
  })

  test('of a model that is new is taken: there is nothing to measure it by', () =>
    expect(heldIn([], listed({ model: 'claude-new-1', rates: by(0.01) }))).toBe(false))

  test('is taken, to be kept beneath, once an administrator has set it by hand', () => {
    const manual = kept({ source: 'admin_manual', rates: by(3000) })
    expect(heldIn([kept(), manual], times(1000))).toBe(false)
  })

  test('does not become likely by an administrator’s price that is far from both', () => {
    const manual = kept({ source: 'admin_manual', rates: by(0.001) })
    expect(heldIn([kept(), manual], times(1000))).toBe(true)
    expect(heldIn([kept(), manual], times(2))).toBe(false)
  })

  test('is none where the one in force is for nothing', () => {
    const free = kept({ model: 'claude-gift-1', source: 'admin_manual', rates: by(0) })
    expect(heldIn([free], listed({ model: 'claude-gift-1' }))).toBe(false)
  })
})

test('looked at twice, the second time nothing is written', () => {
  const list = [
    listed(),
    listed({ model: 'claude-haiku-5-5', rates: by(0.1) }),
    listed({ model: 'claude-new-1', long: by(9) }),
  ]
  const first = plan([], list)
  expect(countsOf(plan(first.puts, list))).toEqual({ ...NONE, unchanged: 3 })
})

describe('long prompts', () => {
  const HAIKU = { model: 'claude-haiku-5-5' }
  const longOf = (known: readonly KeptPrice[], one: ListedPrice) => plan(known, [one]).puts[0]?.longPrompt

  test('begin where they are known to', () => {
    expect(longOf([], listed({ ...HAIKU, rates: by(0.1), long: by(0.5) }))).toEqual({
      aboveTokens: 100_000,
      rates: by(0.5),
    })
    expect(longOf([], listed({ long: by(9) }))).toEqual({ aboveTokens: 200_000, rates: by(9) })
  })

  test('that cost the same are none', () => expect(longOf([], listed({ long: by(3) }))).toBeUndefined())

  test('of which the list says nothing stay as much dearer as they were', () => {
    expect(longOf([], listed({ ...HAIKU, rates: by(0.2) }))).toEqual({ aboveTokens: 100_000, rates: by(1) })
  })
})
