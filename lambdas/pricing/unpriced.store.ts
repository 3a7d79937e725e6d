/** Requests that had no price, by model, from the hourly aggregates of all people. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { addMs, dayOf, type Instant } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { queryAll } from '../table/query-all.store.ts'
import { aggregatePartition, USAGE_SHARDS } from '../table/usage-keys.ts'

export interface UnpricedModel {
  readonly model: string
  readonly requests: number
  readonly tokens: number
  /** Nano-dollars. */
  readonly charged: number
  /** `2026-11-24T12` */
  readonly lastHour: string
}

export interface UnpricedStore {
  /** Of the last so many days, today included. */
  since(at: Instant, days: number): Promise<readonly UnpricedModel[]>
}

const DAY_MS = 86_400_000

const count = z._default(z.number(), 0)
const AggregateItem = z.object({
  model: z._default(z.string(), ''),
  hour: z._default(z.string(), ''),
  unpriced: count,
  input_tokens: count,
  output_tokens: count,
  cache_read_tokens: count,
  cache_write_5m_tokens: count,
  cache_write_1h_tokens: count,
  cost_nano: count,
})

export const openUnpriced = (documents: Documents, usageTable: string): UnpricedStore => ({
  async since(at, days) {
    const found = new Map<string, UnpricedModel>()
    // A day at a time, its shards side by side: hundreds of queries at once would be throttled.
    for (let back = 0; back < days; back++) {
      const day = dayOf(addMs(at, -back * DAY_MS))
      const shards = Array.from({ length: USAGE_SHARDS }, (_, shard) => shardOfDay(documents, usageTable, day, shard))
      for (const item of (await Promise.all(shards)).flat()) add(found, item)
    }
    return [...found.values()]
  },
})

const shardOfDay = (documents: Documents, TableName: string, day: string, shard: number) =>
  queryAll(
    documents,
    (ExclusiveStartKey) =>
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'PK = :partition',
        FilterExpression: 'unpriced > :none',
        ExpressionAttributeValues: { ':partition': aggregatePartition(day, shard), ':none': 0 },
        ExclusiveStartKey,
      }),
  )

/** An hour may hold requests of before and after a price was set: all its tokens are told, which is a bound and not a bill. */
function add(found: Map<string, UnpricedModel>, item: Record<string, unknown>): void {
  const one = AggregateItem.parse(item)
  const before = found.get(one.model) ?? { model: one.model, requests: 0, tokens: 0, charged: 0, lastHour: '' }
  const tokens =
    one.input_tokens + one.output_tokens + one.cache_read_tokens + one.cache_write_5m_tokens + one.cache_write_1h_tokens
  found.set(one.model, {
    model: one.model,
    requests: before.requests + one.unpriced,
    tokens: before.tokens + tokens,
    charged: before.charged + one.cost_nano,
    lastHour: [before.lastHour, one.hour].sort().at(-1) ?? '',
  })
}
