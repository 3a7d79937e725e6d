/** The control plane's HTTP app: what holds for every request, and every operation of the contract. */
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { type HttpEnvironment, ORIGIN_HEADER } from '../../http/invocation.ts'
import type { Operation } from '../../http/operation.ts'
import type { AuthenticationTools } from '../../identity/authenticate.flow.ts'
import { clearedSessionCookie, readAdminCredential } from '../../identity/credential.ts'
import type { Origin } from '../../identity/origin.client.ts'
import { Fault } from '../../platform/fault.ts'
import { describeError, type Log } from '../../platform/log.ts'
import { isOutage } from '../../table/outage.ts'
import { honoPath, mount } from './mount.ts'
import { refusalBody, statusOf } from './refusals.ts'

export interface ControlServices {
  readonly operations: readonly Operation[]
  readonly origin: Origin
  readonly authentication: AuthenticationTools
  readonly log: Log
  readonly newRequestId: () => string
}

export function controlApp(services: ControlServices): Hono<HttpEnvironment> {
  const { operations, origin, authentication, log } = services
  const app = new Hono<HttpEnvironment>()
  app.use(async (c, next) => {
    const requestId = services.newRequestId()
    c.set('requestId', requestId)
    await next()
    c.header('request-id', requestId)
    c.header('x-request-id', requestId)
    c.header('cache-control', 'no-store')
    c.header('x-content-type-options', 'nosniff')
    const { status } = c.res
    const facts = { requestId, method: c.req.method, path: c.req.path, status }
    log.info('control.request', { ...facts, durationMs: Math.round(c.env.elapsedMs()) }, [
      { name: 'ControlRequests', value: 1, Status: `${Math.floor(status / 100)}xx` },
    ])
  })
  app.use(async (c, next) => {
    if (!(await origin.isProvedBy(c.req.header(ORIGIN_HEADER) ?? null, c.env.arrivedAt))) {
      throw new Fault('forbidden', 'Use the address of the gateway, not that of its function')
    }
    await next()
  })
  for (const operation of operations) mount(app, operation, authentication)
  refuseOtherMethods(app, operations)
  app.notFound((c) => c.json(refusalBody(c.req.path, 404, 'There is nothing at this path'), 404))
  app.onError((thrown, c) => refusalOf(thrown, c.req.raw, c.var.requestId, log))
  return app
}

function refuseOtherMethods(app: Hono<HttpEnvironment>, operations: readonly Operation[]): void {
  const allowed = Map.groupBy(operations, ({ route }) => route.path)
  for (const [path, group] of allowed) {
    // Whoever may GET may HEAD (RFC 9110, 9.3.2); Hono answers it by itself.
    const methods = group.flatMap(({ route }) => (route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]))
    const allow = methods.sort().join(', ')
    app.all(honoPath(path), (c) =>
      c.json(refusalBody(c.req.path, 405, `This path takes ${allow} only`), 405, { allow }),
    )
  }
}

/** How long to wait for a database that does not answer: `decisions.md` has ten seconds for both planes. */
const OUTAGE_RETRY_SECONDS = 10

/** @param thrown A fault is told as it is; anything else is a bug, of which nothing is told but where to look. */
function refusalOf(thrown: unknown, request: Request, requestId: string, log: Log): Response {
  const path = new URL(request.url).pathname
  const answer = (status: number, message: string, headers: Record<string, string> = {}, told = {}) =>
    Response.json(refusalBody(path, status, message, told), { status, headers })

  if (thrown instanceof HTTPException) return answer(thrown.status, thrown.message)
  if (thrown instanceof Fault) {
    const status = statusOf(thrown.code)
    const headers = {
      ...(thrown.retryAfterSeconds !== undefined && { 'retry-after': String(thrown.retryAfterSeconds) }),
      ...(status === 401 && { ...invitation(path), ...forgetting(request) }),
    }
    return answer(status, thrown.message, headers, thrown.told)
  }
  if (isOutage(thrown)) {
    log.error('control.outage', { requestId, ...describeError(thrown) }, [{ name: 'DatabaseUnavailable', value: 1 }])
    return answer(503, 'The gateway cannot reach its database at the moment. Try again shortly.', {
      'retry-after': String(OUTAGE_RETRY_SECONDS),
    })
  }
  log.error('control.bug', { requestId, path, ...describeError(thrown) }, [{ name: 'Bugs', value: 1 }])
  return answer(500, `Something went wrong inside the gateway. Its log has the details under ${requestId}.`)
}

/** A 401 says how one could do better (RFC 9110, 15.5.2). Sign-in takes no such credential. */
const invitation = (path: string): Record<string, string> =>
  path === '/auth/login' ? {} : { 'www-authenticate': 'Bearer' }

/** A cookie that is no good any more is taken from the browser. */
const forgetting = (request: Request): Record<string, string> =>
  readAdminCredential(request.headers)?.from === 'cookie' ? { 'set-cookie': clearedSessionCookie } : {}
