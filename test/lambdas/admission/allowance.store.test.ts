import { type BatchGetCommandInput, DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AllowanceStore, openAllowances } from '../../../lambdas/admission/allowance.store.ts'
import { payerOf } from '../../../lambdas/admission/allowance.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { configStampKey, teamKey, userKey, virtualKeyKey } from '../../../lambdas/table/core-keys.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { affinityKey } from '../../../lambdas/table/ephemeral-keys.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { type FaultProxy, startFaultProxy } from '../../../local/database/fault-proxy.ts'
import { createTables, type TableNames } from '../../support/tables.ts'

const AT = instant(Date.UTC(2026, 10, 27))
const QUESTION = { at: AT, spending: true }
const AFFINE = { at: AT, spending: false, affinity: { session: 's1', model: 'claude-opus-5-5' } }

let database: Database
let proxy: FaultProxy
let documents: Documents
let tables: TableNames
let table: string
let allowances: AllowanceStore

beforeAll(async () => {
  database = await startDatabase()
  proxy = await startFaultProxy(database.endpoint)
  tables = await createTables(database.endpoint)
  table = tables.core
  documents = openDocuments({ endpoint: proxy.endpoint })
})
beforeEach(async () => {
  allowances = openAllowances(documents, tables)
  await put(virtualKeyKey('hash'), { id: 'key', user_id: 'ann', owner_team_id: 'red', is_active: true })
  await put(userKey('ann'), { id: 'ann', active: true, team_id: 'red' })
  await put(userKey('bob'), { id: 'bob', active: true, team_id: 'blue', counter_shards: 4 })
  for (const id of ['red', 'blue']) await put(teamKey(id), { id })
  proxy.forget()
})
afterAll(async () => {
  documents?.destroy()
  await proxy?.stop()
  await database?.stop()
})

const put = (key: object, item: object) =>
  documents.send(new PutCommand({ TableName: table, Item: { ...key, ...item } }))

async function read() {
  const graph = allowances.recall('hash') ?? (await allowances.locate('hash'))
  return graph === undefined ? undefined : await allowances.read('hash', graph, QUESTION)
}

test('a cold credential takes two round trips, a warm one takes one', async () => {
  await read()
  expect(proxy.operations()).toEqual(['BatchGetItem', 'BatchGetItem'])
  proxy.forget()
  await read()
  expect(proxy.operations()).toEqual(['BatchGetItem'])
})

test('every read is strongly consistent: a hint is never mistaken for a fact', async () => {
  const consistent: unknown[] = []
  documents.middlewareStack.add(
    (next) => (args) => {
      const { RequestItems = {} } = args.input as BatchGetCommandInput
      consistent.push(...Object.values(RequestItems).map(({ ConsistentRead }) => ConsistentRead))
      return next(args)
    },
    { step: 'initialize', name: 'listen' },
  )
  await read()
  documents.middlewareStack.remove('listen')
  expect(consistent).toEqual([true, true, true, true])
})

test('an unknown credential is no allowance, and is not remembered', async () => {
  expect(await allowances.locate('other')).toBeUndefined()
  expect(allowances.recall('other')).toBeUndefined()
})

test('a revoked key and a deactivated owner are seen by the very next read, in every environment', async () => {
  const other = openAllowances(documents, tables)
  await read()
  await other.read('hash', (await other.locate('hash')) ?? expect.unreachable(), QUESTION)
  await put(virtualKeyKey('hash'), { id: 'key', user_id: 'ann', owner_team_id: 'red', is_active: false })
  await put(userKey('ann'), { id: 'ann', active: false, team_id: 'red' })
  for (const one of [allowances, other]) {
    const graph = one.recall('hash')
    const reading = graph && (await one.read('hash', graph, QUESTION))
    expect(reading?.allowance).toMatchObject({ key: { isActive: false }, owner: { active: false } })
  }
})

test('an owner who changed the team pays for the new one from the next request on', async () => {
  await read()
  await put(userKey('ann'), { id: 'ann', active: true, team_id: 'blue' })
  const reading = await read()
  expect(reading?.allowance.team?.id).toBe('blue')
  expect(reading && payerOf(reading.graph)).toMatchObject({ identity: 'ann', teamId: 'blue' })
})

test('a key that was given to somebody else is theirs from the next request on', async () => {
  await read()
  await put(virtualKeyKey('hash'), { id: 'key', user_id: 'bob', owner_team_id: 'blue', is_active: true })
  const reading = await read()
  expect(reading?.allowance).toMatchObject({ owner: { id: 'bob' }, team: { id: 'blue' } })
  expect(reading?.graph.userShards).toBe(4)
})

test('a key’s own team goes before its owner’s', async () => {
  await put(virtualKeyKey('hash'), {
    id: 'key',
    user_id: 'ann',
    team_id: 'blue',
    owner_team_id: 'red',
    is_active: true,
  })
  expect((await read())?.allowance.team?.id).toBe('blue')
})

