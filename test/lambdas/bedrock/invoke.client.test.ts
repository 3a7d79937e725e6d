import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Upstream } from '../../../lambdas/bedrock/upstream.ts'
import { openUpstreams, type Upstreams } from '../../../lambdas/bedrock/upstreams.client.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { type BedrockSimulator, startBedrockSimulator } from '../../../local/bedrock/simulator.ts'
import { callLike, endpointLike } from '../../support/upstream-calls.ts'
import { sendJson, startWireServer } from '../../support/wire-server.ts'

const upstreamsAt = (bedrockUrl: string): Upstreams =>
  openUpstreams({
    now: () => instant(Date.now()),
    bedrockUrl,
    credentials: { accessKeyId: 'OWN', secretAccessKey: 'b' },
  })

let simulator: BedrockSimulator
let upstreams: Upstreams
let bedrock: Upstream

beforeAll(async () => {
  simulator = await startBedrockSimulator()
  upstreams = upstreamsAt(simulator.url)
  bedrock = upstreams.invoke
})
afterEach(() => simulator.script.clear())
afterAll(async () => {
  upstreams?.close()
  await simulator?.stop()
})

const never = new AbortController().signal

test('an exception as the first event is a refusal, not a stream', async () => {
  simulator.script.next({
    kind: 'exception-mid-stream',
    type: 'throttlingException',
    message: 'slow down',
    afterEvents: 0,
  })
  await expect(bedrock.stream(callLike(), never)).rejects.toMatchObject({ code: 'upstream_busy', message: 'slow down' })
})

test('a stream without one event is a refusal, not an empty answer', async () => {
  simulator.script.next({ kind: 'early-end', afterEvents: 0 })
  await expect(bedrock.stream(callLike(), never)).rejects.toMatchObject({ code: 'upstream_busy', retryAfterSeconds: 5 })
})

test('an exception later is thrown where it comes', async () => {
  simulator.script.next({
    kind: 'exception-mid-stream',
    type: 'modelStreamErrorException',
    message: 'lost',
    afterEvents: 3,
  })
  const chunks = await bedrock.stream(callLike(), never)
  let seen = 0
  const read = async () => {
    for await (const _chunk of chunks) seen++
  }
  await expect(read()).rejects.toMatchObject({ code: 'upstream_failed', message: 'lost' })
  expect(seen).toBe(3)
})

describe('a connection that turns out dead is tried once more, and only once', () => {
  const broken = { kind: 'reset', afterEvents: 0 } as const
  test('once: the caller notices nothing', async () => {
    const before = simulator.tally().length
    simulator.script.next(broken)
    const chunks = await bedrock.stream(callLike(), never)
    for await (const _chunk of chunks);
    expect(simulator.tally().length - before).toBe(2)
  })
  test('twice: Bedrock counts as unreachable', async () => {
    const before = simulator.tally().length
    simulator.script.always(broken)
    await expect(bedrock.whole(callLike(), never)).rejects.toMatchObject({
      code: 'upstream_busy',
      retryAfterSeconds: 5,
    })
    expect(simulator.tally().length - before).toBe(2)
  })
  test('a refusal is not tried again', async () => {
    const before = simulator.tally().length
    simulator.script.next({ kind: 'error', status: 500, type: 'InternalServerException', message: 'oops' })
    await expect(bedrock.whole(callLike(), never)).rejects.toMatchObject({ code: 'upstream_failed' })
    expect(simulator.tally().length - before).toBe(1)
  })
})

