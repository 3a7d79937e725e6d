import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openAllowances } from '../../../lambdas/admission/allowance.store.ts'
import { NO_USE } from '../../../lambdas/admission/rate-window.ts'
import { openRateWindows } from '../../../lambdas/admission/rate-windows.store.ts'
import { openLearned } from '../../../lambdas/bedrock/learned.store.ts'
import { createLearnedMemory } from '../../../lambdas/bedrock/learned.ts'
import { shareLearning } from '../../../lambdas/bedrock/shared-learning.flow.ts'
import { openUpstreams, type Upstreams } from '../../../lambdas/bedrock/upstreams.client.ts'
import { createBreaker } from '../../../lambdas/endpoints/breaker.ts'
import { openRouting } from '../../../lambdas/endpoints/routing.store.ts'
import { openTraces } from '../../../lambdas/endpoints/traces.store.ts'
import { createTurns } from '../../../lambdas/endpoints/turns.ts'
import { bodyOfText } from '../../../lambdas/http/body.ts'
import { identify } from '../../../lambdas/messages/identify.flow.ts'
import { type Incoming, serveMessage } from '../../../lambdas/messages/serve-message.flow.ts'
import { SERVER_SENT_EVENTS } from '../../../lambdas/messages/sse.ts'
import { createEventTeller } from '../../../lambdas/messages/tell-events.flow.ts'
import { openEventWriter } from '../../../lambdas/notifications/event-writer.store.ts'
import { newRequestId } from '../../../lambdas/platform/clock.host.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { jsonLog } from '../../../lambdas/platform/log.host.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import { openCurrentPrices } from '../../../lambdas/pricing/current-prices.store.ts'
import { openPrices } from '../../../lambdas/pricing/prices.store.ts'
import {
  expectedCost,
  lyingRequest,
  restateRequest,
  settleRequest,
  withdrawRequest,
} from '../../../lambdas/spend/keep-accounts.flow.ts'
import { openLedger } from '../../../lambdas/spend/ledger.store.ts'
import { createRecentOutput } from '../../../lambdas/spend/recent-output.ts'
import type { OpenedRequest } from '../../../lambdas/spend/request-record.ts'
import { endpointKey, endpointsStampKey, teamKey, virtualKeyKey } from '../../../lambdas/table/core-keys.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { type BedrockSimulator, startBedrockSimulator } from '../../../local/bedrock/simulator.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { createTables, type TableNames } from '../../support/tables.ts'
import { toldTime } from '../../support/told-time.ts'

const START = instant(Date.UTC(2026, 10, 27))
const KEY = `sk-proxy-${'0'.repeat(64)}`
const SHA256 = '37303d7c02fa5f3f10ff5472976598b86ded70c1c833305cfe57d5c35ef12ed5'

let database: Database
let documents: Documents
let bedrock: BedrockSimulator
let upstreams: Upstreams
let tables: TableNames

beforeAll(async () => {
  database = await startDatabase()
  documents = openDocuments({ endpoint: database.endpoint })
  bedrock = await startBedrockSimulator()
  upstreams = openUpstreams({
    now: () => START,
    bedrockUrl: bedrock.url,
    credentials: { accessKeyId: 'messages', secretAccessKey: 'local' },
  })
})
beforeEach(async () => {
  tables = await createTables(database.endpoint)
  await put(endpointsStampKey, { endpoints: 1 })
  await put(endpointKey('west'), { id: 'west', name: 'west', region: 'us-west-2', routing_prefix: 'global' })
  await put(endpointKey('east'), { id: 'east', name: 'east', region: 'us-east-2', routing_prefix: 'us' })
  await put(teamKey('team'), {
    id: 'team',
    routing_strategy: 'primary_fallback',
    endpoints: [
      { id: 'west', priority: 0 },
      { id: 'east', priority: 1 },
    ],
  })
  await put(virtualKeyKey(SHA256), { id: 'key', team_id: 'team', is_active: true })
})
afterEach(() => bedrock.script.clear())
afterAll(async () => {
  upstreams?.close()
  documents?.destroy()
  await bedrock?.stop()
  await database?.stop()
})

const put = (key: object, item: object) =>
  documents.send(new PutCommand({ TableName: tables.core, Item: { ...key, ...item } }))

async function usage(prefix: string): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await documents.send(new ScanCommand({ TableName: tables.usage, ConsistentRead: true }))
  return Items.filter(({ PK }) => String(PK).startsWith(prefix))
}

