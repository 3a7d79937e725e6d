import { randomUUID } from 'node:crypto'
import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FIRST_ENDPOINT_ID } from '../../../lambdas/endpoints/endpoint.ts'
import { startAws, type TestAws } from '../../support/aws.ts'
import { startControl, type TestControl } from '../../support/control.ts'

let aws: TestAws
let control: TestControl
let token: string
let email: string
beforeAll(async () => {
  aws = await startAws()
})
afterAll(() => aws.stop())
beforeEach(async () => {
  control = await startControl(aws)
  const admin = await control.person({ role: 'admin' })
  token = admin.token
  email = admin.email
})
afterEach(() => control.stop())

const ask = (method: string, path: string, body?: unknown) => control.ask(method, path, { token, body })
const FORM = { name: 'Europe', region: 'eu-west-1', routing_prefix: 'eu' }
const create = async (form: object = {}) => {
  const { status, body } = await ask('POST', '/admin/endpoints', { ...FORM, ...form })
  expect([status, body.error?.message]).toEqual([201, undefined])
  return body
}
const read = async (id: string) => (await ask('GET', `/admin/endpoints/${id}`)).body
const list = async () => (await ask('GET', '/admin/endpoints')).body.endpoints
const defaults = async () => (await list()).filter((one: { is_default: boolean }) => one.is_default)
const team = async (name: string = randomUUID()) => (await ask('POST', '/admin/teams', { name })).body
const listOf = (id: string, endpoints: readonly object[], rest: object = {}) =>
  ask('PUT', `/admin/teams/${id}/endpoints`, { endpoints, ...rest })

async function partition() {
  const { Items = [] } = await control.documents.send(
    new QueryCommand({
      TableName: control.tables.core,
      KeyConditionExpression: 'PK = :pk',
      ExpressionAttributeValues: { ':pk': 'ENDPOINTS' },
    }),
  )
  return Items
}
const sortKeys = async () => (await partition()).map(({ SK }) => SK)
async function stamps() {
  const get = async (PK: string, SK: string) =>
    (await control.documents.send(new GetCommand({ TableName: control.tables.core, Key: { PK, SK } }))).Item?.endpoints
  return [await get('ENDPOINTS', 'STAMP'), await get('VERSION', 'META')]
}
async function audit() {
  const { Items = [] } = await control.documents.send(
    new QueryCommand({
      TableName: control.tables.events,
      KeyConditionExpression: 'PK = :pk',
      ExpressionAttributeValues: { ':pk': `AUDIT#${new Date(control.now()).toISOString().slice(0, 7)}` },
    }),
  )
  return Items
}

