import { randomUUID } from 'node:crypto'
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AwsTools, remember } from '../../../lambdas/endpoints/ask-aws.flow.ts'
import { openConfiguration } from '../../../lambdas/endpoints/configuration.store.ts'
import { FIRST_ENDPOINT_ID } from '../../../lambdas/endpoints/endpoint.ts'
import { addMs } from '../../../lambdas/platform/instant.ts'
import { faultsKey } from '../../../lambdas/table/ephemeral-keys.ts'
import { aggregateKey } from '../../../lambdas/table/usage-keys.ts'
import { startAws, type TestAws } from '../../support/aws.ts'
import { startControl, type TestControl } from '../../support/control.ts'

let aws: TestAws
let control: TestControl
let token: string
beforeAll(async () => {
  aws = await startAws()
})
afterAll(() => aws.stop())
beforeEach(async () => {
  control = await startControl(aws)
  token = (await control.person({ role: 'admin' })).token
})
afterEach(async () => {
  aws.sts.forgetRoles()
  aws.bedrock.script.clear()
  aws.quotas.clear()
  await control.stop()
})

const ROLE = 'arn:aws:iam::111122223333:role/claude'
const FORM = { name: 'Other account', region: 'eu-west-1', routing_prefix: 'eu', role_arn: ROLE, external_id: 'ours' }
const ask = (method: string, path: string, body?: unknown) => control.ask(method, path, { token, body })
const create = async (form: object = {}): Promise<string> =>
  (await ask('POST', '/admin/endpoints', { ...FORM, ...form })).body.id
const DENIED = { status: 403, type: 'AccessDeniedException', message: 'User is not authorized' }
const statuses = ({ checks }: { checks: { check: string; status: string }[] }) =>
  Object.fromEntries(checks.map(({ check, status }) => [check, status]))
const messageOf = (body: { checks: { check: string; message: string }[] }, name: string) =>
  body.checks.find(({ check }) => check === name)?.message

