import { ScanCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FIRST_ENDPOINT_ID } from '../../../lambdas/endpoints/endpoint.ts'
import { namesAt } from '../../../lambdas/endpoints/offered-models.ts'
import { probeBetas } from '../../../lambdas/endpoints/probe-betas.flow.ts'
import { watchEndpoints } from '../../../lambdas/endpoints/watch-endpoints.flow.ts'
import { addMs, type Instant } from '../../../lambdas/platform/instant.ts'
import { startAws, type TestAws } from '../../support/aws.ts'
import { startControl, type TestControl } from '../../support/control.ts'
import { type TestWatch, watchOver } from '../../support/watch.ts'

const LONG = 'context-1m-2025-08-07'
const MODEL = 'claude-opus-5-5'
const DAY_MS = 24 * 3_600_000

let aws: TestAws
let control: TestControl
let watch: TestWatch
let token: string
let now: Instant
beforeAll(async () => {
  aws = await startAws()
})
afterAll(() => aws.stop())
beforeEach(async () => {
  control = await startControl(aws)
  token = (await control.person({ role: 'admin' })).token
  watch = watchOver(control, aws)
  now = control.now()
})
afterEach(async () => {
  aws.bedrock.script.clear()
  watch.upstreams.close()
  await control.stop()
})

const script = () => aws.bedrock.script
const ask = async (method: string, path: string, body?: unknown) => {
  const answer = await control.ask(method, path, { token, body })
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}

/** One run, a minute after the one before. @returns what was asked of Bedrock meanwhile */
async function run() {
  const before = aws.bedrock.tally().length
  now = addMs(now, 60_000)
  await probeBetas(await watch.routing(), now, watch.probes)
  return aws.bedrock.tally().slice(before)
}

const wanted = (flag: string, model = MODEL, endpointId = FIRST_ENDPOINT_ID) => ({ endpointId, model, flag })
const askFor = (...flags: readonly string[]) =>
  Promise.all(flags.map((flag) => watch.probes.learned.addProbe(wanted(flag), now)))
const found = async (flag: string) =>
  (await watch.probes.learned.all(now)).find((one) => one.thing === `beta:${flag}` && one.model === MODEL)
const rows = async () => {
  const { Items = [] } = await control.documents.send(new ScanCommand({ TableName: control.tables.usage }))
  return Items
}

describe('B5: a flag is tried alone', () => {
  test('with the smallest of requests, and taken is taken', async () => {
    await askFor('tool-search-tool-2025-10-19')
    const [call, ...more] = await run()
    expect(more).toEqual([])
    expect(call).toMatchObject({
      operation: 'invoke',
      modelId: `us.anthropic.${MODEL}`,
      betas: ['tool-search-tool-2025-10-19'],
      outcome: 'completed',
      requestMetadata: expect.objectContaining({ user: 'gateway' }),
    })
    expect(call?.requestBytes).toBeLessThan(200)
    expect(await found('tool-search-tool-2025-10-19')).toMatchObject({ takes: true, isSuspicion: false })
    expect(await watch.probes.learned.probes()).toEqual([])
  })

  test.each([true, false])('refused is refused, whether Bedrock names it (%s) or not', async (named) => {
    script().nameBetas(named)
    await askFor('made-up-2026-01-01')
    await run()
    expect(await found('made-up-2026-01-01')).toMatchObject({ takes: false, isSuspicion: false })
    expect(await watch.probes.learned.probes()).toEqual([])
  })

  test.each(['Unexpected value MADE-UP-2026-01-01.', 'Invalid Beta Flag'])('in whatever case: %s', async (message) => {
    script().next({ kind: 'error', status: 400, type: 'ValidationException', message })
    await askFor('made-up-2026-01-01')
    await run()
    expect(await found('made-up-2026-01-01')).toMatchObject({ takes: false })
  })

  test.each([
    ['a validation about something else', 400, 'ValidationException', 'max_tokens is too small'],
    ['a throttle', 429, 'ThrottlingException', 'Too many requests'],
    ['a failure', 500, 'InternalServerException', 'beta'],
    ['no access', 403, 'AccessDeniedException', 'beta is not authorized'],
  ])('B6: %s says nothing about it, changes nothing, and it is tried again', async (_, status, type, message) => {
    script().next({ kind: 'error', status, type, message })
    await askFor('compact-2026-01-12')
    expect(await run()).toHaveLength(1)
    expect(await found('compact-2026-01-12')).toBeUndefined()
    expect(await watch.probes.learned.probes()).toHaveLength(1)
    await run()
    expect(await found('compact-2026-01-12')).toMatchObject({ takes: true })
  })

  test('B6: nor does a connection that breaks', async () => {
    script().next({ kind: 'reset', afterEvents: 0 })
    script().next({ kind: 'reset', afterEvents: 0 })
    await askFor('compact-2026-01-12')
    await run()
    expect(await found('compact-2026-01-12')).toBeUndefined()
    expect(await watch.probes.learned.probes()).toHaveLength(1)
  })

  test('B6: what was suspected stays so through an answer that says nothing, and is cleared by one that does', async () => {
    const suspicion = { takes: false, isSuspicion: true, until: addMs(now, DAY_MS) }
    const flag = 'compact-2026-01-12'
    await watch.probes.learned.put({ endpointId: FIRST_ENDPOINT_ID, model: MODEL, thing: `beta:${flag}`, ...suspicion })
    script().next({ kind: 'error', status: 503, type: 'ServiceUnavailableException', message: 'Try again' })
    await askFor(flag)
    await run()
    expect(await found(flag)).toMatchObject(suspicion)
    await run()
    expect(await found(flag)).toMatchObject({ takes: true, isSuspicion: false })
  })
})

