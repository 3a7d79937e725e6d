/** What each key has spent this month and when it was last used, from the counters of those who own them. */
import { type Instant, instant, monthOf } from '../platform/instant.ts'
import { addUsd, type NanoUsd, nanoUsd, ZERO_USD } from '../platform/money.ts'
import { readItems } from '../table/batch-read.store.ts'
import type { Documents } from '../table/document.store.ts'
import { countedIn, counterKey, keyCostAttribute, keyUsedAttribute } from '../table/usage-keys.ts'

export interface CountedKey {
  readonly id: string
  readonly userId: string | null
  /** Over how many items the counter of its owner is spread. */
  readonly counterShards: number
}

export interface KeyUsage {
  readonly spent: NanoUsd
  /** `null` when it was not used in this month or the one before. */
  readonly lastUsedAt: Instant | null
}

export interface KeyUsageStore {
  /** By key id; every key that was asked for is there. */
  of(keys: readonly CountedKey[], at: Instant): Promise<ReadonlyMap<string, KeyUsage>>
}

export function openKeyUsage(documents: Documents, usageTable: string): KeyUsageStore {
  return {
    async of(keys, at) {
      const before = monthBefore(at)
      const wanted = new Map(
        keys
          .flatMap((key) => [...counterKeysOf(key, at), ...counterKeysOf(key, before)])
          .map((key) => [`${key.PK} ${key.SK}`, key]),
      )
      const items = await readItems(documents, usageTable, [...wanted.values()])
      const counters = Map.groupBy(items, (item) => String(item.PK))
      return new Map(
        keys.map((key) => [key.id, usageIn(counters.get(partitionOf(key, at)) ?? [], key.id, monthOf(at))]),
      )
    },
  }
}

/** The last moment of the month before. */
const monthBefore = (at: Instant): Instant => instant(Date.parse(`${monthOf(at)}-01T00:00:00Z`) - 1)

const subjectOf = (key: CountedKey) =>
  key.userId === null ? { kind: 'key' as const, id: key.id } : { kind: 'user' as const, id: key.userId }

const partitionOf = (key: CountedKey, at: Instant): string => counterKey(subjectOf(key), at, 0).PK

const counterKeysOf = (key: CountedKey, at: Instant) =>
  Array.from({ length: key.counterShards }, (_, shard) => counterKey(subjectOf(key), at, shard))

function usageIn(counters: readonly Record<string, unknown>[], keyId: string, month: string): KeyUsage {
  const ofMonth = counters.filter((item) => String(item.SK).startsWith(`${month}#`))
  const used = counters.map((item) => item[keyUsedAttribute(keyId)]).filter((one) => typeof one === 'string')
  const last = used.sort().at(-1)
  return {
    spent: addUsd(ZERO_USD, ...ofMonth.map((item) => nanoUsd(countedIn(item[keyCostAttribute(keyId)])))),
    lastUsedAt: last === undefined ? null : instant(Date.parse(last)),
  }
}
