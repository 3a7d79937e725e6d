/** What a look at AWS's list changes: which prices are written, and what they do to requests from today on. */
import { dayOf, type Instant, isoOf } from '../platform/instant.ts'
import { eachRate, inForceOf, type KeptPrice, type LongPrompt, type Price, type Rates, sameCharge } from './price.ts'
import { priceBookOf, withSeeds } from './price-book.ts'
import type { ListedPrice } from './price-list.ts'

export interface PriceChange {
  /** `skipped_manual`: kept, and in force only when the administrator's own price is taken back. */
  readonly kind: 'inserted' | 'updated' | 'skipped_manual'
  /** What requests are priced by before; `undefined` where it is nothing. */
  readonly before: Price | undefined
  readonly after: Price
}

/** A price that is so far from what is known that a person has to look at it. What was in force stays. */
export type HeldBack = Omit<PriceChange, 'kind'>

export interface RefreshPlan {
  readonly puts: readonly KeptPrice[]
  readonly changes: readonly PriceChange[]
  readonly heldBack: readonly HeldBack[]
  /** Each price of the list that is not held back is counted once; one under an administrator's is `skippedManual`, whether it has changed or not. */
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  readonly skippedManual: number
}

/** A price that has changed holds from today on: what was asked before is not priced again. */
export function planRefresh(
  kept: readonly KeptPrice[],
  listed: readonly ListedPrice[],
  at: Instant,
  by: string,
): RefreshPlan {
  const book = priceBookOf(kept)
  const today = dayOf(at)
  const steps = listed.map((one) => {
    const same = withSeeds(kept).filter(
      ({ model, scope, tier }) => model === one.model && scope === one.scope && tier === one.tier,
    )
    const manual = inForceOf(
      same.filter(({ source }) => source === 'admin_manual'),
      today,
    )
    const unsaid = inForceOf(
      same.filter(({ source }) => source !== 'admin_manual'),
      today,
    )
    const last = unsaid?.source === 'price_list_api' ? unsaid : undefined
    const after = priceOf(one, unsaid, at, by)
    const kind = manual === undefined ? (last === undefined ? 'inserted' : 'updated') : 'skipped_manual'
    const before = book.priceOf(one.model, one.scope, one.tier, at)
    const changed = last === undefined || !sameCharge(last, after)
    // An administrator's price may be any; what is known beneath it tells as well what is likely.
    const known = [before, unsaid].filter((price) => price !== undefined)
    const held = changed && known.length > 0 && !known.some((price) => isLikely(price, after))
    return { after, before, kind, changed, manual: manual !== undefined, held } as const
  })
  const taken = steps.filter(({ held }) => !held)
  const changes = taken.filter(({ changed }) => changed)
  const count = (kind: PriceChange['kind']): number => changes.filter((one) => one.kind === kind).length
  return {
    puts: changes.map(({ after }) => after),
    changes: changes.map(({ kind, before, after }) => ({ kind, before, after })),
    heldBack: steps.filter(({ held }) => held).map(({ before, after }) => ({ before, after })),
    inserted: count('inserted'),
    updated: count('updated'),
    unchanged: taken.filter(({ changed, manual }) => !changed && !manual).length,
    skippedManual: taken.filter(({ manual }) => manual).length,
  }
}

/**
 * How many times dearer or cheaper a price may get without a person. What goes wrong in a list goes wrong by a hundred (cents) or a
 * thousand (the other unit); the greatest step that there is on purpose, from a model's usual rates to those of its long prompts, is five.
 */
const LIKELY_TIMES = 5

/** All rates, those of long prompts too; a rate of zero says nothing about what comes after it. */
function isLikely(before: Pick<Price, 'rates' | 'longPrompt'>, after: Pick<Price, 'rates' | 'longPrompt'>): boolean {
  return (
    areLikely(before.rates, after.rates) &&
    areLikely(before.longPrompt?.rates ?? before.rates, after.longPrompt?.rates ?? after.rates)
  )
}

const areLikely = (before: Rates, after: Rates): boolean =>
  (Object.keys(before) as (keyof Rates)[]).every(
    (kind) =>
      before[kind] === 0 || (after[kind] <= before[kind] * LIKELY_TIMES && after[kind] * LIKELY_TIMES >= before[kind]),
  )

function priceOf(one: ListedPrice, known: Price | undefined, at: Instant, by: string): KeptPrice {
  const longPrompt = longPromptOf(one, known)
  return {
    model: one.model,
    scope: one.scope,
    tier: one.tier,
    from: dayOf(at),
    rates: one.rates,
    ...(longPrompt && { longPrompt }),
    source: 'price_list_api',
    awsSku: one.sku === '' ? null : one.sku,
    updatedAt: isoOf(at),
    updatedBy: by,
  }
}

/** Where nobody has said it: the bound of Anthropic's first prices for long prompts. Source: Anthropic, "Pricing", long context. */
const USUAL_BOUND_TOKENS = 200_000

/**
 * The list tells rates of long prompts for some models, and for none from how many tokens on: that is taken from what is known. Where
 * it tells none of a model that is known to have some, those stay as much dearer as they were, so that no long prompt gets cheap.
 */
function longPromptOf({ rates, long }: ListedPrice, known: Price | undefined): LongPrompt | undefined {
  const before = known?.longPrompt
  if (long !== null) {
    const longPrompt = { aboveTokens: before?.aboveTokens ?? USUAL_BOUND_TOKENS, rates: long }
    return sameCharge({ rates }, { rates: long }) ? undefined : longPrompt
  }
  if (known === undefined || before === undefined) return undefined
  const input = known.rates.input
  if (input === 0) return before
  // One ratio for all five keeps it simple; every model's long prompts are dearer by one.
  return {
    aboveTokens: before.aboveTokens,
    rates: eachRate(rates, (rate) => Math.ceil((rate * before.rates.input) / input)),
  }
}