describe('testing an endpoint', () => {
  const tryForm = async (form: object = {}) => (await ask('POST', '/admin/endpoints/test', { ...FORM, ...form })).body

  test('that is not saved yet asks with its credentials in its region, and saves nothing', async () => {
    aws.sts.defineRole({ arn: ROLE, externalId: 'ours' })
    const body = await tryForm({ name: undefined })
    expect(body.ok).toBe(true)
    expect(statuses(body)).toEqual({ credentials: 'passed', profiles: 'passed', models: 'passed', quotas: 'passed' })
    expect(body.models).toContainEqual({
      id: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
      name: expect.any(String),
      status: 'ACTIVE',
      type: 'SYSTEM_DEFINED',
      model: 'claude-sonnet-4-5',
    })
    expect(body.model_count).toBe(body.models.length)
    expect(body.models.every(({ id }: { id: string }) => id.startsWith('eu.'))).toBe(true)
    expect(aws.sts.calls().at(-1)).toMatchObject({ roleArn: ROLE, externalId: 'ours', region: 'eu-west-1', tags: {} })
    expect((await ask('GET', '/admin/endpoints')).body.endpoints).toHaveLength(1)
  })

  test('says when the role cannot be assumed, and tries nothing that stands on it', async () => {
    aws.sts.defineRole({ arn: ROLE, externalId: 'another' })
    const body = await tryForm()
    expect(body).toMatchObject({ ok: false, models: [], model_count: 0 })
    expect(statuses(body)).toEqual({ credentials: 'failed', profiles: 'skipped', models: 'skipped', quotas: 'skipped' })
    expect(body.checks[0]).toMatchObject({
      permission: 'sts:AssumeRole',
      message: expect.stringContaining('trust policy'),
      detail: expect.stringContaining('AccessDenied'),
    })
    // The right id a moment later is asked with anew.
    expect((await tryForm({ external_id: 'another' })).ok).toBe(true)
  })

  test('says which permission is missing', async () => {
    aws.bedrock.script.refuseControl(DENIED, 'ListInferenceProfiles')
    aws.quotas.deny()
    const body = await tryForm()
    expect(body.ok).toBe(false)
    expect(statuses(body)).toEqual({ credentials: 'passed', profiles: 'failed', models: 'skipped', quotas: 'failed' })
    expect(messageOf(body, 'profiles')).toBe(
      `The role ${ROLE} is not allowed bedrock:ListInferenceProfiles in eu-west-1. Add it to the permissions of the role.`,
    )
    expect(messageOf(body, 'quotas')).toContain('servicequotas:ListServiceQuotas')
  })

  test('quotas that cannot be read keep nobody from serving', async () => {
    aws.quotas.deny()
    const body = await tryForm()
    expect([body.ok, statuses(body).quotas]).toEqual([true, 'failed'])
  })

  test('says when there is no model of the scope in the region', async () => {
    const body = await tryForm({ region: 'me-central-1', routing_prefix: 'apac' })
    expect([body.ok, statuses(body).models]).toEqual([false, 'failed'])
    expect(messageOf(body, 'models')).toMatch(/scope apac is offered in me-central-1/)
  })

  test('a form that could not be saved is refused as it would be then', async () => {
    const { status, body } = await ask('POST', '/admin/endpoints/test', { ...FORM, region: 'us-east-1' })
    expect([status, body.error.message]).toEqual([400, expect.stringMatching(/^region: /)])
  })

  test('that is saved remembers the models it found', async () => {
    const id = await create()
    expect((await ask('POST', `/admin/endpoints/${id}/test`)).body.ok).toBe(true)
    const { body } = await ask('GET', `/admin/endpoints/${id}/models`)
    const { Items } = await models(id)
    expect(Items?.[0]?.profiles).toEqual(body.models.map((row: { id: string }) => row.id))
  })

  test('what was found of a place that the endpoint has left meanwhile is not remembered', async () => {
    const id = await create()
    const own = { region: 'us-east-1', routingPrefix: 'us' } as const
    const waiting = { sleep: async () => {}, chance: () => 0, newId: randomUUID }
    const configuration = openConfiguration(control.documents, control.tables, own, waiting)
    const before = (await configuration.load()).endpoints.find((one) => one.id === id)
    if (before === undefined) throw new Error('it was just made')
    const profile = { id: 'eu.anthropic.claude-opus-5', name: '', status: 'ACTIVE', type: '', model: 'claude-opus-5' }
    const found = () => remember(before, [profile], control.now(), { configuration } as AwsTools)
    await ask('PATCH', `/admin/endpoints/${id}`, { region: 'eu-central-1' })
    await found()
    expect((await models(id)).Items).toEqual([])
    await ask('DELETE', `/admin/endpoints/${id}`)
    await found()
    expect((await models(id)).Items).toEqual([])
  })

  test('is not for members', async () => {
    const member = (await control.person()).token
    const before = aws.sts.calls().length
    expect((await control.ask('POST', '/admin/endpoints/test', { token: member, body: FORM })).status).toBe(403)
    expect(aws.sts.calls()).toHaveLength(before)
  })
})

async function models(id: string) {
  return control.documents.send(
    new QueryCommand({
      TableName: control.tables.core,
      KeyConditionExpression: 'PK = :pk AND SK = :sk',
      ExpressionAttributeValues: { ':pk': 'ENDPOINTS', ':sk': `${id}#MODELS` },
    }),
  )
}

