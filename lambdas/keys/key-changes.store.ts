/** Changes of keys that have more than one place to be written in: lists, counters, a second key. Each is one transaction. */
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type AuditEntry, auditPut } from '../audit/audit-entry.ts'
import { monthsOf } from '../budgets/period.ts'
import { type Instant, instant, isoOf } from '../platform/instant.ts'
import { readItems } from '../table/batch-read.store.ts'
import { virtualKeyByIdKey, virtualKeyKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import { CARRIED_ATTRIBUTE, counterKey } from '../table/usage-keys.ts'
import { checksOf, type KeyRefusal } from './key-checks.ts'
import { changeableAttributes, itemOf, pointerOf, readKey } from './key-item.ts'
import type { VirtualKey } from './virtual-key.ts'

/** As it was read; a change is refused when it has been changed since. */
export interface SeenKey {
  readonly key: VirtualKey
  readonly rev: number
  /** Since it was rotated, until somebody gives it another end. */
  readonly rotated: Rotated | undefined
  /** Id of the key that it came of by rotation. */
  readonly rotatedFrom: string | undefined
}

export interface Rotated {
  /** Id of its one successor. */
  readonly to: string
  /** When the key would have ended without the rotation. */
  readonly validUntilBefore: Instant | null
}

export type ChangeOutcome = 'done' | 'changed since' | KeyRefusal

export interface Rotation {
  readonly fresh: VirtualKey
  /** The successor that this one replaces; it is revoked. */
  readonly replaced: SeenKey | undefined
  /** When the old one ends. */
  readonly validUntil: Instant
  /** Of all these keys. */
  readonly audits: readonly AuditEntry[]
  readonly at: Instant
}

export interface KeyChanges {
  /** Strongly consistent. */
  find(id: string): Promise<SeenKey | undefined>
  change(seen: SeenKey, next: VirtualKey, audit: AuditEntry): Promise<ChangeOutcome>
  /** The new key has spent of its budget what its predecessor has, or the latest of its successors, and is the only successor. */
  rotate(seen: SeenKey, rotation: Rotation): Promise<ChangeOutcome>
}

export interface KeyChangeTables {
  readonly core: string
  readonly events: string
  readonly usage: string
}

interface Step {
  readonly item: TransactionItems[number]
  readonly refusal: Exclude<ChangeOutcome, 'done'>
}

export function openKeyChanges(documents: Documents, tables: KeyChangeTables, waiting: Waiting): KeyChanges {
  const get = async (Key: { PK: string; SK: string }) =>
    (await documents.send(new GetCommand({ TableName: tables.core, Key, ConsistentRead: true }))).Item
  const commit = async (steps: readonly Step[], beside: TransactionItems, token: string): Promise<ChangeOutcome> => {
    const end = await transact(documents, [...steps.map(({ item }) => item), ...beside], token, waiting)
    return end.done ? 'done' : (steps[end.refused[0] ?? 0]?.refusal ?? 'changed since')
  }
  return {
    async find(id) {
      const pointer = await get(virtualKeyByIdKey(id))
      if (pointer === undefined) return undefined
      const item = await get(virtualKeyKey(z.object({ key_hash: z.string() }).parse(pointer).key_hash))
      return item && readSeen(item)
    },
    async change(seen, next, audit) {
      const update = updateOf(tables.core, seen, next)
      const steps: Step[] = [
        { item: { Update: update }, refusal: 'changed since' },
        ...newChecks(tables.core, seen.key, next),
      ]
      return await commit(steps, [auditPut(tables.events, audit)], audit.id)
    },
    async rotate(seen, { fresh, replaced, validUntil, audits, at }) {
      const { key, rotated } = seen
      const steps: Step[] = [
        { item: { Update: shortened(tables.core, seen, fresh.id, validUntil) }, refusal: 'changed since' },
        ...(replaced ? [{ item: { Update: revoked(tables.core, replaced) }, refusal: 'changed since' as const }] : []),
        ...checksOf(tables.core, fresh),
      ]
      const puts = [{ ...itemOf(fresh), rotated_from: key.id }, pointerOf(fresh)].map((Item) => ({
        Put: { TableName: tables.core, Item, ConditionExpression: 'attribute_not_exists(PK)' },
      }))
      // A successor has begun with what its predecessor had spent. Its counter stays, also where it was deleted.
      const spender = rotated?.to ?? key.id
      const counters = fresh.budget.limit === null ? [] : await countersOf(documents, tables.usage, spender, at)
      const copies = counters.map((counter) => ({ Put: { TableName: tables.usage, Item: copyFor(fresh.id, counter) } }))
      const entries = audits.map((audit) => auditPut(tables.events, audit))
      return await commit(steps, [...puts, ...copies, ...entries], audits[0]?.id ?? fresh.id)
    },
  }
}

const SeenItem = z.object({
  rev: z.int().default(0),
  rotated_to: z.string().optional(),
  rotated_from: z.string().optional(),
  valid_until_before: z.string().nullish(),
})

function readSeen(item: Record<string, unknown>): SeenKey {
  const { rev, rotated_to: to, rotated_from: rotatedFrom, valid_until_before: before } = SeenItem.parse(item)
  const validUntilBefore = before == null ? null : instant(Date.parse(before))
  return { key: readKey(item), rev, rotated: to === undefined ? undefined : { to, validUntilBefore }, rotatedFrom }
}

/** The end that it had is kept beside, as its successor's: rotated again, it gives no other. */
function shortened(TableName: string, { key, rev, rotated }: SeenKey, successor: string, end: Instant) {
  const before = rotated === undefined ? key.validUntil : rotated.validUntilBefore
  return {
    TableName,
    Key: virtualKeyKey(key.hash),
    UpdateExpression: 'SET valid_until = :end, rotated_to = :to, valid_until_before = :before ADD rev :one',
    ...unchanged(rev, {
      ':end': isoOf(end),
      ':to': successor,
      ':before': before === null ? null : isoOf(before),
      ':one': 1,
    }),
  }
}

const revoked = (TableName: string, { key, rev }: SeenKey) => ({
  TableName,
  Key: virtualKeyKey(key.hash),
  UpdateExpression: 'SET is_active = :no ADD rev :one',
  ...unchanged(rev, { ':no': false, ':one': 1 }),
})

/** Keys from before there were revisions have none. */
const unchanged = (rev: number, values: Readonly<Record<string, unknown>>) =>
  rev === 0
    ? { ConditionExpression: 'attribute_exists(PK) AND attribute_not_exists(rev)', ExpressionAttributeValues: values }
    : { ConditionExpression: 'rev = :seen', ExpressionAttributeValues: { ...values, ':seen': rev } }

function updateOf(TableName: string, { key, rev }: SeenKey, next: VirtualKey) {
  const { owner_team_id, ...rest } = changeableAttributes(next)
  // While the owner stays, the copy of their team is kept by whoever moves them.
  const attributes = Object.entries(next.userId === key.userId ? rest : { ...rest, owner_team_id })
  const set = attributes.filter(([, value]) => value !== undefined)
  const absent = attributes.filter(([, value]) => value === undefined).map(([name]) => `#${name}`)
  // A key that somebody gives another end than its rotation did is on its own again.
  const removed = next.validUntil === key.validUntil ? absent : [...absent, ...ROTATION]
  return {
    TableName,
    Key: virtualKeyKey(key.hash),
    UpdateExpression: [
      `SET ${set.map(([name]) => `#${name} = :${name}`).join(', ')}`,
      ...(removed.length === 0 ? [] : [`REMOVE ${removed.join(', ')}`]),
      'ADD rev :one',
    ].join(' '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map(([name]) => [`#${name}`, name])),
    ...unchanged(rev, { ...Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])), ':one': 1 }),
  }
}

