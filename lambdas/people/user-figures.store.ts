/** What people have spent and when they were last served: their counters. */
import { type Instant, instant, monthOf } from '../platform/instant.ts'
import { readItems } from '../table/batch-read.store.ts'
import type { Documents } from '../table/document.store.ts'
import { counterKey } from '../table/usage-keys.ts'
import type { User } from './user.ts'

export type Counters = readonly Readonly<Record<string, unknown>>[]

export type CountedUser = Pick<User, 'id' | 'counterShards'>

export interface UserFigures {
  /** User id → their counters of this month and the one before; absent where there is none. */
  counters(users: readonly CountedUser[], at: Instant): Promise<ReadonlyMap<string, Counters>>
}

export function openUserFigures(documents: Documents, usageTable: string): UserFigures {
  return {
    async counters(users, at) {
      const months = [at, instant(Date.parse(`${monthOf(at)}-01T00:00:00Z`) - 1)]
      const keys = users.flatMap((user) => months.flatMap((month) => counterKeysOf(user, month)))
      const items = await readItems(documents, usageTable, keys)
      const owners = new Map(users.map(({ id }) => [counterKey({ kind: 'user', id }, at, 0).PK, id]))
      return Map.groupBy(items, (item) => owners.get(String(item.PK)) ?? '')
    },
  }
}

const counterKeysOf = ({ id, counterShards }: CountedUser, month: Instant) =>
  Array.from({ length: counterShards }, (_, shard) => counterKey({ kind: 'user', id }, month, shard))
