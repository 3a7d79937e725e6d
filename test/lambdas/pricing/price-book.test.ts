import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SERVICE_TIERS } from '../../../lambdas/endpoints/endpoint.ts'
import { limitsOf } from '../../../lambdas/models/capabilities.ts'
import { CATALOGUE } from '../../../lambdas/models/catalogue.ts'
import { addMs, instant } from '../../../lambdas/platform/instant.ts'
import {
  inForceOf,
  PRICE_SOURCES,
  type Price,
  priceNameOf,
  type Rates,
  ratesOfUsd,
} from '../../../lambdas/pricing/price.ts'
import { type PriceBook, priceBookOf } from '../../../lambdas/pricing/price-book.ts'
import { SEED_PRICES } from '../../../lambdas/pricing/seed-prices.ts'

const NOW = instant(Date.parse('2026-11-27T12:00:00Z'))
const SEEDED = priceBookOf([])
const SCOPES = ['global', 'regional'] as const

const flat = (usd: number): Rates => ratesOfUsd(usd, usd, usd, usd, usd)
const price = (over: Partial<Price> = {}): Price => ({
  model: 'claude-opus-5-5',
  scope: 'global',
  tier: 'default',
  from: '2026-01-01',
  rates: flat(1),
  source: 'admin_manual',
  ...over,
})
const inputOf = (book: PriceBook, model: string, scope: 'global' | 'regional' = 'global', tier: string | null = null) =>
  book.priceOf(model, scope, tier, NOW)?.rates.input

describe('seeds', () => {
  // Every model whose window and abilities are known is one that is served today; the catalogue adds those of older names.
  const SERVED = [
    ...CATALOGUE.map(({ name }) => name),
    ...['fable-5', 'fable-5-1', 'fable-5-2', 'haiku-5-5', 'opus-4-7', 'opus-4-8', 'opus-5', 'opus-5-5', 'sonnet-5'].map(
      (tail) => `claude-${tail}`,
    ),
    'claude-sonnet-5-5',
  ]

  test.each(SERVED)('%s is priced in both scopes', (model) => {
    for (const scope of SCOPES) {
      const found = SEEDED.priceOf(model, scope, null, NOW)
      expect(found).toMatchObject({ model, scope, tier: 'default', source: 'seed' })
      expect(found).not.toHaveProperty('derivedFrom')
    }
  })

  test('no model is known to the gateway and left out here', () => {
    const seeded = new Set(SEED_PRICES.map(({ model }) => model))
    for (const model of seeded) expect(SERVED).toContain(model)
    for (const model of SERVED.filter((one) => limitsOf(one) !== null)) expect(seeded).toContain(model)
  })

  test('P1: the seven models that the reference seeds have its rates', () => {
    const rates = (usd: readonly [number, number, number, number]) => ({
      input: usd[0] * 1e9,
      output: usd[1] * 1e9,
      cacheRead: usd[2] * 1e9,
      cacheWrite5m: usd[3] * 1e9,
    })
    for (const model of ['claude-opus-4-7', 'claude-opus-4-6', 'claude-opus-4-5'])
      expect(SEEDED.priceOf(model, 'global', null, NOW)?.rates).toMatchObject(rates([5, 25, 0.5, 6.25]))
    for (const model of ['claude-sonnet-4-6', 'claude-sonnet-4-5', 'claude-sonnet-4'])
      expect(SEEDED.priceOf(model, 'global', null, NOW)?.rates).toMatchObject(rates([3, 15, 0.3, 3.75]))
    expect(SEEDED.priceOf('claude-haiku-4-5', 'global', null, NOW)?.rates).toMatchObject(rates([1, 5, 0.1, 1.25]))
  })

  test('all of them cost something, the longer-lived cache more, and a region a tenth more than the world', () => {
    for (const { rates, longPrompt } of SEED_PRICES) {
      for (const of of [rates, ...(longPrompt ? [longPrompt.rates] : [])]) {
        expect(Math.min(...Object.values(of))).toBeGreaterThan(0)
        expect([of.cacheWrite5m / of.input, of.cacheWrite1h / of.input]).toEqual([1.25, 2])
      }
    }
    for (const one of SEED_PRICES.filter(({ scope }) => scope === 'global')) {
      const there = SEED_PRICES.find(
        ({ model, scope, from }) => model === one.model && from === one.from && scope === 'regional',
      )
      expect(there?.rates.output).toBe((one.rates.output * 11) / 10)
    }
  })

  test('what a newer release says of a seed counts before what an older one has left in the table', () => {
    const [seed] = SEED_PRICES
    const left = { ...(seed as Price), rates: flat(99) }
    expect(priceBookOf([left]).priceOf(left.model, left.scope, null, NOW)?.rates).toEqual(seed?.rates)
  })
})

