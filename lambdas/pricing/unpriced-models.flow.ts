/** Models that people ask for and nobody has priced yet, from the hours of all people. */
import type { KeptAnswers } from '../endpoints/kept-answers.flow.ts'
import { addMs, dayOf, hourOf, type Instant } from '../platform/instant.ts'
import { type HourUse, usesIn } from '../spend/hour-use.ts'
import { type HourTools, readHours } from '../spend/read-hours.flow.ts'
import { priceBookOf } from './price-book.ts'
import type { PriceStore } from './prices.store.ts'

export interface UnpricedModel {
  readonly model: string
  readonly requests: number
  readonly tokens: number
  /** Nano-dollars. */
  readonly charged: number
  /** `2026-11-24T12` */
  readonly lastHour: string
}

export interface UnpricedTools {
  readonly prices: PriceStore
  readonly hours: HourTools
  readonly keptUnpriced: KeptAnswers<readonly UnpricedModel[]>
}

/** A month of hours is read for it. Who looks at the page does so more often than a new model is asked for. */
export const UNPRICED_KEPT_MS = 10 * 60_000

export const UNPRICED_DAYS = 30

const DAY_MS = 86_400_000

/** Most asked first. One that has got its price meanwhile is not told of any more. */
export async function unpricedModels(at: Instant, tools: UnpricedTools): Promise<readonly UnpricedModel[]> {
  const [found, rows] = await Promise.all([
    tools.keptUnpriced('all', at, () => unpricedUntil(at, tools.hours)),
    tools.prices.all(),
  ])
  const book = priceBookOf(rows)
  return found
    .filter(({ model }) => book.priceOf(model, 'global', null, at) === undefined)
    .sort((one, other) => other.requests - one.requests || (one.model < other.model ? -1 : 1))
}

/** Today is one of the days. */
async function unpricedUntil(at: Instant, hours: HourTools): Promise<readonly UnpricedModel[]> {
  const firstDay = dayOf(addMs(at, -(UNPRICED_DAYS - 1) * DAY_MS))
  const window = { firstHour: `${firstDay}T00`, lastHour: hourOf(at) }
  const found = new Map<string, UnpricedModel>()
  for await (const pack of readHours('AGG', window, null, at, hours)) {
    for (const use of usesIn(pack)) if (use.unpriced > 0) add(found, use)
  }
  return [...found.values()]
}

/** An hour may hold requests of before and after a price was set: all its tokens are told, which is a bound and not a bill. */
function add(found: Map<string, UnpricedModel>, use: HourUse): void {
  const { model, hour } = use
  const before = found.get(model) ?? { model, requests: 0, tokens: 0, charged: 0, lastHour: hour }
  const tokens = use.inputTokens + use.outputTokens + use.cacheReadTokens + use.cacheWriteTokens
  found.set(model, {
    model,
    requests: before.requests + use.unpriced,
    tokens: before.tokens + tokens,
    charged: before.charged + use.cost,
    lastHour: [before.lastHour, hour].sort().at(-1) ?? hour,
  })
}
