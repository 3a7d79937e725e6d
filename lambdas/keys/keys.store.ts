/** Virtual keys in the Core table: the key under its hash, and a pointer from its id to that hash. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type AuditEntry, auditPut } from '../audit/audit-entry.ts'
import type { SetupToken } from '../setup/setup-token.ts'
import { setupTokenPut } from '../setup/setup-tokens.store.ts'
import {
  KEYS_LIST,
  keysOfTeam,
  keysOfUser,
  type TableKey,
  virtualKeyByIdKey,
  virtualKeyKey,
} from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { type Index, readIndex } from '../table/query-all.store.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import { checksOf, type KeyRefusal } from './key-checks.ts'
import { itemOf, pointerOf, readKey } from './key-item.ts'
import type { VirtualKey } from './virtual-key.ts'

type KeyCreation = 'created' | KeyRefusal

export interface NewSetup {
  readonly token: SetupToken
  readonly audit: AuditEntry
}

export interface KeyStore {
  /** @param setup Is written in the same step. */
  create(key: VirtualKey, audit: AuditEntry, setup?: NewSetup): Promise<KeyCreation>
  /** Strongly consistent, as are all reads of one key. */
  find(id: string): Promise<VirtualKey | undefined>
  findByHash(sha256: string): Promise<VirtualKey | undefined>
  /** Newest first, as the index has them: a key made a moment ago may still be missing. */
  listAll(): Promise<readonly VirtualKey[]>
  listOfUser(userId: string): Promise<readonly VirtualKey[]>
  listOfTeam(teamId: string): Promise<readonly VirtualKey[]>
  /** False when there is no such key any more. */
  revoke(key: VirtualKey, audit: AuditEntry): Promise<boolean>
  delete(key: VirtualKey, audit: AuditEntry): Promise<boolean>
  /** All of them or none: false when one of them is gone. At most fifty. */
  revokeAll(page: readonly Revocation[], token: string): Promise<boolean>
  /** Corrects the copy of the owner's team on keys that are still theirs. */
  noteOwnersTeam(keys: readonly VirtualKey[], teamId: string | null): Promise<void>
}

export interface Revocation {
  readonly key: VirtualKey
  readonly audit: AuditEntry
}

export interface KeyTables {
  readonly core: string
  readonly events: string
  readonly ephemeral: string
}

export function openKeys(documents: Documents, tables: KeyTables, waiting: Waiting): KeyStore {
  const get = async (Key: TableKey) =>
    (await documents.send(new GetCommand({ TableName: tables.core, Key, ConsistentRead: true }))).Item
  const findByHash = async (sha256: string): Promise<VirtualKey | undefined> => {
    const item = await get(virtualKeyKey(sha256))
    return item && readKey(item)
  }
  const write = async (items: TransactionItems, audit: AuditEntry) =>
    await transact(documents, [...items, auditPut(tables.events, audit)], audit.id, waiting)
  const list = (index: Index, partition: string) => listKeys(documents, tables.core, index, partition)

  return {
    async create(key, audit, setup) {
      const checks = checksOf(tables.core, key)
      const puts = [putIfAbsent(tables.core, itemOf(key)), putIfAbsent(tables.core, pointerOf(key))]
      const along = setup ? [setupTokenPut(tables.ephemeral, setup.token), auditPut(tables.events, setup.audit)] : []
      const outcome = await write([...puts, ...checks.map((check) => check.item), ...along], audit)
      if (outcome.done) return 'created'
      const refusal = outcome.refused
        .map((place) => checks[place - puts.length]?.refusal)
        .find((one) => one !== undefined)
      if (refusal === undefined) throw new Error('the hash or id of a new key is taken')
      return refusal
    },
    async find(id) {
      const pointer = await get(virtualKeyByIdKey(id))
      return pointer && (await findByHash(z.object({ key_hash: z.string() }).parse(pointer).key_hash))
    },
    findByHash,
    listAll: () => list('GSI1', KEYS_LIST),
    listOfUser: (userId) => list('GSI3', keysOfUser(userId)),
    listOfTeam: (teamId) => list('GSI2', keysOfTeam(teamId)),
    async revoke(key, audit) {
      return (await write([revocation(tables.core, key)], audit)).done
    },
    async revokeAll(page, token) {
      const items = page.flatMap(({ key, audit }) => [revocation(tables.core, key), auditPut(tables.events, audit)])
      return (await transact(documents, items, token, waiting)).done
    },
    async noteOwnersTeam(keys, teamId) {
      for (let from = 0; from < keys.length; from += HINTS_AT_ONCE) {
        const page = keys.slice(from, from + HINTS_AT_ONCE)
        await Promise.all(page.map((key) => noteOwnersTeam(documents, tables.core, key, teamId)))
      }
    },
    async delete(key, audit) {
      const deletion = (Key: TableKey) => ({
        Delete: { TableName: tables.core, Key, ConditionExpression: 'attribute_exists(PK)' },
      })
      const items = [deletion(virtualKeyKey(key.hash)), deletion(virtualKeyByIdKey(key.id))]
      return (await write(items, audit)).done
    },
  }
}

const revocation = (TableName: string, key: VirtualKey) => ({
  Update: {
    TableName,
    Key: virtualKeyKey(key.hash),
    UpdateExpression: 'SET is_active = :no ADD rev :one',
    ConditionExpression: 'attribute_exists(PK)',
    ExpressionAttributeValues: { ':no': false, ':one': 1 },
  },
})

/** Writes of one item each, side by side: as many as the client has connections for. */
const HINTS_AT_ONCE = 25

/** No audit of its own: it follows from the owner's, and nobody goes by it unchecked. */
async function noteOwnersTeam(documents: Documents, TableName: string, key: VirtualKey, teamId: string | null) {
  try {
    await documents.send(
      new UpdateCommand({
        TableName,
        Key: virtualKeyKey(key.hash),
        UpdateExpression: 'SET owner_team_id = :team',
        ConditionExpression: 'user_id = :owner',
        ExpressionAttributeValues: { ':team': teamId, ':owner': key.userId },
      }),
    )
  } catch (thrown) {
    if (!(thrown instanceof ConditionalCheckFailedException)) throw thrown
  }
}

const putIfAbsent = (table: string, item: Record<string, unknown>) => ({
  Put: { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(PK)' },
})

async function listKeys(documents: Documents, table: string, index: Index, partition: string): Promise<VirtualKey[]> {
  // They are sorted by when they were created: the newest first.
  return (await readIndex(documents, table, index, partition, 'descending')).map(readKey)
}
