import fc from 'fast-check'
import { expect, test } from 'vitest'
import { instant } from '../../../lambdas/platform/instant.ts'
import { costOf } from '../../../lambdas/pricing/cost.ts'
import { priceBookOf } from '../../../lambdas/pricing/price-book.ts'
import { NO_USAGE, type Usage } from '../../../lambdas/spend/usage.ts'

const at = (iso: string) => instant(Date.parse(iso))
const NOW = at('2026-11-24T12:00:00Z')
const book = priceBookOf([])
const usage = (over: Partial<Usage>): Usage => ({ ...NO_USAGE, ...over })

test('P2: a known bill: Opus 4.7, 1M in, 0.5M out, 0.2M cache reads, 0.1M five-minute writes cost 18.225 dollars', () => {
  const { cost } = costOf(
    usage({ inputTokens: 1_000_000, outputTokens: 500_000, cacheReadTokens: 200_000, cacheWrite5mTokens: 100_000 }),
    book.priceOf('claude-opus-4-7', 'global', null, NOW),
  )
  expect(cost).toBe(18_225_000_000)
})

test('one-hour cache writes have their own rate', () => {
  const price = book.priceOf('claude-opus-5-5', 'global', null, NOW)
  expect(costOf(usage({ cacheWrite5mTokens: 1000 }), price).cost).toBe(5_000_000)
  expect(costOf(usage({ cacheWrite1hTokens: 1000 }), price).cost).toBe(8_000_000)
})

test('a regional profile costs a tenth more', () => {
  const one = usage({ inputTokens: 1000, outputTokens: 1000, cacheReadTokens: 1000 })
  const global = costOf(one, book.priceOf('claude-sonnet-5-5', 'global', null, NOW)).cost
  const regional = costOf(one, book.priceOf('claude-sonnet-5-5', 'regional', null, NOW)).cost
  expect(regional * 10).toBe(global * 11)
})

test('a price holds from its day on', () => {
  const reads = usage({ cacheReadTokens: 1_000_000 })
  expect(costOf(reads, book.priceOf('claude-sonnet-5-5', 'global', null, at('2026-10-06T23:59:59Z'))).cost).toBe(
    200_000_000,
  )
  expect(costOf(reads, book.priceOf('claude-sonnet-5-5', 'global', null, at('2026-10-07T00:00:00Z'))).cost).toBe(
    100_000_000,
  )
})

test('a long prompt makes the whole request dearer, cache included', () => {
  const price = book.priceOf('claude-haiku-5-5', 'global', null, NOW)
  expect(costOf(usage({ inputTokens: 60_000, cacheReadTokens: 40_000, outputTokens: 100 }), price).cost).toBe(6_450_000)
  expect(costOf(usage({ inputTokens: 60_000, cacheReadTokens: 40_001, outputTokens: 100 }), price).cost).toBe(
    32_250_050,
  )
})

test('P3: an unknown model is dear and flagged, never free', () => {
  const { cost, unpriced, price } = costOf(usage({ inputTokens: 1_000_000, outputTokens: 1_000_000 }), undefined)
  expect({ cost, unpriced, price }).toEqual({ cost: 30_000_000_000, unpriced: true, price: 'unpriced' })
})

test('the cost of a sum differs from the sum of costs by rounding alone', () => {
  const tokens = fc.nat({ max: 2_000_000 })
  fc.assert(
    fc.property(fc.array(fc.tuple(tokens, tokens, tokens), { minLength: 1, maxLength: 20 }), (requests) => {
      const price = book.priceOf('claude-haiku-4-5', 'regional', null, NOW)
      const parts = requests.map(([inputTokens, outputTokens, cacheReadTokens]) =>
        usage({ inputTokens, outputTokens, cacheReadTokens }),
      )
      const whole = parts.reduce((sum, one) => ({
        ...sum,
        inputTokens: sum.inputTokens + one.inputTokens,
        outputTokens: sum.outputTokens + one.outputTokens,
        cacheReadTokens: sum.cacheReadTokens + one.cacheReadTokens,
      }))
      const apart = parts.reduce((sum, one) => sum + costOf(one, price).cost, 0)
      expect(Math.abs(apart - costOf(whole, price).cost)).toBeLessThanOrEqual(requests.length)
    }),
  )
})
