import { randomUUID } from 'node:crypto'
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import type { DynamoDBStreamEvent } from 'aws-lambda'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { instant } from '../../../../lambdas/platform/instant.ts'
import { type Documents, openDocuments } from '../../../../lambdas/table/document.store.ts'
import { eventKey, outboxPartition, timeSortKey } from '../../../../lambdas/table/events-keys.ts'
import { type Database, startDatabase } from '../../../../local/database/engine.ts'
import { createTables } from '../../../support/tables.ts'

const time = '2026-11-24T12:00:00Z'
let database: Database
let documents: Documents
let table: string
beforeAll(async () => {
  database = await startDatabase()
  documents = openDocuments({ endpoint: database.endpoint })
  const tables = await createTables(database.endpoint)
  table = tables.events
  vi.stubEnv('CORE_TABLE', tables.core)
  vi.stubEnv('EVENTS_TABLE', table)
  vi.stubEnv('SEALING_KEY_ARN', 'arn:aws:kms:us-east-1:000000000000:key/sealing')
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', database.endpoint)
  vi.stubEnv('AWS_REGION', 'us-east-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
})
afterAll(async () => {
  vi.unstubAllEnvs()
  documents.destroy()
  await database.stop()
})

/** The environment is read when the module is first imported, as at a cold start. */
const handlerOf = async () => (await import('../../../../lambdas/functions/outbox/handler.ts')).handler

async function put() {
  const id = randomUUID()
  const GSI1SK = timeSortKey(instant(Date.parse(time)), id)
  const Item = { ...eventKey(id), id, state: 'pending', GSI1PK: outboxPartition(2), GSI1SK }
  await documents.send(new PutCommand({ TableName: table, Item }))
  return { id, GSI1SK }
}

const stateOf = async (id: string) =>
  (await documents.send(new GetCommand({ TableName: table, Key: eventKey(id), ConsistentRead: true }))).Item?.state

const record = (SequenceNumber: string, image: Record<string, string>): DynamoDBStreamEvent['Records'][number] => ({
  eventName: 'INSERT',
  dynamodb: {
    SequenceNumber,
    ApproximateCreationDateTime: Date.parse(time) / 1000,
    NewImage: Object.fromEntries(Object.entries(image).map(([name, S]) => [name, { S }])),
  },
})

test('the schedule finishes what is due at its own time, not at the machine’s', async () => {
  const handler = await handlerOf()
  const { id } = await put()
  await handler({ time: '2026-11-24T11:59:59Z' })
  expect(await stateOf(id)).toBe('pending')
  expect(await handler({ time })).toEqual({ batchItemFailures: [] })
  expect(await stateOf(id)).toBe('dropped')
})

test('the stream’s batch is answered with the first change that failed', async () => {
  const handler = await handlerOf()
  const { id, GSI1SK } = await put()
  const Records = [
    record('100', { ...eventKey(id), id, GSI1SK }),
    record('200', { PK: 'EVENT#broken', SK: 'META', id: 'broken', GSI1SK: 'no time' }),
  ]
  expect(await handler({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: '200' }] })
  expect(await stateOf(id)).toBe('dropped')
})
