import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openLearned } from '../../../lambdas/bedrock/learned.store.ts'
import { createLearnedMemory } from '../../../lambdas/bedrock/learned.ts'
import { openUpstreams, type Upstreams } from '../../../lambdas/bedrock/upstreams.client.ts'
import { createBreaker } from '../../../lambdas/endpoints/breaker.ts'
import type { Target } from '../../../lambdas/endpoints/plan-route.ts'
import { type Errand, type ReachTools, reachBedrock } from '../../../lambdas/endpoints/reach.flow.ts'
import { openTraces } from '../../../lambdas/endpoints/traces.store.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { type BedrockSimulator, startBedrockSimulator } from '../../../local/bedrock/simulator.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { routedEndpoint, routingOfAll } from '../../support/endpoints.ts'
import { createTables } from '../../support/tables.ts'
import { type ToldTime, toldTime } from '../../support/told-time.ts'

const START = instant(Date.UTC(2026, 10, 27))
const CONTEXT = 'context-management-2025-06-27'

let database: Database
let documents: Documents
let ephemeral: string
let bedrock: BedrockSimulator
let upstreams: Upstreams

beforeAll(async () => {
  database = await startDatabase()
  documents = openDocuments({ endpoint: database.endpoint })
  ephemeral = (await createTables(database.endpoint)).ephemeral
  bedrock = await startBedrockSimulator({ keepBodies: true })
  upstreams = openUpstreams({
    now: () => START,
    bedrockUrl: bedrock.url,
    credentials: { accessKeyId: 'messages', secretAccessKey: 'local' },
  })
})
afterEach(() => bedrock.script.clear())
afterAll(async () => {
  upstreams?.close()
  documents?.destroy()
  await bedrock?.stop()
  await database?.stop()
})

const target = (id: string, region: string): Target => ({
  endpoint: routedEndpoint(id, { region }),
  model: { name: 'claude-opus-5-5', bedrockId: 'us.anthropic.claude-opus-5-5', scope: 'regional' },
  isUnlisted: false,
})
const WEST = target('west', 'us-west-2')
const EAST = target('east', 'us-east-2')

const ABOUT = {
  endpointId: 'west',
  model: 'claude-opus-5-5',
  isSuspicion: false,
  until: instant(START + 3_600_000),
}

interface Scene {
  readonly time: ToldTime
  readonly tools: ReachTools
  readonly errands: Promise<unknown>[]
  reach(targets: readonly [Target, ...Target[]], body?: object, betas?: string | null): Promise<string>
}

function scene(signal = new AbortController().signal): Scene {
  const time = toldTime()
  const errands: Promise<unknown>[] = []
  const tools: ReachTools = {
    upstreams,
    memory: createLearnedMemory(),
    learned: openLearned(documents, ephemeral),
    breaker: createBreaker(),
    traces: openTraces(documents, ephemeral, () => 0),
    timers: time.timers,
  }
  return {
    time,
    tools,
    errands,
    async reach(targets, body = {}, betaHeader = null) {
      const said = { model: 'x', max_tokens: 10, stream: true, messages: [{ role: 'user', content: 'Hi' }], ...body }
      const errand: Errand = {
        targets,
        asked: { utf8: Buffer.from(JSON.stringify(said)), body: said, betaHeader, longContext: false },
        model: 'x',
        anthropicVersion: null,
        teamOptions: null,
        attribution: { teamId: null, identity: 'key:1', keyId: '1', sessionId: null },
        rules: routingOfAll([]).rules,
        signal,
        streams: true,
        now: () => START,
        asking: () => {},
        later: (errand) => void errands.push(errand),
      }
      const reached = await reachBedrock(errand, (upstream, call, stop) => upstream.stream(call, stop), tools)
      for await (const _chunk of reached.answer);
      return reached.target.endpoint.id
    },
  }
}

const asked = () => bedrock.tally().length

test('an endpoint that takes the connection and says nothing is left after two minutes, where another one can be asked', async () => {
  const { time, reach } = scene()
  bedrock.script.at({ region: 'us-west-2' }).always({ kind: 'hang' })
  const before = asked()
  const answered = reach([WEST, EAST])
  await expect.poll(asked).toBe(before + 1)
  await time.advance(119_000)
  expect(asked()).toBe(before + 1)
  await time.advance(1_000)
  expect(await answered).toBe('east')
})

test('the last one is waited for as long as the request may run', async () => {
  const hangUp = new AbortController()
  const { time, reach } = scene(hangUp.signal)
  bedrock.script.at({ region: 'us-west-2' }).always({ kind: 'hang' })
  let ended = false
  const before = asked()
  const answered = reach([WEST]).catch(() => {
    ended = true
  })
  await expect.poll(asked).toBe(before + 1)
  await time.advance(600_000)
  expect(ended).toBe(false)
  hangUp.abort()
  await answered
})

