/** Setup tokens in the Ephemeral table, each under its SHA-256. */
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type AuditEntry, auditPut } from '../audit/audit-entry.ts'
import { addMs, type Instant, instant, isoOf } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { setupTokenKey } from '../table/ephemeral-keys.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import type { SetupToken } from './setup-token.ts'

export interface SetupTokenStore {
  create(token: SetupToken, audit: AuditEntry): Promise<void>
  /** Strongly consistent. */
  find(id: string, at: Instant): Promise<SetupToken | undefined>
  /** Notes the first fetch. Nothing happens when it was noted, or the token used, in the meantime. */
  markFetched(id: string, at: Instant, audit: AuditEntry): Promise<void>
  /** Uses the token up: the encrypted key is deleted. False when that was done in the meantime. */
  markUsed(id: string, from: string, at: Instant, audit: AuditEntry): Promise<boolean>
}

export interface SetupTables {
  readonly ephemeral: string
  readonly events: string
}

/** An hour after its expiry a token can still be asked after: the page that waits for it shows what became of it. */
const KEPT_AFTER_EXPIRY_MS = 3_600_000

export function openSetupTokens(documents: Documents, tables: SetupTables, waiting: Waiting): SetupTokenStore {
  const write = async (item: TransactionItems[number], audit: AuditEntry) =>
    await transact(documents, [item, auditPut(tables.events, audit)], audit.id, waiting)
  const update = (id: string) => ({ TableName: tables.ephemeral, Key: setupTokenKey(id) })

  return {
    async create(token, audit) {
      const { done } = await write(setupTokenPut(tables.ephemeral, token), audit)
      if (!done) throw new Error('the hash of a new setup token is taken')
    },
    async find(id, at) {
      const { Item } = await documents.send(new GetCommand({ ...update(id), ConsistentRead: true }))
      if (Item === undefined) return undefined
      const token = readToken(Item)
      return at < keptUntil(token) ? token : undefined
    },
    async markFetched(id, at, audit) {
      const item = {
        ...update(id),
        UpdateExpression: 'SET fetched_at = :at',
        ConditionExpression: 'attribute_exists(sealed) AND attribute_not_exists(fetched_at)',
        ExpressionAttributeValues: { ':at': isoOf(at) },
      }
      await write({ Update: item }, audit)
    },
    async markUsed(id, from, at, audit) {
      const item = {
        ...update(id),
        UpdateExpression: 'SET used_at = :at, used_from = :from REMOVE sealed',
        ConditionExpression: 'attribute_exists(sealed)',
        ExpressionAttributeValues: { ':at': isoOf(at), ':from': from },
      }
      return (await write({ Update: item }, audit)).done
    },
  }
}

const keptUntil = (token: SetupToken): Instant => addMs(token.expiresAt, KEPT_AFTER_EXPIRY_MS)

/** The write of a new token, as a member of a transaction: a key may be made in the same one. */
export const setupTokenPut = (ephemeralTable: string, token: SetupToken) => ({
  Put: {
    TableName: ephemeralTable,
    Item: {
      ...setupTokenKey(token.id),
      key_id: token.keyId,
      maker_id: token.maker.userId,
      maker_email: token.maker.email,
      created_at: isoOf(token.createdAt),
      valid_until: isoOf(token.expiresAt),
      sealed: token.sealed,
      expires_at: Math.ceil(keptUntil(token) / 1000),
    },
    ConditionExpression: 'attribute_not_exists(PK)',
  },
})

const Time = z.string().transform((text) => instant(Date.parse(text)))

const SetupTokenItem = z.object({
  PK: z.string(),
  key_id: z.string(),
  maker_id: z.string(),
  maker_email: z.string(),
  created_at: Time,
  valid_until: Time,
  sealed: z.string().nullish(),
  fetched_at: Time.nullish(),
  used_at: Time.nullish(),
  used_from: z.string().nullish(),
})

function readToken(item: Record<string, unknown>): SetupToken {
  const token = SetupTokenItem.parse(item)
  return {
    id: token.PK.slice(setupTokenKey('').PK.length),
    keyId: token.key_id,
    maker: { userId: token.maker_id, email: token.maker_email },
    createdAt: token.created_at,
    expiresAt: token.valid_until,
    sealed: token.sealed ?? null,
    fetchedAt: token.fetched_at ?? null,
    usedAt: token.used_at ?? null,
    usedFrom: token.used_from ?? null,
  }
}