describe('the endpoint that a deployment brings', () => {
  test('is there as long as nothing was written, the default, in the place of the gateway', async () => {
    const { body } = await ask('GET', '/admin/endpoints')
    expect(body.endpoints).toMatchObject([
      {
        id: FIRST_ENDPOINT_ID,
        name: 'Default',
        region: 'us-east-1',
        routing_prefix: 'us',
        role_arn: null,
        is_default: true,
        enabled: true,
        health: 'unknown',
        teams: [],
      },
    ])
    expect(body.gateway).toEqual({
      account_id: '000000000000',
      role_names: 'ccag-*',
      region: 'us-east-1',
      routing_prefix: 'us',
    })
    expect(await partition()).toEqual([])
  })

  test.each([
    ['another endpoint is made', () => create()],
    ['a team gets a list', async () => listOf((await team()).id, [{ endpoint_id: FIRST_ENDPOINT_ID }])],
    ['rules are set', async () => ask('PUT', '/admin/bedrock/rules', { rules: NO_RULES })],
    ['its models are listed', async () => ask('GET', `/admin/endpoints/${FIRST_ENDPOINT_ID}/models`)],
  ])('does not vanish when %s', async (_what, write) => {
    await write()
    expect(await read(FIRST_ENDPOINT_ID)).toMatchObject({ name: 'Default', is_default: true, region: 'us-east-1' })
    expect(await sortKeys()).toContain(`${FIRST_ENDPOINT_ID}#META`)
    expect(await stamps()).toEqual([1, 1])
  })

  test('is written down as it is changed', async () => {
    expect((await ask('PATCH', `/admin/endpoints/${FIRST_ENDPOINT_ID}`, { name: 'Home' })).status).toBe(200)
    expect(await read(FIRST_ENDPOINT_ID)).toMatchObject({
      name: 'Home',
      is_default: true,
      created_at: new Date(control.now()).toISOString(),
    })
  })

  test('stays away once it was deleted, and whatever is made next is the default', async () => {
    expect((await ask('DELETE', `/admin/endpoints/${FIRST_ENDPOINT_ID}`)).body).toEqual({ deleted: true })
    expect(await list()).toEqual([])
    expect((await create()).is_default).toBe(true)
    expect(await list()).toHaveLength(1)
  })

  test('shows what was found of it before anything was written', async () => {
    const checked_at = '2026-11-24T12:29:00.000Z'
    await control.put({
      PK: 'ENDPOINTS',
      SK: `${FIRST_ENDPOINT_ID}#HEALTH`,
      state: 'healthy',
      reason: null,
      checked_at,
    })
    expect(await read(FIRST_ENDPOINT_ID)).toMatchObject({ health: 'healthy', last_health_check: checked_at })
  })
})

const NO_RULES = { accepted_betas: [], refused_betas: [], renamed_betas: {}, members_of_beta: {}, models: [] }

