import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UpstreamAbsent } from '../../../lambdas/bedrock/kinds.ts'
import { openUpstreams, type Upstreams } from '../../../lambdas/bedrock/upstreams.client.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { signatureOf, signatureToldBy } from '../../support/aws-signature.ts'
import { callLike, endpointLike, messagesBody } from '../../support/upstream-calls.ts'
import { type Asked, sendJson, startWireServer, type WireServer } from '../../support/wire-server.ts'

type Answer = (response: ServerResponse, asked: Asked, place: number) => void | Promise<void>

let server: WireServer
let upstreams: Upstreams
let answer: Answer

const NOW = instant(Date.UTC(2026, 10, 27, 12))
const upstreamsAt = (bedrockUrl: string): Upstreams =>
  openUpstreams({
    now: () => NOW,
    bedrockUrl,
    credentials: { accessKeyId: 'OWN', secretAccessKey: 'b', sessionToken: 'tok' },
  })

beforeEach(async () => {
  server = await startWireServer((asked, response, place) => answer(response, asked, place))
  upstreams = upstreamsAt(server.url)
})
afterEach(async () => {
  upstreams.close()
  await server.stop()
})

const never = new AbortController().signal
const endpoint = endpointLike({ upstream: 'messages' })
const streamed = callLike({ endpoint, body: messagesBody(true) })
const whole = callLike({ endpoint, body: messagesBody(false) })

const EVENTS = [
  '{"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":3}}}',
  '{"type": "ping"}',
  '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Grüße 世界 🦊"}}',
  '{"type":"message_stop"}',
]
const frame = (json: string, name = String(JSON.parse(json).type)): string => `event: ${name}\ndata: ${json}\n\n`
const SSE = { 'content-type': 'text/event-stream' }
const streaming =
  (text: string): Answer =>
  (response) =>
    void response.writeHead(200, SSE).end(text)

async function read(chunks: AsyncIterable<Uint8Array>): Promise<string[]> {
  const seen: string[] = []
  for await (const chunk of chunks) seen.push(new TextDecoder().decode(chunk))
  return seen
}

