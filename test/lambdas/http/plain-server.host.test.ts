import { once } from 'node:events'
import { request } from 'node:http'
import { Hono } from 'hono'
import { afterEach, expect, test } from 'vitest'
import type { HttpEnvironment } from '../../../lambdas/http/invocation.ts'
import { type PlainServer, servePlainly } from '../../../lambdas/http/plain-server.host.ts'
import { Fault } from '../../../lambdas/platform/fault.ts'

const ANYWHERE = { host: '127.0.0.1', port: 0, longestRequestMs: 60_000 }

let server: PlainServer | undefined
afterEach(() => server?.stop())

async function serve(build: (app: Hono<HttpEnvironment>) => void): Promise<string> {
  const app = new Hono<HttpEnvironment>()
  app.onError((thrown, c) => c.text(thrown instanceof Fault ? thrown.message : 'a bug', 400))
  build(app)
  server = await servePlainly(app, ANYWHERE)
  return server.url
}

test('a request arrives as it was sent, and its answer as it was given', async () => {
  const url = await serve((app) => {
    app.put('/echo', async (c) => {
      const { text, utf8 } = await c.env.readBody()
      c.header('x-seen', `${c.req.query('q')} ${c.req.header('x-sent')} ${utf8.length}`)
      return c.text(text, 201)
    })
  })
  const answer = await fetch(`${url}/echo?q=1`, { method: 'PUT', body: 'ünï → 確', headers: { 'x-sent': 'yes' } })
  expect(answer.status).toBe(201)
  expect(answer.headers.get('x-seen')).toBe('1 yes 13')
  expect(await answer.text()).toBe('ünï → 確')
})

test('a request is told how long it may take, as it would be by Lambda', async () => {
  const url = await serve((app) => {
    app.get('/', (c) => c.json([c.env.remainingMs(), c.env.elapsedMs()]))
  })
  const [remaining, elapsed] = (await (await fetch(url)).json()) as [number, number]
  expect(remaining).toBeLessThanOrEqual(60_000)
  // What was used is read a moment later.
  expect(remaining + elapsed).toBeGreaterThanOrEqual(60_000)
})

test('a client that hangs up cancels the body of its answer', async () => {
  const cancelled = Promise.withResolvers<void>()
  const url = await serve((app) => {
    app.get('/', (c) => {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(Buffer.from('first')),
        cancel: () => cancelled.resolve(),
      })
      return c.body(body)
    })
  })
  const call = request(url).end()
  const [answer] = await once(call, 'response')
  await once(answer, 'data')
  call.destroy()
  await cancelled.promise
})

test('a client that hangs up before its answer begins cancels it too', async () => {
  const [asked, gone, cancelled] = [0, 1, 2].map(() => Promise.withResolvers<void>())
  const url = await serve((app) => {
    app.get('/', async (c) => {
      asked?.resolve()
      await gone?.promise
      return c.body(new ReadableStream({ cancel: () => cancelled?.resolve() }))
    })
  })
  const call = request(url).end()
  call.on('error', () => {})
  await asked?.promise
  call.destroy()
  // Whoever asks next on the same machine is heard after the connection that ended before.
  await expect.poll(async () => (await fetch(`${url}/nothing`)).status).toBe(404)
  gone?.resolve()
  await cancelled?.promise
})

test('stopping waits for the errand of an answer that has already been sent', async () => {
  const errand = Promise.withResolvers<void>()
  const url = await serve((app) => {
    app.get('/', (c) => {
      c.executionCtx.waitUntil(errand.promise)
      return c.text('done')
    })
  })
  await (await fetch(url)).text()
  const stopping = server?.stop().then(() => 'stopped')
  expect(await Promise.race([stopping, new Promise((resolve) => setImmediate(resolve, 'waiting'))])).toBe('waiting')
  errand.resolve()
  expect(await stopping).toBe('stopped')
  server = undefined
})

test('a body beyond the limit is refused with a reason', async () => {
  const url = await serve((app) => {
    app.post('/', async (c) => c.text(String((await c.env.readBody()).utf8.length)))
  })
  const send = async (bytes: number): Promise<string> =>
    (await fetch(url, { method: 'POST', body: Buffer.alloc(bytes) })).text()
  expect(await send(32_000_000)).toBe('32000000')
  expect(await send(32_000_001)).toBe('body: larger than 32000000 bytes')
})
