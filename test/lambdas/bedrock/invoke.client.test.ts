import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  type InvokeClient,
  openInvokeClient,
  openRuntime,
  type Runtime,
} from '../../../lambdas/bedrock/invoke.client.ts'
import { type BedrockSimulator, startBedrockSimulator } from '../../../local/bedrock/simulator.ts'

const ACCESS = { region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }

let simulator: BedrockSimulator
let runtime: Runtime
let bedrock: InvokeClient

beforeAll(async () => {
  simulator = await startBedrockSimulator()
  runtime = openRuntime({ ...ACCESS, endpoint: simulator.url })
  bedrock = openInvokeClient(runtime)
})
afterEach(() => simulator.script.clear())
afterAll(async () => {
  runtime?.bedrock.destroy()
  await simulator?.stop()
})

const BODY = new TextEncoder().encode(
  JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 5,
    messages: [{ role: 'user', content: 'hi' }],
  }),
)
const request = (bedrockId = 'global.anthropic.claude-opus-5-5') => ({
  bedrockId,
  model: 'claude-opus-5-5',
  body: BODY,
})
const never = new AbortController().signal

test('an exception as the first event is a refusal, not a stream', async () => {
  simulator.script.next({
    kind: 'exception-mid-stream',
    type: 'throttlingException',
    message: 'slow down',
    afterEvents: 0,
  })
  await expect(bedrock.stream(request(), never)).rejects.toMatchObject({ code: 'upstream_busy', message: 'slow down' })
})

test('a stream without one event is a refusal, not an empty answer', async () => {
  simulator.script.next({ kind: 'early-end', afterEvents: 0 })
  await expect(bedrock.stream(request(), never)).rejects.toMatchObject({ code: 'upstream_busy', retryAfterSeconds: 5 })
})

test('an exception later is thrown where it comes', async () => {
  simulator.script.next({
    kind: 'exception-mid-stream',
    type: 'modelStreamErrorException',
    message: 'lost',
    afterEvents: 3,
  })
  const chunks = await bedrock.stream(request(), never)
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
    const chunks = await bedrock.stream(request(), never)
    for await (const _chunk of chunks);
    expect(simulator.tally().length - before).toBe(2)
  })
  test('twice: Bedrock counts as unreachable', async () => {
    const before = simulator.tally().length
    simulator.script.always(broken)
    await expect(bedrock.whole(request(), never)).rejects.toMatchObject({ code: 'upstream_busy', retryAfterSeconds: 5 })
    expect(simulator.tally().length - before).toBe(2)
  })
  test('a refusal is not tried again', async () => {
    const before = simulator.tally().length
    simulator.script.next({ kind: 'error', status: 500, type: 'InternalServerException', message: 'oops' })
    await expect(bedrock.whole(request(), never)).rejects.toMatchObject({ code: 'upstream_failed' })
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
  const own = openRuntime({ ...ACCESS, endpoint: `http://127.0.0.1:${(way.address() as AddressInfo).port}` })
  for (let round = 0; round < 3; round++) {
    for await (const _chunk of await openInvokeClient(own).stream(request(), never));
  }
  expect(connections).toBe(1)
  own.bedrock.destroy()
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
  const own = openRuntime({ ...ACCESS, endpoint: `http://127.0.0.1:${(way.address() as AddressInfo).port}` })
  const client = openInvokeClient(own)
  await Promise.all([1, 2, 3].map(() => client.whole(request(), never)))
  answers = false
  expect((await client.whole(request(), never)).length).toBeGreaterThan(0)
  own.bedrock.destroy()
  way.close()
})

test('an abort in the middle of a stream ends the call at Bedrock', async () => {
  simulator.script.next({ kind: 'text', tokens: 400, chunkDelayMs: 5 })
  const stop = new AbortController()
  const chunks = await bedrock.stream(request(), stop.signal)
  await chunks.next()
  stop.abort()
  await expect.poll(() => simulator.tally().at(-1)?.outcome).toBe('client-gone')
})

test('where Bedrock is not there at all, it is busy: nothing was asked', async () => {
  const nowhere = openRuntime({ ...ACCESS, endpoint: 'http://127.0.0.1:9' })
  await expect(openInvokeClient(nowhere).whole(request(), never)).rejects.toMatchObject({
    code: 'upstream_busy',
    message: 'Bedrock cannot be reached at the moment.',
  })
})

test('tokens are counted', async () => {
  expect(await bedrock.countTokens(request('anthropic.claude-sonnet-4-6'))).toBeGreaterThan(0)
})