const ROTATION = ['rotated_to', 'valid_until_before']

/** Only of what is new: a key may be renamed whose owner is suspended. */
const newChecks = (TableName: string, before: VirtualKey, next: VirtualKey): Step[] =>
  checksOf(TableName, {
    teamId: next.teamId === before.teamId ? null : next.teamId,
    userId: next.userId === before.userId ? null : next.userId,
    ownerTeamId: next.ownerTeamId,
  })

/** A key has one shard; its requests at once are about those of one person. */
const counterOf = (keyId: string, at: Instant) => counterKey({ kind: 'key', id: keyId }, at, 0)

/** Those that the running day, week and month are summed from. */
const countersOf = (documents: Documents, table: string, keyId: string, at: Instant) =>
  readItems(
    documents,
    table,
    monthsOf('weekly', at).map((month) => counterOf(keyId, month)),
  )

const MONEY_OF_A_PERIOD = /^(?:m|[dw]\d\d)_cost$/

const copyFor = (keyId: string, counter: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
  PK: counterKey({ kind: 'key', id: keyId }, 0 as Instant, 0).PK,
  SK: counter.SK,
  ...Object.fromEntries(Object.entries(counter).filter(([name]) => MONEY_OF_A_PERIOD.test(name))),
  [CARRIED_ATTRIBUTE]: counter.m_cost ?? 0,
})