describe('endpoints', () => {
  test('E1: are created and listed by priority, then name', async () => {
    await create({ name: 'b', priority: 5 })
    await create({ name: 'a', priority: 5 })
    await create({ name: 'z', priority: 1 })
    const names = (await list()).map(({ name }: { name: string }) => name)
    expect(names).toEqual(['Default', 'z', 'a', 'b'])
  })

  test('E8: one without a profile has every field, no override and no word of deprecation', async () => {
    const { headers, body } = await ask('POST', '/admin/endpoints', {
      ...FORM,
      role_arn: 'arn:aws:iam::111122223333:role/claude',
      external_id: 'secret-of-two',
      guardrail_id: 'abc123',
      guardrail_version: '3',
      service_tier: 'flex',
      latency: 'optimized',
      upstream: 'messages',
      priority: 7,
      enabled: false,
    })
    expect(body).toEqual({
      id: expect.any(String),
      ...FORM,
      role_arn: 'arn:aws:iam::111122223333:role/claude',
      external_id: 'secret-of-two',
      inference_profile_arn: null,
      priority: 7,
      is_default: false,
      enabled: false,
      created_at: new Date(control.now()).toISOString(),
      upstream: 'messages',
      guardrail_id: 'abc123',
      guardrail_version: '3',
      service_tier: 'flex',
      latency: 'optimized',
      rev: 1,
      health: 'unknown',
      health_reason: null,
      last_health_check: null,
      health_history: [],
      teams: [],
      aip_overrides: [],
    })
    expect([headers.get('deprecation'), headers.get('sunset')]).toEqual([null, null])
    expect(await read(body.id)).toEqual(body)
  })

  test.each([
    ['region', { region: 'eu-west' }],
    ['region', { region: 'us-east-1' }],
    ['region', { region: 'us-gov-west-1', routing_prefix: 'us' }],
    ['region', { region: 'ap-southeast-1', routing_prefix: 'jp' }],
    ['region', { region: 'ap-southeast-1', routing_prefix: 'au' }],
    ['region', { region: 'us-east-1', routing_prefix: 'us-gov' }],
    ['routing_prefix', { routing_prefix: 'mars' }],
    ['name', { name: ' ' }],
    ['role_arn', { role_arn: 'arn:aws:iam::1:role/x' }],
    ['role_arn', { role_arn: 'arn:aws-us-gov:iam::111122223333:role/x' }],
    ['external_id', { role_arn: 'arn:aws:iam::111122223333:role/x', external_id: 'with space' }],
    ['external_id', { external_id: 'nobody-to-tell' }],
    ['guardrail_version', { guardrail_id: 'abc' }],
    ['guardrail_id', { guardrail_version: '1' }],
    ['guardrail_version', { guardrail_id: 'abc', guardrail_version: '0' }],
    ['service_tier', { service_tier: 'gold' }],
    ['latency', { latency: 'low' }],
    ['priority', { priority: -1 }],
    ['upstream', { upstream: 'converse' }],
    ['inference_profile_arn', { inference_profile_arn: 'arn:aws:s3:::bucket' }],
    ['unknown member', { colour: 'red' }],
  ])('%s: is named when it is wrong: %j', async (field, form) => {
    const { status, body } = await ask('POST', '/admin/endpoints', { ...FORM, ...form })
    expect(status).toBe(400)
    expect(body.error.message).toMatch(new RegExp(`^${field}: `))
    expect(await partition()).toEqual([])
  })

  test.each([
    ['us', 'ca-central-1'],
    ['eu', 'eu-north-1'],
    ['jp', 'ap-northeast-3'],
    ['apac', 'me-central-1'],
    ['au', 'ap-southeast-4'],
    ['us-gov', 'us-gov-east-1'],
    ['global', 'sa-east-1'],
  ])('the scope %s can be called from %s', async (routing_prefix, region) => {
    expect(await create({ routing_prefix, region })).toMatchObject({ routing_prefix, region })
  })

  test('D34: what is not named stays as it is, by PUT as by PATCH', async () => {
    const full = await create({
      role_arn: 'arn:aws:iam::111122223333:role/claude',
      external_id: 'both',
      priority: 9,
      enabled: false,
      guardrail_id: 'abc123',
      guardrail_version: 'DRAFT',
      service_tier: 'priority',
      latency: 'standard',
      inference_profile_arn: ARN,
    })
    const put = await ask('PUT', `/admin/endpoints/${full.id}`, { ...FORM, name: 'Renamed' })
    expect(put.body).toEqual({ updated: true })
    expect(await read(full.id)).toEqual({ ...full, name: 'Renamed', rev: 2 })
    const { body } = await ask('PATCH', `/admin/endpoints/${full.id}`, { priority: 3 })
    expect(body).toEqual({ ...full, name: 'Renamed', priority: 3, rev: 3 })
    // null takes away, and what hangs on it.
    const { body: bare } = await ask('PATCH', `/admin/endpoints/${full.id}`, { role_arn: null, guardrail_id: null })
    expect(bare).toMatchObject({ role_arn: null, external_id: null, guardrail_id: null, guardrail_version: null })
    expect(bare).toMatchObject({ service_tier: 'priority', priority: 3, inference_profile_arn: ARN })
  })

  test('a change of nothing changes nothing', async () => {
    const { id } = await create()
    const before = await stamps()
    expect((await ask('PATCH', `/admin/endpoints/${id}`, { name: FORM.name })).body.rev).toBe(1)
    expect(await stamps()).toEqual(before)
  })

  test('of two who have seen the same, the second is told, and nothing of his is written', async () => {
    const { id, rev } = await create()
    const answers = await Promise.all(
      ['one', 'two'].map((name) => ask('PATCH', `/admin/endpoints/${id}`, { name, rev })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const winner = answers.find(({ status }) => status === 200)?.body
    expect(await read(id)).toEqual(winner)
    expect(answers.find(({ status }) => status === 409)?.body.error.message).toMatch(/^rev: /)
    expect((await ask('PUT', `/admin/endpoints/${id}`, { ...FORM, rev })).status).toBe(409)
  })

  test('many at once are all made, each counted once', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, place) => create({ name: `n${place}` })))
    expect(await list()).toHaveLength(9)
    expect(await stamps()).toEqual([8, 8])
  })

  test('what was found of a place is forgotten when the endpoint moves, and only then', async () => {
    const { id } = await create()
    await ask('GET', `/admin/endpoints/${id}/models`)
    await control.put({ PK: 'ENDPOINTS', SK: `${id}#HEALTH`, state: 'healthy', checked_at: '2026-11-24T12:00:00.000Z' })
    await ask('PATCH', `/admin/endpoints/${id}`, { name: 'Same place', priority: 2 })
    expect((await read(id)).health).toBe('healthy')
    expect(await sortKeys()).toContain(`${id}#MODELS`)
    const moved = await ask('PATCH', `/admin/endpoints/${id}`, { region: 'eu-central-1' })
    expect(moved.body).toMatchObject({ health: 'unknown', last_health_check: null })
    const left = await sortKeys()
    expect(left.filter((SK) => String(SK).startsWith(id))).toEqual([`${id}#META`])
  })

  test.each([
    ['GET', ''],
    ['PUT', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['PUT', '/default'],
    ['GET', '/quotas'],
    ['GET', '/models'],
    ['POST', '/test'],
    ['GET', '/aip-overrides'],
  ])('%s of an unknown one%s is 404', async (method, rest) => {
    const body = rest === '' && method.startsWith('P') ? FORM : undefined
    const answer = await ask(method, `/admin/endpoints/${randomUUID()}${rest}`, body)
    expect([answer.status, answer.body.error]).toEqual([404, { type: 'admin_error', message: 'Endpoint not found' }])
  })
})

