/**
 * Runs a CloudFront Function (cloudfront-js-2.0, viewer request) from the template's own code.
 * Source: CloudFront developer guide, "CloudFront Functions event structure".
 */
import type { IncomingHttpHeaders } from 'node:http'
import { createContext, Script } from 'node:vm'

export interface ViewerRequest {
  readonly method: string
  /** Path without query. */
  readonly uri: string
  readonly headers: IncomingHttpHeaders
}

export type ViewerOutcome =
  | { readonly kind: 'request'; readonly uri: string; readonly headers: Record<string, string> }
  | { readonly kind: 'response'; readonly status: number; readonly headers: Record<string, string> }

export type ViewerFunction = (request: ViewerRequest) => ViewerOutcome

type CloudFrontHeaders = Record<string, { readonly value: string }>

interface Returned {
  readonly statusCode?: number
  readonly uri?: string
  readonly headers?: CloudFrontHeaders
}

/** Only what never ends is ended: on a busy machine a few lines may have to wait a good while for their turn. */
const LONGEST_RUN_MS = 5_000

export function loadViewerFunction(code: string): ViewerFunction {
  const context = createContext({})
  new Script(code).runInContext(context)
  const run = new Script('JSON.stringify(handler(JSON.parse(input)))')
  return ({ method, uri, headers }) => {
    context.input = JSON.stringify({
      version: '1.0',
      context: { eventType: 'viewer-request' },
      viewer: { ip: '127.0.0.1' },
      request: { method, uri, querystring: {}, headers: wrapped(headers), cookies: {} },
    })
    const returned = JSON.parse(run.runInContext(context, { timeout: LONGEST_RUN_MS }) as string) as Returned
    const unwrapped = Object.fromEntries(
      Object.entries(returned.headers ?? {}).map(([name, { value }]) => [name, value]),
    )
    if (returned.statusCode !== undefined) return { kind: 'response', status: returned.statusCode, headers: unwrapped }
    return { kind: 'request', uri: returned.uri ?? uri, headers: unwrapped }
  }
}

function wrapped(headers: IncomingHttpHeaders): CloudFrontHeaders {
  const all: CloudFrontHeaders = {}
  for (const [name, value] of Object.entries(headers)) {
    // Cookies are told apart from the headers, and go on untouched.
    if (value !== undefined && name !== 'cookie') all[name] = { value: Array.isArray(value) ? value.join(', ') : value }
  }
  return all
}