test('a key without owner and team is an allowance of its own; one whose owner is gone says so', async () => {
  await put(virtualKeyKey('hash'), { id: 'key', is_active: true })
  const alone = await read()
  expect(alone?.allowance).toMatchObject({ owner: null, team: null })
  expect(alone && payerOf(alone.graph)).toMatchObject({
    identity: 'key:key',
    counters: [{ subject: { kind: 'key', id: 'key' }, shards: 1 }],
  })
  await put(virtualKeyKey('hash'), { id: 'key', user_id: 'ann', is_active: true })
  await documents.send(new DeleteCommand({ TableName: table, Key: { ...userKey('ann') } }))
  expect((await read())?.allowance.owner).toBe('missing')
})

test('keys that come back unread are read again', async () => {
  await read()
  proxy.inject({ fault: 'unprocessed-keys', times: 3, operation: 'BatchGetItem' })
  expect((await read())?.allowance.key.id).toBe('key')
})

const affine = (endpoint_id: string, seconds: number) =>
  documents.send(
    new PutCommand({
      TableName: tables.ephemeral,
      Item: { ...affinityKey('ann', 's1', 'claude-opus-5-5'), endpoint_id, expires_at: AT / 1000 + seconds },
    }),
  )

test('where a session was last answered is read along, in the same round trip, and not after its time', async () => {
  const question = AFFINE
  const graph = (await allowances.locate('hash')) ?? expect.unreachable()
  const affinityNow = async () => (await allowances.read('hash', graph, question))?.allowance.affinity
  expect(await affinityNow()).toBeNull()
  await affine('e1', 60)
  proxy.forget()
  expect(await affinityNow()).toEqual({ endpointId: 'e1', until: AT + 60_000 })
  expect(proxy.operations()).toEqual(['BatchGetItem'])
  await affine('e1', -1)
  expect(await affinityNow()).toBeNull()
})

test('keys that come back unread are read again, of both tables', async () => {
  const graph = (await allowances.locate('hash')) ?? expect.unreachable()
  await affine('e1', 60)
  proxy.inject({ fault: 'unprocessed-keys', times: 3, operation: 'BatchGetItem' })
  const reading = await allowances.read('hash', graph, AFFINE)
  expect(reading?.allowance).toMatchObject({ key: { id: 'key' }, affinity: { endpointId: 'e1' } })
})

test('an affinity is that of one person, one session and one model', async () => {
  const graph = (await allowances.locate('hash')) ?? expect.unreachable()
  await affine('e1', 60)
  for (const other of [{ session: 's2' }, { session: '' }, { model: 'claude-sonnet-5-5' }]) {
    const question = { ...AFFINE, affinity: { ...AFFINE.affinity, ...other } }
    expect((await allowances.read('hash', graph, question))?.allowance.affinity).toBeNull()
  }
  await put(virtualKeyKey('hash'), { id: 'key', user_id: 'bob', owner_team_id: 'blue', is_active: true })
  const reading = await allowances.read('hash', graph, AFFINE)
  expect(reading?.allowance).toMatchObject({ owner: { id: 'bob' }, affinity: null })
})

test('who has no team is asked for no affinity, and the table of what may be forgotten not at all', async () => {
  await put(virtualKeyKey('hash'), { id: 'key', is_active: true })
  const graph = (await allowances.locate('hash')) ?? expect.unreachable()
  const asked: string[] = []
  documents.middlewareStack.add(
    (next) => (args) => {
      asked.push(...Object.keys((args.input as BatchGetCommandInput).RequestItems ?? {}))
      return next(args)
    },
    { step: 'initialize', name: 'listen' },
  )
  await allowances.read('hash', graph, AFFINE)
  documents.middlewareStack.remove('listen')
  expect(asked).toEqual([tables.core])
})

test('the team’s routing and the version of the endpoints come along; both are there before anything is written', async () => {
  expect((await read())?.allowance).toMatchObject({
    endpointsVersion: 0,
    team: { routing: { strategy: 'sticky_user', endpoints: [], options: { guardrail: null } } },
  })
  await put(configStampKey, { prices: 3, endpoints: 7 })
  await put(teamKey('red'), {
    id: 'red',
    routing_strategy: 'round_robin',
    endpoints: [{ id: 'e2', priority: 1 }, { id: 'e1' }],
    bedrock_options: { guardrail_id: 'g', guardrail_version: '2', service_tier: 'unheard-of' },
  })
  expect((await read())?.allowance).toMatchObject({
    pricesVersion: 3,
    endpointsVersion: 7,
    team: {
      routing: {
        strategy: 'round_robin',
        endpoints: [
          { id: 'e2', priority: 1 },
          { id: 'e1', priority: 0 },
        ],
        options: { guardrail: { id: 'g', version: '2' }, serviceTier: null },
      },
    },
  })
})

test('a team whose list cannot be read is served by nobody, rather than by the default endpoint', async () => {
  await put(teamKey('red'), { id: 'red', endpoints: 'all' })
  await expect(read()).rejects.toThrow()
})

test('a team of one endpoint has nothing to stick to, and nothing is read for it', async () => {
  await put(teamKey('red'), { id: 'red', endpoints: [{ id: 'e1', priority: 0 }] })
  await affine('e1', 60)
  await read()
  const graph = allowances.recall('hash') ?? expect.unreachable()
  expect(graph.sticks).toBe(false)
  const reading = await allowances.read('hash', graph, AFFINE)
  expect(reading?.allowance.affinity).toBeNull()
})
