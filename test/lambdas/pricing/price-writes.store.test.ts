import { randomUUID } from 'node:crypto'
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { AuditEntry } from '../../../lambdas/audit/audit-entry.ts'
import type { Person } from '../../../lambdas/identity/caller.ts'
import { addMs, dayOf, instant } from '../../../lambdas/platform/instant.ts'
import { openCurrentPrices } from '../../../lambdas/pricing/current-prices.store.ts'
import { resetPrice } from '../../../lambdas/pricing/manage-prices.flow.ts'
import { type KeptPrice, ratesOfUsd } from '../../../lambdas/pricing/price.ts'
import { priceBookOf } from '../../../lambdas/pricing/price-book.ts'
import { openPriceList } from '../../../lambdas/pricing/price-list.client.ts'
import { MOST_PRICES_AT_ONCE, openPriceWrites, type PriceWrites } from '../../../lambdas/pricing/price-writes.store.ts'
import { openPrices } from '../../../lambdas/pricing/prices.store.ts'
import { refreshPrices } from '../../../lambdas/pricing/refresh-prices.flow.ts'
import { SEED_PRICES } from '../../../lambdas/pricing/seed-prices.ts'
import { seedTable } from '../../../lambdas/pricing/seed-table.flow.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { type PriceLists, startPriceLists } from '../../../local/aws/price-list.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { createTables, type TableNames } from '../../support/tables.ts'

const AT = instant(Date.parse('2026-11-27T12:00:00Z'))
const ACTOR = { userId: 'u', email: 'admin@example.com' }

let database: Database
let lists: PriceLists
let documents: Documents
let tables: TableNames
let writes: PriceWrites
beforeAll(async () => {
  database = await startDatabase()
  lists = await startPriceLists()
  documents = openDocuments({ endpoint: database.endpoint })
})
beforeEach(async () => {
  tables = await createTables(database.endpoint)
  const waiting = { sleep: async () => {}, chance: () => 0, newId: () => randomUUID() }
  writes = openPriceWrites(documents, { core: tables.core, events: tables.events }, waiting)
})
afterAll(async () => {
  documents.destroy()
  await Promise.all([database.stop(), lists.stop()])
})

const kept = (over: Partial<KeptPrice> = {}): KeptPrice => ({
  model: 'claude-opus-5-5',
  scope: 'global',
  tier: 'default',
  from: '2026-11-27',
  rates: ratesOfUsd(1, 2, 3, 4, 5),
  source: 'admin_manual',
  awsSku: null,
  updatedAt: '2026-11-27T12:00:00.000Z',
  updatedBy: ACTOR.email,
  ...over,
})
const many = (count: number) => Array.from({ length: count }, (_, place) => kept({ model: `claude-model-${place}` }))
const entry = (): AuditEntry => ({
  id: randomUUID(),
  at: AT,
  requestId: 'req',
  actor: ACTOR,
  action: 'price.set',
  target: 'prices',
  detail: {},
})
const all = () => openPrices(documents, tables.core).all()
const stamp = async (): Promise<number> => {
  const { Item } = await documents.send(
    new GetCommand({ TableName: tables.core, Key: { PK: 'VERSION', SK: 'META' }, ConsistentRead: true }),
  )
  return Item?.prices ?? 0
}
const audits = async (): Promise<number> => {
  const { Items = [] } = await documents.send(
    new QueryCommand({
      TableName: tables.events,
      KeyConditionExpression: 'PK = :month',
      ExpressionAttributeValues: { ':month': 'AUDIT#2026-11' },
    }),
  )
  return Items.length
}

test('as many prices as are said to fit go into one transaction, with one stamp and one entry', async () => {
  await writes.put(many(MOST_PRICES_AT_ONCE), entry())
  expect([(await all()).length, await stamp(), await audits()]).toEqual([MOST_PRICES_AT_ONCE, 1, 1])
})

test('what does not get through leaves nothing: no price, no stamp, no entry', async () => {
  await expect(writes.put(many(MOST_PRICES_AT_ONCE + 1), entry())).rejects.toThrow()
  const broken = [...many(2), kept({ from: 'x'.repeat(3_000) })]
  await expect(writes.put(broken, entry())).rejects.toThrow()
  expect([(await all()).length, await stamp(), await audits()]).toEqual([0, 0, 0])
})

test('prices of several sources lie beside one another, and come back as they were put in', async () => {
  const longPrompt = { aboveTokens: 200_000, rates: ratesOfUsd(9, 9, 9, 9, 0.000000001) }
  const prices = [
    kept({ longPrompt, tier: 'flex', scope: 'regional' }),
    kept(),
    kept({ source: 'price_list_api', awsSku: 'SKU' }),
    kept({ source: 'seed' }),
  ]
  await writes.put(prices, entry())
  const found = await all()
  expect(found).toHaveLength(4)
  expect(found).toEqual(expect.arrayContaining(prices))
  await writes.remove([kept()], entry())
  expect((await all()).map(({ source, tier }) => [tier, source]).sort()).toEqual([
    ['default', 'price_list_api'],
    ['default', 'seed'],
    ['flex', 'admin_manual'],
  ])
  expect([await stamp(), await audits()]).toEqual([2, 2])
})

