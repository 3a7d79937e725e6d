import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type LocalFunction, startLocalFunction } from '../../../local/lambda/function.ts'
import { type FunctionUrl, startFunctionUrl } from '../../../local/lambda/function-url.ts'

/** Each path of this function behaves in one way. */
const HANDLER = `
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
globalThis.late = 0
const ways = {
  '/echo': async (event, out) => { out = from(out, 201, { 'content-type': 'application/json', 'x-a': 'b' }, ['s=1', 't=2']); out.write(JSON.stringify(event)); out.end() },
  '/slow': async (event, out) => { out = from(out, 200, {}); out.write('first'); await wait(300); out.write('second'); out.end() },
  '/late': async (event, out) => { out = from(out, 200, {}); const due = Date.now() + 20; setTimeout(() => { globalThis.late = Date.now() - due }, 20); out.end(String(globalThis.late)) },
  '/die': async (event, out) => { out = from(out, 200, {}); out.write('some'); await wait(50); process.kill(process.pid, 'SIGKILL'); await wait(1000) },
  '/exit': async () => { process.exit(1) },
  '/throw': async () => { throw new TypeError('early') },
  '/throw-late': async (event, out) => { out = from(out, 200, {}); out.write('some'); await wait(20); throw new TypeError('late') },
  '/hang': async () => { await wait(60_000) },
  '/empty': async (event, out) => { from(out, 204, {}).end() },
  '/big': async (event, out) => { out = from(out, 200, {}); const piece = Buffer.alloc(65536, 97); for (let i = 0; i < 480; i++) if (!out.write(piece)) await new Promise((resolve) => out.once('drain', resolve)); globalThis.sentBig = true; out.end() },
  '/sent-big': async (event, out) => { from(out, 200, {}).end(String(globalThis.sentBig)) },
}
// The runtime sends the prelude with the first write, and only then.
const from = (out, statusCode, headers, cookies) => { const stream = awslambda.HttpResponseStream.from(out, { statusCode, headers, cookies }); stream.write(''); return stream }
export const handler = awslambda.streamifyResponse((event, out) => ways[event.rawPath](event, out))
export const plain = async (event) => { if (event.fail) throw new RangeError('no'); return { told: event.value } }
export const broken = undefined
`

const folder = mkdtempSync(join(tmpdir(), 'lambda-test-'))
const NOW = new Date('2026-11-24T12:00:00Z')
const running: { stop(): Promise<void> }[] = []

function start(
  over: { handler?: string; max?: number; overflow?: 'queue' | 'throttle'; timeoutMs?: number } = {},
): LocalFunction {
  const fn = startLocalFunction(
    {
      name: 'test',
      codeDir: folder,
      handler: over.handler ?? 'index.handler',
      environment: { OWN: 'value' },
      memoryMb: 256,
      timeoutMs: over.timeoutMs ?? 20_000,
    },
    { maxEnvironments: over.max ?? 2, overflow: over.overflow ?? 'queue', extraEnvironment: {}, log: () => {} },
  )
  running.push(fn)
  return fn
}

async function urlOf(fn: LocalFunction): Promise<FunctionUrl> {
  const url = await startFunctionUrl(fn, { now: () => NOW })
  running.push(url)
  return url
}

let fn: LocalFunction
let url: string

beforeAll(async () => {
  writeFileSync(join(folder, 'index.mjs'), HANDLER)
  writeFileSync(join(folder, 'bad.mjs'), 'throw new Error("cannot start")')
  fn = start()
  url = (await urlOf(fn)).url
})

afterAll(async () => {
  for (const one of running.reverse()) await one.stop()
  rmSync(folder, { recursive: true })
})

test('status, headers, cookies and body pass; the event has the shape AWS gives it', async () => {
  const answer = await fetch(`${url}/echo?beta=true&x=%20y&x=z`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: 'a=1; b=2', 'X-Api-Key': 'k' },
    body: '{"hi":"é"}',
  })
  expect(answer.status).toBe(201)
  expect(answer.headers.get('x-a')).toBe('b')
  expect(answer.headers.getSetCookie()).toEqual(['s=1', 't=2'])
  expect(await answer.json()).toMatchObject({
    version: '2.0',
    rawPath: '/echo',
    rawQueryString: 'beta=true&x=%20y&x=z',
    queryStringParameters: { beta: 'true', x: ' y,z' },
    cookies: ['a=1', 'b=2'],
    headers: { 'x-api-key': 'k', 'x-forwarded-proto': 'https' },
    body: '{"hi":"é"}',
    isBase64Encoded: false,
    requestContext: { timeEpoch: NOW.getTime(), http: { method: 'POST', path: '/echo' } },
  })
})

test('a body that is no text, or compressed, comes in base64', async () => {
  const binary = await fetch(`${url}/echo`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: new Uint8Array([0, 255]),
  })
  expect(await binary.json()).toMatchObject({ body: 'AP8=', isBase64Encoded: true })
  const packed = await fetch(`${url}/echo`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: new Uint8Array([1]),
  })
  expect(await packed.json()).toMatchObject({ body: 'AQ==', isBase64Encoded: true })
})