describe('models', () => {
  test('are those of the scope, by the contract', async () => {
    const id = await create()
    const { status, body } = await ask('GET', `/admin/endpoints/${id}/models`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ endpoint_id: id, endpoint_name: 'Other account', model_count: body.models.length })
    expect(body.models.length).toBeGreaterThan(3)
  })

  test('that cannot be listed are a 502 in the words of AWS, and what was known stays', async () => {
    const id = await create()
    await ask('GET', `/admin/endpoints/${id}/models`)
    const { Items } = await models(id)
    aws.bedrock.script.refuseControl(DENIED)
    const { status, body } = await ask('GET', `/admin/endpoints/${id}/models`)
    expect(status).toBe(502)
    expect(body.error.message).toBe('Failed to list inference profiles: AccessDeniedException: User is not authorized')
    expect((await models(id)).Items).toEqual(Items)
  })

  test('of all endpoints come side by side; one that refuses does not hide the others', async () => {
    const id = await create({ name: 'Refuses' })
    await create({ name: 'Disabled', enabled: false })
    const unhealthy = await create({ name: 'Unhealthy' })
    await control.put({ PK: 'ENDPOINTS', SK: `${unhealthy}#HEALTH`, state: 'unhealthy', checked_at: null })
    aws.sts.defineRole({ arn: ROLE, denied: true })
    const { body } = await ask('GET', '/admin/bedrock/models')
    expect(body.endpoints).toEqual([
      {
        endpoint_id: FIRST_ENDPOINT_ID,
        endpoint_name: 'Default',
        region: 'us-east-1',
        model_count: expect.any(Number),
        models: expect.any(Array),
      },
      {
        endpoint_id: id,
        endpoint_name: 'Refuses',
        region: 'eu-west-1',
        error: expect.stringMatching(/^Failed to list inference profiles: sts:AccessDenied/),
      },
    ])
  })

  test('the gateway asks for itself', async () => {
    const { body } = await ask('POST', '/admin/bedrock/validate')
    expect(body).toMatchObject({ status: 'connected', region: 'us', profile_count: body.inference_profiles.length })
    expect(body.inference_profiles).toContain('us.anthropic.claude-opus-4-8')
    aws.bedrock.script.refuseControl(DENIED)
    const refused = await ask('POST', '/admin/bedrock/validate')
    expect([refused.status, refused.body]).toEqual([
      200,
      { status: 'error', error: 'Failed to list inference profiles: AccessDeniedException: User is not authorized' },
    ])
  })
})

describe('quotas', () => {
  const NAME = 'Cross-region model inference requests per minute for Anthropic Claude Opus 5.5'

  test('are those for Claude, of the account and region, and kept for five minutes', async () => {
    const id = await create()
    aws.quotas.grant(NAME, 7, { account: '111122223333', region: 'eu-west-1' })
    const first = (await ask('GET', `/admin/endpoints/${id}/quotas`)).body
    expect(first.service).toBe('bedrock')
    expect(first.quotas).toContainEqual({
      quota_name: NAME,
      quota_code: expect.stringMatching(/^L-/),
      value: 7,
      unit: 'None',
      adjustable: false,
    })
    expect(first.quotas.every(({ quota_name }: { quota_name: string }) => /claude/i.test(quota_name))).toBe(true)
    aws.quotas.grant(NAME, 8, { account: '111122223333', region: 'eu-west-1' })
    const granted = ({ quotas }: { quotas: { quota_name: string; value: number }[] }) =>
      quotas.find(({ quota_name }) => quota_name === NAME)?.value
    control.advance(299_000)
    expect(granted((await ask('GET', `/admin/endpoints/${id}/quotas`)).body)).toBe(7)
    control.advance(1_000)
    expect(granted((await ask('GET', `/admin/endpoints/${id}/quotas`)).body)).toBe(8)
    // The gateway's own account has others.
    expect(granted((await ask('GET', '/admin/bedrock/quotas')).body)).toBe(1_000)
  })

  test('that may not be read are an answer that says what to do, and are asked for again', async () => {
    const id = await create()
    aws.quotas.deny()
    const { status, body } = await ask('GET', `/admin/endpoints/${id}/quotas`)
    expect([status, body]).toEqual([
      200,
      {
        type: 'error',
        error: {
          type: 'quota_access',
          message: `The role ${ROLE} is not allowed servicequotas:ListServiceQuotas in eu-west-1. Add it to the permissions of the role.`,
          detail: expect.stringContaining('AccessDeniedException'),
        },
      },
    ])
    aws.quotas.clear()
    expect((await ask('GET', `/admin/endpoints/${id}/quotas`)).body.service).toBe('bedrock')
  })

  test('that nobody answers for are no outage of the gateway', async () => {
    const gone = await startAws()
    const alone = await startControl(gone)
    await gone.stop()
    const admin = (await alone.person({ role: 'admin' })).token
    const { status, body } = await alone.ask('GET', '/admin/bedrock/quotas', { token: admin })
    expect([status, body.error?.message]).toEqual([
      200,
      'Service Quotas does not answer in us-east-1. Check the name of the region, and try again.',
    ])
    const models = await alone.ask('GET', `/admin/endpoints/${FIRST_ENDPOINT_ID}/models`, { token: admin })
    expect(models.status).toBe(502)
    await alone.stop()
  })
})

