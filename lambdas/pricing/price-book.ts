/**
 * The prices an environment knows, looked up by model, scope, service tier and time. What is asked for has not always a price of its
 * own; what stands in for it is never cheaper than the true price could be, as far as AWS says how the two compare:
 *
 * - A tier without a price is priced by the default tier. `priority` costs twice as much: AWS publishes a premium without a number, and
 *   the largest in its price lists is that. `flex` is sold at a discount, `reserved` is paid for by the month and spills over into the
 *   default tier, so both cost as the default tier does. Claude has no prices for tiers in AWS's list today.
 *   Sources: Amazon Bedrock user guide, "Service tiers for optimizing performance and cost"; aws.amazon.com/bedrock/service-tiers;
 *   AWS Price List, AmazonBedrockFoundationModels.
 * - `regional` without a price costs as `global` and 10 % more, which is what AWS asks for a geography; `global` without a price costs as
 *   `regional` does. Source: Anthropic, "Claude in Amazon Bedrock", and AWS's list, where it holds for each model.
 * - A name is looked up as it is, then as the model it means, then without the date it ends in. Never by a part of it.
 */
import { SERVICE_TIERS, type ServiceTier } from '../endpoints/endpoint.ts'
import { nameOfModel, type PriceScope } from '../models/model-names.ts'
import { dayOf, type Instant } from '../platform/instant.ts'
import { eachRate, inForceOf, type Price } from './price.ts'
import { SEED_PRICES } from './seed-prices.ts'

export interface PriceBook {
  /**
   * @param model Any name of a model: with date, version, suffix, as Bedrock or an ARN has it.
   * @param tier What Bedrock was asked for; `null` is its usual one.
   */
  priceOf(model: string, scope: PriceScope, tier: string | null, at: Instant): Price | undefined
}

/** What the release says of a seed counts, and not what an older one has left in the table. */
export function priceBookOf(rows: readonly Price[]): PriceBook {
  const byModel = Map.groupBy(withSeeds(rows), ({ model }) => model)
  return {
    priceOf(model, scope, tier, at) {
      for (const name of namesOf(model)) {
        const price = priceAmong(byModel.get(name) ?? [], scope, tierOf(tier), dayOf(at))
        if (price !== undefined) return price
      }
      return undefined
    },
  }
}

const keyOf = ({ model, scope, tier, from }: Price): string => `${model}#${scope}#${tier}#${from}`
const SEED_KEYS = new Set(SEED_PRICES.map(keyOf))

export function withSeeds<P extends Price>(rows: readonly P[]): (P | Price)[] {
  return [...rows.filter((row) => row.source !== 'seed' || !SEED_KEYS.has(keyOf(row))), ...SEED_PRICES]
}

function namesOf(model: string): string[] {
  const name = nameOfModel(model)
  return [...new Set([model, ...(name === null ? [] : [name, name.replace(/-\d{8}$/, '')])])]
}

const isTier = (text: string): text is ServiceTier => SERVICE_TIERS.some((tier) => tier === text)

/** A tier that is not known here is priced as the dearest that is. */
function tierOf(tier: string | null): ServiceTier {
  if (tier === null) return 'default'
  return isTier(tier) ? tier : 'priority'
}

const TIER_PERCENT: Readonly<Record<ServiceTier, number>> = { default: 100, priority: 200, flex: 100, reserved: 100 }
const SCOPE_PERCENT: Readonly<Record<PriceScope, number>> = { global: 100, regional: 110 }

/** @param prices All of one model. */
function priceAmong(prices: readonly Price[], scope: PriceScope, tier: ServiceTier, day: string): Price | undefined {
  const other: PriceScope = scope === 'global' ? 'regional' : 'global'
  const ownOf = (of: PriceScope, at: ServiceTier) =>
    inForceOf(
      prices.filter((price) => price.scope === of && price.tier === at),
      day,
    )
  return (
    ownOf(scope, tier) ??
    derived(ownOf(scope, 'default'), scope, tier, TIER_PERCENT[tier]) ??
    derived(ownOf(other, tier), scope, tier, SCOPE_PERCENT[scope]) ??
    derived(ownOf(other, 'default'), scope, tier, (TIER_PERCENT[tier] * SCOPE_PERCENT[scope]) / 100)
  )
}

function derived(base: Price | undefined, scope: PriceScope, tier: ServiceTier, percent: number): Price | undefined {
  if (base === undefined) return undefined
  const scaled = (rate: number): number => Math.ceil((rate * percent) / 100)
  const { longPrompt } = base
  return {
    ...base,
    scope,
    tier,
    rates: eachRate(base.rates, scaled),
    ...(longPrompt && {
      longPrompt: { aboveTokens: longPrompt.aboveTokens, rates: eachRate(longPrompt.rates, scaled) },
    }),
    derivedFrom: { scope: base.scope, tier: base.tier },
  }
}
