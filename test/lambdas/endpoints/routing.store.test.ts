import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SEED_RULES } from '../../../lambdas/bedrock/seed-rules.ts'
import {
  type Change,
  type ConfigurationStore,
  openConfiguration,
} from '../../../lambdas/endpoints/configuration.store.ts'
import {
  aipOverrideItem,
  betaOverrideItem,
  defaultItem,
  endpointItem,
  type Item,
  modelsItem,
} from '../../../lambdas/endpoints/configuration-items.ts'
import { type Endpoint, FIRST_ENDPOINT_ID } from '../../../lambdas/endpoints/endpoint.ts'
import { NEVER_LOOKED } from '../../../lambdas/endpoints/health.ts'
import type { OwnPlace } from '../../../lambdas/endpoints/read-routing.ts'
import { openRouting } from '../../../lambdas/endpoints/routing.store.ts'
import { newId } from '../../../lambdas/platform/clock.host.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { defaultEndpointKey, endpointHealthKey, endpointKey } from '../../../lambdas/table/core-keys.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { type FaultProxy, startFaultProxy } from '../../../local/database/fault-proxy.ts'
import { createTables, type TableNames } from '../../support/tables.ts'
import { endpointLike } from '../../support/upstream-calls.ts'

const OWN: OwnPlace = { region: 'eu-central-1', routingPrefix: 'eu' }
const AT = instant(Date.UTC(2026, 10, 27))

let database: Database
let proxy: FaultProxy
let documents: Documents
/** Of whoever changes something: not through the proxy. */
let directly: Documents
let tables: TableNames
let configuration: ConfigurationStore

beforeAll(async () => {
  database = await startDatabase()
  proxy = await startFaultProxy(database.endpoint)
  documents = openDocuments({ endpoint: proxy.endpoint })
  directly = openDocuments({ endpoint: database.endpoint })
})
beforeEach(async () => {
  tables = await createTables(database.endpoint)
  configuration = openConfiguration(directly, tables, OWN, { sleep: async () => {}, chance: () => 0, newId })
  proxy.forget()
})
afterEach(() => {
  proxy.up()
  documents.middlewareStack.remove('listen')
})
afterAll(async () => {
  documents?.destroy()
  directly?.destroy()
  await proxy?.stop()
  await database?.stop()
})

/** An environment that begins now. */
const environment = () => openRouting(documents, tables.core, OWN)

/** @returns the version it makes */
async function change(wish: Partial<Change>): Promise<number> {
  const seen = await configuration.load()
  if (!(await configuration.commit(seen, { at: AT, audit: null, ...wish }))) throw new Error('somebody was quicker')
  return (seen.stamp ?? 0) + 1
}

const written = (wish: Partial<Endpoint>): Item => {
  const nothing = { legacyProfileArn: null, health: NEVER_LOOKED, profiles: null, aipOverrides: [], betaOverrides: [] }
  return endpointItem({ ...endpointLike(wish), ...nothing })
}
const said = { setAt: AT, setBy: 'admin@example.com', reason: null }

