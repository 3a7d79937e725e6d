/** One person's hourly and tool aggregates, read from the Usage table by the index of their identity. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { nanoUsd } from '../platform/money.ts'
import type { Documents } from '../table/document.store.ts'
import { queryAll } from '../table/query-all.store.ts'
import { aggregatesOf, toolsOf } from '../table/usage-keys.ts'
import type { HourlyAggregate, ToolCounts } from './analytics.ts'

export interface AnalyticsStore {
  /** @param firstHour, lastHour `2026-11-24T12`, both included. */
  hoursOf(identity: string, firstHour: string, lastHour: string): Promise<readonly HourlyAggregate[]>
  /** The same hours. */
  toolsOf(identity: string, firstHour: string, lastHour: string): Promise<ToolCounts>
}

/** `2026-11-24T12$` comes after every sort key of that hour, since `$` follows `#`. */
const AFTER_SEPARATOR = '$'

const TOOL_ATTRIBUTE = 't#'

export function openAnalytics(documents: Documents, usageTable: string): AnalyticsStore {
  const query = (partition: string, from: string, to: string) => queryRange(documents, usageTable, partition, from, to)
  return {
    async hoursOf(identity, firstHour, lastHour) {
      return (await query(aggregatesOf(identity), firstHour, `${lastHour}${AFTER_SEPARATOR}`)).map(readAggregate)
    },
    async toolsOf(identity, firstHour, lastHour) {
      const counts = new Map<string, number>()
      for (const item of await query(toolsOf(identity), firstHour, `${lastHour}${AFTER_SEPARATOR}`)) {
        for (const [attribute, count] of Object.entries(item)) {
          if (!attribute.startsWith(TOOL_ATTRIBUTE) || typeof count !== 'number') continue
          const tool = attribute.slice(TOOL_ATTRIBUTE.length)
          counts.set(tool, (counts.get(tool) ?? 0) + count)
        }
      }
      return counts
    },
  }
}

const queryRange = (documents: Documents, table: string, partition: string, from: string, to: string) =>
  queryAll(
    documents,
    (ExclusiveStartKey) =>
      new QueryCommand({
        TableName: table,
        IndexName: 'GSI1',
        KeyConditionExpression: 'GSI1PK = :partition AND GSI1SK BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':partition': partition, ':from': from, ':to': to },
        ExclusiveStartKey,
      }),
  )

const count = z.number().default(0)

const AggregateItem = z.object({
  hour: z.string(),
  model: z.string(),
  requests: count,
  streaming: count,
  thinking: count,
  unpriced: count,
  unpriced_tokens: count,
  errors: count,
  input_tokens: count,
  output_tokens: count,
  cache_read_tokens: count,
  cache_write_5m_tokens: count,
  cache_write_1h_tokens: count,
  cost_nano: count,
  saved_nano: count,
  duration_ms: count,
  tool_calls: count,
})

function readAggregate(item: Record<string, unknown>): HourlyAggregate {
  const aggregate = AggregateItem.parse(item)
  return {
    hour: aggregate.hour,
    model: aggregate.model,
    requests: aggregate.requests,
    streaming: aggregate.streaming,
    thinking: aggregate.thinking,
    unpriced: aggregate.unpriced,
    unpricedTokens: aggregate.unpriced_tokens,
    failed: aggregate.errors,
    inputTokens: aggregate.input_tokens,
    outputTokens: aggregate.output_tokens,
    cacheReadTokens: aggregate.cache_read_tokens,
    cacheWriteTokens: aggregate.cache_write_5m_tokens + aggregate.cache_write_1h_tokens,
    cost: nanoUsd(aggregate.cost_nano),
    saved: nanoUsd(aggregate.saved_nano),
    durationMs: aggregate.duration_ms,
    toolCalls: aggregate.tool_calls,
  }
}
