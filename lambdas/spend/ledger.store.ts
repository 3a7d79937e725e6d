/**
 * The ledger: every request that may cost money is written down before Bedrock hears of it, and settled once, in one
 * transaction, when it has ended. A request whose environment died stays pending until `watch` settles it at its estimate.
 */
import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { type Instant, instant, isoOf } from '../platform/instant.ts'
import type { Cost } from '../pricing/cost.ts'
import type { TableKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import { pendingKey, pendingPartition, USAGE_SHARDS } from '../table/usage-keys.ts'
import { deadlineOf, type OpenedRequest, type RequestEnd } from './request-record.ts'
import { type Increment, settlementOf } from './settlement.ts'

/** `already`: somebody settled it before (a repeat whose answer was lost long ago, or `watch`). Nothing was written. */
export type SettlementEnd = 'settled' | 'already'

export interface Ledger {
  /** Acknowledged before Bedrock may be called. Written again under the same id, it replaces. */
  open(request: OpenedRequest): Promise<void>
  settle(request: OpenedRequest, end: RequestEnd, cost: Cost, settledAt: Instant): Promise<SettlementEnd>
  /** What was opened and must be over by the end of `minute` (`2026-11-24T12:05`), on one of the shards. */
  pendingOf(minute: string, shard: number): Promise<readonly OpenedRequest[]>
  /** Takes back what was opened under a wrong deadline or for nothing; no trace remains. */
  withdraw(request: OpenedRequest): Promise<void>
}

export function openLedger(documents: Documents, usageTable: string, waiting: Waiting): Ledger {
  const withdraw = async (request: OpenedRequest): Promise<void> => {
    await documents.send(new DeleteCommand({ TableName: usageTable, Key: pendingKeyOf(request) }))
  }
  return {
    async open(request) {
      await documents.send(new PutCommand({ TableName: usageTable, Item: pendingItemOf(request) }))
    },
    async settle(request, end, cost, settledAt) {
      const { row, increments } = settlementOf(request, end, cost, settledAt)
      const items: TransactionItems = [
        {
          Delete: {
            TableName: usageTable,
            Key: pendingKeyOf(request),
            ConditionExpression: 'attribute_exists(PK)',
          },
        },
        { Put: { TableName: usageTable, Item: row, ConditionExpression: 'attribute_not_exists(PK)' } },
        ...increments.map((increment) => ({ Update: updateOf(usageTable, increment) })),
      ]
      const outcome = await transact(documents, items, request.requestId, waiting)
      if (outcome.done) return 'settled'
      // The pending item's write was repeated, and the repeat arrived when the request was over: nothing is open any more.
      if (outcome.refused.includes(ROW)) await withdraw(request)
      return 'already'
    },
    async pendingOf(minute, shard) {
      const found: OpenedRequest[] = []
      let from: Record<string, unknown> | undefined
      do {
        const page = await documents.send(
          new QueryCommand({
            TableName: usageTable,
            KeyConditionExpression: 'PK = :pk',
            ExpressionAttributeValues: { ':pk': pendingPartition(minute, shard) },
            ConsistentRead: true,
            ...(from && { ExclusiveStartKey: from }),
          }),
        )
        for (const item of page.Items ?? []) found.push(readPendingItem(item))
        from = page.LastEvaluatedKey
      } while (from !== undefined)
      return found
    },
    withdraw,
  }
}

/** The place of the row in the transaction. */
const ROW = 1

const pendingKeyOf = (request: OpenedRequest): TableKey => pendingKey(request.requestId, deadlineOf(request.arrivedAt))

const PendingItem = z.object({
  request_id: z.string(),
  arrived_at: z.string(),
  request: z.object({
    requestId: z.string(),
    payer: z.object({
      identity: z.string(),
      keyId: z.string(),
      userId: z.nullable(z.string()),
      teamId: z.nullable(z.string()),
      counters: z.array(
        z.object({ subject: z.object({ kind: z.enum(['user', 'team', 'key']), id: z.string() }), shards: z.int() }),
      ),
    }),
    model: z.string(),
    target: z.object({ name: z.string(), bedrockId: z.string(), scope: z.enum(['global', 'regional']) }),
    endpointId: z.string(),
    streaming: z.boolean(),
    sessionId: z.nullable(z.string()),
    arrivedAt: z.number(),
    estimate: z.object({
      inputTokens: z.int(),
      outputTokens: z.int(),
      cacheReadTokens: z.int(),
      cacheWrite5mTokens: z.int(),
      cacheWrite1hTokens: z.int(),
    }),
  }),
})

/** The request is kept as one map: nobody but the ledger reads it, and it comes back as it was put in. */
function pendingItemOf(request: OpenedRequest): Record<string, unknown> {
  return {
    ...pendingKeyOf(request),
    request_id: request.requestId,
    arrived_at: isoOf(request.arrivedAt),
    request,
  }
}

function readPendingItem(item: Record<string, unknown>): OpenedRequest {
  const { request } = PendingItem.parse(item)
  return { ...request, arrivedAt: instant(request.arrivedAt) }
}

export const PENDING_SHARDS: readonly number[] = Array.from({ length: USAGE_SHARDS }, (_, shard) => shard)

/** `ADD` for what is counted, `SET` for what is always the same; every name is a placeholder, so none can be reserved. */
function updateOf(table: string, increment: Increment) {
  const names: Record<string, string> = {}
  const values: Record<string, unknown> = {}
  const clause = (attributes: Readonly<Record<string, unknown>>, letter: string, join: string): string =>
    Object.entries(attributes)
      .map(([name, value], place) => {
        names[`#${letter}${place}`] = name
        values[`:${letter}${place}`] = value
        return `#${letter}${place}${join}:${letter}${place}`
      })
      .join(', ')
  const add = clause(increment.add, 'a', ' ')
  const set = clause(increment.set, 's', ' = ')
  return {
    TableName: table,
    Key: { ...increment.key },
    UpdateExpression: set === '' ? `ADD ${add}` : `ADD ${add} SET ${set}`,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  }
}