describe('a stream', () => {
  test('passes each event byte for byte', async () => {
    answer = streaming(EVENTS.map((one) => frame(one)).join(''))
    expect(await read(await upstreams.messages.stream(streamed, never))).toEqual(EVENTS)
  })
  test('in pieces of one byte, too', async () => {
    answer = async (response) => {
      response.writeHead(200, SSE)
      for (const byte of Buffer.from(EVENTS.map((one) => frame(one)).join(''))) {
        response.write(Buffer.of(byte))
        await turn()
      }
      response.end()
    }
    expect(await read(await upstreams.messages.stream(streamed, never))).toEqual(EVENTS)
  })
  test('that ends before its first event is a refusal, also after pings', async () => {
    for (const text of ['', frame('{"type": "ping"}'), ': nothing\n\n']) {
      answer = streaming(text)
      await expect(upstreams.messages.stream(streamed, never)).rejects.toMatchObject({ code: 'upstream_busy' })
    }
  })
  test('whose first event is an error is a refusal, also after pings', async () => {
    const error = '{"type":"error","error":{"type":"overloaded_error","message":"Überlastet"}}'
    for (const text of [frame(error), frame('{"type": "ping"}') + frame(error), `data: ${error}\n\n`]) {
      answer = streaming(text)
      await expect(upstreams.messages.stream(streamed, never)).rejects.toMatchObject({
        code: 'upstream_busy',
        message: 'Überlastet',
      })
    }
  })
  test.each([
    ['overloaded_error', 'upstream_busy'],
    ['rate_limit_error', 'upstream_busy'],
    ['invalid_request_error', 'upstream_rejected'],
    ['timeout_error', 'upstream_timeout'],
    ['api_error', 'upstream_failed'],
    ['of_tomorrow', 'upstream_failed'],
  ])('an error of type %s in the middle is thrown there, as %s', async (type, code) => {
    const error = JSON.stringify({ type: 'error', error: { type, message: 'mitten drin – 世界' } })
    answer = streaming(frame(EVENTS[0] ?? '') + frame(error) + frame(EVENTS[3] ?? ''))
    const chunks = await upstreams.messages.stream(streamed, never)
    expect((await chunks.next()).done).toBe(false)
    await expect(chunks.next()).rejects.toMatchObject({ code, message: 'mitten drin – 世界' })
  })
  test('an event that only speaks of an error is none', async () => {
    const text = '{"type":"content_block_delta","delta":{"text":"{\\"type\\":\\"error\\",\\"error\\":{}}"}}'
    answer = streaming(`data: ${text}\n\n`)
    expect(await read(await upstreams.messages.stream(streamed, never))).toEqual([text])
  })
  test('that is cut off throws where it is cut', async () => {
    answer = (response) => {
      response.writeHead(200, SSE)
      response.write(frame(EVENTS[0] ?? ''), () => response.destroy())
    }
    const chunks = await upstreams.messages.stream(streamed, never)
    expect((await chunks.next()).done).toBe(false)
    await expect(chunks.next()).rejects.toMatchObject({ code: 'upstream_busy' })
  })
  test('that is called off ends the connection, and is no trouble of the endpoint', async () => {
    let gone: Promise<unknown> | undefined
    answer = (response) => {
      gone = once(response, 'close')
      response.writeHead(200, SSE)
      response.write(frame(EVENTS[0] ?? ''))
    }
    const stop = new AbortController()
    const chunks = await upstreams.messages.stream(streamed, stop.signal)
    await chunks.next()
    stop.abort()
    await expect(chunks.next()).rejects.toMatchObject({ detail: { upstream: 'AbortError', trouble: null } })
    await gone
  })
  test('that nobody reads on ends the connection', async () => {
    let gone: Promise<unknown> | undefined
    answer = (response) => {
      gone = once(response, 'close')
      response.writeHead(200, SSE)
      response.write(frame(EVENTS[0] ?? ''))
    }
    for await (const _chunk of await upstreams.messages.stream(streamed, never)) break
    await gone
  })
  test('one after the other takes one connection', async () => {
    answer = streaming(EVENTS.map((one) => frame(one)).join(''))
    for (let round = 0; round < 3; round++) await read(await upstreams.messages.stream(streamed, never))
    expect(server.connections()).toBe(1)
  })
})

test('a whole answer arrives as it was sent', async () => {
  const message = { type: 'message', content: [{ type: 'text', text: 'Grüße 世界 🦊' }] }
  answer = (response) => sendJson(response, 200, message)
  const bytes = await upstreams.messages.whole(whole, never)
  expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(message)
  expect(server.asked[0]).toMatchObject({ method: 'POST', path: '/anthropic/v1/messages' })
  expect(server.asked[0]?.body).toBe(new TextDecoder().decode(whole.body))
})

describe('a request', () => {
  const options = { guardrail: { id: 'gr-1', version: 'DRAFT' }, serviceTier: 'flex', latency: 'optimized' } as const

  test('carries version, betas, options and for whom it is, each under the signature', async () => {
    answer = (response) => sendJson(response, 200, {})
    const betas = ['effort-2025-11-24', 'context-1m-2025-08-07']
    await upstreams.messages.whole({ ...whole, options, betas, anthropicVersion: '2026-10-21' }, never)
    const headers = server.asked[0]?.headers ?? {}
    const named = {
      'anthropic-version': '2026-10-21',
      'anthropic-beta': 'effort-2025-11-24,context-1m-2025-08-07',
      'content-type': 'application/json',
      'x-amzn-bedrock-guardrailidentifier': 'gr-1',
      'x-amzn-bedrock-guardrailversion': 'DRAFT',
      'x-amzn-bedrock-service-tier': 'flex',
      'x-amzn-bedrock-performanceconfig-latency': 'optimized',
      'x-amzn-bedrock-request-metadata': '{"team":"team-1","key":"key-1","user":"user-1"}',
      'x-amz-date': '20261127T120000Z',
      'x-amz-security-token': 'tok',
    }
    expect(headers).toMatchObject(named)
    const [, scope, signedHeaders] =
      /^AWS4-HMAC-SHA256 Credential=OWN\/([^,]+), SignedHeaders=([^,]+), Signature=[0-9a-f]{64}$/.exec(
        String(headers.authorization),
      ) ?? []
    expect(scope).toBe('20261127/eu-central-1/bedrock/aws4_request')
    expect(signedHeaders?.split(';')).toEqual(expect.arrayContaining([...Object.keys(named), 'host']))
  })
  test('is signed as AWS computes it', async () => {
    answer = (response) => sendJson(response, 200, {})
    await upstreams.messages.whole({ ...whole, options, betas: ['effort-2025-11-24'] }, never)
    const [asked] = server.asked
    expect(asked && signatureToldBy(asked)).toBe(asked && signatureOf(asked, 'b'))
  })
  test('says the version that all know where the client says none, and no betas where there are none', async () => {
    answer = (response) => sendJson(response, 200, {})
    await upstreams.messages.whole(whole, never)
    expect(server.asked[0]?.headers['anthropic-version']).toBe('2023-06-01')
    expect(server.asked[0]?.headers).not.toHaveProperty('anthropic-beta')
  })
  test('goes below the path where Bedrock is told to be', async () => {
    answer = (response) => sendJson(response, 200, {})
    for (const end of ['', '/']) {
      const below = upstreamsAt(`${server.url}/behind/a/proxy${end}`)
      await below.messages.whole(whole, never)
      below.close()
    }
    expect(server.asked.map(({ path }) => path)).toEqual(Array(2).fill('/behind/a/proxy/anthropic/v1/messages'))
  })
})