test('whoever has stopped waiting is not answered by somebody else', async () => {
  const hangUp = new AbortController()
  const { reach } = scene(hangUp.signal)
  bedrock.script.always({ kind: 'hang' })
  const before = asked()
  const answered = reach([WEST, EAST])
  await expect.poll(asked).toBe(before + 1)
  hangUp.abort()
  await expect(answered).rejects.toThrow()
  expect(asked()).toBe(before + 1)
})

test('a caller’s words are not taken for Bedrock’s: what a request that fails anyway seems to teach is forgotten', async () => {
  const { reach, tools, errands } = scene()
  const said = `metadata.user_id: "${CONTEXT}" is not a user`
  bedrock.script.always({ kind: 'error', status: 400, type: 'ValidationException', message: said })
  await expect(reach([WEST], {}, CONTEXT)).rejects.toThrow(CONTEXT)
  await Promise.all(errands)
  const known = tools.memory.knowledgeOf(WEST.endpoint, 'claude-opus-5-5', '', routingOfAll([]).rules, START)
  expect([...known.refused]).toEqual([])
})

describe('one caller’s strange request costs him a repeat, and nobody else anything', () => {
  const MARKED = { content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }], role: 'user' }
  const EDITS = { edits: [{ type: CONTEXT }] }
  test.each<[string, string, object, string | null]>([
    [
      'a mark on a kind of block that takes none',
      'messages.0.content.0.thinking.cache_control: Extra inputs are not permitted',
      { messages: [MARKED] },
      null,
    ],
    [
      'a member whose flag he did not send',
      'context_management: Extra inputs are not permitted',
      { context_management: { edits: [] } },
      null,
    ],
    ['a member called like a flag', `${CONTEXT}: Extra inputs are not permitted`, { [CONTEXT]: 1 }, CONTEXT],
    [
      'a flag’s name as a value',
      `context_management.edits.0: Input tag '${CONTEXT}' found`,
      { context_management: EDITS },
      CONTEXT,
    ],
  ])('%s', async (_what, message, body, betas) => {
    const { reach, tools, errands } = scene()
    // As if it had been tried alone before.
    tools.memory.note({ ...ABOUT, thing: `beta:${CONTEXT}`, takes: true })
    bedrock.script.next({ kind: 'error', status: 400, type: 'ValidationException', message })
    await reach([WEST], body, betas)
    await Promise.all(errands)
    const ordinary = { messages: [MARKED], context_management: { edits: [] } }
    await reach([WEST], ordinary, CONTEXT)
    expect(bedrock.tally().at(-1)?.body).toMatchObject({ ...ordinary, anthropic_beta: [CONTEXT] })
  })
})

test('names that callers make up are not learnt without end', async () => {
  const { reach, tools } = scene()
  for (let made = 0; made < 120; made++) {
    const name = `made_up_${made}`
    bedrock.script.next({
      kind: 'error',
      status: 400,
      type: 'ValidationException',
      message: `${name}: Extra inputs are not permitted`,
    })
    await reach([WEST], { [name]: 1 })
  }
  const { refused } = tools.memory.knowledgeOf(WEST.endpoint, 'claude-opus-5-5', '', routingOfAll([]).rules, START)
  expect(refused.size).toBe(100)
})

test('a request that is refused whatever is left out of it ends, with Bedrock’s last word', async () => {
  const { reach } = scene()
  bedrock.script.always({ kind: 'error', status: 400, type: 'ValidationException', message: 'invalid beta flag' })
  const before = asked()
  await expect(reach([WEST], {}, `${CONTEXT},effort-2025-11-24`)).rejects.toThrow('invalid beta flag')
  expect(asked() - before).toBeLessThanOrEqual(6)
})

test('what was learnt is known to the next environment', async () => {
  bedrock.script.refuseBetas(CONTEXT)
  bedrock.script.nameBetas(true)
  const one = scene()
  await one.reach([WEST], {}, CONTEXT)
  await Promise.all(one.errands)
  const next = scene()
  for (const learned of await openLearned(documents, ephemeral).all(START)) next.tools.memory.note(learned)
  const before = asked()
  await next.reach([WEST], {}, CONTEXT)
  expect(asked() - before).toBe(1)
  expect(bedrock.tally().at(-1)?.betas).not.toContain(CONTEXT)
})

test('trouble is counted where the administrator sees it, and a model that is not there is none', async () => {
  const { reach, errands } = scene()
  bedrock.script
    .at({ region: 'us-west-2' })
    .always({ kind: 'error', status: 429, type: 'ThrottlingException', message: 'Slow.' })
  await reach([WEST, EAST])
  bedrock.script.clear()
  bedrock.script
    .at({ region: 'us-west-2' })
    .always({ kind: 'error', status: 404, type: 'ResourceNotFoundException', message: 'No.' })
  await reach([WEST, EAST])
  expect(errands).toHaveLength(1)
})
