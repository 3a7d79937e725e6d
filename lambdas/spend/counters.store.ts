/** The counters of people and teams: what they have spent in a month, its days and its weeks. */
import type { Instant } from '../platform/instant.ts'
import { readItems } from '../table/batch-read.store.ts'
import type { Documents } from '../table/document.store.ts'
import { type CounterSubject, counterKey } from '../table/usage-keys.ts'

export interface CounterWish {
  readonly subject: CounterSubject
  /** Over how many items it is spread. */
  readonly shards: number
  /** A moment of each month that is asked for. */
  readonly months: readonly Instant[]
}

export interface CounterStore {
  /** Strongly consistent; one item for each shard and month in which there was something. */
  of(wishes: readonly CounterWish[]): Promise<readonly Record<string, unknown>[]>
}

export const openCounters = (documents: Documents, usageTable: string): CounterStore => ({
  of: (wishes) =>
    readItems(
      documents,
      usageTable,
      wishes.flatMap(({ subject, shards, months }) =>
        months.flatMap((month) => Array.from({ length: shards }, (_, shard) => counterKey(subject, month, shard))),
      ),
    ),
})
