import { randomUUID } from 'node:crypto'
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SEED_RULES } from '../../../lambdas/bedrock/seed-rules.ts'
import { FIRST_ENDPOINT_ID } from '../../../lambdas/endpoints/endpoint.ts'
import { openRouting } from '../../../lambdas/endpoints/routing.store.ts'
import { startControl, type TestControl } from '../../support/control.ts'

let control: TestControl
let token: string
let email: string
beforeAll(async () => {
  control = await startControl()
  const admin = await control.person({ role: 'admin' })
  token = admin.token
  email = admin.email
})
afterAll(() => control.stop())

const ask = (method: string, path: string, body?: unknown) => control.ask(method, path, { token, body })
const create = async (name = 'Europe') =>
  (await ask('POST', '/admin/endpoints', { name, region: 'eu-west-1', routing_prefix: 'eu' })).body.id as string

/** As an environment of the data plane sees it that has just been told by the stamp. */
const environment = () =>
  openRouting(control.documents, control.tables.core, { region: 'us-east-1', routingPrefix: 'us' })
const version = async (): Promise<number> => {
  const Key = { PK: 'VERSION', SK: 'META' }
  const { Item } = await control.documents.send(new GetCommand({ TableName: control.tables.core, Key }))
  return Item?.endpoints ?? 0
}

const ARN = 'arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc'