describe('a refusal', () => {
  test.each([
    [400, 'invalid_request_error', 'upstream_rejected'],
    [413, 'request_too_large', 'upstream_rejected'],
    [429, 'rate_limit_error', 'upstream_busy'],
    [529, 'overloaded_error', 'upstream_busy'],
    [500, 'api_error', 'upstream_failed'],
    [504, 'timeout_error', 'upstream_timeout'],
  ])("in Anthropic's envelope goes by its type and keeps its words: %s %s", async (status, type, code) => {
    const message = 'prompt is too long: 210000 tokens > 200000 maximum – 世界'
    answer = (response) =>
      sendJson(response, status, { type: 'error', error: { type, message } }, { 'retry-after': '9' })
    const retryAfterSeconds = code === 'upstream_busy' ? 9 : undefined
    await expect(upstreams.messages.whole(whole, never)).rejects.toMatchObject({ code, message, retryAfterSeconds })
    await expect(upstreams.messages.stream(streamed, never)).rejects.toMatchObject({ code, message })
  })
  test.each([
    [400, { 'x-amzn-errortype': 'ValidationException:http://internal.amazon.com/coral/' }, 'upstream_rejected'],
    [403, { 'x-amzn-errortype': 'AccessDeniedException' }, 'upstream_forbidden'],
    [404, { 'x-amzn-errortype': 'ResourceNotFoundException' }, 'model_refused'],
    [429, { 'x-amzn-errortype': 'ThrottlingException' }, 'upstream_busy'],
  ])('of AWS itself goes by its exception: %s %s', async (status, headers, code) => {
    answer = (response) => sendJson(response, status, { message: 'nein' }, headers)
    await expect(upstreams.messages.whole(whole, never)).rejects.toMatchObject({ code })
  })
  test.each<[string, Answer]>([
    [
      'UnknownOperationException in the body',
      (response) =>
        sendJson(response, 404, {
          Output: { __type: 'com.amazon.coral.service#UnknownOperationException' },
          Version: '1.0',
        }),
    ],
    [
      'UnknownOperationException in the header, whatever the status',
      (response) => sendJson(response, 400, {}, { 'x-amzn-errortype': 'UnknownOperationException' }),
    ],
    [
      'MissingAuthenticationTokenException for a path that is not known',
      (response) =>
        sendJson(
          response,
          403,
          { message: 'Missing Authentication Token' },
          { 'x-amzn-errortype': 'MissingAuthenticationTokenException' },
        ),
    ],
    ['a bare 404', (response) => void response.writeHead(404).end()],
    ["a proxy's page", (response) => void response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>No</h1>')],
  ])('that says that there is no such operation is told apart: %s', async (_, absent) => {
    answer = absent
    await expect(upstreams.messages.whole(whole, never)).rejects.toThrow(UpstreamAbsent)
    await expect(upstreams.messages.stream(streamed, never)).rejects.toThrow(UpstreamAbsent)
    await expect(upstreams.messages.countTokens(whole)).rejects.toThrow(UpstreamAbsent)
  })
  test('a model that is not there is no operation that is not there', async () => {
    answer = (response) => sendJson(response, 404, { type: 'error', error: { type: 'not_found_error', message: 'no' } })
    await expect(upstreams.messages.whole(whole, never)).rejects.toMatchObject({ code: 'model_refused' })
  })
  test('without words, or with a page instead, is told by its status', async () => {
    answer = (response) => void response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>')
    await expect(upstreams.messages.whole(whole, never)).rejects.toMatchObject({
      code: 'upstream_failed',
      message: 'Bedrock answered with status 502.',
    })
  })
})

describe('a connection', () => {
  test('that dies before anything came is replaced once, and the caller notices nothing', async () => {
    answer = (response, _, place) =>
      place === 0 ? void response.destroy() : streaming(frame(EVENTS[0] ?? ''))(response, _, 1)
    expect(await read(await upstreams.messages.stream(streamed, never))).toEqual([EVENTS[0]])
    expect(server.asked).toHaveLength(2)
  })
  test('twice dead is an endpoint that cannot be reached', async () => {
    answer = (response) => void response.destroy()
    await expect(upstreams.messages.whole(whole, never)).rejects.toMatchObject({
      code: 'upstream_busy',
      message: 'Bedrock cannot be reached at the moment.',
    })
    expect(server.asked).toHaveLength(2)
  })
  test('of which the other side has closed its half without an answer is replaced, too', async () => {
    let connections = 0
    const half = createServer({ allowHalfOpen: true }, (socket) => {
      connections++
      socket.on('error', () => {}).once('data', () => socket.end())
    }).listen(0, '127.0.0.1')
    await once(half, 'listening')
    const own = upstreamsAt(`http://127.0.0.1:${(half.address() as { port: number }).port}`)
    await expect(own.messages.whole(whole, never)).rejects.toMatchObject({ code: 'upstream_busy' })
    expect(connections).toBe(2)
    own.close()
    half.close()
  })
  test('of many idle ones that have died none is tried twice', async () => {
    answer = async (response) => {
      await turn()
      sendJson(response, 200, {})
    }
    await Promise.all([1, 2, 3].map(() => upstreams.messages.whole(whole, never)))
    const before = server.asked.length
    const died = new Set<unknown>()
    answer = (response) => {
      // The first that is asked again is found dead; a second one of the old would be, too.
      if (died.size === 0) {
        died.add(response)
        response.destroy()
      } else sendJson(response, 200, {})
    }
    await upstreams.messages.whole(whole, never)
    expect(server.asked.length - before).toBe(2)
    expect(server.connections()).toBeGreaterThan(3)
  })
})

describe('tokens', () => {
  test('are counted by the Messages API', async () => {
    answer = (response) => sendJson(response, 200, { input_tokens: 1234 })
    expect(await upstreams.messages.countTokens(whole)).toBe(1234)
    expect(server.asked[0]?.path).toBe('/anthropic/v1/messages/count_tokens')
  })
  test('are counted of what is asked, without what is said about the answer', async () => {
    answer = (response) => sendJson(response, 200, { input_tokens: 1 })
    const asked = '"model":"m", "system" : "Grüße 世界","messages":[]'
    const about = '"max_tokens":5,"stream":true,"temperature":0.5,"metadata":{"user_id":"u"},"stop_sequences":["x"]'
    await upstreams.messages.countTokens({ ...whole, body: new TextEncoder().encode(`{${asked},${about}}`) })
    expect(server.asked[0]?.body).toBe(`{${asked}}`)
    expect(server.asked[0] && signatureToldBy(server.asked[0])).toBe(
      server.asked[0] && signatureOf(server.asked[0], 'b'),
    )
  })
  test.each([{}, { input_tokens: 'many' }, { input_tokens: 1.5 }, []])('are not counted by %j', async (json) => {
    answer = (response) => sendJson(response, 200, json)
    await expect(upstreams.messages.countTokens(whole)).rejects.toMatchObject({ code: 'upstream_failed' })
  })
})
