import { afterAll, beforeAll, expect, test } from 'vitest'
import { payerOf } from '../../../lambdas/admission/allowance.ts'
import { NO_DETAILS } from '../../../lambdas/detection/request-details.ts'
import { type Instant, instant } from '../../../lambdas/platform/instant.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import { openKeyUsage } from '../../../lambdas/spend/key-usage.store.ts'
import { openLedger } from '../../../lambdas/spend/ledger.store.ts'
import type { OpenedRequest } from '../../../lambdas/spend/request-record.ts'
import { NO_USAGE } from '../../../lambdas/spend/usage.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { createTables } from '../../support/tables.ts'

let database: Database
let documents: Documents
let table: string

beforeAll(async () => {
  database = await startDatabase()
  documents = openDocuments({ endpoint: database.endpoint })
  table = (await createTables(database.endpoint)).usage
})
afterAll(async () => {
  documents?.destroy()
  await database?.stop()
})

const at = (text: string): Instant => instant(Date.parse(text))
let number = 0

async function spend(keyId: string, userId: string | null, arrivedAt: Instant, nano: number): Promise<void> {
  const request: OpenedRequest = {
    requestId: `req_${String(number++).padStart(32, '0')}`,
    payer: payerOf({ keyId, userId, teamId: 'red', userShards: 1, teamShards: 8 }),
    model: 'm',
    target: { name: 'm', bedrockId: 'global.anthropic.m', scope: 'global' },
    endpointId: 'default',
    serviceTier: null,
    streaming: true,
    sessionId: null,
    details: NO_DETAILS,
    arrivedAt,
    estimate: NO_USAGE,
  }
  const end = {
    status: 'ok',
    messageId: null,
    usage: NO_USAGE,
    estimated: false,
    stopReason: null,
    tools: [],
    firstByteMs: null,
    durationMs: 1,
  } as const
  const ledger = openLedger(documents, table, { sleep: async () => {}, chance: () => 0 })
  await ledger.open(request)
  await ledger.settle(request, end, { cost: nanoUsd(nano), saved: nanoUsd(0), price: 'p', unpriced: false }, arrivedAt)
}

test('each key has its own spend of the month and its own last use, also beside others of its owner', async () => {
  await spend('laptop', 'ann', at('2026-10-31T23:59:00Z'), 1000)
  await spend('laptop', 'ann', at('2026-11-01T00:00:00Z'), 20)
  await spend('laptop', 'ann', at('2026-11-20T10:00:00Z'), 3)
  await spend('ci', 'ann', at('2026-10-02T10:00:00Z'), 400)
  await spend('robot', null, at('2026-11-02T00:00:00Z'), 7)
  const usage = await openKeyUsage(documents, table).of(['laptop', 'ci', 'robot', 'new'], at('2026-11-24T12:00:00Z'))
  expect(Object.fromEntries(usage)).toEqual({
    laptop: { spent: 23, lastUsedAt: at('2026-11-20T10:00:00Z') },
    ci: { spent: 0, lastUsedAt: at('2026-10-02T10:00:00Z') },
    robot: { spent: 7, lastUsedAt: at('2026-11-02T00:00:00Z') },
    new: { spent: 0, lastUsedAt: null },
  })
})
