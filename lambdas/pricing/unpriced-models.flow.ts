/** Models that people ask for and nobody has priced yet. */
import type { KeptAnswers } from '../endpoints/kept-answers.flow.ts'
import type { Instant } from '../platform/instant.ts'
import { priceBookOf } from './price-book.ts'
import type { PriceStore } from './prices.store.ts'
import type { UnpricedModel, UnpricedStore } from './unpriced.store.ts'

export interface UnpricedTools {
  readonly prices: PriceStore
  readonly unpriced: UnpricedStore
  readonly keptUnpriced: KeptAnswers<readonly UnpricedModel[]>
}

/** A month of aggregates is read for it: 240 partitions. Who looks at the page does so more often than a new model is asked for. */
export const UNPRICED_KEPT_MS = 10 * 60_000

export const UNPRICED_DAYS = 30

/** Most asked first. One that has got its price meanwhile is not told of any more. */
export async function unpricedModels(at: Instant, tools: UnpricedTools): Promise<readonly UnpricedModel[]> {
  const [found, rows] = await Promise.all([
    tools.keptUnpriced('all', at, () => tools.unpriced.since(at, UNPRICED_DAYS)),
    tools.prices.all(),
  ])
  const book = priceBookOf(rows)
  return found
    .filter(({ model }) => book.priceOf(model, 'global', null, at) === undefined)
    .sort((one, other) => other.requests - one.requests || (one.model < other.model ? -1 : 1))
}