describe('what a query reads', () => {
  test('is all of it, in one, strongly consistent', async () => {
    const consistent: unknown[] = []
    documents.middlewareStack.add(
      (next) => (args) => {
        consistent.push((args.input as QueryCommandInput).ConsistentRead)
        return next(args)
      },
      { step: 'initialize', name: 'listen' },
    )
    const arn = 'arn:aws:bedrock:us-west-2:1:application-inference-profile/x'
    const version = await change({
      puts: [
        written({ id: 'e1', region: 'us-west-2', routingPrefix: 'us', priority: 3, upstream: 'messages', rev: 4 }),
        { ...endpointHealthKey('e1'), state: 'unhealthy' },
        modelsItem('e1', ['us.anthropic.claude-opus-5-5'], AT),
        aipOverrideItem('e1', { model: 'claude-opus-5-5', arn, ...said }),
        betaOverrideItem('e1', { profile: 'claude-opus-5-5', beta: 'some-beta', supported: false, ...said }),
        defaultItem('e1'),
      ],
    })
    const { endpoints, defaultId, rules } = await environment().at(version)
    expect(proxy.operations()).toEqual(['Query'])
    expect(consistent).toEqual([true])
    expect([defaultId, rules]).toEqual(['e1', SEED_RULES])
    expect(endpoints.find(({ id }) => id === 'e1')).toMatchObject({
      region: 'us-west-2',
      priority: 3,
      upstream: 'messages',
      rev: 4,
      health: 'unhealthy',
      profiles: ['us.anthropic.claude-opus-5-5'],
      applicationProfiles: new Map([['claude-opus-5-5', arn]]),
      betaOverrides: [{ profile: 'claude-opus-5-5', beta: 'some-beta', supported: false }],
    })
  })

  test('may be more pages than one, and is whole all the same', async () => {
    for (let place = 0; place < 4; place++) {
      const profiles = Array.from(
        { length: 4_000 },
        (_, one) => `us.anthropic.claude-${place}-${one}-${'x'.repeat(60)}`,
      )
      await change({ puts: [written({ id: `e${place}` }), modelsItem(`e${place}`, profiles, AT)] })
    }
    const { endpoints } = await environment().at(4)
    expect(proxy.operations().length).toBeGreaterThan(1)
    expect(endpoints.map(({ profiles }) => profiles?.length)).toEqual([undefined, 4_000, 4_000, 4_000, 4_000])
  })

  test('an item that another version wrote is read with defaults; one that is no endpoint stops everything', async () => {
    const version = await change({
      puts: [
        {
          ...endpointKey('e1'),
          id: 'e1',
          name: 'Old',
          region: 'us-east-1',
          routing_prefix: 'us',
          upstream: 'telepathy',
        },
        { ...endpointHealthKey('e1'), state: 'dizzy' },
      ],
    })
    const { endpoints } = await environment().at(version)
    expect(endpoints.find(({ id }) => id === 'e1')).toMatchObject({
      upstream: 'invoke',
      enabled: true,
      priority: 0,
      health: 'unknown',
      profiles: null,
    })
    const broken = await change({ puts: [{ ...endpointKey('e2'), id: 'e2', name: 'No region' }] })
    await expect(environment().at(broken)).rejects.toThrow()
  })
})

describe('while nothing has been written about endpoints', () => {
  test('there is the one that the deployment brings, and it is the default', async () => {
    const routing = await environment().at(0)
    expect(routing).toMatchObject({ defaultId: FIRST_ENDPOINT_ID, rules: SEED_RULES })
    expect(routing.endpoints).toHaveLength(1)
    expect(routing.endpoints[0]).toMatchObject({ id: FIRST_ENDPOINT_ID, ...OWN, roleArn: null, enabled: true })
  })

  test('that is known as well as anything, and not asked for again', async () => {
    const own = environment()
    for (let request = 0; request < 3; request++) await own.at(0)
    expect(proxy.operations()).toEqual(['Query'])
  })

  test('it stays when another is added, as itself', async () => {
    const own = environment()
    const [before] = (await own.at(0)).endpoints
    const version = await change({ puts: [written({ id: 'e1' })] })
    const after = (await own.at(version)).endpoints.find(({ id }) => id === FIRST_ENDPOINT_ID)
    expect(after).toEqual({ ...before, createdAt: AT, rev: expect.any(Number) })
  })
})

