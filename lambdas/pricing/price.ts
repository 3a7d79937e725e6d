/** What a token costs: by model, scope, service tier and the day from which it holds. */
import type { ServiceTier } from '../endpoints/endpoint.ts'
import type { PriceScope } from '../models/model-names.ts'

/** Nano-dollars per million tokens: 1 USD per million tokens = 10^9. Integers, so that 0.0125 dollars stay exact. */
export interface Rates {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite5m: number
  readonly cacheWrite1h: number
}

/** Where a long prompt makes the whole request dearer: more prompt tokens (input + cache) than this, these rates. */
export interface LongPrompt {
  readonly aboveTokens: number
  readonly rates: Rates
}

/** Who says so. The earlier, the more it counts: an administrator's word, AWS's list, the list that came with the release. */
export const PRICE_SOURCES = ['admin_manual', 'price_list_api', 'seed'] as const
export type PriceSource = (typeof PRICE_SOURCES)[number]

export interface Price {
  /** Anthropic's undated name. */
  readonly model: string
  readonly scope: PriceScope
  readonly tier: ServiceTier
  /** First day, UTC, `2026-10-07`. */
  readonly from: string
  readonly rates: Rates
  readonly longPrompt?: LongPrompt | undefined
  readonly source: PriceSource
  /** Worked out from the price of another scope or tier, as this one has none of its own. */
  readonly derivedFrom?: { readonly scope: PriceScope; readonly tier: ServiceTier } | undefined
}

/** A price as it is kept, with where it came from. */
export interface KeptPrice extends Price {
  /** Of the input tokens, in AWS's list. */
  readonly awsSku: string | null
  /** RFC 3339; `null` for what no store has written. */
  readonly updatedAt: string | null
  readonly updatedBy: string | null
}

/** Told on the request row, so that a bill can be followed back to its price. A seed's name is that of the days when there was no other. */
export const priceNameOf = ({ model, scope, tier, from, source, derivedFrom }: Price): string =>
  [
    `${model}#${scope}#${tier}#${from}`,
    ...(source === 'seed' ? [] : [source]),
    ...(derivedFrom === undefined ? [] : [`as ${derivedFrom.scope} ${derivedFrom.tier}`]),
  ].join('#')

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
  return {
    input: nanoRateOf(input),
    output: nanoRateOf(output),
    cacheRead: nanoRateOf(cacheRead),
    cacheWrite5m: nanoRateOf(cacheWrite5m),
    cacheWrite1h: nanoRateOf(cacheWrite1h),
  }
}

function nanoRateOf(usd: number): number {
  if (!hasNanoDigits(usd)) throw new RangeError(`not a whole number of nano-dollars: ${usd} USD`)
  return Math.round(usd * 1e9)
}

/** The double nearest to nine decimals is told again by nine decimals, whatever a multiplication would round. */
function hasNanoDigits(usd: number): boolean {
  return Number(usd.toFixed(9)) === usd
}

export const eachRate = (rates: Rates, change: (rate: number) => number): Rates => ({
  input: change(rates.input),
  output: change(rates.output),
  cacheRead: change(rates.cacheRead),
  cacheWrite5m: change(rates.cacheWrite5m),
  cacheWrite1h: change(rates.cacheWrite1h),
})

const sameRates = (one: Rates, other: Rates): boolean =>
  one.input === other.input &&
  one.output === other.output &&
  one.cacheRead === other.cacheRead &&
  one.cacheWrite5m === other.cacheWrite5m &&
  one.cacheWrite1h === other.cacheWrite1h

/** Whether every request costs the same by both. */
export function sameCharge(
  one: Pick<Price, 'rates' | 'longPrompt'>,
  other: Pick<Price, 'rates' | 'longPrompt'>,
): boolean {
  if (!sameRates(one.rates, other.rates)) return false
  if (one.longPrompt === undefined || other.longPrompt === undefined) return one.longPrompt === other.longPrompt
  return (
    one.longPrompt.aboveTokens === other.longPrompt.aboveTokens &&
    sameRates(one.longPrompt.rates, other.longPrompt.rates)
  )
}

/**
 * The price in force on a day, of those for the same model, scope and tier: of the source that counts most, the latest that has begun.
 * `undefined` where none has.
 */
export function inForceOf<P extends Price>(prices: readonly P[], day: string): P | undefined {
  let best: P | undefined
  for (const price of prices) {
    if (price.from > day) continue
    if (
      best === undefined ||
      rankOf(price) < rankOf(best) ||
      (rankOf(price) === rankOf(best) && price.from > best.from)
    )
      best = price
  }
  return best
}

const rankOf = ({ source }: Price): number => PRICE_SOURCES.indexOf(source)
