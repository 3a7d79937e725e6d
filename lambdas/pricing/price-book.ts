/** The prices an environment knows: the table's rows before the seed's, looked up by model, scope and time. */
import type { PriceScope } from '../models/model-names.ts'
import type { Instant } from '../platform/instant.ts'
import { type Price, priceInForce } from './price.ts'
import { SEED_PRICES } from './seed-prices.ts'

export interface PriceBook {
  priceOf(model: string, scope: PriceScope, at: Instant): Price | undefined
}

/** A model the table prices goes by the table alone; the seed speaks only for models the table does not know. */
export function priceBookOf(rows: readonly Price[]): PriceBook {
  const inTable = new Set(rows.map((row) => row.model))
  const prices = [...rows, ...SEED_PRICES.filter((seed) => !inTable.has(seed.model))]
  return { priceOf: (model, scope, at) => priceInForce(prices, model, scope, at) }
}
