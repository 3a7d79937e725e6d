/** What a request cost. Computed once, at settlement, in whole nano-dollars. */
import { addUsd, type NanoUsd, nanoUsd, ZERO_USD } from '../platform/money.ts'
import type { Usage } from '../spend/usage.ts'
import { type Price, priceNameOf, type Rates, UNPRICED_RATES } from './price.ts'

export interface Cost {
  readonly cost: NanoUsd
  /** What the cache reads would have cost as plain input, less what they did cost. */
  readonly saved: NanoUsd
  /** The price's name, or `unpriced`. */
  readonly price: string
  readonly unpriced: boolean
}

/** Of what Bedrock never heard of. */
export const NO_COST: Cost = { cost: ZERO_USD, saved: ZERO_USD, price: 'none', unpriced: false }

export function costOf(usage: Usage, price: Price | undefined): Cost {
  const rates = price === undefined ? UNPRICED_RATES : ratesFor(usage, price)
  return {
    cost: total([
      [usage.inputTokens, rates.input],
      [usage.outputTokens, rates.output],
      [usage.cacheReadTokens, rates.cacheRead],
      [usage.cacheWrite5mTokens, rates.cacheWrite5m],
      [usage.cacheWrite1hTokens, rates.cacheWrite1h],
    ]),
    saved: total([[usage.cacheReadTokens, rates.input - rates.cacheRead]]),
    price: price === undefined ? 'unpriced' : priceNameOf(price),
    unpriced: price === undefined,
  }
}

/** Of a request in several parts. @param parts One at least. */
export const sumOfCosts = (parts: readonly Cost[]): Cost => ({
  cost: addUsd(ZERO_USD, ...parts.map(({ cost }) => cost)),
  saved: addUsd(ZERO_USD, ...parts.map(({ saved }) => saved)),
  price: parts.at(-1)?.price ?? NO_COST.price,
  unpriced: parts.some(({ unpriced }) => unpriced),
})

function ratesFor(usage: Usage, price: Price): Rates {
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens
  return price.longPrompt !== undefined && prompt > price.longPrompt.aboveTokens ? price.longPrompt.rates : price.rates
}

/** Tokens times rate per million, added up exactly, rounded to a nano-dollar once (half up). */
function total(parts: readonly (readonly [tokens: number, rate: number])[]): NanoUsd {
  let sum = 0n
  for (const [tokens, rate] of parts) sum += BigInt(tokens) * BigInt(rate)
  return nanoUsd(Number((sum + 500_000n) / 1_000_000n))
}
