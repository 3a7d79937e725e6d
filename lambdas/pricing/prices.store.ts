/** The price table in Core. Read whole (some dozens of rows) when its stamp moved; never written on the way of a request. */
import * as z from 'zod/mini'
import { SERVICE_TIERS } from '../endpoints/endpoint.ts'
import { PRICE_PARTITION } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { readPartition } from '../table/query-all.store.ts'
import { type KeptPrice, PRICE_SOURCES } from './price.ts'

const rate = z.int().check(z.nonnegative())
const Rates = z.object({ input: rate, output: rate, cacheRead: rate, cacheWrite5m: rate, cacheWrite1h: rate })
const textOrNull = z._default(z.nullable(z.string()), null)
const PriceItem = z.object({
  model: z.string(),
  scope: z.enum(['global', 'regional']),
  tier: z._default(z.enum(SERVICE_TIERS), 'default'),
  from: z.string(),
  rates: Rates,
  longPrompt: z.optional(z.object({ aboveTokens: z.int(), rates: Rates })),
  source: z.enum(PRICE_SOURCES),
  awsSku: textOrNull,
  updatedAt: textOrNull,
  updatedBy: textOrNull,
})

export interface PriceStore {
  /**
   * Strongly consistent: whoever reads because the stamp has moved must not read what was there before. Only those that can be read:
   * one of a newer version must not keep all the others from being used.
   */
  all(): Promise<readonly KeptPrice[]>
}

export const openPrices = (documents: Documents, coreTable: string): PriceStore => ({
  async all() {
    const items = await readPartition(documents, coreTable, PRICE_PARTITION, 'consistent')
    return items.flatMap((item) => {
      const read = PriceItem.safeParse(item)
      return read.success ? [read.data] : []
    })
  },
})