/** No request here offers anything of the web. */
const NO_WEB = {
  search: { search: () => expect.unreachable() },
  pages: { read: () => expect.unreachable() },
  failed: () => {},
  settings: { of: () => expect.unreachable() },
}

/** Nothing is found, and at once. */
const EMPTY_WEB: Parameters<typeof serveMessage>[1]['web'] = {
  ...NO_WEB,
  search: { search: async () => ({ ok: true, hits: [], provider: 'custom', price: nanoUsd(3) }) },
  settings: {
    of: async () => ({
      mode: 'global',
      fetches: false,
      providers: [{ type: 'custom', apiKey: null, apiUrl: 'https://example.com/', maxResults: 5, price: nanoUsd(3) }],
    }),
  },
}

function scene(web = NO_WEB as Parameters<typeof serveMessage>[1]['web'], more: object = {}) {
  const time = toldTime()
  const errands: Promise<unknown>[] = []
  const memory = createLearnedMemory()
  const learned = openLearned(documents, tables.ephemeral)
  const accounts = {
    ledger: openLedger(documents, tables.usage, { sleep: async () => {}, chance: () => 0 }),
    prices: openCurrentPrices(openPrices(documents, tables.core)),
    log: jsonLog(),
    sleep: async () => {},
  }
  const tools: Parameters<typeof serveMessage>[1] = {
    allowances: openAllowances(documents, tables),
    windows: openRateWindows(documents, tables.ephemeral),
    events: createEventTeller(openEventWriter(documents, tables.events)),
    accounts: {
      open: (request) => accounts.ledger.open(request),
      readPrices: async (version) => void (await accounts.prices.at(version)),
      hold: (request, holds, attempt) => accounts.ledger.hold(request, holds, attempt),
      lying: (request) => lyingRequest(request, accounts),
      expectedCost: (request, usage) => expectedCost(request, usage, accounts),
      settle: (request, end, version, at) => settleRequest(request, end, version, at, accounts),
      restate: (request) => restateRequest(request, accounts),
      withdraw: (request) => withdrawRequest(request, accounts),
    },
    routes: {
      upstreams,
      memory,
      learned,
      routing: openRouting(documents, tables.core, { region: 'us-east-1', routingPrefix: 'us' }),
      sharing: shareLearning(learned, memory),
      breaker: createBreaker(),
      traces: openTraces(documents, tables.ephemeral, () => 0),
      timers: time.timers,
      nextTurn: createTurns(0),
    },
    timers: time.timers,
    web,
    recentOutput: createRecentOutput(),
    settings: { onHangUp: 'drain', limitsBody: true },
  }
  const incoming: Incoming = {
    requestId: newRequestId(),
    headers: new Headers({ authorization: `Bearer ${KEY}` }),
    format: SERVER_SENT_EVENTS,
    arrivedAt: START,
    elapsedMs: time.nowMs,
    remainingMs: () => 900_000 - time.nowMs(),
    throughDistribution: false,
    readBody: async () =>
      bodyOfText(
        JSON.stringify({
          model: 'claude-opus-5-5',
          max_tokens: 9,
          messages: [{ role: 'user', content: 'Hi' }],
          ...more,
        }),
      ),
    tell: () => {},
    waitUntil: (errand) => void errands.push(errand),
  }
  return {
    time,
    serve: () => serveMessage(incoming, tools),
    async allDone() {
      for (; errands.length > 0; ) await Promise.all(errands.splice(0))
    },
  }
}

test('what the deadline cuts short is billed by whom it was asked of last, at the price of that place', async () => {
  bedrock.script
    .at({ region: 'us-west-2' })
    .always({ kind: 'error', status: 429, type: 'ThrottlingException', message: 'Slow.' })
  bedrock.script.at({ region: 'us-east-2' }).always({ kind: 'hang' })
  const { time, serve, allDone } = scene()
  const before = bedrock.tally().length
  const served = serve().catch((thrown: unknown) => thrown)
  await expect.poll(() => bedrock.tally().length).toBe(before + 2)
  await time.advance(885_000)
  expect(await served).toMatchObject({ code: 'upstream_out_of_time' })
  await allDone()
  expect(await usage('REQ#')).toMatchObject([
    {
      endpoint_id: 'east',
      upstream_model: 'us.anthropic.claude-opus-5-5',
      price: expect.stringContaining('#regional#'),
      status: 'aborted',
      estimated: true,
    },
  ])
})

