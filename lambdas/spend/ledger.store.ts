/**
 * The ledger: every request that may cost money is written down before Bedrock hears of it, and settled once, in one
 * transaction, when it has ended. A request whose environment died stays pending until `watch` settles it at its estimate.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { BatchGetCommand, DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { type Hold, roomBeside } from '../admission/reservation.ts'
import { NO_DETAILS } from '../detection/request-details.ts'
import { type Instant, instant, isoOf } from '../platform/instant.ts'
import { type NanoUsd, nanoUsd } from '../platform/money.ts'
import type { Cost } from '../pricing/cost.ts'
import type { TableKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { LeftUnread } from '../table/outage.ts'
import { readPartition } from '../table/query-all.store.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import { isUnwritable } from '../table/unwritable.ts'
import { ASIDE_PARTITION, pendingKey, pendingPartition, RESERVED_ATTRIBUTE, USAGE_SHARDS } from '../table/usage-keys.ts'
import { deadlineOf, type OpenedRequest, type RequestEnd } from './request-record.ts'
import { type Increment, inBrief, type SettlementWrites, settlementOf } from './settlement.ts'

/** `already`: somebody settled it before (a repeat whose answer was lost long ago, or `watch`). Nothing was written. */
export type SettlementEnd = 'settled' | 'already'

/** What is pending, as it lies in the table. */
export interface Pending {
  readonly key: TableKey
  /** `undefined` where it cannot be read: another version wrote it. */
  readonly request: OpenedRequest | undefined
  readonly item: Readonly<Record<string, unknown>>
}

/** `crowded`: what stands on the counters of those that refused, by their place among the holds. */
export type HoldEnd =
  | { readonly held: true }
  | {
      readonly held: false
      readonly crowded: ReadonlyMap<number, { readonly spent: NanoUsd; readonly reserved: NanoUsd }>
    }

export interface Ledger {
  /** Acknowledged before Bedrock may be called. Written again under the same id, it replaces. */
  open(request: OpenedRequest): Promise<void>
  /**
   * Holds a request's share of budgets that are nearly used up, and writes it down as holding them, both or neither.
   * @param attempt Each one is another transaction. @throws what the SDK throws
   */
  hold(request: OpenedRequest, holds: readonly Hold[], attempt: number): Promise<HoldEnd>
  /** @param lying Where its pending item is, if not where it was opened. @throws what the SDK throws. */
  settle(
    request: OpenedRequest,
    end: RequestEnd,
    cost: Cost,
    settledAt: Instant,
    lying?: TableKey,
  ): Promise<SettlementEnd>
  /** What was opened, as it lies in the table now. */
  lying(request: OpenedRequest): Promise<OpenedRequest | undefined>
  /** What was opened and must be over by the end of `minute` (`2026-11-24T12:05`), on one of the shards. */
  pendingOf(minute: string, shard: number): Promise<readonly Pending[]>
  /** Puts away what cannot be settled as it is, where it is kept and waits for nobody's minute. */
  setAside(pending: Pending): Promise<void>
  asides(): Promise<readonly Pending[]>
  /** Takes back what was opened under a wrong deadline or for nothing; no trace remains. */
  withdraw(request: OpenedRequest): Promise<void>
}

export function openLedger(documents: Documents, usageTable: string, waiting: Waiting): Ledger {
  const remove = async (Key: TableKey): Promise<void> => {
    await documents.send(new DeleteCommand({ TableName: usageTable, Key: { ...Key } }))
  }
  const settleWith = async (writes: SettlementWrites, lying: TableKey, token: string): Promise<SettlementEnd> => {
    const outcome = await transact(
      documents,
      settlementItems(usageTable, writes, lying),
      token,
      waiting,
      SETTLEMENT_TRIES,
    )
    if (outcome.done) return 'settled'
    // The pending item's write was repeated, and the repeat arrived when the request was over: nothing is open any more.
    if (outcome.refused.includes(ROW)) await remove(lying)
    return 'already'
  }
  const pendingIn = (partition: string) => readPending(documents, usageTable, partition)
  return {
    async open(request) {
      await documents.send(new PutCommand({ TableName: usageTable, Item: pendingItemOf(request) }))
    },
    async hold(request, holds, attempt) {
      const items: TransactionItems = [
        ...holds.map((one) => ({ Update: holdingUpdate(usageTable, one) })),
        { Put: { TableName: usageTable, Item: pendingItemOf(request), ConditionExpression: 'attribute_exists(PK)' } },
      ]
      const outcome = await transact(documents, items, tokenOf(`h${attempt}_`, request.requestId), waiting)
      if (outcome.done) return { held: true }
      const crowded = outcome.refused
        .filter((place) => place < holds.length)
        .map((place) => {
          const found = outcome.found.get(place)
          const attribute = holds[place]?.attribute ?? ''
          return [
            place,
            { spent: numberOf(found?.[attribute]), reserved: numberOf(found?.[RESERVED_ATTRIBUTE]) },
          ] as const
        })
      if (crowded.length === 0) throw new Error('the pending item of a request is gone while it is being admitted')
      return { held: false, crowded: new Map(crowded) }
    },
    async settle(request, end, cost, settledAt, lying = pendingKeyOf(request)) {
      const writes = settlementOf(request, end, cost, settledAt)
      try {
        return await settleWith(writes, lying, request.requestId)
      } catch (thrown) {
        if (!isUnwritable(thrown)) throw thrown
        // An item that keeps details has outgrown what DynamoDB holds. The money is written all the same.
        return await settleWith(inBrief(writes), lying, tokenOf('brf_', request.requestId))
      }
    },
    async lying(request) {
      const Keys = [{ ...pendingKeyOf(request) }]
      const { Responses = {}, UnprocessedKeys = {} } = await documents.send(
        new BatchGetCommand({ RequestItems: { [usageTable]: { Keys, ConsistentRead: true } } }),
      )
      if (usageTable in UnprocessedKeys) throw new LeftUnread('DynamoDB left a pending item unread')
      const [item] = Responses[usageTable] ?? []
      return item && pendingOf(item).request
    },
    pendingOf: (minute, shard) => pendingIn(pendingPartition(minute, shard)),
    asides: () => pendingIn(ASIDE_PARTITION),
    async setAside({ key, item }) {
      const items: TransactionItems = [
        { Delete: { TableName: usageTable, Key: { ...key }, ConditionExpression: 'attribute_exists(PK)' } },
        { Put: { TableName: usageTable, Item: { ...item, PK: ASIDE_PARTITION } } },
      ]
      await transact(documents, items, tokenOf('asd_', key.SK), waiting)
    },
    withdraw: (request) => remove(pendingKeyOf(request)),
  }
}

