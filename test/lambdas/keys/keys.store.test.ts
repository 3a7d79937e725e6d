import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NO_BUDGET } from '../../../lambdas/budgets/budget.ts'
import { PRESETS } from '../../../lambdas/budgets/policy.ts'
import { NO_RATE_LIMITS } from '../../../lambdas/budgets/rate-limits.ts'
import { type KeyStore, openKeys } from '../../../lambdas/keys/keys.store.ts'
import { hashOfKey, prefixOfKey, type VirtualKey } from '../../../lambdas/keys/virtual-key.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { createTables } from '../../support/tables.ts'

let database: Database
let documents: Documents
let keys: KeyStore
beforeAll(async () => {
  database = await startDatabase()
  documents = openDocuments({ endpoint: database.endpoint })
  keys = openKeys(documents, await createTables(database.endpoint), { sleep: async () => {}, chance: () => 0 })
})
afterAll(async () => {
  documents.destroy()
  await database.stop()
})

const at = instant(Date.UTC(2026, 10, 24, 12))

const keyOf = (wish: Partial<VirtualKey> = {}): VirtualKey => {
  const raw = randomUUID()
  return {
    id: randomUUID(),
    hash: hashOfKey(raw),
    prefix: prefixOfKey(raw),
    name: 'one',
    userId: null,
    teamId: null,
    ownerTeamId: null,
    isActive: true,
    rates: NO_RATE_LIMITS,
    budget: NO_BUDGET,
    allowedModels: null,
    validUntil: null,
    createdAt: at,
    ...wish,
  }
}

const audit = () => ({
  id: randomUUID(),
  at,
  requestId: 'req_1',
  actor: { userId: 'u', email: 'u@example.com' },
  action: 'key.tested',
  target: 'key:1',
  detail: {},
})

test('a key comes back as it was written, by id and by hash', async () => {
  const key = keyOf({
    rates: { rpm: 60, tpm: 100_000 },
    budget: { limit: nanoUsd(5_000_000_000), period: 'weekly', rules: PRESETS.soft },
    allowedModels: ['claude-haiku-5-5'],
    validUntil: instant(Date.UTC(2027, 0, 1)),
  })
  expect(await keys.create(key, audit())).toBe('created')
  expect(await keys.find(key.id)).toEqual(key)
  expect(await keys.findByHash(key.hash)).toEqual(key)
  expect(await keys.find(randomUUID())).toBeUndefined()
  expect(await keys.findByHash(hashOfKey('unknown'))).toBeUndefined()
})

test('a key is not written for a team or an owner that is not there', async () => {
  const teamless = keyOf({ teamId: randomUUID() })
  expect(await keys.create(teamless, audit())).toBe('no such team')
  expect(await keys.find(teamless.id)).toBeUndefined()
  expect(await keys.create(keyOf({ userId: randomUUID() }), audit())).toBe('owner changed')
  expect(await keys.create(keyOf({ userId: randomUUID(), ownerTeamId: randomUUID() }), audit())).toBe('owner changed')
})

test('neither hash nor id of a key can be taken over', async () => {
  const key = keyOf()
  await keys.create(key, audit())
  await expect(keys.create(keyOf({ hash: key.hash }), audit())).rejects.toThrow('taken')
  await expect(keys.create(keyOf({ id: key.id }), audit())).rejects.toThrow('taken')
  expect(await keys.find(key.id)).toEqual(key)
})

test('revoking or deleting a key that is gone is told, and writes nothing', async () => {
  const key = keyOf()
  expect(await keys.revoke(key, audit())).toBe(false)
  expect(await keys.delete(key, audit())).toBe(false)
  expect(await keys.findByHash(key.hash)).toBeUndefined()
})