describe('what is tried', () => {
  test('B3: the long window of every Claude model that is offered, where nobody knows; five in a minute', async () => {
    await watchEndpoints(now, watch.endpoints)
    const [endpoint] = (await watch.routing()).endpoints
    const names = endpoint === undefined ? [] : namesAt(endpoint)
    expect(names.length).toBeGreaterThan(10)
    const asked: string[] = []
    for (let minute = 0; minute < names.length / 5; minute++) {
      const calls = await run()
      expect(calls.length).toBeLessThanOrEqual(5)
      for (const { modelId, betas } of calls) {
        expect(betas).toEqual([LONG])
        asked.push(modelId)
      }
    }
    expect(asked).toHaveLength(names.length)
    expect(new Set(asked).size).toBe(names.length)
    // W20: other vendors' models would answer with an error that says nothing, for ever.
    expect(endpoint?.profiles?.some((id) => !id.includes('anthropic'))).toBe(true)
    for (const id of asked) expect(id).toContain('anthropic.claude')
    expect(await run()).toEqual([])
  })

  test('B3: what is known is not tried; what has expired is', async () => {
    await askFor('compact-2026-01-12')
    await run()
    await askFor('compact-2026-01-12')
    expect(await run()).toEqual([])
    now = addMs(now, DAY_MS)
    expect(await run()).toHaveLength(1)
  })

  test.each([true, false])('B3: what an administrator has said (%s) is not', async (supported) => {
    const override = { profile_id: MODEL, beta_name: 'compact-2026-01-12', supported }
    await ask('POST', '/admin/beta-overrides', { endpoint_id: FIRST_ENDPOINT_ID, ...override })
    await askFor('compact-2026-01-12')
    expect(await run()).toEqual([])
  })

  test('B7, W21: what a request would call: the application profile, where the model has one', async () => {
    const arn = 'arn:aws:bedrock:us-east-1:000000000000:application-inference-profile/opus'
    aws.bedrock.defineProfile({ arn, model: `us.anthropic.${MODEL}`, account: '000000000000', region: 'us-east-1' })
    await ask('POST', `/admin/endpoints/${FIRST_ENDPOINT_ID}/aip-overrides`, { model_id: MODEL, aip_arn: arn })
    await askFor('compact-2026-01-12')
    expect((await run()).map(({ modelId }) => modelId)).toEqual([arn])
    // Requests find it under the model's name, which is the same for both.
    expect(await found('compact-2026-01-12')).toMatchObject({ takes: true, model: MODEL })
  })

  test('with the options that requests there are sent with, in its region and account', async () => {
    const role = 'arn:aws:iam::111122223333:role/ccag-claude'
    const options = { guardrail_id: 'abcdef123456', guardrail_version: '2', service_tier: 'flex' }
    const place = { name: 'Europe', region: 'eu-west-1', routing_prefix: 'eu', role_arn: role }
    const { id } = await ask('POST', '/admin/endpoints', { ...place, ...options })
    await watch.probes.learned.addProbe(wanted('compact-2026-01-12', MODEL, id), now)
    expect(await run()).toMatchObject([
      {
        modelId: `eu.anthropic.${MODEL}`,
        region: 'eu-west-1',
        account: '111122223333',
        guardrail: { id: 'abcdef123456', version: '2' },
        serviceTier: 'flex',
      },
    ])
  })

  test('what gets no answer keeps nothing else waiting', async () => {
    const denied = { kind: 'error', status: 403, type: 'AccessDeniedException', message: 'No access' } as const
    script().at({ model: 'claude-fable-5' }).always(denied)
    const flags = Array.from({ length: 12 }, (_, place) => `made-up-${place}`)
    await Promise.all(flags.map((flag) => watch.probes.learned.addProbe(wanted(flag, 'claude-fable-5'), now)))
    await askFor('compact-2026-01-12')
    for (let minute = 0; minute < 3; minute++) await run()
    expect(await found('compact-2026-01-12')).toMatchObject({ takes: true })
    expect(await watch.probes.learned.probes()).toHaveLength(12)
  })

  test('nothing for an endpoint that is gone or disabled, or for what is no Claude model', async () => {
    const place = { region: 'us-west-2', routing_prefix: 'us' }
    const { id } = await ask('POST', '/admin/endpoints', { name: 'Off', enabled: false, ...place })
    for (const probe of [wanted('one-flag', MODEL, id), wanted('one-flag', MODEL, 'gone'), wanted('one-flag', 'nova')])
      await watch.probes.learned.addProbe(probe, now)
    expect(await run()).toEqual([])
  })
})

