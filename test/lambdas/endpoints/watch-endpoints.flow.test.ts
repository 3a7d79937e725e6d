import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FIRST_ENDPOINT_ID } from '../../../lambdas/endpoints/endpoint.ts'
import { readEndpointsPartition } from '../../../lambdas/endpoints/endpoints-partition.store.ts'
import { openTraces } from '../../../lambdas/endpoints/traces.store.ts'
import { type WatchEndpointsTools, watchEndpoints } from '../../../lambdas/endpoints/watch-endpoints.flow.ts'
import { addMs, type Instant, isoOf } from '../../../lambdas/platform/instant.ts'
import { endpointHealthKey, endpointModelsKey } from '../../../lambdas/table/core-keys.ts'
import { startAws, type TestAws } from '../../support/aws.ts'
import { startControl, type TestControl } from '../../support/control.ts'
import { type TestWatch, watchOver } from '../../support/watch.ts'

let aws: TestAws
let control: TestControl
let watch: TestWatch
let token: string
let minute: number
beforeAll(async () => {
  aws = await startAws()
})
afterAll(() => aws.stop())
beforeEach(async () => {
  control = await startControl(aws)
  token = (await control.person({ role: 'admin' })).token
  watch = watchOver(control, aws)
  minute = 0
})
afterEach(async () => {
  aws.sts.forgetRoles()
  aws.bedrock.script.clear()
  watch.upstreams.close()
  await control.stop()
})

const now = (): Instant => addMs(control.now(), minute * 60_000)
/** One run, a minute after the one before. */
async function run(tools: WatchEndpointsTools = watch.endpoints): Promise<void> {
  minute++
  await watchEndpoints(now(), tools)
}

const ask = async (method: string, path: string, body?: unknown) => {
  const answer = await control.ask(method, path, { token, body })
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}
const newEndpoint = async (wish: object = {}): Promise<string> =>
  (await ask('POST', '/admin/endpoints', { name: 'Europe', region: 'eu-west-1', routing_prefix: 'eu', ...wish })).id
const endpoint = async (id = FIRST_ENDPOINT_ID) => (await watch.routing()).endpoints.find((one) => one.id === id)
const item = async (Key: { readonly PK: string; readonly SK: string }) =>
  (await control.documents.send(new GetCommand({ TableName: control.tables.core, Key, ConsistentRead: true }))).Item
const health = (id = FIRST_ENDPOINT_ID) => item(endpointHealthKey(id))
const stamps = async (): Promise<readonly unknown[]> => [
  (await item({ PK: 'ENDPOINTS', SK: 'STAMP' }))?.endpoints,
  (await item({ PK: 'VERSION', SK: 'META' }))?.endpoints,
]
const DENIED = { status: 403, type: 'AccessDeniedException', message: 'User is not authorized' }
const unhealthyFigures = () =>
  watch.logged.filter(({ event }) => event === 'endpoints_unhealthy').map((line) => line.EndpointsUnhealthy)

describe('a look', () => {
  test('F13: the first one decides, and tells every environment; the endpoint’s models come with it', async () => {
    await run()
    const first = await endpoint()
    expect(first).toMatchObject({ health: 'healthy', region: 'us-east-1', routingPrefix: 'us' })
    expect(first?.profiles).toContain('us.anthropic.claude-opus-5-5')
    expect(first?.profiles).toContain('global.anthropic.claude-opus-5-5')
    expect(await stamps()).toEqual([1, 1])
    expect(await health()).toMatchObject({ state: 'healthy', reason: null, checked_at: isoOf(now()) })
  })

  test('that finds nothing new is written down and costs no environment a read', async () => {
    await run()
    await run()
    expect(await stamps()).toEqual([1, 1])
    expect(await health()).toMatchObject({ state: 'healthy', checked_at: isoOf(now()) })
  })

  test('models are written with the stamp where there are others, in whatever order they stand', async () => {
    await run()
    const key = endpointModelsKey(FIRST_ENDPOINT_ID)
    const { profiles = [] } = (await item(key)) ?? {}
    await control.put({ ...key, profiles: [...profiles].reverse(), discovered_at: 'before' })
    await run()
    expect(await stamps()).toEqual([1, 1])
    expect((await item(key))?.discovered_at).toBe('before')
    await control.put({ ...key, profiles: profiles.slice(1), discovered_at: 'before' })
    await run()
    expect(await stamps()).toEqual([2, 2])
    expect((await endpoint())?.profiles).toEqual(profiles)
  })

  test('is one at everything that is enabled, and nothing else', async () => {
    const [on, off] = [await newEndpoint(), await newEndpoint({ name: 'Off', enabled: false })]
    await run()
    expect(await health(on)).toMatchObject({ state: 'healthy' })
    expect((await endpoint(on))?.profiles).toContain('eu.anthropic.claude-opus-5-5')
    expect(await health(off)).toBeUndefined()
  })

  test('goes through the endpoint’s role, and says what is wrong with it where it cannot be assumed', async () => {
    const role = 'arn:aws:iam::111122223333:role/ccag-claude'
    aws.sts.defineRole({ arn: role, externalId: 'ours' })
    const good = await newEndpoint({ role_arn: role, external_id: 'ours' })
    const bad = await newEndpoint({ name: 'Bad', role_arn: role, external_id: 'theirs' })
    await run()
    expect(await health(good)).toMatchObject({ state: 'healthy' })
    expect(await health(bad)).toMatchObject({ state: 'unhealthy', reason: expect.stringContaining('trust policy') })
    expect((await health(bad))?.reason).toContain(role)
  })

  test('two dozen are looked at in one run, though each has something to write', async () => {
    const ids: string[] = []
    for (let place = 0; place < 24; place++) ids.push(await newEndpoint({ name: `E${place}` }))
    await run()
    for (const id of ids) expect(await health(id)).toMatchObject({ state: 'healthy' })
    expect(watch.logged.filter(({ event }) => event === 'endpoint_watch_failed')).toEqual([])
  })
})

