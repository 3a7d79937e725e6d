/**
 * The CloudFront distribution on one port: behaviours by path in the template's order, viewer functions, origin headers,
 * response headers. It caches nothing: every behaviour that matters here forbids it, and the portal is a folder.
 */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { matchesPath } from './path-pattern.ts'
import { sendFile } from './portal-files.ts'
import type { ViewerFunction, ViewerOutcome } from './viewer-function.ts'

export type Origin =
  | {
      readonly kind: 'function'
      /** The function URL's address on this machine. */
      readonly url: string
      /** Added to every request; a value the viewer sent under such a name is replaced. */
      readonly headers: Readonly<Record<string, string>>
      /** The longest silence between two packets. */
      readonly readTimeoutMs: number
    }
  | {
      readonly kind: 'folder'
      readonly path: string
      /** What the bucket keeps beside a file: its `cache-control`, by key. */
      readonly cacheControl: ReadonlyMap<string, string>
    }

export interface ResponseHeader {
  readonly name: string
  readonly value: string
  /** Also where the origin says something else. */
  readonly override: boolean
}

export interface Behaviour {
  /** `*` for the default one, which comes last. */
  readonly pathPattern: string
  readonly methods: ReadonlySet<string>
  readonly viewerRequest: ViewerFunction | undefined
  readonly origin: Origin
  readonly responseHeaders: readonly ResponseHeader[]
}

export interface Distribution {
  readonly url: string
  stop(): Promise<void>
}

/** @throws Error `EADDRINUSE` when the port is taken. */
export async function startDistribution(behaviours: readonly Behaviour[], port: number): Promise<Distribution> {
  const server = createServer((request, response) => serve(behaviours, request, response))
  // A client that was held up must not find a connection closed that it is about to use: Node's five seconds pass on a busy machine.
  server.keepAliveTimeout = 60_000
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
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

/** An answer of the distribution's own, in place of the origin's. */
interface OwnAnswer {
  readonly status: number
  readonly sentence: string
}

function serve(behaviours: readonly Behaviour[], request: IncomingMessage, response: ServerResponse): void {
  const [path = '/', query] = (request.url ?? '/').split(/\?(.*)/s)
  const chosen = chooseBehaviour(behaviours, request.method ?? 'GET', path)
  if ('status' in chosen) {
    ownAnswer(response, chosen)
    return
  }
  const outcome = runViewer(chosen, request, path)
  if ('sentence' in outcome) ownAnswer(response, outcome)
  else if (outcome.kind === 'response') response.writeHead(outcome.status, outcome.headers).end()
  else if (chosen.origin.kind === 'folder')
    sendFile(chosen.origin, outcome.uri, request, response, added(chosen.responseHeaders, {}))
  else {
    const url = query === undefined ? outcome.uri : `${outcome.uri}?${query}`
    forward(chosen.origin, url, { ...request.headers, ...outcome.headers }, request, response, chosen.responseHeaders)
  }
}

/** A path that is `*`, or a whole URL as a proxy gets it, would make another address of the origin's. */
function chooseBehaviour(behaviours: readonly Behaviour[], method: string, path: string): Behaviour | OwnAnswer {
  if (!path.startsWith('/')) return { status: 400, sentence: 'Bad request.' }
  const behaviour = behaviours.find(({ pathPattern }) => matchesPath(pathPattern, path))
  if (behaviour?.methods.has(method) === true) return behaviour
  return { status: 403, sentence: 'This distribution is not configured to allow the HTTP request method.' }
}

/** A viewer function that fails costs the one request, not the distribution. */
function runViewer(behaviour: Behaviour, request: IncomingMessage, path: string): ViewerOutcome | OwnAnswer {
  if (behaviour.viewerRequest === undefined) return { kind: 'request', uri: path, headers: {} }
  try {
    return behaviour.viewerRequest({ method: request.method ?? 'GET', uri: path, headers: request.headers })
  } catch {
    return {
      status: 503,
      sentence: 'The CloudFront function associated with the CloudFront distribution is invalid or could not run.',
    }
  }
}

/** Headers that end at the distribution. The function URL has a host name of its own (`AllViewerExceptHostHeader`). */
const NOT_FORWARDED = new Set([
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'proxy-connection',
  'expect',
])

/** What a policy adds to an answer that has these headers already. */
const added = (policy: readonly ResponseHeader[], has: IncomingMessage['headers']): Record<string, string> =>
  Object.fromEntries(
    policy.filter(({ name, override }) => override || has[name] === undefined).map(({ name, value }) => [name, value]),
  )

function forward(
  origin: Extract<Origin, { kind: 'function' }>,
  url: string,
  viewerHeaders: IncomingMessage['headers'],
  request: IncomingMessage,
  response: ServerResponse,
  ownHeaders: readonly ResponseHeader[],
): void {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(viewerHeaders))
    if (value !== undefined && !NOT_FORWARDED.has(name)) headers[name] = value
  const viewer = request.socket.remoteAddress ?? '127.0.0.1'
  headers['x-forwarded-for'] = [
    request.headers['x-forwarded-for'],
    isIPv6(viewer) ? viewer.replace('::ffff:', '') : viewer,
  ]
    .filter(Boolean)
    .join(', ')
  Object.assign(headers, origin.headers)
  const call = httpRequest(
    origin.url + url,
    { method: request.method, headers, timeout: origin.readTimeoutMs },
    (answer) => {
      const { connection: _connection, 'transfer-encoding': _encoding, ...passed } = answer.headers
      response.writeHead(answer.statusCode ?? 502, {
        ...passed,
        ...added(ownHeaders, passed),
        via: '1.1 cloudfront.local',
      })
      response.flushHeaders()
      answer.pipe(response)
      // A body that broke off must not look like one that ended.
      answer.on('error', () => response.destroy())
      answer.on('aborted', () => response.destroy())
    },
  )
  call.on('timeout', () => call.destroy(new Error('silent')))
  call.on('error', (error) => {
    if (response.headersSent) response.destroy()
    else if (error.message === 'silent')
      ownAnswer(response, {
        status: 504,
        sentence:
          'CloudFront attempted to establish a connection with the origin, but the origin did not answer in time.',
      })
    else ownAnswer(response, { status: 502, sentence: 'CloudFront was not able to connect to the origin.' })
  })
  response.on('close', () => {
    if (!response.writableEnded) call.destroy()
  })
  request.pipe(call)
}

function ownAnswer(response: ServerResponse, { status, sentence }: OwnAnswer): void {
  response
    .writeHead(status, { 'content-type': 'text/html', 'x-cache': 'Error from cloudfront' })
    .end(`<h1>${status}</h1><p>${sentence}</p>`)
}
