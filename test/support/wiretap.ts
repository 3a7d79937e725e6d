/** Listens on the wire between a client and the gateway: it passes every byte on as it comes, and keeps what went by. */
import { request as ask, createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Exchange {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** Of the answer; `undefined` while there is none. */
  status?: number
  answered?: IncomingHttpHeaders
  /** What has come of the answer so far. */
  answer: Buffer
  /** Until when an exchange lasts tells whether two of them overlap. */
  readonly began: number
  ended?: number
}

export interface Wiretap {
  readonly url: string
  readonly exchanges: readonly Exchange[]
  stop(): Promise<void>
}

/** @param prefix Of the path, taken away before the request is passed on. */
export async function tapInto(target: string, prefix = ''): Promise<Wiretap> {
  const exchanges: Exchange[] = []
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const path = (request.url ?? '/').slice(prefix.length)
      const exchange: Exchange = {
        method: request.method ?? '',
        path,
        headers: request.headers,
        body: body.toString('utf8'),
        answer: Buffer.alloc(0),
        began: performance.now(),
      }
      exchanges.push(exchange)
      const { host: _host, ...headers } = request.headers
      const onward = ask(target + path, { method: exchange.method, headers }, (answer) => {
        exchange.status = answer.statusCode ?? 0
        exchange.answered = answer.headers
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.on('data', (piece: Buffer) => {
          exchange.answer = Buffer.concat([exchange.answer, piece])
          response.write(piece)
        })
        answer.on('end', () => {
          exchange.ended = performance.now()
          response.end()
        })
        answer.on('error', () => response.destroy())
      })
      onward.on('error', () => response.destroy())
      response.on('close', () => onward.destroy())
      onward.end(body)
    })
  })
  server.requestTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    exchanges,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}
