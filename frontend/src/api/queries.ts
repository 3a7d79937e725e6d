/** What the pages read, each under one key, so that a change knows what to read anew. */
import { QueryClient, queryOptions } from '@tanstack/react-query'
import { type AnswerOf, ApiError, call, type Wish } from './client.ts'

export type Me = Extract<AnswerOf<'GET /auth/me'>, { type: 'oidc' }>
export type Analytics = AnswerOf<'GET /admin/analytics'>
export type KeysQuery = NonNullable<Wish<'GET /admin/keys'>['query']>
export type AnalyticsQuery = NonNullable<Wish<'GET /admin/analytics'>['query']>

const MINUTE = 60_000

/** Twice more, and only where a second try can help. */
const MAX_FAILURES = 2

export const newQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // A list is looked at anew when somebody returns to it after five minutes.
        staleTime: 5 * MINUTE,
        retry: (failures, error) =>
          failures < MAX_FAILURES && error instanceof ApiError && (error.status === 0 || error.status >= 500),
        retryDelay: (failures) => 400 * 2 ** failures,
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<Me> => {
    const me = await call('GET /auth/me', { signal })
    if (me.type !== 'oidc') throw new ApiError('This is not the session of a person.', 401)
    return me
  },
})

export const keysQuery = (query: KeysQuery) =>
  queryOptions({
    queryKey: ['keys', query],
    queryFn: ({ signal }) => call('GET /admin/keys', { query, signal }),
    placeholderData: (before) => before,
  })

export const analyticsQuery = (query: AnalyticsQuery) =>
  queryOptions({
    queryKey: ['analytics', query],
    queryFn: ({ signal }) => call('GET /admin/analytics', { query, signal }),
    placeholderData: (before) => before,
    // While somebody looks; a hidden tab asks nothing.
    refetchInterval: MINUTE,
    staleTime: MINUTE,
  })

export interface Health {
  readonly status: 'ok' | 'degraded'
  readonly version: string
}

/** The data plane's own word; it is public and in no contract of the control plane. */
export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: async ({ signal }): Promise<Health> => {
    const answer = await fetch('/health', { signal }).catch(() => {
      throw new ApiError('The gateway cannot be reached.', 0)
    })
    if (!answer.ok) throw new ApiError(`The gateway answered ${answer.status}.`, answer.status, answer.headers)
    return (await answer.json()) as Health
  },
  refetchInterval: MINUTE / 2,
  staleTime: MINUTE / 2,
})

/** For administrators. */
export const teamsQuery = queryOptions({
  queryKey: ['teams'],
  queryFn: ({ signal }) => call('GET /admin/teams', { signal }),
})

/** A page that waits for somebody at a terminal looks this often; they will not notice three seconds. */
const WATCH_MS = 3_000

/** What has become of a setup token. @param until When to stop looking. */
export const setupTokenQuery = (id: string, until: number) =>
  queryOptions({
    queryKey: ['setup-token', id],
    queryFn: ({ signal }) => call('GET /admin/setup-tokens/{id}', { params: { id }, signal }),
    refetchInterval: ({ state }) => (state.data?.first_request_at == null && Date.now() < until ? WATCH_MS : false),
    staleTime: 0,
  })
