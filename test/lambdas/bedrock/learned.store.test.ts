import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type LearnedStore, openLearned } from '../../../lambdas/bedrock/learned.store.ts'
import { createLearnedMemory, type Learned } from '../../../lambdas/bedrock/learned.ts'
import { SEED_RULES } from '../../../lambdas/bedrock/seed-rules.ts'
import { shareLearning } from '../../../lambdas/bedrock/shared-learning.flow.ts'
import { addMs, type Instant, instant } from '../../../lambdas/platform/instant.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { LEARNED_PARTITION, PROBES_PARTITION } from '../../../lambdas/table/ephemeral-keys.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { type FaultProxy, startFaultProxy } from '../../../local/database/fault-proxy.ts'
import { routedEndpoint } from '../../support/endpoints.ts'
import { createTables } from '../../support/tables.ts'

const AT = instant(Date.UTC(2026, 10, 27, 23, 30))
const HOUR_MS = 3_600_000

let database: Database
let proxy: FaultProxy
let documents: Documents
let table: string
let store: LearnedStore
beforeAll(async () => {
  database = await startDatabase()
  proxy = await startFaultProxy(database.endpoint)
  documents = openDocuments({ endpoint: proxy.endpoint })
})
beforeEach(async () => {
  table = (await createTables(database.endpoint)).ephemeral
  store = openLearned(documents, table)
  proxy.up()
  proxy.forget()
})
afterAll(async () => {
  documents?.destroy()
  await proxy?.stop()
  await database?.stop()
})

const learned = (but: Partial<Learned> = {}): Learned => ({
  endpointId: 'e1',
  model: 'claude-opus-5-5',
  thing: 'beta:some-flag',
  takes: false,
  isSuspicion: true,
  until: addMs(AT, HOUR_MS),
  ...but,
})
const put = (item: object) => documents.send(new PutCommand({ TableName: table, Item: { ...item } }))
const probe = (flag: string, endpointId = 'e1') => ({ endpointId, model: 'claude-opus-5-5', flag })

test('what one environment has learnt every other one reads, in one query, as it was written', async () => {
  const other = learned({ thing: 'member:tools.*.strict', takes: true, isSuspicion: false })
  for (const one of [learned(), other]) await store.put(one)
  proxy.forget()
  const read = await openLearned(documents, table).all(AT)
  expect(proxy.operations()).toEqual(['Query'])
  expect(read).toHaveLength(2)
  expect(read).toEqual(expect.arrayContaining([learned(), other]))
})

test('B1: the later word about a thing replaces the earlier', async () => {
  await store.put(learned())
  await store.put(learned({ takes: true, isSuspicion: false }))
  expect(await store.all(AT)).toEqual([learned({ takes: true, isSuspicion: false })])
})

test('B2: what is over is left out, though the table still has it', async () => {
  await store.put(learned())
  expect(await store.all(addMs(AT, HOUR_MS - 1))).toHaveLength(1)
  expect(await store.all(addMs(AT, HOUR_MS))).toEqual([])
})

test('what cannot be read is passed over, and hides nothing else', async () => {
  await put({ PK: LEARNED_PARTITION, SK: 'e1#strange', opinion: 'none' })
  await put({ PK: PROBES_PARTITION, SK: 'e1#strange' })
  await store.put(learned())
  await store.addProbe(probe('one'), AT)
  expect(await store.all(AT)).toEqual([learned()])
  expect(await store.probes()).toEqual([probe('one')])
})

test('a flag waits once, however often it is asked for, and is gone when it was tried', async () => {
  for (let asked = 0; asked < 3; asked++) await store.addProbe(probe('one'), addMs(AT, asked))
  await store.addProbe(probe('one', 'e2'), AT)
  expect(await store.probes()).toHaveLength(2)
  await store.removeProbe(probe('one'))
  await store.removeProbe(probe('one'))
  expect(await store.probes()).toEqual([probe('one', 'e2')])
})

test('probes are counted by endpoint and day, exactly, however many count at once', async () => {
  const counts = await Promise.all(Array.from({ length: 12 }, () => store.countProbe('e1', AT)))
  expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, place) => place + 1))
  expect(await store.countProbe('e2', AT)).toBe(1)
  expect(await store.countProbe('e1', addMs(AT, HOUR_MS))).toBe(1)
})

test('more than a page of it is read whole', async () => {
  const thing = (place: number) => `member:${'x'.repeat(900)}${place}`
  for (let start = 0; start < 700; start += 10)
    await Promise.all(Array.from({ length: 10 }, (_, place) => store.put(learned({ thing: thing(start + place) }))))
  expect(await store.all(AT)).toHaveLength(700)
})

const knows = (memory: ReturnType<typeof createLearnedMemory>, at: Instant = AT): boolean =>
  memory.knowledgeOf(routedEndpoint('e1'), 'claude-opus-5-5', '', SEED_RULES, at).refused.has('beta:some-flag')

test('an environment begins with what others have learnt, and hears of more within a minute', async () => {
  const memory = createLearnedMemory()
  const sharing = shareLearning(store, memory)
  sharing.refresh(AT)
  await sharing.begun()
  expect(knows(memory)).toBe(false)
  await store.put(learned())
  sharing.refresh(addMs(AT, 59_999))
  expect(proxy.operations().filter((operation) => operation === 'Query')).toHaveLength(1)
  sharing.refresh(addMs(AT, 60_000))
  await expect.poll(() => knows(memory)).toBe(true)
  const late = shareLearning(store, createLearnedMemory())
  late.refresh(AT)
  await late.begun()
})

test('where nothing can be read nobody is kept waiting, and the next minute asks again', async () => {
  const memory = createLearnedMemory()
  const sharing = shareLearning(store, memory)
  await store.put(learned())
  proxy.down()
  sharing.refresh(AT)
  await sharing.begun()
  expect(knows(memory)).toBe(false)
  proxy.up()
  sharing.refresh(addMs(AT, 60_000))
  await expect.poll(() => knows(memory)).toBe(true)
})
