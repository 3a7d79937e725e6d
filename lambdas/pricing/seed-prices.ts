/**
 * List prices as of November 2026, from Anthropic's pricing page and the Amazon Bedrock price list: what holds until the
 * price table says otherwise. `global.` profiles cost the list price, a geography's or region's profile 10 % more.
 */
import { eachRate, type Price, type Rates, ratesOfUsd } from './price.ts'

/** USD per million tokens: input, output, cache read, 5-minute cache write, 1-hour cache write. */
type Row = readonly [input: number, output: number, cacheRead: number, write5m: number, write1h: number]

interface Seed {
  readonly models: readonly string[]
  readonly from: string
  readonly row: Row
  readonly longPrompt?: { readonly aboveTokens: number; readonly row: Row }
}

/** The day before the first of these models was sold, so that no request is older. */
const ALWAYS = '2025-01-01'

const SEEDS: readonly Seed[] = [
  { models: ['claude-fable-5-1', 'claude-fable-5-2'], from: ALWAYS, row: [10, 50, 0.25, 12.5, 20] },
  { models: ['claude-fable-5'], from: ALWAYS, row: [10, 50, 1, 12.5, 20] },
  { models: ['claude-opus-5-5'], from: ALWAYS, row: [4, 20, 0.2, 5, 8] },
  {
    models: ['claude-opus-5', 'claude-opus-4-8', 'claude-opus-4-7', 'claude-opus-4-6', 'claude-opus-4-5'],
    from: ALWAYS,
    row: [5, 25, 0.5, 6.25, 10],
  },
  { models: ['claude-opus-4-1', 'claude-opus-4'], from: ALWAYS, row: [15, 75, 1.5, 18.75, 30] },
  { models: ['claude-sonnet-5-5'], from: ALWAYS, row: [2, 10, 0.2, 2.5, 4] },
  { models: ['claude-sonnet-5-5'], from: '2026-10-07', row: [2, 10, 0.1, 2.5, 4] },
  { models: ['claude-sonnet-5'], from: ALWAYS, row: [2, 10, 0.2, 2.5, 4] },
  { models: ['claude-sonnet-4-6', 'claude-sonnet-4-5', 'claude-sonnet-4'], from: ALWAYS, row: [3, 15, 0.3, 3.75, 6] },
  {
    models: ['claude-haiku-5-5'],
    from: ALWAYS,
    row: [0.1, 0.5, 0.01, 0.125, 0.2],
    longPrompt: { aboveTokens: 100_000, row: [0.5, 2.5, 0.05, 0.625, 1] },
  },
  { models: ['claude-haiku-4-5'], from: ALWAYS, row: [1, 5, 0.1, 1.25, 2] },
]

const REGIONAL_PREMIUM_PERCENT = 10

/** Every rate here is a multiple of 10 nano-dollars, so the premium is exact. */
const withPremium = (rates: Rates): Rates => eachRate(rates, (rate) => rate + (rate * REGIONAL_PREMIUM_PERCENT) / 100)

export const SEED_PRICES: readonly Price[] = SEEDS.flatMap(({ models, from, row, longPrompt }) =>
  models.flatMap((model) =>
    (['global', 'regional'] as const).map((scope): Price => {
      const scoped = (of: Row): Rates => (scope === 'regional' ? withPremium(ratesOfUsd(...of)) : ratesOfUsd(...of))
      return {
        model,
        scope,
        tier: 'default',
        from,
        rates: scoped(row),
        ...(longPrompt && { longPrompt: { aboveTokens: longPrompt.aboveTokens, rates: scoped(longPrompt.row) } }),
        source: 'seed',
      }
    }),
  ),
)
