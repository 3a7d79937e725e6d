/** The `prices` function, daily: puts list prices into the price table that are not there yet. Never changes a row. */
import { readEnvironment } from '../../platform/environment.host.ts'
import { jsonLog } from '../../platform/log.host.ts'
import { openPrices } from '../../pricing/prices.store.ts'
import { SEED_PRICES } from '../../pricing/seed-prices.ts'
import { openDocuments } from '../../table/document.store.ts'
import { PricesEnv } from './env.ts'

const env = readEnvironment(PricesEnv)
const prices = openPrices(openDocuments(), env.CORE_TABLE)
const log = jsonLog()

export async function handler(): Promise<{ added: number }> {
  const added = await prices.seed(SEED_PRICES)
  const { length: rows } = await prices.all()
  log.info('prices', { added, rows }, [{ name: 'PriceRows', value: rows }])
  return { added }
}
