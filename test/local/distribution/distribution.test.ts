import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Behaviour, type Distribution, startDistribution } from '../../../local/distribution/distribution.ts'
import { loadViewerFunction } from '../../../local/distribution/viewer-function.ts'

const VIEWER = `function handler(event) {
  if (event.request.uri === '/') return { statusCode: 302, headers: { location: { value: '/portal/' } } }
  event.request.headers['x-gateway-host'] = { value: event.request.headers.host.value }
  return event.request
}`
const TO_INDEX = `function handler(event) {
  if (event.request.uri.indexOf('.') < 0) event.request.uri = '/portal/index.html'
  return event.request
}`

/** What the origin does with a request, told by the test that sends it. */
let serve: (request: IncomingMessage, response: ServerResponse) => void
let origin: Server
let distribution: Distribution
const folder = mkdtempSync(join(tmpdir(), 'distribution-test-'))

beforeAll(async () => {
  origin = createServer((request, response) => serve(request, response))
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`
  mkdirSync(join(folder, 'bucket/portal'), { recursive: true })
  writeFileSync(join(folder, 'bucket/portal/index.html'), '<p>portal</p>')
  writeFileSync(join(folder, 'bucket/portal/app.js'), 'void 0')
  writeFileSync(join(folder, 'outside.txt'), 'not of this bucket')
  const toOrigin = (pathPattern: string, readTimeoutMs = 60_000): Behaviour => ({
    pathPattern,
    methods: new Set(['GET', 'HEAD', 'POST', 'OPTIONS']),
    viewerRequest: loadViewerFunction(VIEWER),
    origin: { kind: 'function', url, headers: { 'x-origin-verify': 'the secret' }, readTimeoutMs },
    responseHeaders: [],
  })
  const portal: Behaviour = {
    pathPattern: '/portal*',
    methods: new Set(['GET', 'HEAD']),
    viewerRequest: loadViewerFunction(TO_INDEX),
    origin: {
      kind: 'folder',
      path: join(folder, 'bucket'),
      cacheControl: new Map([['portal/index.html', 'no-cache']]),
    },
    responseHeaders: [{ name: 'x-frame-options', value: 'DENY', override: true }],
  }
  const nowhere: Behaviour = {
    ...toOrigin('/nowhere'),
    origin: { kind: 'function', url: 'http://127.0.0.1:1', headers: {}, readTimeoutMs: 1_000 },
  }
  const guarded: Behaviour = {
    ...toOrigin('/guarded'),
    responseHeaders: [
      { name: 'x-frame-options', value: 'DENY', override: false },
      { name: 'referrer-policy', value: 'no-referrer', override: false },
      { name: 'x-content-type-options', value: 'nosniff', override: true },
    ],
  }
  distribution = await startDistribution([portal, nowhere, guarded, toOrigin('/hasty', 50), toOrigin('*')], 0)
})

afterAll(async () => {
  await distribution.stop()
  origin.closeAllConnections()
  origin.close()
  rmSync(folder, { recursive: true })
})

/** Sends bytes as they are, and returns all that comes back. */
const raw = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(distribution.url).port), '127.0.0.1', () => socket.write(bytes))
    text(socket).then(resolve, reject)
  })

test('status, headers, path, query and body pass both ways', async () => {
  serve = (request, response) => {
    void text(request).then((body) => {
      response.writeHead(418, { 'x-a': 'b', 'set-cookie': ['s=1', 't=2'] })
      response.end(
        `${request.method} ${request.url} ${request.headers['content-type']} ${request.headers.cookie} ${body}`,
      )
    })
  }
  const answer = await fetch(`${distribution.url}/v1/messages?beta=true&x=%20y`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: 'session=1' },
    body: '{"é":1}',
  })
  expect(answer.status).toBe(418)
  expect(answer.headers.get('x-a')).toBe('b')
  expect(answer.headers.getSetCookie()).toEqual(['s=1', 't=2'])
  expect(await answer.text()).toBe('POST /v1/messages?beta=true&x=%20y application/json session=1 {"é":1}')
})

test('the origin hears its secret and the viewer’s address and host, whatever the viewer claimed of them', async () => {
  let headers: IncomingMessage['headers'] = {}
  serve = (request, response) => {
    headers = request.headers
    response.end()
  }
  await fetch(`${distribution.url}/x`, {
    headers: { 'x-origin-verify': 'guessed', 'x-gateway-host': 'evil.example', 'x-forwarded-for': '203.0.113.7' },
  })
  expect(headers['x-origin-verify']).toBe('the secret')
  expect(headers['x-gateway-host']).toBe(new URL(distribution.url).host)
  expect(headers['x-forwarded-for']).toBe('203.0.113.7, 127.0.0.1')
  expect(headers.host).not.toBe(new URL(distribution.url).host)
})

test('a header of the distribution’s is added to what the origin says, and replaces it only where it is to', async () => {
  serve = (_request, response) => {
    response.writeHead(200, { 'referrer-policy': 'origin', 'x-content-type-options': 'whatever' }).end()
  }
  const { headers } = await fetch(`${distribution.url}/guarded`)
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('referrer-policy')).toBe('origin')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})

test('a file of the portal comes with the cache-control its bucket keeps, also when it has not changed', async () => {
  const page = await fetch(`${distribution.url}/portal/index.html`)
  expect(page.headers.get('cache-control')).toBe('no-cache')
  const again = await fetch(`${distribution.url}/portal/index.html`, {
    headers: { 'if-none-match': page.headers.get('etag') ?? '' },
  })
  expect([again.status, again.headers.get('cache-control')]).toEqual([304, 'no-cache'])
  expect((await fetch(`${distribution.url}/portal/app.js`)).headers.get('cache-control')).toBeNull()
})

test('a chunk reaches the viewer while the origin still holds the next', async () => {
  let finish = (): void => {}
  serve = (_request, response) => {
    response.write('first')
    finish = () => void response.end('second')
  }
  const answer = await fetch(`${distribution.url}/stream`)
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader?.read())?.value).toBe('first')
  finish()
  expect((await reader?.read())?.value).toBe('second')
  expect((await reader?.read())?.done).toBe(true)
})

test('a chunk of the viewer’s body reaches the origin while the viewer still holds the next', async () => {
  const arrived = Promise.withResolvers<string>()
  serve = (incoming, response) => {
    incoming.once('data', (chunk: Buffer) => arrived.resolve(chunk.toString()))
    incoming.on('end', () => response.end())
  }
  const call = request(`${distribution.url}/upload`, { method: 'POST' })
  call.write('first')
  expect(await arrived.promise).toBe('first')
  const answered = new Promise((resolve) => call.once('response', resolve))
  call.end('second')
  await answered
})

test('an answer that breaks off at the origin breaks off at the viewer', async () => {
  serve = (_request, response) => void response.write('some', () => response.destroy())
  const answer = await fetch(`${distribution.url}/broken`)
  await expect(answer.text()).rejects.toThrow()
})

test('a viewer that hangs up is noticed by the origin', async () => {
  const closed = Promise.withResolvers<void>()
  serve = (_request, response) => {
    response.on('close', () => closed.resolve())
    response.write('some')
  }
  const hangUp = new AbortController()
  await fetch(`${distribution.url}/long`, { signal: hangUp.signal })
  hangUp.abort()
  await closed.promise
})

test('an origin that is silent for longer than its read timeout is 504, one that is not there 502', async () => {
  serve = () => {}
  const silent = await fetch(`${distribution.url}/hasty`)
  expect([silent.status, silent.headers.get('x-cache')]).toEqual([504, 'Error from cloudfront'])
  expect((await fetch(`${distribution.url}/nowhere`)).status).toBe(502)
})

test('a method that a behaviour does not take is 403, and the origin does not hear of it', async () => {
  serve = () => expect.unreachable()
  expect((await fetch(`${distribution.url}/v1/messages`, { method: 'DELETE' })).status).toBe(403)
  expect((await fetch(`${distribution.url}/portal/`, { method: 'POST' })).status).toBe(403)
})

test('an answer of the viewer function is the answer', async () => {
  serve = () => expect.unreachable()
  const answer = await fetch(`${distribution.url}/`, { redirect: 'manual' })
  expect([answer.status, answer.headers.get('location')]).toEqual([302, '/portal/'])
})

test('a file has its type, a tag and the headers of the policy; a deep link is the one document', async () => {
  const page = await fetch(`${distribution.url}/portal/keys/new`)
  expect([page.status, page.headers.get('content-type'), page.headers.get('x-frame-options')]).toEqual([
    200,
    'text/html; charset=utf-8',
    'DENY',
  ])
  expect(await page.text()).toBe('<p>portal</p>')
  const script = await fetch(`${distribution.url}/portal/app.js`)
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  const known = await fetch(`${distribution.url}/portal/app.js`, {
    headers: { 'if-none-match': script.headers.get('etag') ?? '' },
  })
  expect(known.status).toBe(304)
  const head = await fetch(`${distribution.url}/portal/app.js`, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '6', ''])
})

test('a key that is not there is 403, as from a bucket that may not be listed', async () => {
  expect((await fetch(`${distribution.url}/portal/missing.js`)).status).toBe(403)
})

test.each([
  '/portal/../../outside.txt',
  '/portal/..%2f..%2foutside.txt',
  '/portal/%2e%2e/%2e%2e/outside.txt',
  '/portal/%00.txt',
  '/portal/%ff.txt',
])('%s leads nowhere', async (path) => {
  expect(await raw(`GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 403 /)
})

test.each([
  ['a request without a host, on which the viewer function fails', 'GET /x HTTP/1.0\r\n\r\n', 503],
  ['a target for a proxy', 'GET http://evil.example/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n', 400],
  ['a target that is no path', 'OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n', 400],
])('%s is refused, and the distribution goes on', async (_what, bytes, status) => {
  serve = (_request, response) => void response.end('ok')
  expect(await raw(bytes)).toContain(`HTTP/1.1 ${status} `)
  expect(await (await fetch(`${distribution.url}/x`)).text()).toBe('ok')
})

test('a port that is taken is an error that says so', async () => {
  await expect(startDistribution([], Number(new URL(distribution.url).port))).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})
