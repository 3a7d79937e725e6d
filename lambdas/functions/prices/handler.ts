/** The `prices` function, daily: puts the list that came with the release into the price table, then what AWS's list says. */
import { configuredUrlOf, ownRegion } from '../../platform/aws-environment.host.ts'
import { newId, newRequestId } from '../../platform/clock.host.ts'
import { readEnvironment } from '../../platform/environment.host.ts'
import { jsonLog } from '../../platform/log.host.ts'
import { type ScheduledEvent, timeOf } from '../../platform/scheduled.ts'
import { sleep } from '../../platform/timer.host.ts'
import { openPriceList } from '../../pricing/price-list.client.ts'
import { MOST_PRICES_AT_ONCE, openPriceWrites } from '../../pricing/price-writes.store.ts'
import { openPrices } from '../../pricing/prices.store.ts'
import { refreshPrices } from '../../pricing/refresh-prices.flow.ts'
import { seedTable } from '../../pricing/seed-table.flow.ts'
import { openDocuments } from '../../table/document.store.ts'
import { PricesEnv } from './env.ts'

const env = readEnvironment(PricesEnv)
const documents = openDocuments()
const tables = { core: env.CORE_TABLE, events: env.EVENTS_TABLE }
const tools = {
  prices: openPrices(documents, env.CORE_TABLE),
  writes: openPriceWrites(documents, tables, { sleep, chance: Math.random, newId }),
  priceList: openPriceList({ region: ownRegion(), endpoint: configuredUrlOf('PRICING') }),
  newId,
  mostAtOnce: MOST_PRICES_AT_ONCE,
}
const log = jsonLog()

/** The schedule of `lib/constructs/schedules.ts`. */
const DAY_MS = 86_400_000

/** Who changed a price, where nobody did. */
const SCHEDULE = { userId: 'schedule', email: 'daily refresh' }

export async function handler(event: ScheduledEvent): Promise<{ added: number; failed: boolean }> {
  const order = { at: timeOf(event), requestId: newRequestId(), actor: SCHEDULE }
  // The release's own prices come first: they need nobody but the database.
  const added = await seedTable(order, tools)
  const { changes, heldBack, ...report } = await refreshPrices({ ...order, dryRun: false, everyMs: DAY_MS }, tools)
  const { length: rows } = await tools.prices.all()
  const counts = { added, rows, changed: changes.length, heldBack: heldBack.length }
  log.info('prices', { ...counts, ...report }, [{ name: 'PriceRows', value: rows }])
  // What is held back waits for an administrator, who has to hear of it.
  if (report.failed || heldBack.length > 0) {
    log.error('price_refresh_failed', { errors: report.errors }, [{ name: 'PriceRefreshFailures', value: 1 }])
  }
  return { added, failed: report.failed }
}
