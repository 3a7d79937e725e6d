import { randomUUID } from 'node:crypto'
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FIRST_ENDPOINT_ID } from '../../../lambdas/endpoints/endpoint.ts'
import { teamRoutingOf } from '../../../lambdas/endpoints/read-routing.ts'
import { startControl, type TestControl } from '../../support/control.ts'

let control: TestControl
let token: string
let one: string
let two: string
beforeAll(async () => {
  control = await startControl()
  token = (await control.person({ role: 'admin' })).token
  one = await create({ name: 'One', priority: 8 })
  two = await create({ name: 'Two', priority: 4, enabled: false })
})
afterAll(() => control.stop())

const ask = (method: string, path: string, body?: unknown) => control.ask(method, path, { token, body })
async function create(form: object): Promise<string> {
  return (await ask('POST', '/admin/endpoints', { region: 'eu-west-1', routing_prefix: 'eu', ...form })).body.id
}
const team = async (): Promise<string> => (await ask('POST', '/admin/teams', { name: randomUUID() })).body.id
const read = async (id: string) => (await ask('GET', `/admin/teams/${id}/endpoints`)).body
const set = (id: string, body: object) => ask('PUT', `/admin/teams/${id}/endpoints`, body)
const ids = ({ endpoints }: { endpoints: { id: string }[] }) => endpoints.map((row) => row.id)
const item = async (id: string) => {
  const Key = { PK: `TEAM#${id}`, SK: 'META' }
  return (await control.documents.send(new GetCommand({ TableName: control.tables.core, Key }))).Item ?? {}
}

const NOTHING = { guardrail_id: null, guardrail_version: null, service_tier: null, latency: null }

test('F8: a team has no list at first, and each person stays on one endpoint', async () => {
  expect(await read(await team())).toEqual({
    endpoints: [],
    routing_strategy: 'sticky_user',
    bedrock: NOTHING,
    rev: 0,
  })
})

test("E1, F8, W34: rows come in the team's order, with its own priority beside that of the endpoint", async () => {
  const id = await team()
  const answer = await set(id, {
    routing_strategy: 'primary_fallback',
    endpoints: [
      { endpoint_id: FIRST_ENDPOINT_ID, priority: 3 },
      { endpoint_id: one, priority: 1 },
      { endpoint_id: two, priority: 1 },
    ],
  })
  expect(answer.body).toEqual({ updated: true })
  const body = await read(id)
  expect(body.routing_strategy).toBe('primary_fallback')
  expect(body.endpoints).toMatchObject([
    { id: two, name: 'Two', priority: 1, endpoint_priority: 4, enabled: false, is_default: false },
    { id: one, name: 'One', priority: 1, endpoint_priority: 8, enabled: true },
    { id: FIRST_ENDPOINT_ID, priority: 3, endpoint_priority: 0, is_default: true },
  ])
  // The team itself tells it too.
  const { teams } = (await ask('GET', '/admin/teams')).body
  expect(teams.find((row: { id: string }) => row.id === id).routing_strategy).toBe('primary_fallback')
})

test('W34: the list is replaced whole; what is not named of the rest stays', async () => {
  const id = await team()
  await set(id, {
    routing_strategy: 'round_robin',
    endpoints: [{ endpoint_id: one }, { endpoint_id: two, priority: 1 }],
    bedrock: { service_tier: 'flex', guardrail_id: 'abc', guardrail_version: 'DRAFT' },
  })
  await set(id, { endpoints: [{ endpoint_id: two }] })
  const kept = await read(id)
  expect(ids(kept)).toEqual([two])
  expect(kept).toMatchObject({
    routing_strategy: 'round_robin',
    bedrock: { ...NOTHING, service_tier: 'flex', guardrail_id: 'abc', guardrail_version: 'DRAFT' },
  })
  await set(id, { endpoints: [], bedrock: { latency: 'optimized' } })
  expect(await read(id)).toMatchObject({ endpoints: [], bedrock: { ...NOTHING, latency: 'optimized' } })
  await set(id, { endpoints: [], bedrock: null })
  expect((await read(id)).bedrock).toEqual(NOTHING)
})

test('the data plane reads what was set', async () => {
  const id = await team()
  await set(id, { endpoints: [{ endpoint_id: one, priority: 2 }], bedrock: { service_tier: 'priority' } })
  expect(teamRoutingOf(await item(id))).toEqual({
    endpoints: [{ id: one, priority: 2 }],
    strategy: 'sticky_user',
    options: { guardrail: null, serviceTier: 'priority', latency: null },
  })
})

test.each([
  ['twice', () => [{ endpoint_id: one }, { endpoint_id: one, priority: 2 }]],
  ['there is no endpoint', () => [{ endpoint_id: one }, { endpoint_id: randomUUID() }]],
])('a list in which an endpoint is %s… is refused whole, and what was there stays', async (words, list) => {
  const id = await team()
  await set(id, { endpoints: [{ endpoint_id: two }] })
  const before = await item(id)
  const { status, body } = await set(id, { endpoints: list(), routing_strategy: 'round_robin' })
  expect(status).toBe(400)
  expect(body.error.message).toMatch(/^endpoints: /)
  expect(body.error.message).toContain(words)
  expect(await item(id)).toEqual(before)
})

test('a strategy that is none, and half a guardrail, are named', async () => {
  const id = await team()
  const strategy = await set(id, { endpoints: [], routing_strategy: 'least_latency' })
  expect([strategy.status, strategy.body.error.message]).toEqual([400, expect.stringMatching(/^routing_strategy: /)])
  const half = await set(id, { endpoints: [], bedrock: { guardrail_id: 'abc' } })
  expect([half.status, half.body.error.message]).toEqual([400, expect.stringMatching(/^guardrail_version: /)])
})

test('an unknown team is 404, and is not made by it', async () => {
  const id = randomUUID()
  expect((await ask('GET', `/admin/teams/${id}/endpoints`)).status).toBe(404)
  const answer = await set(id, { endpoints: [] })
  expect([answer.status, answer.body.error.message]).toEqual([404, 'Team not found'])
  expect(await item(id)).toEqual({})
})

test('of two who have seen the same list, the second is told', async () => {
  const id = await team()
  const answers = await Promise.all([one, two].map((endpoint_id) => set(id, { endpoints: [{ endpoint_id }], rev: 0 })))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
  expect(await read(id)).toMatchObject({ rev: 1, endpoints: [{ id: answers[0]?.status === 200 ? one : two }] })
})

test('a list is not for members', async () => {
  const member = (await control.person()).token
  const id = await team()
  expect((await control.ask('GET', `/admin/teams/${id}/endpoints`, { token: member })).status).toBe(403)
  const body = { endpoints: [] }
  expect((await control.ask('PUT', `/admin/teams/${id}/endpoints`, { token: member, body })).status).toBe(403)
})