test('what is written passes before the response has ended', async () => {
  const answer = await fetch(`${url}/slow`)
  const reader = answer.body?.getReader()
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('first')
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('second')
})

test('work left over after the response does not run while the environment is frozen', async () => {
  const one = start({ max: 1 })
  const { url: own } = await urlOf(one)
  expect(await (await fetch(`${own}/late`)).text()).toBe('0')
  await vi.waitFor(() => expect(one.environments()[0]?.frozen).toBe(true))
  await new Promise((resolve) => setTimeout(resolve, 300))
  // The timer was due after 20 ms; it has run only now, when the next request thaws the environment.
  expect(Number(await (await fetch(`${own}/late`)).text())).toBeGreaterThan(200)
})

test('an environment that dies in the middle breaks the body off, and the next request gets a new one', async () => {
  const answer = await fetch(`${url}/die`)
  expect(answer.status).toBe(200)
  await expect(answer.text()).rejects.toThrow()
  expect((await fetch(`${url}/echo`)).status).toBe(201)
  expect(fn.stats().crashes).toBeGreaterThan(0)
})

test.each(['/exit', '/throw'])('%s before the first byte is 502', async (path) => {
  const answer = await fetch(url + path)
  expect([answer.status, await answer.json()]).toEqual([502, { Message: 'Internal Server Error' }])
})

test('a handler that throws after its first byte breaks the body off', async () => {
  await expect(fetch(`${url}/throw-late`).then((answer) => answer.text())).rejects.toThrow()
})

test('a request over its time-out is ended', async () => {
  const one = start({ timeoutMs: 500, max: 1 })
  const { url: own } = await urlOf(one)
  expect((await fetch(`${own}/hang`)).status).toBe(502)
  expect(one.stats().timeouts).toBe(1)
  expect((await fetch(`${own}/echo`)).status).toBe(201)
})

test('the event may not be larger than Lambda takes: the escaped text counts, base64 a third more', async () => {
  const post = (type: string, size: number) =>
    fetch(`${url}/empty`, { method: 'POST', headers: { 'content-type': type }, body: 'a'.repeat(size) })
  expect((await post('application/json', 6_200_000)).status).toBe(204)
  expect((await post('application/json', 6_300_000)).status).toBe(413)
  expect((await post('application/octet-stream', 4_800_000)).status).toBe(413)
})

async function statusOf(address: string): Promise<number> {
  const answer = await fetch(address)
  await answer.text()
  return answer.status
}

test('more requests than environments wait, or are throttled as AWS throttles', async () => {
  const queueing = start({ max: 1 })
  const throttling = start({ max: 1, overflow: 'throttle' })
  const [a, b] = [await urlOf(queueing), await urlOf(throttling)]
  const statuses = async (base: string) => (await Promise.all([1, 2, 3].map(() => statusOf(`${base}/slow`)))).sort()
  expect(await statuses(a.url)).toEqual([200, 200, 200])
  expect(await statuses(b.url)).toEqual([200, 429, 429])
  expect(queueing.environments()).toHaveLength(1)
  expect(throttling.stats().throttled).toBe(2)
})

test('cold and warm starts are counted', async () => {
  const one = start({ max: 1 })
  const { url: own } = await urlOf(one)
  for (let i = 0; i < 3; i++) await (await fetch(`${own}/echo`)).text()
  expect(one.stats()).toMatchObject({ cold: 1, warm: 2, crashes: 0 })
  expect(one.stats().initMs).toHaveLength(1)
})

test('HEAD and 204 have no body', async () => {
  expect((await fetch(`${url}/empty`)).status).toBe(204)
  const head = await fetch(`${url}/echo`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([201, ''])
})

test('a client that reads slowly holds the function back; one that goes away does not stop it', async () => {
  const one = start({ max: 1 })
  const { url: own } = await urlOf(one)
  await new Promise<void>((resolve) => {
    const call = request(`${own}/big`, (answer) => {
      answer.once('readable', () => {
        call.destroy()
        resolve()
      })
    })
    call.on('error', () => {})
    call.end()
  })
  expect(await (await fetch(`${own}/sent-big`)).text()).toBe('true')
})

test('a handler that returns a value, and one that throws', async () => {
  const plain = start({ handler: 'index.plain', max: 1 })
  expect(await plain.invoke({ value: 7 })).toEqual({ told: 7 })
  await expect(plain.invoke({ fail: true })).rejects.toMatchObject({ type: 'RangeError', message: 'no' })
})

test('a function that cannot start says so instead of starting for ever', async () => {
  await expect(start({ handler: 'bad.handler', max: 1 }).invoke({})).rejects.toMatchObject({
    message: expect.stringMatching(/cannot start/),
  })
})