describe('names', () => {
  test.each([
    'claude-opus-4-7',
    'claude-opus-4-7-20260101',
    'claude-opus-4-7[1m]',
    'anthropic.claude-opus-4-7-v1:0',
    'us.anthropic.claude-opus-4-7-v1:0',
    'global.anthropic.claude-opus-4-7',
    'us-gov.anthropic.claude-opus-4-7-20260101-v2:0',
    'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-7-v1:0',
    'arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.anthropic.claude-opus-4-7-v1:0',
  ])('P4: %s is priced as its model', (name) => {
    expect(SEEDED.priceOf(name, 'global', null, NOW)?.model).toBe('claude-opus-4-7')
  })

  test.each([
    'claude-opus-4-70',
    'claude-opus-4-7-1',
    'claude-opus-4-7x',
    'claude-opus-4',
    'claude-opus',
    'opus-4-7',
    '',
  ])('P4: %j is not', (name) => expect(SEEDED.priceOf(name, 'global', null, NOW)?.model).not.toBe('claude-opus-4-7'))

  test('P4: Sonnet 4.6 has its own price and not that of Sonnet 4, whose name it begins with', () => {
    const book = priceBookOf([price({ model: 'claude-sonnet-4', rates: flat(7) })])
    expect([inputOf(book, 'claude-sonnet-4-20250514'), inputOf(book, 'claude-sonnet-4-6')]).toEqual([7e9, 3e9])
  })

  test('a dated name has its own price where there is one, else that of the undated', () => {
    const dated = 'claude-opus-5-20261201'
    expect(inputOf(SEEDED, dated)).toBe(5e9)
    expect(inputOf(priceBookOf([price({ model: dated, rates: flat(7) })]), dated)).toBe(7e9)
  })

  const models = [...new Set(SEED_PRICES.map(({ model }) => model))]
  const model = fc.constantFrom(...models)

  test('L26: however a model is dressed, it costs the same', () => {
    const prefix = fc.constantFrom('', 'anthropic.', 'global.anthropic.', 'us.anthropic.', 'apac.anthropic.')
    const version = fc.constantFrom('', '-v1', '-v1:0', '-v2:1', ':0')
    const date = fc.constantFrom('', '-20260102')
    fc.assert(
      fc.property(model, prefix, date, version, (name, before, day, after) => {
        fc.pre(before !== '' || after === '')
        const dressed = `${before}${name}${day}${after}`
        for (const scope of SCOPES)
          expect(SEEDED.priceOf(dressed, scope, null, NOW)).toEqual(SEEDED.priceOf(name, scope, null, NOW))
      }),
    )
  })

  test('a name that is longer or shorter by anything else is never priced as the model', () => {
    const tail = fc.stringMatching(/^[a-z0-9-]{1,12}$/).filter((one) => !/^-\d{8}$|^-v\d+$/.test(one))
    fc.assert(
      fc.property(model, tail, (name, more) => {
        expect(SEEDED.priceOf(`${name}${more}`, 'global', null, NOW)?.model).not.toBe(name)
        expect(SEEDED.priceOf(name.slice(0, -1), 'global', null, NOW)?.model).not.toBe(name)
      }),
    )
  })
})

describe('which of several holds', () => {
  test('an administrator’s word before AWS’s list before the seed, whatever their days', () => {
    const manual = price({ from: '2026-01-01', rates: flat(2) })
    const list = price({ from: '2026-11-20', rates: flat(3), source: 'price_list_api' })
    expect(inputOf(priceBookOf([list]), 'claude-opus-5-5')).toBe(3e9)
    expect(inputOf(priceBookOf([list, manual]), 'claude-opus-5-5')).toBe(2e9)
    expect(inputOf(priceBookOf([]), 'claude-opus-5-5')).toBe(4e9)
  })

  test('one that has not begun yet changes nothing, and holds from its day on', () => {
    const book = priceBookOf([price({ rates: flat(2) }), price({ from: '2026-11-28', rates: flat(9) })])
    const at = (iso: string) => book.priceOf('claude-opus-5-5', 'global', null, instant(Date.parse(iso)))?.rates.input
    expect([at('2026-11-27T23:59:59.999Z'), at('2026-11-28T00:00:00Z')]).toEqual([2e9, 9e9])
  })

  test('each scope and each tier goes by its own', () => {
    const book = priceBookOf([
      price({ scope: 'regional', rates: flat(2) }),
      price({ tier: 'flex', rates: flat(3) }),
      price({ scope: 'regional', tier: 'flex', rates: flat(6) }),
    ])
    expect([inputOf(book, 'claude-opus-5-5'), inputOf(book, 'claude-opus-5-5', 'regional')]).toEqual([4e9, 2e9])
    expect(inputOf(book, 'claude-opus-5-5', 'global', 'flex')).toBe(3e9)
    expect(inputOf(book, 'claude-opus-5-5', 'regional', 'flex')).toBe(6e9)
  })

  const day = fc.integer({ min: 1, max: 28 }).map((one) => `2026-11-${String(one).padStart(2, '0')}`)
  const row = fc
    .record({ from: day, source: fc.constantFrom(...PRICE_SOURCES), usd: fc.integer({ min: 1, max: 50 }) })
    .map(({ from, source, usd }) => price({ from, source, rates: flat(usd) }))

  test('the order in which prices are kept decides nothing; source, then day, does', () => {
    const rows = fc.uniqueArray(row, { selector: ({ from, source }) => `${from}${source}`, maxLength: 20 })
    fc.assert(
      fc.property(rows, day, (kept, today) => {
        const found = inForceOf(kept, today)
        expect(inForceOf([...kept].reverse(), today)).toBe(found)
        const begun = kept.filter(({ from }) => from <= today)
        const source = PRICE_SOURCES.find((one) => begun.some((other) => other.source === one))
        const latest = begun.filter((one) => one.source === source).sort((a, b) => (a.from < b.from ? 1 : -1))[0]
        expect(found).toBe(latest)
      }),
    )
  })
})

