/**
 * Puts an operation on the web. What its route says about access, parameters, query, body and answers is enforced here,
 * in this order, and nowhere else: credential, same origin, access, then what was sent.
 */
import type { Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type * as z from 'zod'
import type { HttpEnvironment } from '../../http/invocation.ts'
import type { Operation } from '../../http/operation.ts'
import { type AuthenticationTools, authenticateAccount, authenticatePerson } from '../../identity/authenticate.flow.ts'
import type { Caller } from '../../identity/caller.ts'
import {
  type Credential,
  clientAddressOf,
  isSameOrigin,
  readAccountCredential,
  readAdminCredential,
} from '../../identity/credential.ts'
import { Fault } from '../../platform/fault.ts'

type Request = Context<HttpEnvironment>

/** `/admin/keys/{id}` as Hono writes it. */
export const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1')

export function mount(app: Hono<HttpEnvironment>, operation: Operation, authentication: AuthenticationTools): void {
  const { route } = operation
  app.on(route.method, honoPath(route.path), async (c) => {
    const caller = route.access === 'public' ? null : await callerOf(c, operation, authentication)
    const answer = await operation.handle({
      caller,
      params: parsed(route.params, c.req.param()),
      query: parsed(route.query, queryOf(c, route)),
      body: route.body && parsed(route.body, await readJson(c)),
      at: c.env.arrivedAt,
      requestId: c.var.requestId,
      clientAddress: clientAddressOf(c.req.raw.headers),
      gatewayHost: gatewayHostOf(c),
    })
    const schema = route.responses[answer.status]
    if (schema === undefined) throw new Error(`${route.method} ${route.path} does not name the answer ${answer.status}`)
    const init = { status: answer.status, headers: { ...answer.headers } }
    if (route.answersIn === 'csv') return streamed(answer.body as ReadableStream, init)
    return written(schema.parse(answer.body), route, init)
  })
}

function queryOf(c: Request, { repeatable = [] }: Operation['route']): Record<string, string | string[]> {
  const lists = repeatable.map((name) => [name, c.req.queries(name) ?? []] as const)
  return { ...c.req.query(), ...Object.fromEntries(lists.filter(([, values]) => values.length > 1)) }
}

interface Written {
  readonly status: number
  readonly headers: Record<string, string>
}

/** The content type is told with its charset: PowerShell 5.1 reads text without one as Latin-1. */
function written(body: unknown, { answersIn }: Operation['route'], init: Written): Response {
  // A 204 has no body, not even an empty one (RFC 9110, 15.3.5).
  if (init.status === 204) return new Response(null, init)
  if (answersIn !== 'text') return Response.json(body, init)
  const response = new Response(String(body), init)
  response.headers.set('content-type', 'text/plain; charset=utf-8')
  return response
}

/** `header` is a parameter of the type (RFC 4180, 3). */
function streamed(body: ReadableStream, init: Written): Response {
  const response = new Response(body, init)
  response.headers.set('content-type', 'text/csv; charset=utf-8; header=present')
  return response
}

/** The header is the distribution's word, as every request that gets here has come through it. */
const gatewayHostOf = (c: Request): string | null => c.req.header('x-gateway-host') ?? null

async function callerOf(c: Request, operation: Operation, tools: AuthenticationTools): Promise<Caller> {
  const { headers } = c.req.raw
  const forKeysToo = operation.credentials === 'any'
  const credential = forKeysToo ? readAccountCredential(headers) : readAdminCredential(headers)
  if (credential === undefined) {
    throw new Fault('unauthenticated', forKeysToo ? 'Missing API key' : 'Missing authentication')
  }
  refuseForeignPages(c, credential)
  const caller = forKeysToo
    ? await authenticateAccount(credential.token, c.env.arrivedAt, tools)
    : await authenticatePerson(credential.token, c.env.arrivedAt, tools)
  if (operation.route.access === 'admin' && (caller.kind !== 'person' || caller.role !== 'admin')) {
    throw new Fault('forbidden', 'Admin access required')
  }
  return caller
}

/** A cookie goes along with whatever page asks, so a write must show that the page is the portal's own. */
function refuseForeignPages(c: Request, credential: Credential): void {
  if (credential.from !== 'cookie' || c.req.method === 'GET' || c.req.method === 'HEAD') return
  if (!isSameOrigin(c.req.header('origin') ?? null, gatewayHostOf(c))) {
    throw new Fault('forbidden', 'This request does not come from a page of this gateway')
  }
  requireJson(c)
}

function requireJson(c: Request): void {
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === 'application/json' || /^application\/[\w.-]+\+json$/.test(type)) return
  throw new Fault('unsupported_media_type', 'The content type must be application/json')
}

/** 2 MiB, as the gateway this one replaces takes: a SCIM group of ten thousand members stays below it. */
const LONGEST_BODY_BYTES = 2 * 1024 * 1024

async function readJson(c: Request): Promise<unknown> {
  requireJson(c)
  const { text } = await c.env.readBody()
  if (Buffer.byteLength(text) > LONGEST_BODY_BYTES) {
    throw new HTTPException(413, { message: `The body has more than ${LONGEST_BODY_BYTES} bytes` })
  }
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the body, which may hold a password.
    throw new Fault('invalid_request', 'The body is not valid JSON')
  }
}

function parsed(schema: z.ZodType | undefined, input: unknown): undefined {
  if (schema === undefined) return undefined
  const result = schema.safeParse(input)
  // The operation's types say what it is; they were checked against this very schema.
  if (result.success) return result.data as undefined
  throw new Fault('invalid_request', result.error.issues.map(describe).join('; '))
}

/** A message may name its field itself. */
function describe(issue: z.core.$ZodIssue): string {
  const place = issue.path.join('.')
  const what = issue.code === 'unrecognized_keys' ? `unknown member: ${issue.keys.join(', ')}` : issue.message
  return place === '' || what.startsWith(`${place} `) ? what : `${place}: ${what}`
}
