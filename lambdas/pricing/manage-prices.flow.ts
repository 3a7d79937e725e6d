/** Prices as an administrator sees and sets them. */
import type { ServiceTier } from '../endpoints/endpoint.ts'
import type { Person } from '../identity/caller.ts'
import { nameOfModel, type PriceScope } from '../models/model-names.ts'
import { Fault } from '../platform/fault.ts'
import { addMs, dayOf, type Instant, isoOf } from '../platform/instant.ts'
import { inForceOf, type KeptPrice, type Price, type PriceSource } from './price.ts'
import { priceBookOf, withSeeds } from './price-book.ts'
import type { PriceWrites } from './price-writes.store.ts'
import type { PriceStore } from './prices.store.ts'

export interface PriceTools {
  readonly prices: PriceStore
  readonly writes: PriceWrites
  readonly newId: () => string
  /** As many as one transaction takes. */
  readonly mostAtOnce: number
}

/** On whose behalf, and when. */
interface Request {
  readonly caller: Person
  readonly at: Instant
  readonly requestId: string
}

export interface ShownPrice {
  readonly price: KeptPrice
  readonly inForce: boolean
  /** Of what holds instead, where it has begun and does not hold. */
  readonly overriddenBy: PriceSource | null
}

/** By model, scope, tier, and the latest first. */
export async function listAllPrices(at: Instant, { prices }: PriceTools): Promise<readonly ShownPrice[]> {
  const rows = withSeeds(await prices.all()).map(kept)
  const groups = Map.groupBy(rows, ({ model, scope, tier }) => `${model}#${scope}#${tier}`)
  const today = dayOf(at)
  return [...groups]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, group]) => {
      const holding = inForceOf(group, today)
      const latestFirst = group.sort((one, other) => (one.from < other.from ? 1 : one.from > other.from ? -1 : 0))
      return latestFirst.map((price) => ({
        price,
        inForce: price === holding,
        overriddenBy: price === holding || price.from > today ? null : (holding?.source ?? null),
      }))
    })
}

/** What a request costs that is answered anywhere, in the default tier: one price for each model that is known. */
export async function listUsualPrices(at: Instant, { prices }: PriceTools): Promise<readonly ShownPrice[]> {
  const rows = await prices.all()
  const book = priceBookOf(rows)
  const models = [...new Set(withSeeds(rows).map(({ model }) => model))].sort()
  return models.flatMap((model) => {
    const price = book.priceOf(model, 'global', null, at)
    return price === undefined ? [] : [{ price: kept(price), inForce: true, overriddenBy: null }]
  })
}

/** What was never written anywhere came with the release. */
const kept = (price: Price | KeptPrice): KeptPrice => ({ awsSku: null, updatedAt: null, updatedBy: null, ...price })

export type PriceWish = Pick<Price, 'rates' | 'longPrompt'> & {
  readonly scope: PriceScope
  readonly tier: ServiceTier
  /** `undefined`: today. */
  readonly from: string | undefined
  readonly awsSku: string | null
}

const DAY_MS = 86_400_000
/** A price that is to hold in more than a year is a slip of the pen. */
const FURTHEST_DAYS = 366

/** @throws Fault `invalid_request` that names what is wrong */
export async function setPrice(
  modelName: string,
  wish: PriceWish,
  { caller, at, requestId }: Request,
  { writes, newId }: PriceTools,
): Promise<ShownPrice> {
  const today = dayOf(at)
  const { from = today, scope, tier, rates, longPrompt, awsSku } = wish
  if (from < today) {
    throw new Fault(
      'invalid_request',
      `effective_from: must be today (${today}, UTC) or later: what was asked before has been paid for`,
    )
  }
  const furthest = dayOf(addMs(at, FURTHEST_DAYS * DAY_MS))
  if (from > furthest) throw new Fault('invalid_request', `effective_from: must not be later than ${furthest}`)
  const price: KeptPrice = {
    model: modelOf(modelName),
    scope,
    tier,
    from,
    rates,
    ...(longPrompt && { longPrompt }),
    source: 'admin_manual',
    awsSku,
    updatedAt: isoOf(at),
    updatedBy: caller.email,
  }
  const detail = { scope, tier, effective_from: from, rates, long_prompt: longPrompt ?? null }
  const entry = { id: newId(), at, requestId, actor: caller, target: `price:${price.model}` }
  await writes.put([price], { ...entry, action: 'price.set', detail })
  return { price, inForce: from === today, overriddenBy: null }
}

/** @returns false where there is none */
export async function resetPrice(
  modelName: string,
  { scope, tier }: { readonly scope: PriceScope | undefined; readonly tier: ServiceTier | undefined },
  { caller, at, requestId }: Request,
  { prices, writes, newId, mostAtOnce }: PriceTools,
): Promise<boolean> {
  const model = nameOfModel(modelName)
  const own = (await prices.all()).filter(
    (price) =>
      price.source === 'admin_manual' &&
      price.model === model &&
      (scope ?? price.scope) === price.scope &&
      (tier ?? price.tier) === price.tier,
  )
  if (own.length === 0) return false
  for (const some of partsOf(own, dayOf(at), mostAtOnce)) {
    const detail = {
      prices: some.map(({ scope, tier, from, rates }) => ({ scope, tier, effective_from: from, rates })),
    }
    const entry = { id: newId(), at, requestId, actor: caller, target: `price:${model}` }
    await writes.remove(some, { ...entry, action: 'price.reset', detail })
  }
  return true
}

/**
 * What is in force goes last, all of it in one part (a price of each scope and tier, far fewer than a transaction takes): until then
 * requests are priced as before, and never by one that an administrator had replaced.
 */
function partsOf(prices: readonly KeptPrice[], today: string, most: number): readonly KeptPrice[][] {
  const groups = Map.groupBy(prices, ({ scope, tier }) => `${scope}#${tier}`)
  const holding = new Set([...groups.values()].map((group) => inForceOf(group, today)))
  const ordered = prices.toSorted((one, other) => Number(holding.has(one)) - Number(holding.has(other)))
  const parts: KeptPrice[][] = []
  // The first part is the one that may be short.
  for (let to = ordered.length; to > 0; to -= most) parts.unshift(ordered.slice(Math.max(0, to - most), to))
  return parts
}

function modelOf(text: string): string {
  const model = nameOfModel(text)
  if (model === null) throw new Fault('invalid_request', 'model: must name a model of Claude, such as claude-opus-5-5')
  return model
}