/** About fifteen seconds of rivals: nobody waits for a settlement, and what is given up here is billed by a guess. */
const SETTLEMENT_TRIES = 45

/** Another transaction about the same request: `ClientRequestToken` takes 36 characters, and a request id has just as many. */
const tokenOf = (kind: string, requestId: string): string => `${kind}${requestId.slice(kind.length)}`

/** The place of the row in the transaction. */
const ROW = 1

const settlementItems = (table: string, { row, increments }: SettlementWrites, lying: TableKey): TransactionItems => [
  { Delete: { TableName: table, Key: { ...lying }, ConditionExpression: 'attribute_exists(PK)' } },
  { Put: { TableName: table, Item: row, ConditionExpression: 'attribute_not_exists(PK)' } },
  ...increments.map((increment) => ({ Update: updateOf(table, increment) })),
]

async function readPending(documents: Documents, table: string, partition: string): Promise<Pending[]> {
  return (await readPartition(documents, table, partition, 'consistent')).map(pendingOf)
}

const pendingKeyOf = (request: OpenedRequest): TableKey => pendingKey(request.requestId, deadlineOf(request.arrivedAt))

const textOrNull = z._default(z.nullable(z.string()), null)

/** Details are worth less than the money: those that an older or newer version wrote otherwise are done without. */
const PendingDetails = z.catch(
  z.object({
    agentId: textOrNull,
    parentAgentId: textOrNull,
    projectKey: textOrNull,
    turnCount: z._default(z.int(), 0),
    thinking: textOrNull,
    hasSystemPrompt: z._default(z.boolean(), false),
    systemPromptHash: textOrNull,
    contentTypes: z._default(z.array(z.string()), []),
    answeredTools: z._default(z.array(z.object({ name: z.string(), count: z.int() })), []),
    toolErrors: z._default(z.int(), 0),
    mcpServers: z._default(z.array(z.string()), []),
    flags: z._default(
      z.array(
        z.object({
          category: z.enum(['discovery', 'correction', 'secrets', 'dangerous']),
          rule: z.string(),
          severity: z.enum(['info', 'warning', 'critical']),
          count: z.int(),
        }),
      ),
      [],
    ),
  }),
  NO_DETAILS as never,
)

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
        z.object({
          subject: z.object({ kind: z.enum(['user', 'team', 'key']), id: z.string() }),
          shards: z.int(),
          reserved: z.optional(z.int()),
        }),
      ),
    }),
    model: z.string(),
    target: z.object({ name: z.string(), bedrockId: z.string(), scope: z.enum(['global', 'regional']) }),
    endpointId: z.string(),
    serviceTier: z._default(z.nullable(z.string()), null),
    streaming: z.boolean(),
    sessionId: z.nullable(z.string()),
    details: PendingDetails,
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

function pendingOf(item: Record<string, unknown>): Pending {
  const read = PendingItem.safeParse(item)
  return {
    key: { PK: String(item.PK), SK: String(item.SK) },
    item,
    request: read.success ? { ...read.data.request, arrivedAt: instant(read.data.request.arrivedAt) } : undefined,
  }
}

export const PENDING_SHARDS: readonly number[] = Array.from({ length: USAGE_SHARDS }, (_, shard) => shard)

/** As long as nothing has been spent there since it was read, and what others hold leaves room. */
const holdingUpdate = (table: string, hold: Hold) => ({
  TableName: table,
  Key: { ...hold.counter },
  UpdateExpression: 'ADD #reserved :amount',
  ConditionExpression:
    '(attribute_not_exists(#spent) OR #spent <= :seen) AND (attribute_not_exists(#reserved) OR #reserved <= :room)',
  ExpressionAttributeNames: { '#reserved': RESERVED_ATTRIBUTE, '#spent': hold.attribute },
  ExpressionAttributeValues: { ':amount': hold.amount, ':seen': hold.seen, ':room': roomBeside(hold) },
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
})

const numberOf = (value: AttributeValue | undefined): NanoUsd => nanoUsd(Number(value?.N ?? 0))

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