test('a tier has its own price: what was abandoned while it was asked for is billed by it, where it was asked', async () => {
  await put(teamKey('team'), {
    id: 'team',
    routing_strategy: 'primary_fallback',
    bedrock_options: { service_tier: 'priority' },
    endpoints: [{ id: 'west', priority: 0 }],
  })
  bedrock.script.at({ region: 'us-west-2' }).always({ kind: 'hang' })
  const { time, serve, allDone } = scene()
  const served = serve().catch((thrown: unknown) => thrown)
  const pending = async () => ((await usage('PEND#'))[0]?.request ?? {}) as Partial<OpenedRequest>
  await expect.poll(async () => (await pending()).serviceTier).toBe('priority')
  expect(await pending()).toMatchObject({ endpointId: 'west', target: { scope: 'global' } })

  // The environment lives on here: what it says in the end is what stands.
  await time.advance(885_000)
  await served
  await allDone()
  expect([await usage('PEND#'), await usage('REQ#')]).toMatchObject([
    [],
    [{ service_tier: 'priority', price: expect.stringContaining('#priority') }],
  ])
})

test('what earlier turns have used is in the books while a later one is asked for, so that it is billed should this environment die', async () => {
  const search = { type: 'web_search_20250305', name: 'web_search' }
  await put(teamKey('team'), {
    id: 'team',
    routing_strategy: 'primary_fallback',
    endpoints: [{ id: 'west', priority: 0 }],
  })
  bedrock.script.at({ region: 'us-west-2' }).next({ kind: 'tool', name: 'web_search', input: { query: 'lanterns' } })
  const { time, serve, allDone } = scene(EMPTY_WEB, { stream: true, tools: [search] })
  const before = bedrock.tally().length
  bedrock.script.at({ region: 'us-west-2' }).always({ kind: 'hang' })
  const served = serve()
  const pending = async () => ((await usage('PEND#'))[0]?.request ?? {}) as Partial<OpenedRequest>
  await expect.poll(async () => (await pending()).endpointId).toBe('west')
  const [first] = bedrock.tally().slice(before)
  const { estimate } = await pending()
  expect(estimate?.outputTokens).toBe(first?.usage.outputTokens)
  expect(estimate?.inputTokens).toBeGreaterThan(first?.usage.inputTokens ?? Number.NaN)

  const { body } = await served
  const read = new Response(body as ReadableStream).text()
  await expect.poll(() => bedrock.tally().length).toBe(before + 2)
  await time.advance(885_000)
  expect(await read).toContain('event: error')
  await allDone()
  expect([await usage('PEND#'), await usage('REQ#')]).toMatchObject([
    [],
    [{ status: 'aborted', estimated: true, web_searches: 1, web_cost_nano: 3, endpoint_id: 'west' }],
  ])
})

test('a request that is not served, for whatever reason, does not stay pending: nobody pays for a bug of ours', async () => {
  await put(endpointKey('west'), { id: 'west', name: 'an item that nobody can read' })
  const { serve, allDone } = scene()
  await expect(serve()).rejects.toThrow('routing_prefix')
  await allDone()
  expect([await usage('PEND#'), (await usage('REQ#')).map(({ status, cost_nano }) => [status, cost_nano])]).toEqual([
    [],
    [['refused', 0]],
  ])
})

test('a key that changes hands while the database fails: what was written down for its old owner is taken back', async () => {
  const allowances = openAllowances(documents, tables)
  await allowances.read(SHA256, (await allowances.locate(SHA256)) ?? expect.unreachable(), {
    at: START,
    spending: true,
  })
  await put(teamKey('other'), { id: 'other' })
  await put(virtualKeyKey(SHA256), { id: 'key', team_id: 'other', is_active: true })
  const teams: (string | null)[] = []
  const takenBack: (string | null)[] = []
  const beside = {
    async write({ teamId }: { teamId: string | null }) {
      teams.push(teamId)
      if (teams.length > 1) throw new Error('no')
    },
    takeBack: ({ teamId }: { teamId: string | null }) => void takenBack.push(teamId),
    count: async () => NO_USE,
    uncount: () => {},
  }
  await expect(identify({ sha256: SHA256 }, allowances, { at: START, spending: true }, beside)).rejects.toThrow('no')
  expect([teams, takenBack]).toEqual([['team', 'other'], ['other']])
})
