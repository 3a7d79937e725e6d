/**
 * The gateway's API, typed by the contract. Only its types come along: what they were checked by stays on the server. The
 * session is a cookie that no script can read.
 */
import type * as z from 'zod'
import type { analyticsRoutes } from '../../../contract/analytics.ts'
import type { authRoutes } from '../../../contract/auth.ts'
import type { budgetRoutes } from '../../../contract/budget-routes.ts'
import type { endpointRoutes } from '../../../contract/endpoints.ts'
import type { keyRoutes } from '../../../contract/keys.ts'
import type { notificationRoutes } from '../../../contract/notifications.ts'
import type { pricingRoutes } from '../../../contract/pricing.ts'
import type { Route } from '../../../contract/route.ts'
import type { setupRoutes } from '../../../contract/setup.ts'
import type { teamRoutes } from '../../../contract/teams.ts'
import type { userRoutes } from '../../../contract/users.ts'
import type { webSearchRoutes } from '../../../contract/web-search.ts'

type Known =
  | (typeof authRoutes)[number]
  | (typeof keyRoutes)[number]
  | (typeof teamRoutes)[number]
  | (typeof userRoutes)[number]
  | (typeof budgetRoutes)[number]
  | (typeof endpointRoutes)[number]
  | (typeof pricingRoutes)[number]
  | (typeof analyticsRoutes)[number]
  | (typeof notificationRoutes)[number]
  | (typeof setupRoutes)[number]
  | (typeof webSearchRoutes)[number]

type NameOf<R extends Route> = `${R['method']} ${R['path']}`
export type RouteName = NameOf<Known>
type Find<R, N> = R extends Route ? (NameOf<R> extends N ? R : never) : never
type Named<N extends RouteName> = Find<Known, N>

type Sent<R, Member extends string> = R extends { readonly [M in Member]: infer S extends z.ZodType }
  ? z.input<S>
  : undefined
type Success<R> = R extends { readonly responses: { readonly 200: infer S extends z.ZodType } }
  ? z.output<S>
  : R extends { readonly responses: { readonly 201: infer S extends z.ZodType } }
    ? z.output<S>
    : never
export type AnswerOf<N extends RouteName> = Success<Named<N>>

export interface Wish<N extends RouteName> {
  readonly params?: Sent<Named<N>, 'params'>
  readonly query?: Sent<Named<N>, 'query'>
  readonly body?: Sent<Named<N>, 'body'>
  readonly signal?: AbortSignal
}

/** The gateway said no, or did not answer at all (`status` 0). */
export class ApiError extends Error {
  readonly status: number
  readonly requestId: string | null
  readonly retryAfterSeconds: number | null

  constructor(message: string, status: number, headers?: Headers) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.requestId = headers?.get('request-id') ?? null
    const wait = Number(headers?.get('retry-after'))
    this.retryAfterSeconds = wait > 0 ? wait : null
  }
}

/** Told once for each answer that says the session is over. */
let onSignedOut = (): void => {}
export const whenSignedOut = (listener: () => void): void => {
  onSignedOut = listener
}

/** @throws ApiError */
export async function call<N extends RouteName>(name: N, wish: Wish<N> = {}): Promise<AnswerOf<N>> {
  const [method = '', path = ''] = name.split(' ')
  const { body, signal } = wish
  const answer = await fetch(addressOf(path, wish), {
    method,
    headers: { accept: 'application/json', ...(method !== 'GET' && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  }).catch((thrown: unknown) => {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown
    throw new ApiError('The gateway cannot be reached.', 0)
  })
  const content: unknown = await answer.json().catch(() => undefined)
  if (answer.ok) return content as AnswerOf<N>
  if (answer.status === 401 && !path.startsWith('/auth/')) onSignedOut()
  throw new ApiError(messageIn(content) ?? `The gateway answered ${answer.status}.`, answer.status, answer.headers)
}

function addressOf(path: string, { params, query }: { readonly params?: unknown; readonly query?: unknown }): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String((params as Record<string, unknown>)[name])),
  )
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') search.set(name, String(value))
  }
  return search.size === 0 ? filled : `${filled}?${search}`
}

function messageIn(content: unknown): string | undefined {
  const error = (content as { error?: { message?: unknown } } | undefined)?.error
  return typeof error?.message === 'string' ? error.message : undefined
}

/** `name: must not be empty`, `budget.policy: …` → the field and the words beside it. */
export function fieldOf(error: ApiError): { readonly field: string; readonly message: string } | undefined {
  const found = /^([a-z_.]+): (.+)$/.exec(error.message)
  return found?.[1] === undefined || found[2] === undefined ? undefined : { field: found[1], message: found[2] }
}