test('one stream after the other takes one connection', async () => {
  let connections = 0
  const { port } = new URL(simulator.url)
  const way = createServer((socket) => {
    connections++
    socket.pipe(connect(Number(port), '127.0.0.1')).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(way, 'listening')
  const own = upstreamsAt(`http://127.0.0.1:${(way.address() as AddressInfo).port}`)
  for (let round = 0; round < 3; round++) {
    for await (const _chunk of await own.invoke.stream(callLike(), never));
  }
  expect(connections).toBe(1)
  own.close()
  way.close()
})

test('of many idle connections that have died none is tried twice', async () => {
  const { port } = new URL(simulator.url)
  let answers = true
  const way = createServer((socket) => {
    const own = answers
    const there = connect(Number(port), '127.0.0.1')
    // Kept from before: whatever comes on it now finds nobody.
    socket.on('data', (data) => (own && !answers ? socket.destroy() : there.write(data)))
    there.on('data', (data) => socket.write(data))
    for (const end of [socket, there])
      end.on('error', () => {}).on('close', () => [socket, there].map((one) => one.destroy()))
  }).listen(0, '127.0.0.1')
  await once(way, 'listening')
  const own = upstreamsAt(`http://127.0.0.1:${(way.address() as AddressInfo).port}`)
  const client = own.invoke
  await Promise.all([1, 2, 3].map(() => client.whole(callLike(), never)))
  answers = false
  expect((await client.whole(callLike(), never)).length).toBeGreaterThan(0)
  own.close()
  way.close()
})

test('an abort in the middle of a stream ends the call at Bedrock', async () => {
  simulator.script.next({ kind: 'text', tokens: 400, chunkDelayMs: 5 })
  const stop = new AbortController()
  const chunks = await bedrock.stream(callLike(), stop.signal)
  await chunks.next()
  stop.abort()
  await expect.poll(() => simulator.tally().at(-1)?.outcome).toBe('client-gone')
})

test('where Bedrock is not there at all, it is busy: nothing was asked', async () => {
  const nowhere = upstreamsAt('http://127.0.0.1:9')
  await expect(nowhere.invoke.whole(callLike(), never)).rejects.toMatchObject({
    code: 'upstream_busy',
    message: 'Bedrock cannot be reached at the moment.',
  })
})

test('tokens are counted', async () => {
  const modelId = 'global.anthropic.claude-sonnet-4-6'
  expect(await bedrock.countTokens(callLike({ modelId }))).toBeGreaterThan(0)
})

describe('what Bedrock is told beside the body', () => {
  const OPTIONS = {
    guardrail: { id: 'gr-1', version: '3' },
    serviceTier: 'priority',
    latency: 'optimized',
  } as const

  test('guardrail, tier, latency and for whom: as headers, each under the signature', async () => {
    const server = await startWireServer((_, response) => sendJson(response, 200, { type: 'message' }))
    const own = upstreamsAt(server.url)
    const endpoint = endpointLike({ region: 'ap-southeast-2' })
    const attribution = { teamId: 'team-1', identity: 'key:7', keyId: 'key-1', sessionId: 'Sitzung "ß"\n🦊' }
    await own.invoke.whole(callLike({ endpoint, options: OPTIONS, attribution }), never)
    const [asked] = server.asked
    const named = {
      'x-amzn-bedrock-guardrailidentifier': 'gr-1',
      'x-amzn-bedrock-guardrailversion': '3',
      'x-amzn-bedrock-service-tier': 'priority',
      'x-amzn-bedrock-performanceconfig-latency': 'optimized',
    }
    expect(asked?.headers).toMatchObject(named)
    expect(JSON.parse(String(asked?.headers['x-amzn-bedrock-request-metadata']))).toEqual({
      team: 'team-1',
      key: 'key-1',
      session: 'Sitzung ______',
      user: 'key:7',
    })
    expect(asked?.headers.authorization).toMatch(/Credential=OWN\/\d{8}\/ap-southeast-2\/bedrock\/aws4_request/)
    const signedHeaders = /SignedHeaders=([^,]+)/.exec(String(asked?.headers.authorization))?.[1]?.split(';')
    expect(signedHeaders).toEqual(
      expect.arrayContaining([...Object.keys(named), 'x-amzn-bedrock-request-metadata', 'host']),
    )
    own.close()
    await server.stop()
  })

  test('nothing of it where nothing is chosen, and no entry for what is not known', async () => {
    const server = await startWireServer((_, response) => sendJson(response, 200, { type: 'message' }))
    const own = upstreamsAt(server.url)
    const attribution = { teamId: null, identity: 'u'.repeat(300), keyId: 'key-1', sessionId: null }
    await own.invoke.whole(callLike({ attribution }), never)
    const headers = server.asked[0]?.headers ?? {}
    expect(Object.keys(headers).filter((name) => name.startsWith('x-amzn-'))).toEqual([
      'x-amzn-bedrock-request-metadata',
    ])
    expect(JSON.parse(String(headers['x-amzn-bedrock-request-metadata']))).toEqual({
      key: 'key-1',
      user: 'u'.repeat(256),
    })
    own.close()
    await server.stop()
  })
})

test.each([
  ['global.anthropic.claude-opus-5-5', 'anthropic.claude-opus-5-5'],
  ['us-gov.anthropic.claude-opus-5-5', 'anthropic.claude-opus-5-5'],
  ['anthropic.claude-opus-5-5', 'anthropic.claude-opus-5-5'],
  [
    'arn:aws:bedrock:eu-central-1:1:application-inference-profile/x',
    'arn:aws:bedrock:eu-central-1:1:application-inference-profile/x',
  ],
])('tokens of %s are counted as those of %s', async (modelId, counted) => {
  const server = await startWireServer((_, response) => sendJson(response, 200, { inputTokens: 12 }))
  const own = upstreamsAt(server.url)
  expect(await own.invoke.countTokens(callLike({ modelId }))).toBe(12)
  expect(decodeURIComponent(server.asked[0]?.path ?? '')).toBe(`/model/${counted}/count-tokens`)
  own.close()
  await server.stop()
})

test('a refusal keeps its words, whatever they are written in, and its whole seconds', async () => {
  const message = 'Zu viele Anfragen – 世界 🦊'
  const server = await startWireServer((_, response, place) =>
    sendJson(
      response,
      429,
      { message },
      {
        'x-amzn-errortype': 'ThrottlingException',
        'retry-after': place === 0 ? '17' : 'Fri, 27 Nov 2026 16:00:00 GMT',
      },
    ),
  )
  const own = upstreamsAt(server.url)
  const busy = { code: 'upstream_busy', message }
  await expect(own.invoke.whole(callLike(), never)).rejects.toMatchObject({ ...busy, retryAfterSeconds: 17 })
  await expect(own.invoke.whole(callLike(), never)).rejects.toMatchObject({ ...busy, retryAfterSeconds: 5 })
  own.close()
  await server.stop()
})

test('one that was called off is no trouble of the endpoint', async () => {
  simulator.script.next({ kind: 'silence', beforeMs: 60_000 })
  const stop = new AbortController()
  const asked = bedrock.stream(callLike(), stop.signal)
  await expect.poll(() => simulator.tally().at(-1)?.outcome).toBe('running')
  stop.abort()
  await expect(asked).rejects.toMatchObject({ detail: { upstream: 'AbortError', trouble: null } })
})
