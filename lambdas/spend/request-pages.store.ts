/** The rows of requests, newest first, page by page: those of everybody, or of some people by the index of their identity. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { Documents } from '../table/document.store.ts'
import { requestPartition, requestsOf, USAGE_SHARDS } from '../table/usage-keys.ts'
import type { HourPart } from './hour-use.ts'
import type { Hours } from './org-window.ts'

/** Of a request that was not refused, what an export tells. */
export interface ExportedRequest extends HourPart {
  /** Sorts requests by time. */
  readonly place: string
  /** RFC 3339 */
  readonly arrivedAt: string
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  /** Nano-dollars. */
  readonly cost: number
  readonly durationMs: number
  readonly toolCalls: number
}

type Pages = AsyncGenerator<readonly ExportedRequest[]>

export interface RequestPages {
  /** One sequence of pages for each shard of the day. */
  ofDay(day: string, hours: Hours): readonly Pages[]
  ofPerson(identity: string, hours: Hours): Pages
}

/** What lies in a row beside it is not sent. */
const READ = [
  'SK',
  'identity',
  'model',
  'model_name',
  'endpoint_id',
  'team_id',
  'arrived_at',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'cost_nano',
  'duration_ms',
  'tools',
]

/** `2026-11-24T12;` comes after every moment of that hour, since `;` follows `:`. */
const AFTER_MINUTES = ';'

export function openRequestPages(documents: Documents, usageTable: string): RequestPages {
  // Some of the names are reserved words.
  const names = Object.fromEntries(READ.map((name) => [`#${name}`, name]))
  const projection = {
    ProjectionExpression: Object.keys(names).join(', '),
    FilterExpression: '#status <> :refused',
    ExpressionAttributeNames: { ...names, '#status': 'status' },
    ScanIndexForward: false,
  }
  const values = (partition: string, { firstHour, lastHour }: Hours) => ({
    ':partition': partition,
    ':from': firstHour,
    ':to': `${lastHour}${AFTER_MINUTES}`,
    ':refused': 'refused',
  })
  return {
    ofDay: (day, hours) =>
      Array.from({ length: USAGE_SHARDS }, (_, shard) =>
        pagesOf(
          documents,
          (ExclusiveStartKey) =>
            new QueryCommand({
              ...projection,
              TableName: usageTable,
              KeyConditionExpression: 'PK = :partition AND SK BETWEEN :from AND :to',
              ExpressionAttributeValues: values(requestPartition(day, shard), hours),
              ExclusiveStartKey,
            }),
        ),
      ),
    ofPerson: (identity, hours) =>
      pagesOf(
        documents,
        (ExclusiveStartKey) =>
          new QueryCommand({
            ...projection,
            TableName: usageTable,
            IndexName: 'GSI1',
            KeyConditionExpression: 'GSI1PK = :partition AND GSI1SK BETWEEN :from AND :to',
            ExpressionAttributeValues: values(requestsOf(identity), hours),
            ExclusiveStartKey,
          }),
      ),
  }
}

async function* pagesOf(
  documents: Documents,
  pageFrom: (ExclusiveStartKey: Record<string, unknown> | undefined) => QueryCommand,
): Pages {
  let from: Record<string, unknown> | undefined
  do {
    const page = await documents.send(pageFrom(from))
    yield (page.Items ?? []).map(readRow)
    from = page.LastEvaluatedKey
  } while (from !== undefined)
}

const count = z.number().default(0)

const Row = z.object({
  SK: z.string(),
  identity: z.string(),
  /** The client's own word; rows of older versions have no other. */
  model: z.string(),
  model_name: z.string().optional(),
  endpoint_id: z.string().default(''),
  team_id: z.string().nullish(),
  arrived_at: z.string(),
  input_tokens: count,
  output_tokens: count,
  cache_read_tokens: count,
  cache_write_5m_tokens: count,
  cache_write_1h_tokens: count,
  cost_nano: count,
  duration_ms: count,
  tools: z.array(z.unknown()).default([]),
})

function readRow(item: Record<string, unknown>): ExportedRequest {
  const row = Row.parse(item)
  return {
    place: row.SK,
    arrivedAt: row.arrived_at,
    hour: row.arrived_at.slice(0, 13),
    identity: row.identity,
    model: row.model_name ?? row.model,
    endpoint: row.endpoint_id,
    team: row.team_id ?? null,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    cacheReadTokens: row.cache_read_tokens,
    cacheWriteTokens: row.cache_write_5m_tokens + row.cache_write_1h_tokens,
    cost: row.cost_nano,
    durationMs: row.duration_ms,
    toolCalls: row.tools.length,
  }
}
