import { randomUUID } from 'node:crypto'
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { payerOf } from '../../../lambdas/admission/allowance.ts'
import { NO_DETAILS } from '../../../lambdas/detection/request-details.ts'
import { addMs, type Instant, instant, minuteOf } from '../../../lambdas/platform/instant.ts'
import { priceBookOf } from '../../../lambdas/pricing/price-book.ts'
import { openAbandonedMark } from '../../../lambdas/spend/abandoned-mark.store.ts'
import { openLedger, PENDING_SHARDS } from '../../../lambdas/spend/ledger.store.ts'
import { deadlineOf, type OpenedRequest } from '../../../lambdas/spend/request-record.ts'
import { type AbandonedTools, settleAbandoned } from '../../../lambdas/spend/settle-abandoned.flow.ts'
import { NO_USAGE } from '../../../lambdas/spend/usage.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { type FaultProxy, startFaultProxy } from '../../../local/database/fault-proxy.ts'
import { createTables } from '../../support/tables.ts'

const MINUTE_MS = 60_000
const ARRIVED = instant(Date.parse('2026-11-24T12:00:30.000Z'))
const DEADLINE = deadlineOf(ARRIVED)

const requestAt = (arrivedAt: Instant): OpenedRequest => ({
  requestId: `req_${randomUUID().replaceAll('-', '')}`,
  payer: payerOf({ keyId: 'k', userId: 'u', teamId: null, userShards: 1, teamShards: 8 }),
  model: 'claude-opus-5-5',
  target: { name: 'claude-opus-5-5', bedrockId: 'global.anthropic.claude-opus-5-5', scope: 'global' },
  endpointId: 'default',
  serviceTier: null,
  streaming: true,
  sessionId: null,
  details: NO_DETAILS,
  arrivedAt,
  estimate: { ...NO_USAGE, inputTokens: 1000, outputTokens: 400 },
})

let database: Database
let proxy: FaultProxy
let documents: Documents
let table: string
let logged: string[]
let tools: AbandonedTools

beforeAll(async () => {
  database = await startDatabase()
  proxy = await startFaultProxy(database.endpoint)
  documents = openDocuments({ endpoint: proxy.endpoint })
})
beforeEach(async () => {
  proxy.clear()
  table = (await createTables(database.endpoint)).usage
  logged = []
  const log = (event: string): void => void logged.push(event)
  tools = {
    ledger: openLedger(documents, table, { sleep: async () => {}, chance: () => 0 }),
    mark: openAbandonedMark(documents, table),
    prices: async () => priceBookOf([]),
    shards: PENDING_SHARDS,
    log: { info: log, warn: log, error: log },
  }
})
afterAll(async () => {
  documents?.destroy()
  await proxy?.stop()
  await database?.stop()
})

async function items(prefix: string): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await documents.send(new ScanCommand({ TableName: table, ConsistentRead: true }))
  return Items.filter(({ PK }) => String(PK).startsWith(prefix))
}

test('what is pending past its deadline is settled at its estimate, flagged so, and once', async () => {
  await tools.ledger.open(requestAt(ARRIVED))
  expect(await settleAbandoned(addMs(DEADLINE, 2 * MINUTE_MS), tools)).toBe(1)
  // 1,000 tokens at 4 dollars a million and 400 at 20.
  expect(await items('REQ#')).toEqual([
    expect.objectContaining({ status: 'aborted', estimated: true, input_tokens: 1000, cost_nano: 12_000_000 }),
  ])
  expect(await items('PEND#')).toEqual([])
  expect(await settleAbandoned(addMs(DEADLINE, 9 * MINUTE_MS), tools)).toBe(0)
  expect(await items('SPEND#USER#')).toEqual([expect.objectContaining({ m_cost: 12_000_000, m_requests: 1 })])
})

test('what may still be running is left alone, to the minute', async () => {
  await tools.ledger.open(requestAt(ARRIVED))
  const minuteOver = addMs(DEADLINE, MINUTE_MS - (DEADLINE % MINUTE_MS))
  expect(await settleAbandoned(minuteOver, tools)).toBe(0)
  expect(await settleAbandoned(addMs(minuteOver, 1), tools)).toBe(1)
})

test('a minute that could not be settled is tried again, and nothing is passed over', async () => {
  await tools.ledger.open(requestAt(ARRIVED))
  await tools.ledger.open(requestAt(addMs(ARRIVED, 3 * MINUTE_MS)))
  proxy.inject({ fault: 'internal-error', times: 1000, operation: 'TransactWriteItems' })
  expect(await settleAbandoned(addMs(DEADLINE, 9 * MINUTE_MS), tools)).toBe(0)
  expect(logged).toEqual(['abandoned_settlement_failed'])
  expect(minuteOf((await tools.mark.read()) ?? instant(0))).toBe(minuteOf(DEADLINE))
  proxy.clear()
  expect(await settleAbandoned(addMs(DEADLINE, 10 * MINUTE_MS), tools)).toBe(2)
})

test('after an outage of hours of its own it goes on where it stopped', async () => {
  await settleAbandoned(addMs(ARRIVED, MINUTE_MS), tools)
  await tools.ledger.open(requestAt(ARRIVED))
  expect(await settleAbandoned(addMs(DEADLINE, 5 * 60 * MINUTE_MS), tools)).toBe(1)
})

test('a pending item that cannot be read holds up nobody, is kept, and is settled once it can be', async () => {
  const unread = requestAt(ARRIVED)
  await tools.ledger.open(unread)
  const [item] = await items('PEND#')
  await documents.send(new PutCommand({ TableName: table, Item: { ...item, request: { of: 'another version' } } }))
  await tools.ledger.open(requestAt(ARRIVED))
  await tools.ledger.open(requestAt(addMs(ARRIVED, 3 * MINUTE_MS)))
  expect(await settleAbandoned(addMs(DEADLINE, 9 * MINUTE_MS), tools)).toBe(2)
  const [aside, ...more] = await items('PEND#')
  expect([aside?.PK, aside?.SK, more]).toEqual(['PEND#ASIDE', unread.requestId, []])
  // It is told of each minute until somebody has seen to it.
  expect(await settleAbandoned(addMs(DEADLINE, 10 * MINUTE_MS), tools)).toBe(0)
  expect(logged.at(-1)).toBe('requests_set_aside')

  await documents.send(new PutCommand({ TableName: table, Item: { ...aside, request: item?.request } }))
  expect(await settleAbandoned(addMs(DEADLINE, 11 * MINUTE_MS), tools)).toBe(1)
  expect(await items('PEND#')).toEqual([])
  expect(await items('REQ#')).toHaveLength(3)
})