describe('application inference profiles', () => {
  const path = (id: string) => `/admin/endpoints/${id}/aip-overrides`
  const add = (id: string, body: object) => ask('POST', path(id), { aip_arn: ARN, ...body })
  const rows = async (id: string) => (await ask('GET', path(id))).body.overrides

  test('E3, F16: are not for strangers nor for members', async () => {
    const id = await create()
    const member = (await control.person()).token
    const body = { model_id: 'claude-opus-4-8', aip_arn: ARN }
    for (const [method, at] of [
      ['GET', path(id)],
      ['POST', path(id)],
      ['DELETE', `${path(id)}/claude-opus-4-8`],
    ] as const) {
      const sent = method === 'POST' ? { body } : {}
      expect((await control.ask(method, at, sent)).status).toBe(401)
      expect((await control.ask(method, at, { ...sent, token: member })).status).toBe(403)
    }
    expect(await rows(id)).toEqual([])
  })

  test('E4, F16: of an unknown endpoint are 404', async () => {
    const id = randomUUID()
    for (const answer of [
      await ask('GET', path(id)),
      await add(id, { model_id: 'claude-opus-4-8' }),
      await ask('DELETE', `${path(id)}/claude-opus-4-8`),
    ])
      expect([answer.status, answer.body.error.message]).toEqual([404, 'Endpoint not found'])
  })

  test('E5, F16: are added, listed, refused twice, deleted, and belong to one endpoint', async () => {
    const [one, two] = [await create(), await create()]
    const added = await add(one, { model_id: 'claude-sonnet-4-5', reason: 'cost centre 7' })
    expect(added.status).toBe(201)
    const row = {
      endpoint_id: one,
      model_id: 'claude-sonnet-4-5',
      aip_arn: ARN,
      set_at: new Date(control.now()).toISOString(),
      set_by: email,
      reason: 'cost centre 7',
    }
    expect(added.body).toEqual(row)
    const again = await add(one, { model_id: 'claude-sonnet-4-5', aip_arn: `${ARN}2` })
    expect([again.status, again.body]).toEqual([
      409,
      {
        type: 'error',
        error: {
          type: 'conflict',
          message: 'An AIP override for this (endpoint_id, model_id) pair already exists',
        },
      },
    ])
    await add(one, { model_id: 'claude-opus-4-8' })
    await add(one, { model_id: 'claude-haiku-4-5' })
    expect((await rows(one)).map(({ model_id }: { model_id: string }) => model_id)).toEqual([
      'claude-haiku-4-5',
      'claude-opus-4-8',
      'claude-sonnet-4-5',
    ])
    expect(await rows(two)).toEqual([])
    expect((await rows(one))[2]).toEqual(row)
    expect((await ask('DELETE', `${path(one)}/claude-sonnet-4-5`)).body).toEqual({ deleted: true })
    const gone = await ask('DELETE', `${path(one)}/claude-sonnet-4-5`)
    expect([gone.status, gone.body.error.message]).toEqual([404, 'AIP override not found for this model'])
    await ask('DELETE', `/admin/endpoints/${one}`)
    expect((await control.documents.send(new GetCommand(itemAt(`${one}#AIP#claude-opus-4-8`)))).Item).toBeUndefined()
  })

  test.each([
    'claude-haiku-4-5-20251001',
    'claude-haiku-4-5[1m]',
    'eu.anthropic.claude-haiku-4-5-20251001-v1:0',
    'anthropic.claude-haiku-4-5-20251001-v1:0',
  ])('%s is the same model as its undated name', async (model_id) => {
    const id = await create()
    expect((await add(id, { model_id })).body.model_id).toBe('claude-haiku-4-5')
    expect((await add(id, { model_id: 'claude-haiku-4-5' })).status).toBe(409)
    expect((await ask('DELETE', `${path(id)}/${encodeURIComponent(model_id)}`)).status).toBe(200)
    expect(await rows(id)).toEqual([])
  })

  test.each([
    [{ aip_arn: ARN }, 'model_id: is required'],
    [{ model_id: ' ', aip_arn: ARN }, 'model_id: is required'],
    [{ model_id: 'gpt-9', aip_arn: ARN }, /^model_id: must name a model of Claude/],
    [{ model_id: ARN, aip_arn: ARN }, /^model_id: must name a model of Claude/],
    [{ model_id: 'claude-opus-4-8', aip_arn: 'arn:aws:s3:::x' }, 'aip_arn: must start with arn:aws:bedrock:'],
    [{ model_id: 'claude-opus-4-8' }, /^aip_arn: /],
  ])('E6, F16: %j is refused', async (body, message) => {
    const { status, body: refusal } = await ask('POST', path(FIRST_ENDPOINT_ID), body)
    expect(status).toBe(400)
    expect(refusal.error.message).toMatch(message)
  })

  test('E7, F16: every write is heard of by every environment, and so is that it was taken back', async () => {
    const id = await create()
    const environments = [environment(), environment()]
    const seen = async () => {
      const now = await version()
      const all = await Promise.all(environments.map((one) => one.at(now)))
      return all.map(({ endpoints }) => [...(endpoints.find((one) => one.id === id)?.applicationProfiles ?? [])])
    }
    expect(await seen()).toEqual([[], []])
    const before = await version()
    await add(id, { model_id: 'claude-opus-4-8' })
    expect(await version()).toBe(before + 1)
    expect(await seen()).toEqual([[['claude-opus-4-8', ARN]], [['claude-opus-4-8', ARN]]])
    await ask('DELETE', `${path(id)}/claude-opus-4-8`)
    expect(await version()).toBe(before + 2)
    expect(await seen()).toEqual([[], []])
  })

  test('of two who add one for the same model at once, one is told it is there', async () => {
    const id = await create()
    const answers = await Promise.all([
      add(id, { model_id: 'claude-opus-4-8' }),
      add(id, { model_id: 'claude-opus-4-8' }),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
  })
})

const itemAt = (SK: string) => ({ TableName: control.tables.core, Key: { PK: 'ENDPOINTS', SK } })

describe('words on beta flags', () => {
  const PROFILE = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0'
  const BETA = 'context-1m-2025-08-07'
  const set = (endpoint_id: string, rest: object = {}) =>
    ask('POST', '/admin/beta-overrides', {
      endpoint_id,
      profile_id: PROFILE,
      beta_name: BETA,
      supported: true,
      ...rest,
    })
  const remove = (id: string, profile = PROFILE, beta = BETA) =>
    ask('DELETE', `/admin/beta-overrides/${id}/${encodeURIComponent(profile)}/${beta}`)
  const rows = async (id: string) =>
    (await ask('GET', '/admin/beta-overrides')).body.overrides.filter(
      ({ endpoint_id }: { endpoint_id: string }) => endpoint_id === id,
    )

  test('E12, B10: are said, said otherwise, and taken back', async () => {
    const [one, two] = [await create(), await create()]
    const row = {
      endpoint_id: one,
      profile_id: PROFILE,
      beta_name: BETA,
      supported: true,
      set_at: new Date(control.now()).toISOString(),
      set_by: email,
      reason: null,
    }
    const said = await set(one)
    expect([said.status, said.body]).toEqual([200, row])
    expect((await set(one, { supported: false, reason: 'refused since Monday' })).body).toEqual({
      ...row,
      supported: false,
      reason: 'refused since Monday',
    })
    await set(two)
    expect(await rows(one)).toMatchObject([{ supported: false }])
    expect(await rows(two)).toHaveLength(1)
    expect((await remove(one)).body).toEqual({ deleted: true })
    expect(await rows(one)).toEqual([])
    expect(await rows(two)).toHaveLength(1)
  })

  test('E12, B10: what was not said cannot be taken back, and nobody is told of an endpoint that is not there', async () => {
    const id = await create()
    const missing = await remove(id)
    expect([missing.status, missing.body.error.message]).toEqual([
      404,
      `No override found for endpoint=${id} profile=${PROFILE} beta=${BETA}`,
    ])
    const unknown = randomUUID()
    const answer = await set(unknown)
    expect([answer.status, answer.body.error.message]).toEqual([404, `Endpoint '${unknown}' not found`])
    expect((await remove(unknown)).status).toBe(404)
  })

  test('E12, B10: are not for strangers nor for members', async () => {
    const member = (await control.person()).token
    const body = { endpoint_id: FIRST_ENDPOINT_ID, profile_id: 'p', beta_name: 'b', supported: true }
    for (const [method, path] of [
      ['GET', ''],
      ['POST', ''],
      ['DELETE', `/${FIRST_ENDPOINT_ID}/p/b`],
    ] as const) {
      const sent = method === 'POST' ? { body } : {}
      expect((await control.ask(method, `/admin/beta-overrides${path}`, sent)).status).toBe(401)
      expect((await control.ask(method, `/admin/beta-overrides${path}`, { ...sent, token: member })).status).toBe(403)
    }
  })

  test('a profile may be an ARN, whose slash is written %2F', async () => {
    const id = await create()
    await set(id, { profile_id: ARN })
    expect((await remove(id, ARN)).body).toEqual({ deleted: true })
  })

  test.each([
    ['profile_id', { profile_id: 'a#b' }],
    ['beta_name', { beta_name: 'a/b' }],
    ['supported', { supported: 'yes' }],
    ['endpoint_id', { endpoint_id: 'x' }],
  ])('%s is named when it is wrong', async (field, wrong) => {
    const { status, body } = await set(FIRST_ENDPOINT_ID, wrong)
    expect([status, body.error.message]).toEqual([400, expect.stringMatching(new RegExp(`^${field}: `))])
  })

  test('B9, B12: hold in every environment, go with their endpoint, and are gone everywhere once taken back', async () => {
    const [id, other] = [await create(), await create()]
    // What is left of an endpoint that is no more.
    await control.put({
      ...itemAt(`${randomUUID()}#BETA#${PROFILE}#${BETA}`).Key,
      profile_id: PROFILE,
      beta_name: BETA,
      supported: true,
    })
    const environments = [environment(), environment()]
    const seen = async () => {
      const now = await version()
      const all = await Promise.all(environments.map((one) => one.at(now)))
      return all.map(({ endpoints }) => endpoints.flatMap((one) => one.betaOverrides))
    }
    const before = await seen()
    await set(id, { supported: false })
    await set(other)
    const word = { profile: PROFILE, beta: BETA }
    for (const words of await seen())
      expect(words).toEqual(
        expect.arrayContaining([
          { ...word, supported: false },
          { ...word, supported: true },
        ]),
      )
    await remove(id)
    await ask('DELETE', `/admin/endpoints/${other}`)
    expect(await seen()).toEqual(before)
  })
})

describe('translation rules', () => {
  const RULES = {
    accepted_betas: ['interleaved-thinking-2025-05-14'],
    refused_betas: ['files-api-2025-04-14'],
    renamed_betas: { 'one-name': 'another-name' },
    members_of_beta: { 'tool-search': ['tools.*.defer_loading'] },
    models: [
      {
        models: ['claude-opus-5-5'],
        path: 'thinking.type',
        values: ['enabled', null, 3, true],
        replace_by: 'adaptive',
        without: ['thinking.budget_tokens'],
      },
      { models: ['claude-haiku-5-5'], path: 'max_tokens', max: 64_000 },
      { models: ['claude-haiku-5-5'], path: 'stop', replace_by: null },
    ],
  }
  const current = async () => (await environment().at(await version())).rules

  test('are the built-in ones until they are set, hold at once, and can be given back', async () => {
    const builtIn = (await ask('GET', '/admin/bedrock/rules')).body
    expect(builtIn).toMatchObject({ built_in: true, rev: 0, set_at: null, set_by: null })
    expect(builtIn.rules.accepted_betas).toEqual(SEED_RULES.acceptedBetas)
    expect(builtIn.rules.models).toHaveLength(SEED_RULES.models.length)
    const set = await ask('PUT', '/admin/bedrock/rules', { rules: RULES, rev: 0 })
    expect([set.status, set.body]).toEqual([
      200,
      { rules: RULES, built_in: false, set_at: new Date(control.now()).toISOString(), set_by: email, rev: 1 },
    ])
    expect((await ask('GET', '/admin/bedrock/rules')).body).toEqual(set.body)
    expect(await current()).toEqual({
      acceptedBetas: RULES.accepted_betas,
      refusedBetas: RULES.refused_betas,
      renamedBetas: RULES.renamed_betas,
      membersOfBeta: RULES.members_of_beta,
      models: [
        {
          models: ['claude-opus-5-5'],
          path: 'thinking.type',
          values: ['enabled', null, 3, true],
          replaceBy: 'adaptive',
          without: ['thinking.budget_tokens'],
        },
        { models: ['claude-haiku-5-5'], path: 'max_tokens', max: 64_000 },
        { models: ['claude-haiku-5-5'], path: 'stop', replaceBy: null },
      ],
    })
    expect((await ask('PUT', '/admin/bedrock/rules', { rules: RULES, rev: 0 })).status).toBe(409)
    expect((await ask('DELETE', '/admin/bedrock/rules')).body).toEqual(builtIn)
    expect(await current()).toEqual(SEED_RULES)
    expect((await ask('DELETE', '/admin/bedrock/rules')).body).toEqual(builtIn)
  })

  test('that come with the gateway can be sent back as they are', async () => {
    const { rules } = (await ask('GET', '/admin/bedrock/rules')).body
    expect((await ask('PUT', '/admin/bedrock/rules', { rules })).body.rules).toEqual(rules)
    expect(await current()).toEqual(SEED_RULES)
    await ask('DELETE', '/admin/bedrock/rules')
  })

  test.each([
    ['rules.accepted_betas', { ...RULES, accepted_betas: undefined }],
    ['rules.accepted_betas.0', { ...RULES, accepted_betas: ['with space'] }],
    ['rules.models.0.models.0', { ...RULES, models: [{ models: ['gpt'], path: 'a' }] }],
    ['rules.models.0.path', { ...RULES, models: [{ models: ['claude-a'], path: 'a..b' }] }],
    ['rules.models.0', { ...RULES, models: [{ models: ['claude-a'], path: 'a', colour: 1 }] }],
  ])('%s is named when it is wrong', async (field, rules) => {
    const { status, body } = await ask('PUT', '/admin/bedrock/rules', { rules })
    expect(status).toBe(400)
    expect(body.error.message.startsWith(`${field}: `)).toBe(true)
    expect((await ask('GET', '/admin/bedrock/rules')).body.built_in).toBe(true)
  })
})
