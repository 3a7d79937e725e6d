import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { OrgQuery, orgAnalyticsRoutes } from '../../../contract/org-analytics.ts'
import { isoOf } from '../../../lambdas/platform/instant.ts'
import { exportRequests } from '../../../lambdas/spend/export-requests.flow.ts'
import { openFirstHours } from '../../../lambdas/spend/first-hours.store.ts'
import { openHourItems } from '../../../lambdas/spend/hour-items.store.ts'
import { openHourPacks } from '../../../lambdas/spend/hour-packs.store.ts'
import { openRequestPages } from '../../../lambdas/spend/request-pages.store.ts'
import { requestKey } from '../../../lambdas/table/usage-keys.ts'
import { type FaultProxy, startFaultProxy } from '../../../local/database/fault-proxy.ts'
import { startControl, type TestControl } from '../../support/control.ts'
import { packFrom, team, use } from '../../support/org-usage.ts'

let wire: FaultProxy
let control: TestControl
let token: string
let red: string
beforeAll(async () => {
  control = await startControl(undefined, async (database) => {
    wire = await startFaultProxy(database)
    return wire.endpoint
  })
  ;({ token } = await control.person({ role: 'admin' }))
  red = await team(control, 'Red', { budget_nano: 1 })
  const ann = await control.person({ email: 'ann@example.com', teamId: red })
  await use(control, '2026-11-20T09:00:00Z', { user: ann.id, team: red, tools: ['Bash'] })
  await packFrom(control, '2026-11-20T00', control.now())
  await use(control, '2026-11-24T12:00:00Z', { user: ann.id, team: red, tools: ['Bash'] })
})
afterAll(async () => {
  await control.stop()
  await wire.stop()
})

const FILTERS = ['', '?user=ann@example.com', '?team=Red', '?team=__none__&model=m&endpoint=e', '?days=60']

test.each(
  orgAnalyticsRoutes.flatMap(({ path }) => (path.includes('{id}') ? [path] : FILTERS.map((filter) => path + filter))),
)('%s reads the database by keys and indexes alone, never by a scan', async (path) => {
  wire.forget()
  const answer = await control.ask('GET', path.replace('{id}', red), { token })
  expect(answer.status).toBe(200)
  const operations = new Set(wire.operations())
  expect([...operations].filter((one) => !['GetItem', 'BatchGetItem', 'Query'].includes(one))).toEqual([])
  expect(operations).toContain('Query')
})

test('a packed day costs one query, a loose one a query for each shard', async () => {
  const queries = async (window: string) => {
    wire.forget()
    await control.ask('GET', `/admin/analytics/org/models?${window}`, { token })
    return wire.operations().filter((one) => one === 'Query').length
  }
  const ofNames = await queries('from=2027-01-01&to=2027-01-01')
  const late = 1
  expect((await queries('from=2026-11-21&to=2026-11-21')) - ofNames).toBe(late + 1)
  expect((await queries('from=2026-11-19&to=2026-11-19')) - ofNames).toBe(late + 1 + 8)
})

test('few people are read by the index of their identity', async () => {
  wire.forget()
  await control.ask('GET', '/admin/analytics/org/models?days=366&user=ann@example.com', { token })
  expect(wire.operations().filter((one) => one === 'Query')).toHaveLength(3 + 1)
})

test('who was seen first when is asked once, when it is a day ago', async () => {
  const hours = openFirstHours(control.documents, control.tables.usage)
  await use(control, '2026-11-24T11:00:00Z', { user: 'fresh' })
  await use(control, '2026-11-20T11:00:00Z', { user: 'older' })
  const ask = async () => {
    wire.forget()
    const found = await hours.of(['fresh', 'older', 'nobody'], control.now())
    expect([...found]).toEqual([
      ['fresh', '2026-11-24T11'],
      ['older', '2026-11-20T11'],
    ])
    return wire.operations().length
  }
  expect(await ask()).toBe(3)
  expect(await ask()).toBe(2)
})

/** More than are written at once. */
const REQUESTS = 1_500

async function manyRequests(day: string): Promise<void> {
  const requests = Array.from({ length: REQUESTS }, (_, place) => {
    const at = (Date.parse(`${day}T00:00:00Z`) + place * 1000) as ReturnType<TestControl['now']>
    const id = `req_${String(place).padStart(32, '0')}`
    return { ...requestKey(id, at), identity: 'u', model: 'm', status: 'ok', arrived_at: isoOf(at), tools: [] }
  })
  for (let from = 0; from < requests.length; from += 25) {
    const puts = requests.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }))
    await control.documents.send(new BatchWriteCommand({ RequestItems: { [control.tables.usage]: puts } }))
  }
}

test('an export is read as it is taken, day by day from the newest, and no line is lost, doubled or out of order', async () => {
  await manyRequests('2026-06-02')
  await manyRequests('2026-06-01')
  const { documents, tables } = control
  const tools = {
    names: { all: async () => ({ people: new Map(), teams: new Map(), endpoints: new Map() }) },
    hours: { items: openHourItems(documents, tables.usage), packs: openHourPacks(documents, tables.usage) },
    pages: openRequestPages(documents, tables.usage),
  }
  const query = OrgQuery.parse({ from: '2026-06-01', to: '2026-06-02' })
  const { body } = await exportRequests('org', query, control.now(), tools)
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = decoder.decode((await reader.read()).value)
  const asked = wire.operations().length
  text += decoder.decode((await reader.read()).value)
  // The second thousand ends the first day, and begins the one before it.
  expect(wire.operations().length - asked).toBe(8)
  for (let more = await reader.read(); !more.done; more = await reader.read()) text += decoder.decode(more.value)
  const times = text
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => line.slice(0, 24))
  expect(times).toHaveLength(2 * REQUESTS)
  expect(new Set(times).size).toBe(2 * REQUESTS)
  expect(times).toEqual([...times].sort().reverse())
})

test('an export that would be too long is refused before its first line, with how long it would be', async () => {
  await use(control, '2026-05-01T00:00:00Z', { user: 'u' })
  const items = openHourItems(control.documents, control.tables.usage)
  const tools = {
    names: { all: async () => ({ people: new Map(), teams: new Map(), endpoints: new Map() }) },
    hours: { items, packs: openHourPacks(control.documents, control.tables.usage) },
    pages: openRequestPages(control.documents, control.tables.usage),
  }
  const [hour] = await items.ofPerson('AGG', 'u', { firstHour: '2026-05-01T00', lastHour: '2026-05-01T00' })
  await tools.hours.packs.write('AGG', '2026-05-01T00', [
    { part: hour?.part as never, counts: new Map([['requests', 500_001]]) },
  ])
  const query = OrgQuery.parse({ from: '2026-05-01', to: '2026-05-01' })
  await expect(exportRequests('org', query, control.now(), tools)).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining('500001 requests'),
  })
})
