/** The active destination and the draft, in the Core table. A change is written only if nothing else was since it was decided. */
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { type AuditEntry, auditPut } from '../audit/audit-entry.ts'
import { type Instant, instant, isoOf } from '../platform/instant.ts'
import { readItems } from '../table/batch-read.store.ts'
import { notificationSlotKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import type { Destination } from './destination.ts'

export type Slot = 'active' | 'draft'

export interface Slots {
  readonly active: Destination | null
  readonly draft: Destination | null
}

export interface Destinations {
  /** Strongly consistent. */
  load(): Promise<Slots>
  /** @param change A slot that it does not name stays; `null` empties one. False where a slot is not as it was seen. */
  commit(seen: Slots, change: Partial<Slots>, audit: AuditEntry): Promise<boolean>
}

const Item = z.object({
  slot: z.enum(['active', 'draft']),
  id: z.string(),
  destination_type: z.enum(['webhook', 'sns', 'eventbridge']),
  destination_value: z.string(),
  sealed: z.nullable(z.string()),
  event_categories: z.array(z.enum(['budget', 'rate_limit'])),
  rev: z.number(),
  tested_at: z.nullable(z.string()),
  test_error: z.nullable(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
})

const timeOf = (iso: string): Instant => instant(Date.parse(iso))

function readDestination(raw: Record<string, unknown>): { readonly slot: Slot; readonly destination: Destination } {
  const item = Item.parse(raw)
  const destination = {
    id: item.id,
    type: item.destination_type,
    value: item.destination_value,
    sealed: item.sealed,
    categories: item.event_categories,
    rev: item.rev,
    test:
      item.tested_at === null
        ? null
        : { at: timeOf(item.tested_at), ok: item.test_error === null, error: item.test_error },
    createdAt: timeOf(item.created_at),
    updatedAt: timeOf(item.updated_at),
  }
  return { slot: item.slot, destination }
}

const itemOf = (slot: Slot, destination: Destination): Record<string, unknown> => ({
  ...notificationSlotKey(slot),
  slot,
  id: destination.id,
  destination_type: destination.type,
  destination_value: destination.value,
  sealed: destination.sealed,
  event_categories: destination.categories,
  rev: destination.rev,
  tested_at: destination.test === null ? null : isoOf(destination.test.at),
  test_error: destination.test?.error ?? null,
  created_at: isoOf(destination.createdAt),
  updated_at: isoOf(destination.updatedAt),
})

export function openDestinations(
  documents: Documents,
  tables: { readonly core: string; readonly events: string },
  waiting: Waiting,
): Destinations {
  return {
    async load() {
      const keys = [notificationSlotKey('active'), notificationSlotKey('draft')]
      const found = (await readItems(documents, tables.core, keys)).map(readDestination)
      const inSlot = (slot: Slot) => found.find((one) => one.slot === slot)?.destination ?? null
      return { active: inSlot('active'), draft: inSlot('draft') }
    },
    async commit(seen, change, audit) {
      const writes = (['active', 'draft'] as const).flatMap((slot) => {
        const next = change[slot]
        return next === undefined ? [] : [slotWrite(tables.core, slot, seen[slot], next)]
      })
      return (await transact(documents, [...writes, auditPut(tables.events, audit)], audit.id, waiting)).done
    },
  }
}

/** The id counts too: a slot may have been emptied and filled anew. */
function slotWrite(
  TableName: string,
  slot: Slot,
  seen: Destination | null,
  next: Destination | null,
): TransactionItems[number] {
  const unchanged =
    seen === null
      ? { ConditionExpression: 'attribute_not_exists(PK)' }
      : {
          ConditionExpression: 'id = :seen AND rev = :rev AND updated_at = :updated',
          ExpressionAttributeValues: { ':seen': seen.id, ':rev': seen.rev, ':updated': isoOf(seen.updatedAt) },
        }
  return next === null
    ? { Delete: { TableName, Key: { ...notificationSlotKey(slot) }, ...unchanged } }
    : { Put: { TableName, Item: itemOf(slot, next), ...unchanged } }
}

export interface ActiveDestination {
  /** Strongly consistent; `null` where nobody wants to be told. */
  load(): Promise<Destination | null>
}

export function openActiveDestination(documents: Documents, coreTable: string): ActiveDestination {
  return {
    async load() {
      const { Item: raw } = await documents.send(
        new GetCommand({ TableName: coreTable, Key: { ...notificationSlotKey('active') }, ConsistentRead: true }),
      )
      return raw === undefined ? null : readDestination(raw).destination
    },
  }
}
