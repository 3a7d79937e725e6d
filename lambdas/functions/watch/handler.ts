/** The `watch` function, each minute: settles requests whose environment died, and notices new models. */
import { readEnvironment } from '../../platform/environment.host.ts'
import { jsonLog } from '../../platform/log.host.ts'
import { type ScheduledEvent, timeOf } from '../../platform/scheduled.ts'
import { sleep } from '../../platform/timer.host.ts'
import { priceBookOf } from '../../pricing/price-book.ts'
import { openPrices } from '../../pricing/prices.store.ts'
import { openAbandonedMark } from '../../spend/abandoned-mark.store.ts'
import { openLedger, PENDING_SHARDS } from '../../spend/ledger.store.ts'
import { settleAbandoned } from '../../spend/settle-abandoned.flow.ts'
import { openDocuments } from '../../table/document.store.ts'
import { WatchEnv } from './env.ts'

const env = readEnvironment(WatchEnv)
const documents = openDocuments()
const log = jsonLog()
const prices = openPrices(documents, env.CORE_TABLE)
const tools = {
  ledger: openLedger(documents, env.USAGE_TABLE, { sleep, chance: Math.random }),
  mark: openAbandonedMark(documents, env.USAGE_TABLE),
  prices: () => prices.all().then(priceBookOf),
  shards: PENDING_SHARDS,
  log,
}

export async function handler(event: ScheduledEvent): Promise<{ settled: number }> {
  const now = timeOf(event)
  const settled = await settleAbandoned(now, tools)
  log.info('watch', { settled })
  return { settled }
}
