/** What people, teams and keys have spent, from their counters. */
import type { Instant } from '../platform/instant.ts'
import { readItems } from '../table/batch-read.store.ts'
import type { Documents } from '../table/document.store.ts'
import { counterKey } from '../table/usage-keys.ts'
import { monthsOf } from './period.ts'
import { spentIn } from './standing.ts'
import type { Counted, SpentOf } from './standings.ts'

export interface Spending {
  /** Strongly consistent, each item once, a hundred at a time and all of them side by side. */
  read(counted: readonly Counted[], at: Instant): Promise<SpentOf>
}

export function openSpending(documents: Documents, usageTable: string): Spending {
  return {
    async read(counted, at) {
      const keys = new Map(counted.flatMap((one) => keysOf(one, at)).map((key) => [`${key.PK} ${key.SK}`, key]))
      const items = Map.groupBy(await readItems(documents, usageTable, [...keys.values()]), ({ PK }) => PK)
      return (subject, period) =>
        spentIn(items.get(counterKey(subject, at, 0).PK) ?? [], { subject, budget: { period } }, at)
    },
  }
}

const keysOf = ({ subject, shards, period }: Counted, at: Instant) =>
  monthsOf(period, at).flatMap((month) =>
    Array.from({ length: shards }, (_, shard) => counterKey(subject, month, shard)),
  )
