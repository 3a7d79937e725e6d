/**
 * A Hono app behind a plain HTTP server, for containers and the bench. Unlike behind Lambda, a client that hangs up is
 * noticed: the body of its answer is cancelled. Errands handed to `c.executionCtx.waitUntil` run on by themselves, and
 * are waited for when the server is stopped.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Hono } from 'hono'
import { monotonicMs, now } from '../platform/clock.host.ts'
import { Fault } from '../platform/fault.ts'
import { type Body, BodyTooLarge, bodyOfBytes, LONGEST_BODY_BYTES } from './body.ts'
import { decodeBody } from './decode-body.host.ts'
import { type HttpEnvironment, type Invocation, ORIGIN_HEADER } from './invocation.ts'

export interface PlainServer {
  readonly url: string
  /** Takes no further requests; resolves when the running ones have been answered and every errand is done. */
  stop(): Promise<void>
}

/** Longer than a load balancer keeps an idle connection (60 s is usual): it must be the one who ends it. */
const KEEP_ALIVE_MS = 75_000

export interface Place {
  readonly host: string
  /** 0 is any free one. */
  readonly port: number
  /** How long a request may take. */
  readonly longestRequestMs: number
}

export async function servePlainly(app: Hono<HttpEnvironment>, place: Place): Promise<PlainServer> {
  const errands = new Set<Promise<unknown>>()
  const keep = (errand: Promise<unknown>): void => {
    const done = errand.catch(() => {}).finally(() => errands.delete(done))
    errands.add(done)
  }
  const server = createServer((incoming, outgoing) => {
    keep(answer(app, incoming, outgoing, place, keep).catch(() => outgoing.destroy()))
  })
  // It would bound the time that a body takes to arrive. How long all of it may take is told by `place`.
  server.requestTimeout = 0
  server.keepAliveTimeout = KEEP_ALIVE_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(place.port, place.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${place.host}:${port}`,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      await closed
      while (errands.size > 0) await Promise.all(errands)
    },
  }
}

async function answer(
  app: Hono<HttpEnvironment>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { longestRequestMs }: Place,
  waitUntil: (errand: Promise<unknown>) => void,
): Promise<void> {
  const context = { waitUntil, passThroughOnException: () => {}, props: {} }
  const response = await app.fetch(requestOf(incoming), invocationOf(incoming, longestRequestMs), context)
  const cookies = response.headers.getSetCookie()
  outgoing.writeHead(response.status, {
    ...Object.fromEntries(response.headers),
    ...(cookies.length > 0 && { 'set-cookie': cookies }),
  })
  if (response.body === null) outgoing.end()
  else await send(response.body, outgoing)
}

/** The request without its body, which is read from the connection itself. */
function requestOf(incoming: IncomingMessage): Request {
  const headers = new Headers()
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  // The host is only there because an URL must have one; nothing is decided by it.
  const path = incoming.url ?? '/'
  // Two slashes at the beginning would make the first part of the path the host.
  const url = new URL(path.startsWith('/') ? `http://localhost${path}` : path, 'http://localhost')
  return new Request(url, { method: incoming.method ?? 'GET', headers })
}

function invocationOf(incoming: IncomingMessage, longestRequestMs: number): Invocation {
  const startedMs = monotonicMs()
  return {
    arrivedAt: now(),
    elapsedMs: () => monotonicMs() - startedMs,
    remainingMs: () => longestRequestMs - (monotonicMs() - startedMs),
    readBody: async () => decodeBody(await readBody(incoming), incoming.headers['content-encoding']),
    throughDistribution: incoming.headers[ORIGIN_HEADER] !== undefined,
  }
}

/** @throws Fault */
async function readBody(incoming: IncomingMessage): Promise<Body> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of incoming as AsyncIterable<Buffer>) {
      bytes += part.length
      // Read to its end all the same: the answer would not arrive on a connection that is still sending.
      if (bytes > LONGEST_BODY_BYTES) parts.splice(0)
      else parts.push(part)
    }
  } catch (thrown) {
    throw new Fault('invalid_request', 'body: ended before it was complete', { cause: thrown })
  }
  if (bytes > LONGEST_BODY_BYTES) throw new BodyTooLarge(bytes)
  return bodyOfBytes(Buffer.concat(parts, bytes))
}

/** No faster than the client reads; a client that is gone ends the body. */
async function send(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader()
  const leave = (): void => void reader.cancel().catch(() => {})
  // It may have gone while nothing had been answered yet.
  if (outgoing.closed) leave()
  else outgoing.once('close', leave)
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    if (!outgoing.write(value)) await drained(outgoing)
  }
  outgoing.end()
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (outgoing.closed) return resolve()
    const done = (): void => {
      outgoing.off('drain', done)
      outgoing.off('close', done)
      resolve()
    }
    outgoing.on('drain', done)
    outgoing.on('close', done)
  })
}
