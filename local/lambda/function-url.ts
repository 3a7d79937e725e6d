/** A function URL: HTTP in, event to the function, its streamed response out, chunk by chunk. */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { LocalFunction } from './function.ts'
import { FunctionError } from './function-error.ts'
import { EVENT_LIMIT_BYTES, functionUrlEvent } from './function-url-event.ts'
import type { StreamedResponse } from './response.ts'

export interface FunctionUrlOptions {
  /** 0 or absent: any free one. */
  readonly port?: number
  /** The time told in the event; a test may have moved it. */
  now(): Date
  readonly domainName?: string
}

export interface FunctionUrl {
  /** Without a slash at its end. */
  readonly url: string
  stop(): Promise<void>
}

/** Headers of one connection, not of the message. RFC 9110, 7.6.1. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'proxy-connection',
])

export async function startFunctionUrl(fn: LocalFunction, options: FunctionUrlOptions): Promise<FunctionUrl> {
  const domainName = options.domainName ?? `${fn.definition.name.toLowerCase()}.lambda-url.local`
  const server = createServer((request, response) => {
    serve(fn, request, response, { now: () => options.now(), domainName }).catch(() => response.destroy())
  })
  // A stream may be silent for as long as the function may run.
  server.requestTimeout = 0
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function serve(
  fn: LocalFunction,
  request: IncomingMessage,
  response: ServerResponse,
  context: { now(): Date; domainName: string },
): Promise<void> {
  const body = await readBody(request)
  const requestId = randomUUID()
  const event = functionUrlEvent(
    {
      method: request.method ?? 'GET',
      url: request.url ?? '/',
      headers: {
        ...request.headers,
        'x-forwarded-for': request.headers['x-forwarded-for'] ?? request.socket.remoteAddress ?? '127.0.0.1',
        'x-forwarded-port': '443',
        'x-forwarded-proto': 'https',
      },
      body,
    },
    {
      requestId,
      domainName: context.domainName,
      sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
      now: context.now(),
    },
  )
  if (Buffer.byteLength(event) > EVENT_LIMIT_BYTES) {
    return platformAnswer(response, 413, {
      Message: `Request must be smaller than ${EVENT_LIMIT_BYTES} bytes for the InvokeFunction operation`,
    })
  }
  try {
    await relay(await fn.invokeStreaming(event), response, requestId, request.method === 'HEAD')
  } catch (thrown) {
    fail(response, thrown)
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** Reads to the end of the function's response even when the client is gone: Lambda does not tell a function of it. */
async function relay(
  { prelude, body }: StreamedResponse,
  response: ServerResponse,
  requestId: string,
  withoutBody: boolean,
): Promise<void> {
  const headers: Record<string, string | string[]> = {
    'content-type': 'application/octet-stream',
    'x-amzn-requestid': requestId,
  }
  for (const [name, value] of Object.entries(prelude?.headers ?? {})) {
    if (!HOP_BY_HOP.has(name.toLowerCase())) headers[name.toLowerCase()] = value
  }
  if (prelude !== null && prelude.cookies.length > 0) headers['set-cookie'] = [...prelude.cookies]
  const begin = (): void =>
    void (response.headersSent || response.writeHead(prelude?.statusCode ?? 200, headers).flushHeaders())
  if (prelude !== null) begin()
  for await (const chunk of body) {
    begin()
    if (response.destroyed || withoutBody) continue
    if (!response.write(chunk)) await drained(response)
  }
  begin()
  response.end()
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })
}

/** Before the first byte the platform answers for the function; after it, all it can do is break the connection off. */
function fail(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent) return void response.destroy()
  if (thrown instanceof FunctionError && thrown.type === 'TooManyRequestsException') {
    const told = { Reason: 'ConcurrentInvocationLimitExceeded', Type: 'User', message: thrown.message }
    platformAnswer(response, 429, told)
  } else {
    platformAnswer(response, 502, { Message: 'Internal Server Error' })
  }
}

function platformAnswer(response: ServerResponse, status: number, body: Record<string, string>): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
