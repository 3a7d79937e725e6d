/** What a token costs: by model, scope, tier and the day from which it holds. */
import type { PriceScope } from '../models/model-names.ts'
import type { Instant } from '../platform/instant.ts'

/** Nano-dollars per million tokens: 1 USD per million tokens = 10^9. Integers, so that 0.0125 dollars stay exact. */
export interface Rates {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite5m: number
  readonly cacheWrite1h: number
}

export interface Price {
  /** Anthropic's undated name. */
  readonly model: string
  readonly scope: PriceScope
  readonly tier: 'default'
  /** First day, UTC, `2026-10-07`. */
  readonly from: string
  readonly rates: Rates
  /** Where a long prompt makes the whole request dearer: more prompt tokens (input + cache) than this, these rates. */
  readonly longPrompt?: { readonly aboveTokens: number; readonly rates: Rates } | undefined
  readonly source: 'seed' | 'price_list_api' | 'admin_manual'
}

/** Told on the request row, so that a bill can be followed back to its price. */
export const priceNameOf = (price: Price): string => `${price.model}#${price.scope}#${price.tier}#${price.from}`

/** For a model without a price: dear enough that nobody gets it free, flagged so that somebody mends it. */
export const UNPRICED_RATES: Rates = ratesOfUsd(5, 25, 0.5, 6.25, 10)

/** From dollars per million tokens. @throws RangeError for an amount below a nano-dollar. */
export function ratesOfUsd(
  input: number,
  output: number,
  cacheRead: number,
  cacheWrite5m: number,
  cacheWrite1h: number,
): Rates {
  const nano = (usd: number): number => {
    const rate = Math.round(usd * 1e9)
    if (Math.abs(rate - usd * 1e9) > 1e-3) throw new RangeError(`not a whole number of nano-dollars: ${usd} USD`)
    return rate
  }
  return {
    input: nano(input),
    output: nano(output),
    cacheRead: nano(cacheRead),
    cacheWrite5m: nano(cacheWrite5m),
    cacheWrite1h: nano(cacheWrite1h),
  }
}

/** The price in force: of this model and scope, the latest that has begun. `undefined` where none has. */
export function priceInForce(
  prices: readonly Price[],
  model: string,
  scope: PriceScope,
  at: Instant,
): Price | undefined {
  const today = new Date(at).toISOString().slice(0, 10)
  let best: Price | undefined
  for (const price of prices) {
    if (price.model !== model || price.scope !== scope || price.from > today) continue
    if (best === undefined || price.from > best.from) best = price
  }
  return best
}
