import { randomUUID } from 'node:crypto'
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DrainTools, drainChanges, drainDue } from '../../../lambdas/notifications/drain-outbox.flow.ts'
import { openOutbox } from '../../../lambdas/notifications/outbox.store.ts'
import { addMs, type Instant, instant } from '../../../lambdas/platform/instant.ts'
import { jsonLog } from '../../../lambdas/platform/log.host.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { eventKey, OUTBOX_SHARDS, outboxPartition, timeSortKey } from '../../../lambdas/table/events-keys.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { createTables } from '../../support/tables.ts'

const now = instant(Date.parse('2026-11-24T12:00:00.500Z'))
let database: Database
let documents: Documents
let table: string
let tools: DrainTools
beforeAll(async () => {
  database = await startDatabase()
  documents = openDocuments({ endpoint: database.endpoint })
  table = (await createTables(database.endpoint)).events
  tools = { outbox: openOutbox(documents, table), log: jsonLog(() => {}), shards: OUTBOX_SHARDS }
})
afterAll(async () => {
  documents.destroy()
  await database.stop()
})

async function put(nextAttemptAt: Instant, shard = 0) {
  const id = randomUUID()
  const GSI1SK = timeSortKey(nextAttemptAt, id)
  const Item = { ...eventKey(id), id, state: 'pending', GSI1PK: outboxPartition(shard), GSI1SK }
  await documents.send(new PutCommand({ TableName: table, Item }))
  return { id, GSI1SK }
}

const read = async (id: string) =>
  (await documents.send(new GetCommand({ TableName: table, Key: eventKey(id), ConsistentRead: true }))).Item

/** As the table's stream tells of it. */
const change = (sequenceNumber: string, image: Record<string, string>, atSeconds = Math.floor(now / 1000)) => ({
  sequenceNumber,
  eventName: 'INSERT',
  dynamodb: {
    ApproximateCreationDateTime: atSeconds,
    NewImage: Object.fromEntries(Object.entries(image).map(([name, S]) => [name, { S }])),
  },
})

test('what is due is written off, with the reason, on every shard; what is not due yet stays', async () => {
  const due = await Promise.all([0, 1, 2, 3].map((shard) => put(addMs(now, -shard * 1000), shard)))
  const later = await put(addMs(now, 1))
  expect(await drainDue(now, tools)).toBe(4)
  for (const { id } of due) {
    const item = await read(id)
    expect(item).toMatchObject({
      state: 'dropped',
      drop_reason: 'no destination',
      finished_at: '2026-11-24T12:00:00.500Z',
    })
    expect(item).not.toHaveProperty('GSI1PK')
    expect(item).not.toHaveProperty('GSI1SK')
  }
  expect(await read(later.id)).toMatchObject({ state: 'pending' })
  expect(await drainDue(now, tools)).toBe(0)
  expect(await drainDue(addMs(now, 1), tools)).toBe(1)
})

test('two drains at once finish each notification once', async () => {
  await Promise.all(Array.from({ length: 5 }, () => put(now)))
  const [one, other] = await Promise.all([drainDue(now, tools), drainDue(now, tools)])
  expect(one + other).toBe(5)
})

test('one that was put off since it was read is left alone', async () => {
  const { id, GSI1SK } = await put(now)
  const putOff = timeSortKey(addMs(now, 60_000), id)
  await documents.send(
    new PutCommand({
      TableName: table,
      Item: { ...eventKey(id), id, state: 'pending', GSI1PK: outboxPartition(0), GSI1SK: putOff },
    }),
  )
  expect(await tools.outbox.drop({ id, nextAttemptAt: now, outboxSortKey: GSI1SK }, 'late', now)).toBe(false)
  expect(await read(id)).toMatchObject({ state: 'pending', GSI1SK: putOff })
})

test('the stream’s news are finished at once; audit entries and finished ones are passed over', async () => {
  const { id, GSI1SK } = await put(now)
  const later = await put(addMs(now, 10_000))
  const changes = [
    change('1', { PK: 'AUDIT#2026-11', SK: 'x', id: 'audit' }),
    change('2', { ...eventKey(id), id, GSI1SK }),
    change('3', { ...eventKey(id), id, state: 'dropped' }),
    change('4', { ...eventKey(later.id), id: later.id, GSI1SK: later.GSI1SK }),
    { sequenceNumber: '5', eventName: 'REMOVE', dynamodb: {} },
  ]
  expect(await drainChanges(changes, tools)).toBeUndefined()
  expect(await read(id)).toMatchObject({ state: 'dropped' })
  expect(await read(later.id)).toMatchObject({ state: 'pending' })
  // Lambda may show the same changes twice.
  expect(await drainChanges(changes, tools)).toBeUndefined()
})

test('the first change that fails is named, so that Lambda shows it again and those after it', async () => {
  const [before, after] = [await put(now), await put(now)]
  const changes = [
    change('1', { ...eventKey(before.id), id: before.id, GSI1SK: before.GSI1SK }),
    change('2', { PK: 'EVENT#broken', SK: 'META', id: 'broken', GSI1SK: 'no time' }),
    change('3', { ...eventKey(after.id), id: after.id, GSI1SK: after.GSI1SK }),
  ]
  expect(await drainChanges(changes, tools)).toBe('2')
  expect(await read(before.id)).toMatchObject({ state: 'dropped' })
  expect(await read(after.id)).toMatchObject({ state: 'pending' })
})
