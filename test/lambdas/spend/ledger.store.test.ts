import { randomUUID } from 'node:crypto'
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { payerOf } from '../../../lambdas/admission/allowance.ts'
import { NO_DETAILS } from '../../../lambdas/detection/request-details.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import { type Ledger, openLedger } from '../../../lambdas/spend/ledger.store.ts'
import type { OpenedRequest, RequestEnd } from '../../../lambdas/spend/request-record.ts'
import { settlementOf } from '../../../lambdas/spend/settlement.ts'
import { NO_USAGE } from '../../../lambdas/spend/usage.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { isToolsKey } from '../../../lambdas/table/usage-keys.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { createTables } from '../../support/tables.ts'

/** The database remembers a transaction by the request's id for ten minutes, so each test has its own. */
const newRequest = (): OpenedRequest => ({
  requestId: `req_${randomUUID().replaceAll('-', '')}`,
  payer: payerOf({ keyId: 'k', userId: 'u', teamId: 't', userShards: 1, teamShards: 8 }),
  model: 'claude-opus-5-5',
  target: { name: 'claude-opus-5-5', bedrockId: 'global.anthropic.claude-opus-5-5', scope: 'global' },
  endpointId: 'default',
  serviceTier: null,
  streaming: true,
  sessionId: null,
  details: NO_DETAILS,
  arrivedAt: instant(Date.parse('2026-11-24T12:00:00.000Z')),
  estimate: { ...NO_USAGE, inputTokens: 9 },
})
const END: RequestEnd = {
  status: 'ok',
  messageId: 'msg_1',
  usage: { ...NO_USAGE, inputTokens: 3, outputTokens: 4 },
  estimated: false,
  stopReason: 'end_turn',
  tools: [],
  firstByteMs: 12,
  durationMs: 1000,
}
const costOf = (nano: number) => ({ cost: nanoUsd(nano), saved: nanoUsd(0), price: 'p', unpriced: false })
const LATER = instant(Date.parse('2026-11-24T12:01:30.000Z'))

let database: Database
let documents: Documents
let table: string
let ledger: Ledger
let request: OpenedRequest

beforeAll(async () => {
  database = await startDatabase()
  documents = openDocuments({ endpoint: database.endpoint })
})
beforeEach(async () => {
  request = newRequest()
  table = (await createTables(database.endpoint)).usage
  ledger = openLedger(documents, table, { sleep: async () => {}, chance: () => 0 })
})
afterAll(async () => {
  documents?.destroy()
  await database?.stop()
})

async function items(): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await documents.send(new ScanCommand({ TableName: table, ConsistentRead: true }))
  return Items
}
const spentBy = async (subject: string): Promise<unknown[]> =>
  (await items()).filter(({ PK }) => PK === `SPEND#${subject}`).map(({ m_cost }) => m_cost)

test('what was opened is found by its deadline as it was written, until it is settled', async () => {
  await ledger.open(request)
  const shards = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((shard) => ledger.pendingOf('2026-11-24T12:16', shard)))
  expect(shards.flat().map((pending) => pending.request)).toEqual([request])
  expect(await ledger.settle(request, END, costOf(70), LATER)).toBe('settled')
  expect((await items()).some(({ PK }) => String(PK).startsWith('PEND#'))).toBe(false)
})

test.each([
  ['as another version kept them', { turnCount: 'many', flags: [{ category: 'new' }] }],
  ['not at all', undefined],
])(
  'a pending item that keeps the details of its request %s is read and settled without them',
  async (_name, details) => {
    await ledger.open({ ...request, details: { ...NO_DETAILS, turnCount: 7 } })
    const [item = {}] = await items()
    const { details: _, ...rest } = item.request as Record<string, unknown>
    await documents.send(
      new PutCommand({ TableName: table, Item: { ...item, request: { ...rest, ...(details && { details }) } } }),
    )
    const shards = await Promise.all(
      [0, 1, 2, 3, 4, 5, 6, 7].map((shard) => ledger.pendingOf('2026-11-24T12:16', shard)),
    )
    expect(shards.flat().map((pending) => pending.request)).toEqual([{ ...request, details: NO_DETAILS }])
  },
)

test('a settlement writes row and counters, or nothing at all', async () => {
  expect(await ledger.settle(request, END, costOf(70), LATER)).toBe('already')
  expect(await items()).toEqual([])
  await ledger.open(request)
  await ledger.settle(request, END, costOf(70), LATER)
  expect([await spentBy('USER#u'), await spentBy('TEAM#t')]).toEqual([[70], [70]])
})

test('a settlement that is repeated, or comes after another one of the same request, counts nothing', async () => {
  await ledger.open(request)
  await ledger.settle(request, END, costOf(70), LATER)
  await ledger.settle(request, END, costOf(70), LATER)
  expect(await ledger.settle(request, { ...END, estimated: true }, costOf(99), LATER)).toBe('already')
  expect(await spentBy('USER#u')).toEqual([70])
})

test('what is taken back leaves no trace, and cannot be settled', async () => {
  await ledger.open(request)
  await ledger.withdraw(request)
  expect(await items()).toEqual([])
  expect(await ledger.settle(request, END, costOf(70), LATER)).toBe('already')
})

test('a request that has its row is not settled again, though its pending item came back; that one is cleared away', async () => {
  // A repeat of the pending item's write that was on its way for long, after the database has forgotten the transaction.
  const { row } = settlementOf(request, END, costOf(70), LATER)
  await documents.send(new PutCommand({ TableName: table, Item: row }))
  await ledger.open(request)
  expect(await ledger.settle(request, { ...END, estimated: true }, costOf(99), LATER)).toBe('already')
  expect(await items()).toEqual([expect.objectContaining({ cost_nano: 70, estimated: false })])
})

/** Just short of 400 kB, as the names of many tools make it: the next one does not fit. */
const FULL = 'x'.repeat(399 * 1024)

test('where the names of tools have outgrown the database, the money is written all the same', async () => {
  const many = { ...END, tools: Array.from({ length: 20 }, (_, place) => `mcp__server__${'x'.repeat(40)}_${place}`) }
  const tools = settlementOf(request, many, costOf(70), LATER).increments.find(({ key }) => isToolsKey(key))?.key
  await documents.send(new PutCommand({ TableName: table, Item: { ...tools, filler: FULL } }))
  await ledger.open(request)
  expect(await ledger.settle(request, many, costOf(70), LATER)).toBe('settled')
  expect([await spentBy('USER#u'), await spentBy('TEAM#t'), await spentBy('KEY#k')]).toEqual([[70], [70], [70]])
  expect((await items()).filter(({ PK }) => /^(?:REQ|PEND)#/.test(String(PK)))).toHaveLength(1)
})
