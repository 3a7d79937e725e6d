import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { AFFINITY_KEPT_MS } from '../../../lambdas/endpoints/affinity.ts'
import { openEndpointFigures } from '../../../lambdas/endpoints/figures.store.ts'
import { openTraces, type Traces } from '../../../lambdas/endpoints/traces.store.ts'
import { addMs, instant } from '../../../lambdas/platform/instant.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { affinityKey, faultsPartition } from '../../../lambdas/table/ephemeral-keys.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { createTables, type TableNames } from '../../support/tables.ts'

const AT = instant(Date.UTC(2026, 10, 27, 12, 0, 30))
const HOUR_MS = 3_600_000

let database: Database
let documents: Documents
let tables: TableNames
let chances: number[]
let traces: Traces
beforeAll(async () => {
  database = await startDatabase()
  documents = openDocuments({ endpoint: database.endpoint })
})
beforeEach(async () => {
  tables = await createTables(database.endpoint)
  chances = []
  traces = openTraces(documents, tables.ephemeral, () => chances.shift() ?? 0.999)
})
afterAll(async () => {
  documents?.destroy()
  await database?.stop()
})

async function faults(endpointId: string): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await documents.send(
    new QueryCommand({
      TableName: tables.ephemeral,
      KeyConditionExpression: 'PK = :partition',
      ExpressionAttributeValues: { ':partition': faultsPartition(endpointId) },
    }),
  )
  return Items
}

test('F19: trouble is counted by endpoint, minute and kind, and whether somebody gave up', async () => {
  await traces.noteTrouble('e1', 'throttle', false, AT)
  await traces.noteTrouble('e1', 'error', false, AT)
  await traces.noteTrouble('e1', 'error', true, addMs(AT, 29_000))
  await traces.noteTrouble('e1', 'denied', true, addMs(AT, 30_000))
  await traces.noteTrouble('e2', 'denied', false, AT)
  expect(await faults('e1')).toEqual([
    {
      PK: 'FAULTS#e1',
      SK: '2026-11-27T12:00#3',
      throttles: 1,
      errors: 2,
      given_up: 1,
      expires_at: Math.floor(addMs(AT, 29_000 + 2 * HOUR_MS) / 1000),
    },
    expect.objectContaining({ SK: '2026-11-27T12:01#3', denied: 1, given_up: 1 }),
  ])
  expect(await faults('e2')).toHaveLength(1)
})

test('F19: not one is lost, though everybody meets it at once, on four items', async () => {
  chances = Array.from({ length: 100 }, (_, place) => (place % 10) / 10)
  await Promise.all(Array.from({ length: 100 }, () => traces.noteTrouble('e1', 'throttle', false, AT)))
  const items = await faults('e1')
  expect(items).toHaveLength(4)
  expect(items.reduce((total, { throttles }) => total + Number(throttles), 0)).toBe(100)
})

test('F19: what is shown of it is the last hour, and nothing where nothing was', async () => {
  const figures = openEndpointFigures(documents, tables)
  expect(await figures.faultsOf('e1', AT)).toEqual({ throttles: 0, errors: 0, denied: 0 })
  for (const ms of [0, -59 * 60_000, -60 * 60_000]) await traces.noteTrouble('e1', 'error', false, addMs(AT, ms))
  expect(await figures.faultsOf('e1', AT)).toEqual({ throttles: 0, errors: 2, denied: 0 })
})

test('F5: the last endpoint that answered a session is remembered, by session and model, for half an hour', async () => {
  const affinity = { identity: 'ann', session: 's1', model: 'claude-opus-5-5', endpointId: 'e1' }
  await traces.noteAffinity(affinity, AT)
  await traces.noteAffinity({ ...affinity, endpointId: 'e2' }, addMs(AT, 1_000))
  await traces.noteAffinity({ ...affinity, session: 's2' }, AT)
  const Key = { ...affinityKey('ann', 's1', 'claude-opus-5-5') }
  const { Item } = await documents.send(new GetCommand({ TableName: tables.ephemeral, Key }))
  expect(Item).toEqual({ ...Key, endpoint_id: 'e2', expires_at: Math.floor((AT + 1_000 + AFFINITY_KEPT_MS) / 1000) })
})
