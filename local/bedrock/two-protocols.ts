/** HTTP/1.1 and HTTP/2 with prior knowledge on one port: the first bytes of a connection tell which it speaks. */
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  createServer as createHttp2,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import { type AddressInfo, createServer, type Socket } from 'node:net'

export type Request = IncomingMessage | Http2ServerRequest
export type Response = ServerResponse | Http2ServerResponse

export interface Listener {
  readonly url: string
  stop(): Promise<void>
}

/** RFC 9113, 3.4: every HTTP/2 connection begins with `PRI * HTTP/2.0`; no method of HTTP/1.1 begins so. */
const PREFACE = 'PRI'

export async function listen(port: number, handle: (request: Request, response: Response) => void): Promise<Listener> {
  const http = createHttp(handle)
  http.requestTimeout = 0
  const http2 = createHttp2(handle)
  const sockets = new Set<Socket>()
  const sessions = new Set<ServerHttp2Session>()
  http2.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    session.on('error', () => {})
  })
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.once('readable', () => {
      const first = socket.read() as Buffer | null
      if (first === null) return
      socket.unshift(first)
      const target = first.toString('latin1', 0, PREFACE.length) === PREFACE ? http2 : http
      target.emit('connection', socket)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const session of sessions) session.destroy()
        for (const socket of sockets) socket.destroy()
      }),
  }
}