describe('what it costs', () => {
  const flags = Array.from({ length: 60 }, (_, place) => `made-up-${String(place).padStart(2, '0')}`)

  test('forty a day for an endpoint, and no more before tomorrow; another one has its own', async () => {
    await askFor(...flags)
    let asked = 0
    for (let minute = 0; minute < 12; minute++) asked += (await run()).length
    expect(asked).toBe(40)
    const place = { name: 'West', region: 'us-west-2', routing_prefix: 'us' }
    const { id } = await ask('POST', '/admin/endpoints', place)
    for (const flag of ['a-flag', 'b-flag', 'c-flag', 'd-flag'])
      await watch.probes.learned.addProbe(wanted(flag, MODEL, id), now)
    expect((await run()).map(({ region }) => region)).toEqual(Array.from({ length: 4 }, () => 'us-west-2'))
    now = addMs(now, DAY_MS)
    expect(await run()).toHaveLength(5)
  })

  test('stands in the books as the gateway’s own, to the token, and nothing is left open', async () => {
    await askFor('compact-2026-01-12')
    const [call] = await run()
    const all = await rows()
    const row = all.find(({ PK }) => String(PK).startsWith('REQ#'))
    expect(row).toMatchObject({
      identity: 'gateway',
      user_id: null,
      team_id: null,
      endpoint_id: FIRST_ENDPOINT_ID,
      upstream_model: `us.anthropic.${MODEL}`,
      status: 'ok',
      estimated: false,
      message_id: call?.id,
      input_tokens: call?.usage.inputTokens,
      output_tokens: call?.usage.outputTokens,
    })
    expect(row?.cost_nano).toBeGreaterThan(0)
    expect(row?.cost_nano).toBeLessThan(1_000_000)
    expect(all.filter(({ PK }) => String(PK).startsWith('PEND#'))).toEqual([])
  })

  test('a refused one stands there too, and costs nothing', async () => {
    await askFor('made-up-2026-01-01')
    await run()
    expect((await rows()).find(({ PK }) => String(PK).startsWith('REQ#'))).toMatchObject({
      status: 'failed',
      cost_nano: 0,
    })
  })
})
