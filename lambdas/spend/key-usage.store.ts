/** What each key has spent this month and when it was last used, as their counters say. */
import { type Instant, instant, monthOf } from '../platform/instant.ts'
import { type NanoUsd, nanoUsd, ZERO_USD } from '../platform/money.ts'
import { readItems } from '../table/batch-read.store.ts'
import type { Documents } from '../table/document.store.ts'
import { CARRIED_ATTRIBUTE, countedIn, counterKey, USED_ATTRIBUTE } from '../table/usage-keys.ts'

export interface KeyUsage {
  /** By itself: without what it took over from the key that it replaces. */
  readonly spent: NanoUsd
  /** `null` when it was not used in this month or the one before. */
  readonly lastUsedAt: Instant | null
}

export interface KeyUsageStore {
  /** By key id; every key that was asked for is there. */
  of(keyIds: readonly string[], at: Instant): Promise<ReadonlyMap<string, KeyUsage>>
}

export function openKeyUsage(documents: Documents, usageTable: string): KeyUsageStore {
  return {
    async of(keyIds, at) {
      const wanted = keyIds.flatMap((id) => [counterOf(id, at), counterOf(id, monthBefore(at))])
      const items = await readItems(documents, usageTable, wanted)
      const counters = Map.groupBy(items, (item) => String(item.PK))
      return new Map(keyIds.map((id) => [id, usageIn(counters.get(counterOf(id, at).PK) ?? [], counterOf(id, at).SK)]))
    },
  }
}

/** The last moment of the month before. */
const monthBefore = (at: Instant): Instant => instant(Date.parse(`${monthOf(at)}-01T00:00:00Z`) - 1)

/** A key's counter is one item. */
const counterOf = (keyId: string, at: Instant) => counterKey({ kind: 'key', id: keyId }, at, 0)

/** @param month The sort key of the running month. */
function usageIn(counters: readonly Record<string, unknown>[], month: string): KeyUsage {
  const ofMonth = counters.find(({ SK }) => SK === month)
  const used = counters.map((counter) => counter[USED_ATTRIBUTE]).filter((one) => typeof one === 'string')
  const last = used.sort().at(-1)
  return {
    spent:
      ofMonth === undefined ? ZERO_USD : nanoUsd(countedIn(ofMonth.m_cost) - countedIn(ofMonth[CARRIED_ATTRIBUTE])),
    lastUsedAt: last === undefined ? null : instant(Date.parse(last)),
  }
}
