/** Changes of keys that have more than one place to be written in: lists, counters, a second key. Each is one transaction. */
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type AuditEntry, auditPut } from '../audit/audit-entry.ts'
import { monthsOf } from '../budgets/period.ts'
import { type Instant, isoOf } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'
import { readItems } from '../table/batch-read.store.ts'
import { virtualKeyByIdKey, virtualKeyKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import { counterKey } from '../table/usage-keys.ts'
import { checksOf, type KeyRefusal } from './key-checks.ts'
import { changeableAttributes, itemOf, pointerOf, readKey } from './key-item.ts'
import type { VirtualKey } from './virtual-key.ts'

/** As it was read; a change is refused when it has been changed since. */
export interface SeenKey {
  readonly key: VirtualKey
  readonly rev: number
}

export type ChangeOutcome = 'done' | 'changed since' | KeyRefusal

export interface KeyRevision {
  readonly next: VirtualKey
  readonly audit: AuditEntry
  /** What stands in the key's own counter of the month from now on; `null`: it is left alone. */
  readonly spentThisMonth: NanoUsd | null
  readonly at: Instant
}

export interface Rotation {
  readonly fresh: VirtualKey
  /** When the old one ends. */
  readonly validUntil: Instant
  /** Of both keys. */
  readonly audits: readonly AuditEntry[]
  readonly at: Instant
}

export interface KeyChanges {
  /** Strongly consistent. */
  find(id: string): Promise<SeenKey | undefined>
  change(seen: SeenKey, revision: KeyRevision): Promise<ChangeOutcome>
  /** The new key has spent of its budget what the old one has. */
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
      return item && { key: readKey(item), rev: z.object({ rev: z.int().default(0) }).parse(item).rev }
    },
    async change(seen, { next, audit, spentThisMonth, at }) {
      const update = updateOf(tables.core, seen, next)
      const steps: Step[] = [
        { item: { Update: update }, refusal: 'changed since' },
        ...newChecks(tables.core, seen.key, next),
      ]
      const seeded = spentThisMonth === null ? [] : [seed(tables.usage, next.id, spentThisMonth, at)]
      return await commit(steps, [...seeded, auditPut(tables.events, audit)], audit.id)
    },
    async rotate(seen, { fresh, validUntil, audits, at }) {
      const { key } = seen
      const shortened = {
        TableName: tables.core,
        Key: virtualKeyKey(key.hash),
        UpdateExpression: 'SET valid_until = :end ADD rev :one',
        ...unchanged(seen.rev, { ':end': isoOf(validUntil), ':one': 1 }),
      }
      const steps: Step[] = [{ item: { Update: shortened }, refusal: 'changed since' }, ...checksOf(tables.core, fresh)]
      const puts = [itemOf(fresh), pointerOf(fresh)].map((Item) => ({
        Put: { TableName: tables.core, Item, ConditionExpression: 'attribute_not_exists(PK)' },
      }))
      const counters = key.budget.limit === null ? [] : await countersOf(documents, tables.usage, key.id, at)
      const copies = counters.map((counter) => ({ Put: { TableName: tables.usage, Item: copyFor(fresh.id, counter) } }))
      const entries = audits.map((audit) => auditPut(tables.events, audit))
      return await commit(steps, [...puts, ...copies, ...entries], audits[0]?.id ?? fresh.id)
    },
  }
}

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
  const removed = attributes.filter(([, value]) => value === undefined).map(([name]) => `#${name}`)
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

/** Only of what is new: a key may be renamed whose owner is suspended. */
const newChecks = (TableName: string, before: VirtualKey, next: VirtualKey): Step[] =>
  checksOf(TableName, {
    teamId: next.teamId === before.teamId ? null : next.teamId,
    userId: next.userId === before.userId ? null : next.userId,
    ownerTeamId: next.ownerTeamId,
  })

/** A key has one shard; its requests at once are about those of one person. */
const counterOf = (keyId: string, at: Instant) => counterKey({ kind: 'key', id: keyId }, at, 0)

const seed = (TableName: string, keyId: string, spent: NanoUsd, at: Instant) => ({
  Update: {
    TableName,
    Key: counterOf(keyId, at),
    UpdateExpression: 'SET m_cost = :spent',
    ExpressionAttributeValues: { ':spent': spent },
  },
})

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
})
