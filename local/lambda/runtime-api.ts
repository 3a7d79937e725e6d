/**
 * The Runtime API of one environment, as its runtime client speaks it (2018-06-01): it polls for the next invocation,
 * posts a response (whole, or streamed with a prelude and trailers), or an error.
 * Source: AWS Lambda developer guide, "Using the Lambda runtime API" and "Building a custom runtime", response streaming.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Prelude {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: readonly string[]
}

export interface RuntimeEvents {
  /** The runtime waits for work; `give` ends its wait. */
  next(give: (headers: Record<string, string>, event: string) => void): void
  /** A response begins. `request` is its body, with trailers; answer when it has been read. */
  response(id: string, request: IncomingMessage, acknowledge: () => void): void
  error(id: string, error: { errorType?: string; errorMessage?: string }): void
  initError(error: { errorType?: string; errorMessage?: string }): void
}

export interface RuntimeApi {
  /** `host:port`, for `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string
  close(): void
}

const INVOCATION = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/

export async function startRuntimeApi(events: RuntimeEvents): Promise<RuntimeApi> {
  const server = createServer((request, response) => route(request, response, events))
  // A runtime may be frozen for hours while it waits.
  server.keepAliveTimeout = 0
  server.requestTimeout = 0
  server.headersTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function route(request: IncomingMessage, response: ServerResponse, events: RuntimeEvents): void {
  const url = request.url ?? ''
  const acknowledge = (): void =>
    void response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}')
  if (url === '/2018-06-01/runtime/invocation/next') {
    events.next((headers, event) =>
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(event),
    )
    return
  }
  if (url === '/2018-06-01/runtime/init/error') {
    void readJson(request).then((error) => {
      acknowledge()
      events.initError(error)
    })
    return
  }
  const [, id, what] = INVOCATION.exec(url) ?? []
  if (id === undefined) {
    request.resume()
    response.writeHead(404).end()
  } else if (what === 'response') {
    events.response(id, request, acknowledge)
  } else {
    void readJson(request).then((error) => {
      acknowledge()
      events.error(id, error)
    })
  }
}

async function readJson(request: IncomingMessage): Promise<Record<string, string>> {
  const parts: Buffer[] = []
  try {
    for await (const part of request) parts.push(part as Buffer)
    return JSON.parse(Buffer.concat(parts).toString()) as Record<string, string>
  } catch {
    return { errorType: 'Runtime.Unknown', errorMessage: 'the runtime told an error that cannot be read' }
  }
}
