/** The control plane's app behind a real port, so that programs of others can call it. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestControl } from './control.ts'

export interface ServedControl {
  /** As a person types it: the host that the scripts get to know. */
  readonly url: string
  /** What was asked, such as `GET /auth/me`, in the order in which they came. */
  readonly seen: readonly string[]
  stop(): Promise<void>
}

/** What HTTP/1.1 says of the connection, which is none of the app's business. */
const OF_THE_CONNECTION = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'expect'])

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += String(part)
  return text
}

export async function serveControl(control: Pick<TestControl, 'ask'>): Promise<ServedControl> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const rawBody = await bodyOf(request)
      const headers: Record<string, string> = { 'x-gateway-host': String(request.headers.host) }
      for (const [name, value] of Object.entries(request.headers)) {
        if (!OF_THE_CONNECTION.has(name)) headers[name] = String(value)
      }
      const [method, path] = [request.method ?? 'GET', request.url ?? '/']
      seen.push(`${method} ${path}`)
      const answer = await control.ask(method, path, { rawBody, headers })
      const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(method === 'HEAD' ? undefined : body)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