const ADMIN: Person = {
  ...ACTOR,
  kind: 'person',
  displayName: null,
  role: 'admin',
  teamId: null,
  idp: 'local',
  sessionId: 's',
  sessionEndsAt: AT,
}
const DAY_MS = 86_400_000
/** Of one model: ten days before today, today, and the days after it. */
const days = () => Array.from({ length: 150 }, (_, place) => kept({ from: dayOf(addMs(AT, (place - 10) * DAY_MS)) }))
const takeBack = (tools: { readonly newId?: () => string } = {}) =>
  resetPrice(
    'claude-opus-5-5',
    { scope: undefined, tier: undefined },
    { caller: ADMIN, at: AT, requestId: 'req' },
    {
      prices: openPrices(documents, tables.core),
      writes,
      newId: tools.newId ?? (() => randomUUID()),
      mostAtOnce: MOST_PRICES_AT_ONCE,
    },
  )

test('more prices of one model than one transaction takes are taken back, each part with its audit entry', async () => {
  for (const some of [days().slice(0, 75), days().slice(75)]) await writes.put(some, entry())
  expect((await all()).length).toBe(150)
  expect(await takeBack()).toBe(true)
  expect([await all(), await stamp(), await audits()]).toEqual([[], 4, 4])
  expect(await takeBack()).toBe(false)
})

test('a part that does not get through leaves in force what was, and a second try takes the rest back', async () => {
  const regional = kept({ scope: 'regional' })
  for (const some of [days().slice(0, 75), [...days().slice(75), regional]]) await writes.put(some, entry())
  const ids = ['first', 'x'.repeat(3_000)]
  await expect(takeBack({ newId: () => ids.shift() ?? '' })).rejects.toThrow()
  const rest = await all()
  expect(rest).toHaveLength(MOST_PRICES_AT_ONCE)
  expect(rest).toEqual(expect.arrayContaining([kept(), regional]))
  expect(priceBookOf(rest).priceOf('claude-opus-5-5', 'global', null, AT)).toEqual(kept())
  expect(await takeBack()).toBe(true)
  expect(await all()).toEqual([])
})

test('an environment that has been told by the stamp prices by what was written with it', async () => {
  const current = openCurrentPrices(openPrices(documents, tables.core))
  const inputAt = async () =>
    (await current.at(await stamp())).priceOf('claude-opus-5-5', 'global', null, AT)?.rates.input
  expect(await inputAt()).toBe(4e9)
  await writes.put([kept()], entry())
  expect(await inputAt()).toBe(1e9)
  await writes.remove([kept()], entry())
  expect(await inputAt()).toBe(4e9)
})

test('a row from before there were tiers and sources beside one another is read', async () => {
  const rates = { input: 1, output: 2, cacheRead: 3, cacheWrite5m: 4, cacheWrite1h: 5 }
  const old = { model: 'claude-old-1', scope: 'global', from: '2026-01-01', rates, source: 'seed' }
  await documents.send(
    new PutCommand({
      TableName: tables.core,
      Item: { PK: 'PRICE', SK: 'claude-old-1#global#default#2026-01-01', ...old },
    }),
  )
  expect(await all()).toEqual([{ ...old, tier: 'default', awsSku: null, updatedAt: null, updatedBy: null }])
})

test('the release’s prices are put once; one that a newer release corrects is put anew', async () => {
  const tools = { prices: openPrices(documents, tables.core), writes, newId: () => randomUUID(), mostAtOnce: 10 }
  const order = { at: AT, requestId: 'req', actor: ACTOR }
  expect(await seedTable(order, tools)).toBe(SEED_PRICES.length)
  expect(await stamp()).toBe(Math.ceil(SEED_PRICES.length / 10))
  expect(await seedTable(order, tools)).toBe(0)
  const [first] = SEED_PRICES
  await writes.put([{ ...kept(), ...first, rates: ratesOfUsd(7, 7, 7, 7, 7) }], entry())
  expect(await seedTable(order, tools)).toBe(1)
  expect((await all()).filter(({ rates }) => rates.input === 7e9)).toEqual([])
})

test('a refresh of more prices than one transaction takes writes all of them, each with its audit entry', async () => {
  const credentials = { accessKeyId: 'prices', secretAccessKey: 'local' }
  const tools = {
    prices: openPrices(documents, tables.core),
    writes,
    priceList: openPriceList({ region: 'eu-west-1', endpoint: lists.endpoint, credentials }),
    newId: () => randomUUID(),
    mostAtOnce: 10,
  }
  const order = { at: AT, requestId: 'req', actor: ACTOR, dryRun: false }
  expect((await refreshPrices(order, tools)).inserted).toBe(32)
  expect([(await all()).length, await stamp(), await audits()]).toEqual([32, 4, 4])
  expect(await writes.lastRefresh()).toMatchObject({ at: AT, nextAt: null, by: ACTOR.email, inserted: 32 })
  expect((await refreshPrices(order, tools)).unchanged).toBe(32)
  expect(await stamp()).toBe(4)
})

test('of the last refresh a page of errors is kept, and one that cannot be read is none', async () => {
  const counts = { inserted: 0, updated: 0, unchanged: 0, skippedManual: 0 }
  const errors = Array.from({ length: 60 }, (_, place) => `error ${place}`)
  await writes.keepRefresh({ at: AT, nextAt: AT, by: 'x', failed: true, region: null, ...counts, errors })
  expect((await writes.lastRefresh())?.errors).toHaveLength(50)
  await documents.send(new PutCommand({ TableName: tables.core, Item: { PK: 'REFRESH#PRICES', SK: 'META', at: 7 } }))
  expect(await writes.lastRefresh()).toBeUndefined()
})
