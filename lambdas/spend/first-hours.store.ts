/**
 * When people made their first request ever that may have cost something: the first of their aggregates, by the index of their
 * identity. A first request stays the first, so an environment remembers those that nothing late can come before.
 */
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { addMs, hourOf, type Instant } from '../platform/instant.ts'
import { createRecentlyUsed } from '../platform/recently-used.ts'
import type { Documents } from '../table/document.store.ts'
import { aggregatesOf } from '../table/usage-keys.ts'

export interface FirstHours {
  /** Identity → `2026-11-24T12`; who has none is absent. */
  of(identities: Iterable<string>, now: Instant): Promise<ReadonlyMap<string, string>>
}

const Item = z.object({ hour: z.string() })

/** Small answers of a few milliseconds each: a thousand people take a second or less. */
const AT_ONCE = 50

/** Two megabytes of names. */
const REMEMBERED = 20_000

/** Longer than any request waits for its settlement, but for outages of days. */
const SETTLED_AFTER_MS = 24 * 3_600_000

export function openFirstHours(documents: Documents, usageTable: string): FirstHours {
  const remembered = createRecentlyUsed<string>(REMEMBERED)
  const read = async (identity: string, before: string): Promise<readonly [string, string][]> => {
    const known = remembered.get(identity)
    if (known !== undefined) return [[identity, known]]
    const { Items = [] } = await documents.send(
      new QueryCommand({
        TableName: usageTable,
        IndexName: 'GSI1',
        KeyConditionExpression: 'GSI1PK = :aggregates',
        ExpressionAttributeValues: { ':aggregates': aggregatesOf(identity) },
        Limit: 1,
      }),
    )
    const [first] = Items
    if (first === undefined) return []
    const { hour } = Item.parse(first)
    if (hour < before) remembered.set(identity, hour)
    return [[identity, hour]]
  }
  return {
    async of(identities, now) {
      const before = hourOf(addMs(now, -SETTLED_AFTER_MS))
      const waiting = [...new Set(identities)]
      const found = new Map<string, string>()
      while (waiting.length > 0) {
        const some = await Promise.all(waiting.splice(0, AT_ONCE).map((identity) => read(identity, before)))
        for (const [identity, hour] of some.flat()) found.set(identity, hour)
      }
      return found
    },
  }
}