describe('the default', () => {
  test('E1, F8: is one, and moves', async () => {
    const { id } = await create()
    expect((await ask('PUT', `/admin/endpoints/${id}/default`)).body).toEqual({ updated: true })
    expect(await defaults()).toMatchObject([{ id }])
    const before = await stamps()
    await ask('PUT', `/admin/endpoints/${id}/default`)
    expect(await stamps()).toEqual(before)
  })

  test('E19, W33: is kept when an unknown one is to take its place', async () => {
    const { id } = await create()
    await ask('PUT', `/admin/endpoints/${id}/default`)
    expect((await ask('PUT', `/admin/endpoints/${randomUUID()}/default`)).status).toBe(404)
    expect(await defaults()).toMatchObject([{ id }])
  })

  test('is neither deleted nor disabled while others are there, and no disabled one takes its place', async () => {
    const { id } = await create({ enabled: false })
    const disabled = await ask('PATCH', `/admin/endpoints/${FIRST_ENDPOINT_ID}`, { enabled: false })
    expect([disabled.status, disabled.body.error.message]).toEqual([
      409,
      'The default endpoint cannot be disabled. Make another one the default first.',
    ])
    const deleted = await ask('DELETE', `/admin/endpoints/${FIRST_ENDPOINT_ID}`)
    expect([deleted.status, deleted.body.error.message]).toEqual([
      409,
      'The default endpoint cannot be deleted. Make another one the default first.',
    ])
    expect((await ask('PUT', `/admin/endpoints/${id}/default`)).status).toBe(409)
    await ask('PATCH', `/admin/endpoints/${id}`, { enabled: true })
    await ask('PUT', `/admin/endpoints/${id}/default`)
    expect((await ask('DELETE', `/admin/endpoints/${FIRST_ENDPOINT_ID}`)).status).toBe(200)
    expect(await defaults()).toMatchObject([{ id }])
  })
})

