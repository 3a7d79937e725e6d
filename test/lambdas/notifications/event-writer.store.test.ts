import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { budgetEventId, type GatewayEvent, rateEventId } from '../../../lambdas/notifications/event.ts'
import { type EventWriter, openEventWriter } from '../../../lambdas/notifications/event-writer.store.ts'
import { hourOf, instant } from '../../../lambdas/platform/instant.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { eventKey, eventsOf, eventsOfMonth } from '../../../lambdas/table/events-keys.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { createTables } from '../../support/tables.ts'

const at = instant(Date.parse('2026-11-24T12:00:00.250Z'))
const periodStart = instant(Date.parse('2026-11-23T00:00:00Z'))
const limit = nanoUsd(50_000_000_000)
const warning = { at_percent: 80, action: 'notify' } as const
const ada = { kind: 'user', id: '11111111-1111-4111-8111-111111111111' } as const

let database: Database
let documents: Documents
let table: string
let writer: EventWriter
beforeAll(async () => {
  database = await startDatabase()
  documents = openDocuments({ endpoint: database.endpoint })
  table = (await createTables(database.endpoint)).events
  writer = openEventWriter(documents, table)
})
afterAll(async () => {
  documents.destroy()
  await database.stop()
})

const event = (wish: Partial<GatewayEvent> = {}): GatewayEvent => ({
  id: budgetEventId(ada, 'weekly', periodStart, limit, warning),
  type: 'notify',
  userId: ada.id,
  userEmail: 'ada@example.com',
  keyId: null,
  keyName: null,
  teamId: 'team-1',
  teamName: 'Compilers',
  detail: {
    thresholdPercent: 80,
    spend: nanoUsd(41_200_000_000),
    limit,
    percent: 82.4,
    period: 'weekly',
    periodStart,
  },
  createdAt: at,
  ...wish,
})

const read = async (id: string) =>
  (await documents.send(new GetCommand({ TableName: table, Key: eventKey(id), ConsistentRead: true }))).Item

async function idsIn(index: 'GSI2' | 'GSI3', partition: string): Promise<string[]> {
  const { Items = [] } = await documents.send(
    new QueryCommand({
      TableName: table,
      IndexName: index,
      KeyConditionExpression: `${index}PK = :partition`,
      ExpressionAttributeValues: { ':partition': partition },
    }),
  )
  return Items.map(({ id }) => String(id))
}

test('L11: many writers of one threshold write one event, and the first of them is told so', async () => {
  const written = await Promise.all(Array.from({ length: 20 }, () => writer.write(event())))
  expect(written.filter(Boolean)).toHaveLength(1)
  expect(await read(event().id)).toMatchObject({ state: 'pending', attempts: 0, type: 'notify' })
})

test('L11: another rule, limit, period, subject or kind of subject is another event', () => {
  const next = instant(Date.parse('2026-11-30T00:00:00Z'))
  const ids = [
    budgetEventId(ada, 'weekly', periodStart, limit, warning),
    budgetEventId(ada, 'weekly', periodStart, limit, { ...warning, at_percent: 100 }),
    budgetEventId(ada, 'weekly', periodStart, limit, { ...warning, action: 'block' }),
    budgetEventId(ada, 'weekly', periodStart, nanoUsd(60_000_000_000), warning),
    budgetEventId(ada, 'weekly', next, limit, warning),
    budgetEventId(ada, 'daily', periodStart, limit, warning),
    budgetEventId({ ...ada, kind: 'team' }, 'weekly', periodStart, limit, warning),
    budgetEventId({ ...ada, id: '2' }, 'weekly', periodStart, limit, warning),
    rateEventId(ada, 'requests_per_minute', hourOf(at)),
    rateEventId(ada, 'tokens_per_minute', hourOf(at)),
    rateEventId({ ...ada, kind: 'key' }, 'requests_per_minute', hourOf(at)),
    rateEventId(ada, 'requests_per_minute', '2026-11-24T13'),
  ]
  expect(new Set(ids).size).toBe(ids.length)
  // They stand in addresses of the API.
  for (const id of ids) expect(id).toMatch(/^[\w.:-]{1,200}$/)
})

test('an event carries all that its payload needs, ends by itself, and stands in the lists of its subject and its month', async () => {
  const rate = event({
    id: rateEventId({ kind: 'key', id: 'key-1' }, 'requests_per_minute', hourOf(at)),
    type: 'rate_limit',
    userId: null,
    userEmail: null,
    keyId: 'key-1',
    keyName: 'ci',
    detail: { limit: 'requests_per_minute', allowed: 60 },
  })
  const team = event({
    id: budgetEventId({ kind: 'team', id: 'team-1' }, 'weekly', periodStart, limit, {
      at_percent: 100,
      action: 'block',
    }),
    type: 'team_block',
  })
  expect([await writer.write(rate), await writer.write(team)]).toEqual([true, true])
  expect(await read(event().id)).toMatchObject({
    user_id: ada.id,
    user_email: 'ada@example.com',
    team_id: 'team-1',
    team_name: 'Compilers',
    detail: {
      threshold_percent: 80,
      spend_nano_usd: 41_200_000_000,
      limit_nano_usd: 50_000_000_000,
      percent: 82.4,
      period: 'weekly',
      period_start: '2026-11-23T00:00:00.000Z',
    },
    created_at: '2026-11-24T12:00:00.250Z',
    give_up_at: '2026-11-27T12:00:00.250Z',
    // 2027-12-25: thirteen months.
    expires_at: 1_829_736_000,
  })
  expect(await read(rate.id)).toMatchObject({ key_name: 'ci', detail: { limit: 'requests_per_minute', allowed: 60 } })
  expect(await idsIn('GSI2', eventsOf(ada))).toEqual([event().id])
  expect(await idsIn('GSI2', eventsOf({ kind: 'key', id: 'key-1' }))).toEqual([rate.id])
  expect(await idsIn('GSI2', eventsOf({ kind: 'team', id: 'team-1' }))).toEqual([team.id])
  expect((await idsIn('GSI3', eventsOfMonth(at))).sort()).toEqual([event().id, rate.id, team.id].sort())
})