describe('F13, as it is meant: what makes an endpoint unhealthy', () => {
  const ARN = 'arn:aws:bedrock:us-east-1:000000000000:application-inference-profile/opus'
  const override = () =>
    ask('POST', `/admin/endpoints/${FIRST_ENDPOINT_ID}/aip-overrides`, { model_id: 'claude-opus-5-5', aip_arn: ARN })

  test('not one broken application profile: it is told, and the other models go on', async () => {
    await override()
    await run()
    expect(await health()).toMatchObject({ state: 'healthy', reason: expect.stringContaining('claude-opus-5-5') })
    aws.bedrock.defineProfile({
      arn: ARN,
      model: 'us.anthropic.claude-opus-5-5',
      account: '000000000000',
      region: 'us-east-1',
    })
    await run()
    expect(await health()).toMatchObject({ state: 'healthy', reason: null })
  })

  test('a listing that is denied, two minutes in a row; the reason names the permission, and what was known stays known', async () => {
    await run()
    const { profiles } = (await endpoint()) ?? {}
    aws.bedrock.script.refuseControl(DENIED, 'ListInferenceProfiles')
    await run()
    expect(await health()).toMatchObject({ state: 'healthy', reason: expect.stringContaining('is not allowed') })
    expect(await stamps()).toEqual([1, 1])
    await run()
    expect(await endpoint()).toMatchObject({ health: 'unhealthy', profiles })
    expect((await health())?.reason).toContain('bedrock:ListInferenceProfiles')
    expect(await stamps()).toEqual([2, 2])
    expect(watch.logged).toContainEqual(
      expect.objectContaining({ event: 'endpoint_health', level: 'error', was: 'healthy', is: 'unhealthy' }),
    )
  })

  test('it heals as slowly, and the figure behind the alarm is told for as long as it lasts', async () => {
    await run()
    aws.bedrock.script.refuseControl(DENIED)
    for (let bad = 0; bad < 4; bad++) await run()
    expect(unhealthyFigures()).toEqual([1, 1, 1])
    aws.bedrock.script.clear()
    await run()
    expect(await health()).toMatchObject({ state: 'unhealthy', reason: null })
    expect(unhealthyFigures()).toHaveLength(4)
    await run()
    expect(await health()).toMatchObject({ state: 'healthy' })
    expect(unhealthyFigures()).toHaveLength(4)
    expect((await health())?.history.map(({ state }: { state: string }) => state)).toEqual([
      'healthy',
      'unhealthy',
      'healthy',
    ])
  })

  test('the very first look, where it is denied', async () => {
    aws.bedrock.script.refuseControl(DENIED)
    await run()
    expect(await endpoint()).toMatchObject({ health: 'unhealthy', profiles: null })
  })

  test('what requests met there: three that gave up in two minutes, twice; and it heals when they stop', async () => {
    const other = await newEndpoint()
    await run()
    const traces = openTraces(control.documents, control.tables.ephemeral, Math.random)
    const trouble = () =>
      Promise.all(
        [0, 0, -60_000].map((ms) => traces.noteTrouble(FIRST_ENDPOINT_ID, 'error', true, addMs(now(), 60_000 + ms))),
      )
    await trouble()
    await run()
    expect(await health()).toMatchObject({ state: 'healthy', reason: expect.stringContaining('gave up') })
    await trouble()
    await run()
    expect(await endpoint()).toMatchObject({ health: 'unhealthy' })
    expect((await health())?.reason).toContain('does not answer requests')
    expect(await endpoint(other)).toMatchObject({ health: 'healthy' })
    minute += 2
    await run()
    expect(await endpoint()).toMatchObject({ health: 'unhealthy' })
    await run()
    expect(await endpoint()).toMatchObject({ health: 'healthy' })
  })

  test('not what they met longer ago than two minutes, and not a failure that nobody gave up for', async () => {
    await run()
    const traces = openTraces(control.documents, control.tables.ephemeral, Math.random)
    for (let place = 0; place < 5; place++) {
      await traces.noteTrouble(FIRST_ENDPOINT_ID, 'error', true, addMs(now(), -60_000))
      await traces.noteTrouble(FIRST_ENDPOINT_ID, 'error', false, addMs(now(), 60_000))
    }
    await run()
    expect(await health()).toMatchObject({ state: 'healthy', reason: null })
  })
})

