/** Puts the prices that came with the release into the price table, where they are not there yet or a newer release corrects them. */
import type { AuditEntry } from '../audit/audit-entry.ts'
import { type Instant, isoOf } from '../platform/instant.ts'
import { type Price, sameCharge } from './price.ts'
import type { PriceWrites } from './price-writes.store.ts'
import type { PriceStore } from './prices.store.ts'
import { SEED_PRICES } from './seed-prices.ts'

export interface SeedTools {
  readonly prices: PriceStore
  readonly writes: PriceWrites
  readonly newId: () => string
  readonly mostAtOnce: number
}

/** @returns how many were written. */
export async function seedTable(
  { at, requestId, actor }: { readonly at: Instant; readonly requestId: string; readonly actor: AuditEntry['actor'] },
  { prices, writes, newId, mostAtOnce }: SeedTools,
): Promise<number> {
  const seeded = (await prices.all()).filter(({ source }) => source === 'seed')
  const isThere = (seed: Price): boolean =>
    seeded.some(
      (row) =>
        row.model === seed.model &&
        row.scope === seed.scope &&
        row.tier === seed.tier &&
        row.from === seed.from &&
        sameCharge(row, seed),
    )
  const missing = SEED_PRICES.filter((seed) => !isThere(seed))
  for (let from = 0; from < missing.length; from += mostAtOnce) {
    const some = missing.slice(from, from + mostAtOnce)
    const detail = { models: [...new Set(some.map(({ model }) => model))] }
    const audit = { id: newId(), at, requestId, actor, action: 'prices.seeded', target: 'prices', detail }
    const kept = some.map((seed) => ({ ...seed, awsSku: null, updatedAt: isoOf(at), updatedBy: actor.email }))
    await writes.put(kept, audit)
  }
  return missing.length
}