test('an endpoint goes with its overrides and its place in every list, in one step', async () => {
  const { id } = await create()
  const [one, two, three] = [await team('One'), await team('Two'), await team('Three')]
  const both = [
    { endpoint_id: id, priority: 1 },
    { endpoint_id: FIRST_ENDPOINT_ID, priority: 2 },
  ]
  await listOf(one.id, both)
  await listOf(two.id, both.slice(0, 1))
  await listOf(three.id, both.slice(1))
  expect((await read(id)).teams).toEqual([one, two].map(({ id: teamId, name }) => ({ id: teamId, name })))
  await ask('POST', `/admin/endpoints/${id}/aip-overrides`, { model_id: 'claude-opus-4-8', aip_arn: ARN })
  await ask('POST', '/admin/beta-overrides', { endpoint_id: id, profile_id: 'p', beta_name: 'b', supported: true })
  await ask('GET', `/admin/endpoints/${id}/models`)
  const [before] = await stamps()

  expect((await ask('DELETE', `/admin/endpoints/${id}`)).body).toEqual({ deleted: true })
  expect((await sortKeys()).filter((SK) => String(SK).startsWith(id))).toEqual([])
  const lists = await Promise.all(
    [one, two, three].map(async (of) => (await ask('GET', `/admin/teams/${of.id}/endpoints`)).body.endpoints),
  )
  expect(lists.map((rows) => rows.map((row: { id: string }) => row.id))).toEqual([
    [FIRST_ENDPOINT_ID],
    [],
    [FIRST_ENDPOINT_ID],
  ])
  expect(await stamps()).toEqual([before + 1, before + 1])
  expect((await audit()).find(({ action }) => action === 'endpoint.deleted')?.detail.teams).toEqual(['One', 'Two'])
})

test('an endpoint in more lists than one step can change stays whole', async () => {
  const { id } = await create()
  for (let place = 0; place < 90; place++) {
    const teamId = randomUUID()
    const list = { GSI1PK: 'TEAMS', GSI1SK: `t${place}`, endpoints: [{ id, priority: 0 }] }
    await control.put({ PK: `TEAM#${teamId}`, SK: 'META', id: teamId, name: `t${place}`, ...list })
  }
  const before = await partition()
  const { status, body } = await ask('DELETE', `/admin/endpoints/${id}`)
  expect([status, body.error.message]).toEqual([409, expect.stringContaining('in the lists of 90 teams')])
  expect(await partition()).toEqual(before)
})

test('an endpoint that is deleted while a team takes it is in no list afterwards', async () => {
  const { id: teamId } = await team()
  for (let round = 0; round < 5; round++) {
    const { id } = await create()
    const [deleted, set] = await Promise.all([
      ask('DELETE', `/admin/endpoints/${id}`),
      listOf(teamId, [{ endpoint_id: id }]),
    ])
    expect(deleted.status).toBe(200)
    expect([200, 400]).toContain(set.status)
    const { Item } = await control.documents.send(
      new GetCommand({ TableName: control.tables.core, Key: { PK: `TEAM#${teamId}`, SK: 'META' } }),
    )
    expect(Item?.endpoints ?? []).toEqual([])
  }
})

const ARN = 'arn:aws:bedrock:eu-west-1:000000000000:application-inference-profile/a1b2'