describe('what has no price of its own', () => {
  test('a tier costs as the default tier does, and priority twice that', () => {
    for (const scope of SCOPES) {
      const base = inputOf(SEEDED, 'claude-opus-5-5', scope) ?? 0
      expect(inputOf(SEEDED, 'claude-opus-5-5', scope, 'default')).toBe(base)
      expect(inputOf(SEEDED, 'claude-opus-5-5', scope, 'flex')).toBe(base)
      expect(inputOf(SEEDED, 'claude-opus-5-5', scope, 'reserved')).toBe(base)
      expect(inputOf(SEEDED, 'claude-opus-5-5', scope, 'priority')).toBe(2 * base)
      expect(inputOf(SEEDED, 'claude-opus-5-5', scope, 'a tier of tomorrow')).toBe(2 * base)
    }
  })

  test('a region costs a tenth more than the world, and the world as much as a region', () => {
    const model = 'claude-opus-9'
    expect(inputOf(priceBookOf([price({ model })]), model, 'regional')).toBe(1.1e9)
    expect(inputOf(priceBookOf([price({ model, scope: 'regional' })]), model, 'global')).toBe(1e9)
    expect(inputOf(priceBookOf([price({ model })]), model, 'regional', 'priority')).toBe(2.2e9)
  })

  test('a long prompt stays dearer there too', () => {
    const found = SEEDED.priceOf('claude-haiku-5-5', 'global', 'priority', NOW)
    expect(found?.longPrompt).toEqual({ aboveTokens: 100_000, rates: ratesOfUsd(1, 5, 0.1, 1.25, 2) })
  })

  test('the name of the price tells what it was worked out from', () => {
    const nameOf = (book: PriceBook, scope: 'global' | 'regional', tier: string | null) =>
      priceNameOf(book.priceOf('claude-opus-5-5', scope, tier, NOW) as Price)
    expect(nameOf(SEEDED, 'global', null)).toBe('claude-opus-5-5#global#default#2025-01-01')
    expect(nameOf(SEEDED, 'regional', 'priority')).toBe(
      'claude-opus-5-5#regional#priority#2025-01-01#as regional default',
    )
    expect(nameOf(priceBookOf([price()]), 'global', null)).toBe(
      'claude-opus-5-5#global#default#2026-01-01#admin_manual',
    )
  })

  test('whatever rows there are of a model, no request of it is free or cheaper than its cheapest row', () => {
    const row = fc.record({
      scope: fc.constantFrom(...SCOPES),
      tier: fc.constantFrom(...SERVICE_TIERS),
      usd: fc.integer({ min: 1, max: 1_000_000_000 }).map((nano) => nano / 1e9),
    })
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(...SCOPES),
        fc.constantFrom(null, ...SERVICE_TIERS),
        fc.nat({ max: 1e9 }),
        (rows, scope, tier, later) => {
          const kept = rows.map(({ usd, ...where }) => price({ ...where, model: 'claude-new-1', rates: flat(usd) }))
          const found = priceBookOf(kept).priceOf('claude-new-1', scope, tier, addMs(NOW, later))
          const usable = kept.filter((one) => one.tier === 'default' || one.tier === tier)
          expect(found === undefined).toBe(usable.length === 0)
          if (found === undefined) return
          expect(found.rates.input).toBeGreaterThanOrEqual(Math.min(...usable.map(({ rates }) => rates.input)))
          expect(Number.isSafeInteger(found.rates.output)).toBe(true)
        },
      ),
    )
  })
})

test('rates of nine decimals are kept to the last, and a tenth is refused', () => {
  expect(ratesOfUsd(10_000, 9_999.999999999, 0.000000001, 0.0125, 0)).toEqual({
    input: 1e13,
    output: 9_999_999_999_999,
    cacheRead: 1,
    cacheWrite5m: 12_500_000,
    cacheWrite1h: 0,
  })
  expect(() => ratesOfUsd(0.0000000001, 0, 0, 0, 0)).toThrow(RangeError)
})