describe('a change', () => {
  test('is read by the first request that knows of it, and only by that one', async () => {
    const own = environment()
    const first = await change({ puts: [written({ id: 'e1', name: 'One' })] })
    for (let request = 0; request < 3; request++) await own.at(first)
    expect(proxy.operations()).toEqual(['Query'])
    const second = await change({ puts: [written({ id: 'e1', name: 'Two' })] })
    const named = async (version: number) => (await own.at(version)).endpoints.find(({ id }) => id === 'e1')?.name
    expect(await named(second)).toBe('Two')
    expect(await named(second)).toBe('Two')
    // A request that read its allowance before the change takes what is newer, and asks nobody.
    expect(await named(first)).toBe('Two')
    expect(proxy.operations()).toEqual(['Query', 'Query'])
  })

  test('that is made while the partition is being read is not missed: the reading is labelled with its version', async () => {
    let answer = (): void => {}
    const held = new Promise<void>((resolve) => {
      answer = resolve
    })
    let arrived = (): void => {}
    const hasRead = new Promise<void>((resolve) => {
      arrived = resolve
    })
    documents.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args)
        arrived()
        await held
        return result
      },
      { step: 'initialize', name: 'listen' },
    )
    const own = environment()
    own.warm()
    await hasRead
    const version = await change({ puts: [written({ id: 'e1' })] })
    const asked = own.at(version)
    answer()
    expect((await asked).endpoints.map(({ id }) => id)).toContain('e1')
    expect(proxy.operations()).toEqual(['Query', 'Query'])
  })

  test('F12: what was deleted is gone, the default with it; what is known of the others survives', async () => {
    const own = environment()
    await change({
      puts: [written({ id: 'e1' }), modelsItem('e1', ['eu.anthropic.claude-opus-5-5'], AT), defaultItem('e2')],
    })
    const before = await change({ puts: [written({ id: 'e2' })] })
    expect((await own.at(before)).defaultId).toBe('e2')
    const after = await change({ deletes: [endpointKey('e2'), defaultEndpointKey] })
    const routing = await own.at(after)
    expect(routing.defaultId).toBeNull()
    expect(routing.endpoints.map(({ id }) => id).sort()).toEqual([FIRST_ENDPOINT_ID, 'e1'].sort())
    expect(routing.endpoints.find(({ id }) => id === 'e1')?.profiles).toEqual(['eu.anthropic.claude-opus-5-5'])
  })

  test('F12: where every endpoint is deleted there is none, and none comes back by itself', async () => {
    await change({ puts: [written({ id: 'e1' })] })
    const version = await change({ deletes: [endpointKey('e1'), endpointKey(FIRST_ENDPOINT_ID), defaultEndpointKey] })
    expect(await environment().at(version)).toMatchObject({ endpoints: [], defaultId: null })
  })

  test.each(['healthy', 'unhealthy'])('W11, F23: leaves an endpoint as it is: %s', async (state) => {
    const own = environment()
    await change({ puts: [written({ id: 'e1' }), { ...endpointHealthKey('e1'), state }] })
    const version = await change({ puts: [written({ id: 'e1', name: 'Renamed', rev: 2 }), written({ id: 'e2' })] })
    const { endpoints } = await own.at(version)
    expect(endpoints.find(({ id }) => id === 'e1')).toMatchObject({ name: 'Renamed', health: state })
  })
})

describe('warm', () => {
  test('begins to read, so that the first request waits for no further round trip; once is enough', async () => {
    const version = await change({ puts: [written({ id: 'e1' })] })
    const own = environment()
    own.warm()
    own.warm()
    await own.at(version)
    own.warm()
    expect(proxy.operations()).toEqual(['Query'])
  })

  test('requests at once share one query', async () => {
    const own = environment()
    await Promise.all(Array.from({ length: 20 }, () => own.at(0)))
    expect(proxy.operations()).toEqual(['Query'])
  })

  test('fails in silence; who needs the answer asks again, and hears of it', async () => {
    const own = environment()
    proxy.down()
    own.warm()
    await expect(own.at(0)).rejects.toThrow()
    proxy.up()
    expect((await own.at(0)).defaultId).toBe(FIRST_ENDPOINT_ID)
  })

  test('what is known stays of use while the database is away, as long as nothing has changed', async () => {
    const own = environment()
    await own.at(0)
    proxy.down()
    expect((await own.at(0)).defaultId).toBe(FIRST_ENDPOINT_ID)
    await expect(own.at(1)).rejects.toThrow()
  })
})

test('a stamp that has run ahead of the partition costs reads, not answers', async () => {
  await change({ puts: [written({ id: 'e1' })] })
  const own = environment()
  const { endpoints } = await own.at(7)
  expect(endpoints.map(({ id }) => id)).toContain('e1')
  expect(proxy.operations()).toEqual(['Query', 'Query'])
})