describe('profiles of the old kind', () => {
  const define = (arn: string, model = 'eu.anthropic.claude-sonnet-4-6') =>
    aws.bedrock.defineProfile({ arn, model, account: '000000000000', region: 'eu-west-1' })
  const headersOf = ({ headers }: { headers: Headers }) => [headers.get('deprecation'), headers.get('sunset')]
  const WARNED = ['true', 'Fri, 01 Jan 2027 00:00:00 GMT']

  test('E9, F18: become the override of their model, and are called deprecated', async () => {
    const arn = ARN.replace('a1b2', 'found')
    define(arn)
    const answer = await ask('POST', '/admin/endpoints', { ...FORM, inference_profile_arn: arn })
    expect(headersOf(answer)).toEqual(WARNED)
    expect(answer.body.aip_overrides).toMatchObject([
      { endpoint_id: answer.body.id, model_id: 'claude-sonnet-4-6', aip_arn: arn, set_by: 'compat-shim-on-create' },
    ])
    expect((await ask('GET', `/admin/endpoints/${answer.body.id}/aip-overrides`)).body.overrides).toEqual(
      answer.body.aip_overrides,
    )
  })

  test('E9, F18: that cannot be looked up keep no endpoint from being made', async () => {
    const answer = await ask('POST', '/admin/endpoints', { ...FORM, inference_profile_arn: ARN })
    expect([answer.status, ...headersOf(answer)]).toEqual([201, ...WARNED])
    expect(answer.body.aip_overrides).toEqual([])
    expect((await read(answer.body.id)).name).toBe(FORM.name)
    expect(control.logged.join()).toContain('endpoint.profile_not_resolved')
  })

  test('E10, F18: of none, one and two overrides, and where none became of it', async () => {
    const { id } = await create()
    const get = () => ask('GET', `/admin/endpoints/${id}`)
    const add = (model_id: string, aip_arn: string) =>
      ask('POST', `/admin/endpoints/${id}/aip-overrides`, { model_id, aip_arn })
    let answer = await get()
    expect([answer.body.inference_profile_arn, ...headersOf(answer)]).toEqual([null, null, null])
    await add('claude-opus-4-8', ARN)
    answer = await get()
    expect([answer.body.inference_profile_arn, ...headersOf(answer)]).toEqual([ARN, ...WARNED])
    await add('claude-haiku-4-5', `${ARN}2`)
    answer = await get()
    expect([answer.body.inference_profile_arn, ...headersOf(answer)]).toEqual([null, null, null])
    const { id: legacy } = await create({ inference_profile_arn: ARN })
    answer = await ask('GET', `/admin/endpoints/${legacy}`)
    expect([answer.body.inference_profile_arn, ...headersOf(answer)]).toEqual([ARN, ...WARNED])
  })

  test('E11, F17: become an override when the endpoint is looked at, once, and never over what is there', async () => {
    const arn = ARN.replace('a1b2', 'later')
    const { id } = await create({ inference_profile_arn: arn })
    const look = async () => {
      const { status } = await ask('GET', `/admin/endpoints/${id}/models`)
      expect(status).toBe(200)
      return (await ask('GET', `/admin/endpoints/${id}/aip-overrides`)).body.overrides
    }
    // Still unknown to Bedrock: the look goes on without it.
    expect(await look()).toEqual([])
    define(arn)
    const [row, ...more] = await look()
    expect(row).toMatchObject({ model_id: 'claude-sonnet-4-6', aip_arn: arn, set_by: 'auto-migration' })
    expect(row.reason).toBe('migrated from inference_profile_arn')
    expect(more).toEqual([])
    const before = await stamps()
    expect(await look()).toEqual([row])
    expect(await stamps()).toEqual(before)

    const { id: withRows } = await create({ inference_profile_arn: ARN })
    await ask('POST', `/admin/endpoints/${withRows}/aip-overrides`, { model_id: 'claude-opus-5', aip_arn: `${ARN}3` })
    await ask('GET', `/admin/endpoints/${withRows}/models`)
    expect((await ask('GET', `/admin/endpoints/${withRows}/aip-overrides`)).body.overrides).toHaveLength(1)
  })
})

test('every change is in the audit log, and tells no external id', async () => {
  const { id } = await create({ role_arn: 'arn:aws:iam::111122223333:role/claude', external_id: 'not-for-the-log' })
  await ask('PATCH', `/admin/endpoints/${id}`, { priority: 4, external_id: 'neither-this' })
  await ask('PUT', `/admin/endpoints/${id}/default`)
  const entries = await audit()
  expect(entries.map(({ action, target, actor_email }) => [action, target, actor_email])).toEqual(
    expect.arrayContaining([
      ['endpoint.created', `endpoint:${id}`, email],
      ['endpoint.changed', `endpoint:${id}`, email],
      ['endpoint.made_default', `endpoint:${id}`, email],
    ]),
  )
  const changed = entries.find(({ action }) => action === 'endpoint.changed')
  expect(changed?.detail).toEqual({ priority: 4, external_id: 'changed' })
  expect(JSON.stringify([entries, control.logged])).not.toMatch(/not-for-the-log|neither-this/)
})
