/** Virtual keys in the Core table: the key under its hash, and a pointer from its id to that hash. */
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type AuditEntry, auditPut } from '../audit/audit-entry.ts'
import { budgetAttributes, readBudget } from '../budgets/budget-attributes.ts'
import { rateAttributes, readRateLimits } from '../budgets/rate-limits.ts'
import { instant, isoOf } from '../platform/instant.ts'
import type { SetupToken } from '../setup/setup-token.ts'
import { setupTokenPut } from '../setup/setup-tokens.store.ts'
import {
  KEYS_LIST,
  keysOfTeam,
  keysOfUser,
  type TableKey,
  teamKey,
  userKey,
  virtualKeyByIdKey,
  virtualKeyKey,
} from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { type Index, readIndex } from '../table/query-all.store.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import type { VirtualKey } from './virtual-key.ts'

/** `owner changed`: gone, or in another team than the key says. */
type KeyCreation = 'created' | 'no such team' | 'owner changed'

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
  /** False when there is no such key any more. */
  revoke(key: VirtualKey, audit: AuditEntry): Promise<boolean>
  delete(key: VirtualKey, audit: AuditEntry): Promise<boolean>
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
    async revoke(key, audit) {
      const update = {
        TableName: tables.core,
        Key: virtualKeyKey(key.hash),
        UpdateExpression: 'SET is_active = :no ADD rev :one',
        ConditionExpression: 'attribute_exists(PK)',
        ExpressionAttributeValues: { ':no': false, ':one': 1 },
      }
      return (await write([{ Update: update }], audit)).done
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

const putIfAbsent = (table: string, item: Record<string, unknown>) => ({
  Put: { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(PK)' },
})

/** What must hold at the moment the key is written. */
function checksOf(table: string, key: VirtualKey) {
  const checks: { readonly refusal: KeyCreation; readonly item: TransactionItems[number] }[] = []
  if (key.teamId !== null) {
    const check = { TableName: table, Key: teamKey(key.teamId), ConditionExpression: 'attribute_exists(PK)' }
    checks.push({ refusal: 'no such team', item: { ConditionCheck: check } })
  }
  if (key.userId !== null) {
    const inTeam =
      key.ownerTeamId === null
        ? {
            ConditionExpression:
              'attribute_exists(PK) AND (attribute_not_exists(team_id) OR attribute_type(team_id, :null))',
            ExpressionAttributeValues: { ':null': 'NULL' },
          }
        : { ConditionExpression: 'team_id = :team', ExpressionAttributeValues: { ':team': key.ownerTeamId } }
    checks.push({
      refusal: 'owner changed',
      item: { ConditionCheck: { TableName: table, Key: userKey(key.userId), ...inTeam } },
    })
  }
  return checks
}

function itemOf(key: VirtualKey): Record<string, unknown> {
  const order = `${isoOf(key.createdAt)}#${key.id}`
  return {
    ...virtualKeyKey(key.hash),
    GSI1PK: KEYS_LIST,
    GSI1SK: order,
    ...(key.teamId !== null && { GSI2PK: keysOfTeam(key.teamId), GSI2SK: order }),
    ...(key.userId !== null && { GSI3PK: keysOfUser(key.userId), GSI3SK: order }),
    id: key.id,
    key_prefix: key.prefix,
    name: key.name,
    user_id: key.userId,
    team_id: key.teamId,
    owner_team_id: key.ownerTeamId,
    is_active: key.isActive,
    ...rateAttributes(key.rates),
    ...budgetAttributes(key.budget),
    allowed_models: key.allowedModels,
    // Not `expires_at`: that is the table's TTL attribute, and a key that is over stays to be seen.
    valid_until: key.validUntil === null ? null : isoOf(key.validUntil),
    created_at: isoOf(key.createdAt),
    rev: 1,
  }
}

const pointerOf = (key: VirtualKey): Record<string, unknown> => ({ ...virtualKeyByIdKey(key.id), key_hash: key.hash })

const KeyItem = z.object({
  PK: z.string(),
  id: z.string(),
  key_prefix: z.string(),
  name: z.string().nullish(),
  user_id: z.string().nullish(),
  team_id: z.string().nullish(),
  owner_team_id: z.string().nullish(),
  is_active: z.boolean().default(false),
  allowed_models: z.array(z.string()).nullish(),
  valid_until: z.string().nullish(),
  created_at: z.string(),
})

function readKey(item: Record<string, unknown>): VirtualKey {
  const key = KeyItem.parse(item)
  return {
    id: key.id,
    hash: key.PK.slice(virtualKeyKey('').PK.length),
    prefix: key.key_prefix,
    name: key.name ?? null,
    userId: key.user_id ?? null,
    teamId: key.team_id ?? null,
    ownerTeamId: key.owner_team_id ?? null,
    isActive: key.is_active,
    rates: readRateLimits(item),
    budget: readBudget(item),
    allowedModels: key.allowed_models ?? null,
    validUntil: key.valid_until == null ? null : instant(Date.parse(key.valid_until)),
    createdAt: instant(Date.parse(key.created_at)),
  }
}

async function listKeys(documents: Documents, table: string, index: Index, partition: string): Promise<VirtualKey[]> {
  // They are sorted by when they were created: the newest first.
  return (await readIndex(documents, table, index, partition, 'descending')).map(readKey)
}
