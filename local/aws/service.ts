/** What the emulated services have in common: an HTTP server on this machine that is stopped with all its connections. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

export interface Service {
  readonly endpoint: string
  stop(): Promise<void>
}

type Answering = (headers: IncomingMessage['headers'], body: string, path: string) => Answer

/** @param answer Takes the headers, the body as text, and the path that was asked for. */
export async function startService(answer: Answering): Promise<Service> {
  const server = createServer((request, response) => void serve(request, response, answer))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function serve(request: IncomingMessage, response: ServerResponse, answer: Answering): Promise<void> {
  try {
    const { status, contentType, body } = answer(request.headers, await text(request), request.url ?? '/')
    response.writeHead(status, { 'content-type': contentType, 'x-amzn-requestid': crypto.randomUUID() }).end(body)
  } catch {
    response.destroy()
  }
}
