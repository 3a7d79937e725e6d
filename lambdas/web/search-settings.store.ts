/** Settings of the web search in the Core table. A change is written only if nothing else was since it was decided. */
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { type AuditEntry, auditPut } from '../audit/audit-entry.ts'
import { searchProvidersKey, type TableKey, userKey, webSearchKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import {
  type OwnProviders,
  ownAttributes,
  readOwnProviders,
  readSearchSettings,
  type SearchSettings,
  settingsAttributes,
} from './search-settings.ts'

export type Commit = 'done' | 'changed since' | 'no such user'

export interface SearchSettingsStore {
  /** Strongly consistent. */
  ofAll(): Promise<SearchSettings>
  /** Strongly consistent. */
  ofUser(userId: string): Promise<OwnProviders>
  /** @param seen The revision that was read; the one that is written is the next. */
  setForAll(next: SearchSettings, seen: number, audit: AuditEntry): Promise<Commit>
  setForUser(userId: string, next: OwnProviders, seen: number, audit: AuditEntry): Promise<Commit>
}

export function openSearchSettings(
  documents: Documents,
  tables: { readonly core: string; readonly events: string },
  waiting: Waiting,
): SearchSettingsStore {
  const TableName = tables.core
  const read = async (Key: TableKey) =>
    (await documents.send(new GetCommand({ TableName, Key: { ...Key }, ConsistentRead: true }))).Item
  const put = (key: TableKey, attributes: Record<string, unknown>, seen: number): TransactionItems[number] => ({
    Put: {
      TableName,
      Item: { ...key, ...attributes, rev: seen + 1 },
      ...(seen === 0
        ? { ConditionExpression: 'attribute_not_exists(rev)' }
        : { ConditionExpression: 'rev = :seen', ExpressionAttributeValues: { ':seen': seen } }),
    },
  })
  const commit = async (items: TransactionItems, audit: AuditEntry): Promise<Commit> => {
    const end = await transact(documents, [...items, auditPut(tables.events, audit)], audit.id, waiting)
    if (end.done) return 'done'
    return end.refused.includes(1) ? 'no such user' : 'changed since'
  }
  return {
    ofAll: async () => readSearchSettings(await read(webSearchKey)),
    ofUser: async (userId) => readOwnProviders(await read(searchProvidersKey(userId))),
    setForAll: (next, seen, audit) => commit([put(webSearchKey, settingsAttributes(next), seen)], audit),
    setForUser(userId, next, seen, audit) {
      // Somebody who is deleted meanwhile leaves nothing behind.
      const there = { TableName, Key: userKey(userId), ConditionExpression: 'attribute_exists(PK)' }
      return commit([put(searchProvidersKey(userId), ownAttributes(next), seen), { ConditionCheck: there }], audit)
    },
  }
}
