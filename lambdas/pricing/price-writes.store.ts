/**
 * Changes of the price table: a change, its audit entry and the stamp by which every environment learns of it are one transaction.
 * What is read here is read strongly consistent, as it is what the next change is decided from.
 */
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { type AuditEntry, auditPut } from '../audit/audit-entry.ts'
import { type Instant, instant, isoOf } from '../platform/instant.ts'
import { configStampKey, priceKey, priceRefreshKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import type { KeptPrice, Price } from './price.ts'

/** What became of the last look at AWS's list. */
export interface LastRefresh {
  readonly at: Instant
  /** When the schedule asks next, as far as it has ever asked. */
  readonly nextAt: Instant | null
  readonly by: string
  readonly failed: boolean
  readonly region: string | null
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  readonly skippedManual: number
  readonly errors: readonly string[]
}

export interface PriceWrites {
  /** @param audit Of as many as one transaction holds: `MOST_PRICES_AT_ONCE`. */
  put(prices: readonly KeptPrice[], audit: AuditEntry): Promise<void>
  /** One that is not there is none the worse. */
  remove(prices: readonly Price[], audit: AuditEntry): Promise<void>
  lastRefresh(): Promise<LastRefresh | undefined>
  keepRefresh(refresh: LastRefresh): Promise<void>
}

/** A transaction takes 100 items; the stamp and the audit entry are two of them. */
export const MOST_PRICES_AT_ONCE = 98

/** The errors are for reading: a page of them. */
const MOST_ERRORS = 50

export function openPriceWrites(
  documents: Documents,
  tables: { readonly core: string; readonly events: string },
  tools: Waiting & { readonly newId: () => string },
): PriceWrites {
  const commit = async (changes: TransactionItems, audit: AuditEntry): Promise<void> => {
    const items = [...changes, stampWrite(tables.core), auditPut(tables.events, audit)]
    await transact(documents, items, tools.newId(), tools)
  }
  return {
    put: (prices, audit) =>
      commit(
        prices.map((price) => ({ Put: { TableName: tables.core, Item: { ...keyOf(price), ...price } } })),
        audit,
      ),
    remove: (prices, audit) =>
      commit(
        prices.map((price) => ({ Delete: { TableName: tables.core, Key: { ...keyOf(price) } } })),
        audit,
      ),
    async lastRefresh() {
      const { Item } = await documents.send(
        new GetCommand({ TableName: tables.core, Key: { ...priceRefreshKey }, ConsistentRead: true }),
      )
      return Item === undefined ? undefined : readRefresh(Item)
    },
    async keepRefresh({ at, nextAt, errors, ...refresh }) {
      const told = {
        at: isoOf(at),
        nextAt: nextAt === null ? null : isoOf(nextAt),
        errors: errors.slice(0, MOST_ERRORS),
      }
      await documents.send(
        new PutCommand({ TableName: tables.core, Item: { ...priceRefreshKey, ...refresh, ...told } }),
      )
    },
  }
}

const keyOf = ({ model, scope, tier, from, source }: Price) => priceKey(model, scope, tier, from, source)

const stampWrite = (coreTable: string) => ({
  Update: {
    TableName: coreTable,
    Key: { ...configStampKey },
    UpdateExpression: 'ADD prices :one',
    ExpressionAttributeValues: { ':one': 1 },
  },
})

const count = z._default(z.int(), 0)
const RefreshItem = z.object({
  at: z.string(),
  nextAt: z._default(z.nullable(z.string()), null),
  by: z._default(z.string(), ''),
  failed: z._default(z.boolean(), false),
  region: z._default(z.nullable(z.string()), null),
  inserted: count,
  updated: count,
  unchanged: count,
  skippedManual: count,
  errors: z._default(z.array(z.string()), []),
})

/** `undefined` for what cannot be read: the next refresh writes it anew. */
function readRefresh(item: Record<string, unknown>): LastRefresh | undefined {
  const read = RefreshItem.safeParse(item)
  if (!read.success) return undefined
  const { at, nextAt, ...rest } = read.data
  return { ...rest, at: instant(Date.parse(at)), nextAt: nextAt === null ? null : instant(Date.parse(nextAt)) }
}
