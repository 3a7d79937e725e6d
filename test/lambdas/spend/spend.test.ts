/** The books as a whole, from a request that is settled to the figures that are told of it. */
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { addMs, type Instant } from '../../../lambdas/platform/instant.ts'
import { priceBookOf } from '../../../lambdas/pricing/price-book.ts'
import { openAbandonedMark } from '../../../lambdas/spend/abandoned-mark.store.ts'
import { openLedger, PENDING_SHARDS } from '../../../lambdas/spend/ledger.store.ts'
import { deadlineOf } from '../../../lambdas/spend/request-record.ts'
import { settleAbandoned } from '../../../lambdas/spend/settle-abandoned.flow.ts'
import { pendingKey, requestsOf } from '../../../lambdas/table/usage-keys.ts'
import { type FaultProxy, startFaultProxy } from '../../../local/database/fault-proxy.ts'
import { startControl, type TestControl } from '../../support/control.ts'
import { openRequest, use } from '../../support/org-usage.ts'

const running: { control: TestControl; wire: FaultProxy }[] = []
afterAll(async () => {
  for (const { control, wire } of running) {
    await control.stop()
    await wire.stop()
  }
})

let control: TestControl
let wire: FaultProxy
let token: string
beforeEach(async () => {
  control = await startControl(undefined, async (database) => {
    wire = await startFaultProxy(database)
    return wire.endpoint
  })
  running.push({ control, wire })
  ;({ token } = await control.person({ role: 'admin' }))
})

const ask = async (path: string) => (await control.ask('GET', `/admin/analytics/org/${path}?days=1`, { token })).body
const requests = async (): Promise<number> => (await ask('overview')).overview.requests

/** What `watch` does at that time. @returns how many were settled, and what was said of it */
async function watch(at: Instant) {
  const said: string[] = []
  const log = (event: string): void => void said.push(event)
  const { documents, tables } = control
  const settled = await settleAbandoned(at, {
    ledger: openLedger(documents, tables.usage, { sleep: async () => {}, chance: () => 0 }),
    mark: openAbandonedMark(documents, tables.usage),
    prices: async () => priceBookOf([]),
    shards: PENDING_SHARDS,
    log: { info: log, warn: log, error: log },
  })
  return { settled, said }
}

const MINUTE_MS = 60_000
const past = (arrivedAt: Instant): Instant => addMs(deadlineOf(arrivedAt), 2 * MINUTE_MS)

test('N7: none, three, and fifty at once by many: each is in the figures, once', async () => {
  expect(await requests()).toBe(0)
  const at = control.now()
  for (const user of ['a', 'b', 'c']) await use(control, at, { user })
  expect(await requests()).toBe(3)
  await Promise.all(
    Array.from({ length: 50 }, (_, place) => use(control, at, { user: `u${place % 5}`, team: 't', costNano: 7 })),
  )
  const { overview } = await ask('overview')
  expect(overview).toMatchObject({ requests: 53, unique_users: 8, cost_usd: 0.06000035 })
})

test('N8: a tool with a NUL in its name stops nothing, neither itself nor what comes after', async () => {
  const at = control.now()
  await use(control, at, { user: 'a', tools: ['Ba\u0000sh'] })
  await use(control, at, { user: 'a', tools: ['Bash'] })
  expect(await requests()).toBe(2)
  expect((await ask('tools')).totals.total_tool_calls).toBe(2)
})

test('N9: of three that were abandoned one cannot be read: two are settled, one is kept and told, and the next run works', async () => {
  const at = addMs(control.now(), -60 * MINUTE_MS)
  await openRequest(control, at, { user: 'a' })
  await openRequest(control, at, { user: 'b' })
  const poisoned = { ...pendingKey('req_x', deadlineOf(at)), request: 'nobody can read this' }
  await control.documents.send(new PutCommand({ TableName: control.tables.usage, Item: poisoned }))
  const { settled, said } = await watch(past(at))
  expect([settled, said.filter((event) => event === 'abandoned_settlement_failed')]).toEqual([
    2,
    ['abandoned_settlement_failed'],
  ])
  expect(await requests()).toBe(2)
  await openRequest(control, addMs(at, MINUTE_MS), { user: 'c' })
  const next = await watch(past(addMs(at, MINUTE_MS)))
  expect([next.settled, next.said.includes('requests_set_aside')]).toEqual([1, true])
  expect(await requests()).toBe(3)
})

test('N10: what could not be settled while the database was down is settled when it is up, and told meanwhile', async () => {
  const at = addMs(control.now(), -60 * MINUTE_MS)
  await openRequest(control, at, { user: 'a' })
  wire.inject({ fault: 'internal-error', times: 1000, operation: 'TransactWriteItems' })
  expect(await watch(past(at))).toEqual({ settled: 0, said: ['abandoned_settlement_failed'] })
  expect(await requests()).toBe(0)
  wire.clear()
  expect((await watch(addMs(past(at), MINUTE_MS))).settled).toBe(1)
  expect(await requests()).toBe(1)
})

test('N11: the requests of a session are known as such, with their project', async () => {
  const session = { user: 'a', sessionId: 's-1', projectKey: 'work/api' }
  for (const minute of [0, 1, 2]) await use(control, addMs(control.now(), minute * MINUTE_MS), session)
  const { Items = [] } = await control.documents.send(
    new QueryCommand({
      TableName: control.tables.usage,
      IndexName: 'GSI1',
      KeyConditionExpression: 'GSI1PK = :requests',
      ExpressionAttributeValues: { ':requests': requestsOf('a') },
    }),
  )
  expect(Items.map(({ session_id, project_key }) => [session_id, project_key])).toEqual(
    [0, 1, 2].map(() => ['s-1', 'work/api']),
  )
})