describe('beside what an administrator does', () => {
  const items = () => readEndpointsPartition(control.documents, control.tables.core)
  /** Something happens while `watch` has looked and not yet written. */
  const meanwhile = (what: () => Promise<unknown>): WatchEndpointsTools => {
    const { listing } = watch.endpoints
    let once: Promise<unknown> | undefined
    return {
      ...watch.endpoints,
      listing: {
        ...listing,
        profiles: async (place) => {
          const found = await listing.profiles(place)
          once ??= what()
          await once
          return found
        },
      },
    }
  }

  test('the endpoint that a deployment brings is written down with the first change, and never vanishes', async () => {
    expect(await items()).toEqual([])
    await run()
    expect((await items()).map(({ SK }) => String(SK)).sort()).toEqual([
      `${FIRST_ENDPOINT_ID}#HEALTH`,
      `${FIRST_ENDPOINT_ID}#META`,
      `${FIRST_ENDPOINT_ID}#MODELS`,
      'DEFAULT',
      'STAMP',
    ])
    expect(await watch.routing()).toMatchObject({ defaultId: FIRST_ENDPOINT_ID })
  })

  test('nor where the first change is an administrator’s, at the same moment', async () => {
    let made = ''
    await run(
      meanwhile(async () => {
        made = await newEndpoint()
      }),
    )
    const { endpoints, defaultId } = await watch.routing()
    expect(endpoints.map(({ id }) => id).sort()).toEqual([FIRST_ENDPOINT_ID, made].sort())
    expect(defaultId).toBe(FIRST_ENDPOINT_ID)
    expect(await endpoint()).toMatchObject({ health: 'healthy' })
    expect(await stamps()).toEqual([2, 2])
  })

  test.each(['before its first look was written down', 'when nothing had changed'])(
    'a deleted endpoint is not brought back: %s',
    async (when) => {
      const id = await newEndpoint()
      if (when === 'when nothing had changed') await run()
      await run(meanwhile(() => ask('DELETE', `/admin/endpoints/${id}`)))
      expect((await items()).filter(({ SK }) => String(SK).startsWith(id))).toEqual([])
      expect(await endpoint()).toMatchObject({ health: 'healthy' })
    },
  )

  test('W11, F23: a change of the configuration changes no health and forgets no models', async () => {
    const id = await newEndpoint()
    await run()
    const before = await endpoint(id)
    const place = { region: 'eu-west-1', routing_prefix: 'eu' }
    await ask('PUT', `/admin/endpoints/${id}`, { ...place, name: 'Another name', priority: 7, rev: before?.rev })
    await newEndpoint({ name: 'Third' })
    expect(await endpoint(id)).toMatchObject({
      name: 'Another name',
      health: 'healthy',
      profiles: before?.profiles,
    })
  })

  test('two runs at once agree', async () => {
    const id = await newEndpoint()
    await Promise.all([run(), watchEndpoints(addMs(control.now(), 60_000), watch.endpoints)])
    for (const one of [id, FIRST_ENDPOINT_ID]) {
      const { state, history } = (await health(one)) ?? {}
      expect([state, history?.length]).toEqual(['healthy', 1])
    }
    const [partition, version] = await stamps()
    expect(partition).toBe(version)
    expect(watch.logged.filter(({ event }) => event === 'endpoint_watch_failed')).toEqual([])
  })
})