describe('health', () => {
  const status = async () => (await ask('GET', '/admin/health/status')).body
  const note = (id: string, minutesAgo: number, shard: number, counts: object) =>
    control.put({ ...faultsKey(id, addMs(control.now(), -60_000 * minutesAgo), shard), ...counts }, 'ephemeral')
  const used = (endpoint_id: string, identity: string, minutesAgo: number, requests: number) => {
    const at = addMs(control.now(), -60_000 * minutesAgo)
    const part = { identity, model: 'claude-opus-4-8', endpoint: endpoint_id, team: null, at, late: false }
    return control.put({ ...aggregateKey(part), endpoint_id, requests }, 'usage')
  }

  test('says what is known, and nothing that is not', async () => {
    expect(await status()).toEqual({
      gateway: { status: 'ok', version: expect.any(String), uptime_seconds: null },
      database: { status: 'ok', pool_size: null, pool_idle: null },
      bedrock: { status: 'unknown', last_check: null },
      endpoints: [
        {
          id: FIRST_ENDPOINT_ID,
          name: 'Default',
          region: 'us-east-1',
          role_arn: null,
          routing_prefix: 'us',
          health: 'unknown',
          health_reason: null,
          last_health_check: null,
          is_default: true,
          enabled: true,
          stats: { throttle_count_1h: 0, error_count_1h: 0, denied_count_1h: 0, request_count: 0 },
          quotas: [],
        },
      ],
      in_flight_requests: null,
      timestamp: new Date(control.now()).toISOString(),
    })
  })

  test('E1, F19: counts the faults of the last hour and the requests of two, each endpoint for itself', async () => {
    const other = await create()
    await note(FIRST_ENDPOINT_ID, 0, 0, { throttles: 2 })
    await note(FIRST_ENDPOINT_ID, 0, 3, { throttles: 1, errors: 4 })
    await note(FIRST_ENDPOINT_ID, 59, 1, { errors: 1, denied: 1 })
    await note(FIRST_ENDPOINT_ID, 60, 1, { errors: 100 })
    await note(other, 1, 0, { denied: 5 })
    await used(FIRST_ENDPOINT_ID, 'u1', 0, 10)
    await used(FIRST_ENDPOINT_ID, 'key:k', 60, 5)
    await used(FIRST_ENDPOINT_ID, 'u1', 120, 1_000)
    await used(other, 'u1', 0, 7)
    const stats = Object.fromEntries(
      (await status()).endpoints.map((row: { id: string; stats: object }) => [row.id, row.stats]),
    )
    expect(stats).toEqual({
      [FIRST_ENDPOINT_ID]: { throttle_count_1h: 3, error_count_1h: 9, denied_count_1h: 1, request_count: 15 },
      [other]: { throttle_count_1h: 0, error_count_1h: 5, denied_count_1h: 5, request_count: 7 },
    })
  })

  test('figures are read again after half a minute, health at once', async () => {
    const figure = async () => (await status()).endpoints[0].stats.throttle_count_1h
    expect(await figure()).toBe(0)
    await note(FIRST_ENDPOINT_ID, 0, 0, { throttles: 1 })
    control.advance(29_000)
    expect(await figure()).toBe(0)
    control.advance(1_000)
    expect(await figure()).toBe(1)
    const checked_at = '2026-11-24T12:30:00.000Z'
    const found = { state: 'unhealthy', reason: 'The role is refused.', checked_at }
    await control.put({ PK: 'ENDPOINTS', SK: `${FIRST_ENDPOINT_ID}#HEALTH`, ...found })
    expect(await status()).toMatchObject({
      bedrock: { status: 'unhealthy', last_check: checked_at },
      endpoints: [{ health: 'unhealthy', health_reason: 'The role is refused.', last_health_check: checked_at }],
    })
  })

  test('Bedrock is well as long as one endpoint is', async () => {
    const other = await create()
    await control.put({ PK: 'ENDPOINTS', SK: `${FIRST_ENDPOINT_ID}#HEALTH`, state: 'unhealthy', checked_at: null })
    expect((await status()).bedrock.status).toBe('unknown')
    await control.put({ PK: 'ENDPOINTS', SK: `${other}#HEALTH`, state: 'healthy', checked_at: null })
    expect((await status()).bedrock.status).toBe('ok')
  })
})
