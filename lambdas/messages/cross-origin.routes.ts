/**
 * CORS for the data plane. A page proves itself by a credential in a header, never by a cookie, so nothing is lost when it
 * reads an answer; which pages may ask at all is a list. Source: WHATWG Fetch, "CORS protocol".
 */
import type { Hono } from 'hono'
import type { HttpEnvironment } from '../http/invocation.ts'
import { Fault } from '../platform/fault.ts'
import { isAllowedOrigin } from './cross-origin.ts'

const METHODS = 'GET, HEAD, POST, OPTIONS'
/** Chromium keeps a preflight no longer. */
const PREFLIGHT_SECONDS = '7200'
/** Headers of ours and of Bedrock's may be added; a page without cookies may read them all. */
const EXPOSED = '*'

export function allowCrossOrigin(app: Hono<HttpEnvironment>, more: readonly string[]): void {
  app.use(async (c, next) => {
    const origin = c.req.header('origin')
    // Before there is an answer, as `request-id`.
    c.header('vary', 'Origin')
    const allowed = origin !== undefined && isAllowedOrigin(origin, more)
    if (allowed) {
      c.header('access-control-allow-origin', origin)
      c.header('access-control-expose-headers', EXPOSED)
    }
    const isPreflight = c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined
    if (!isPreflight) return await next()
    if (!allowed) throw new Fault('forbidden', 'Pages of this origin may not call the gateway.')
    return c.body(null, 204, {
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': c.req.header('access-control-request-headers') ?? '',
      'access-control-max-age': PREFLIGHT_SECONDS,
    })
  })
}
