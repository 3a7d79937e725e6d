import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openLearned } from '../../../lambdas/bedrock/learned.store.ts'
import { createLearnedMemory } from '../../../lambdas/bedrock/learned.ts'
import { openUpstreams, type Upstreams } from '../../../lambdas/bedrock/upstreams.client.ts'
import { type ProbeTools, probeBetas } from '../../../lambdas/endpoints/probe-betas.flow.ts'
import { addMs, instant } from '../../../lambdas/platform/instant.ts'
import { jsonLog } from '../../../lambdas/platform/log.host.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { type BedrockSimulator, startBedrockSimulator } from '../../../local/bedrock/simulator.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { routedEndpoint, routingOfAll } from '../../support/endpoints.ts'
import { createTables } from '../../support/tables.ts'

const START = instant(Date.UTC(2026, 10, 27))
const MODEL = 'claude-opus-5-5'
const ROUTING = routingOfAll([
  routedEndpoint('a', { region: 'us-west-2' }),
  routedEndpoint('b', { region: 'us-east-2' }),
])
/** More than one endpoint is given in a day, at five a minute. */
const MINUTES = 10

let database: Database
let documents: Documents
let bedrock: BedrockSimulator
let upstreams: Upstreams
let tools: ProbeTools

beforeAll(async () => {
  database = await startDatabase()
  documents = openDocuments({ endpoint: database.endpoint })
  bedrock = await startBedrockSimulator({ keepBodies: true })
  upstreams = openUpstreams({
    now: () => START,
    bedrockUrl: bedrock.url,
    credentials: { accessKeyId: 'messages', secretAccessKey: 'local' },
  })
})
beforeEach(async () => {
  tools = {
    learned: openLearned(documents, (await createTables(database.endpoint)).ephemeral),
    memory: createLearnedMemory(),
    bedrock: upstreams.invoke,
    books: { enter: async (_endpoint, _target, ask) => void (await ask()) },
    log: { ...jsonLog(), info: () => {} },
  }
})
afterEach(() => bedrock.script.clear())
afterAll(async () => {
  upstreams?.close()
  documents?.destroy()
  await bedrock?.stop()
  await database?.stop()
})

const ask = (endpointId: string, flag: string) => tools.learned.addProbe({ endpointId, model: MODEL, flag }, START)

/** @returns the regions that were asked */
async function watchFor(minutes: number): Promise<string[]> {
  const before = bedrock.tally().length
  for (let minute = 0; minute < minutes; minute++) await probeBetas(ROUTING, addMs(START, minute * 60_000), tools)
  return bedrock
    .tally()
    .slice(before)
    .map(({ region }) => region)
}

test('B5: a flag is tried alone, and what it was found to be is known', async () => {
  await ask('a', 'effort-2025-11-24')
  await ask('a', 'made-up-2026-01-01')
  expect(await watchFor(2)).toHaveLength(2)
  const { accepted, refused } = tools.memory.knowledgeOf(
    ROUTING.endpoints[0] ?? expect.unreachable(),
    MODEL,
    '',
    ROUTING.rules,
    START,
  )
  expect([[...accepted], [...refused]]).toEqual([['beta:effort-2025-11-24'], ['beta:made-up-2026-01-01']])
  expect(await tools.learned.probes()).toEqual([])
})

test('W20: a caller who makes up flags costs forty probes a day, and no other endpoint its own', async () => {
  for (let made = 0; made < 60; made++) await ask('a', `made-up-${made}`)
  await ask('b', 'effort-2025-11-24')
  const asked = await watchFor(MINUTES)
  expect(asked.filter((region) => region === 'us-west-2')).toHaveLength(40)
  expect(asked.filter((region) => region === 'us-east-2')).toHaveLength(1)
})

test('W20: what says nothing about a flag is asked forty times a day, and keeps no other endpoint waiting', async () => {
  bedrock.script
    .at({ region: 'us-west-2' })
    .always({ kind: 'error', status: 500, type: 'InternalServerException', message: 'No.' })
  for (let made = 0; made < 6; made++) await ask('a', `made-up-${made}`)
  await ask('b', 'effort-2025-11-24')
  const asked = await watchFor(MINUTES)
  expect(asked.filter((region) => region === 'us-west-2')).toHaveLength(40)
  expect(asked.filter((region) => region === 'us-east-2')).toHaveLength(1)
})
