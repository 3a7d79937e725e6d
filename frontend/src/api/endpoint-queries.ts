/** What the pages of administrators about endpoints and routing read. */
import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { call } from './client.ts'

/** As long as the gateway's own figures are good for. */
const HALF_A_MINUTE = 30_000

export const endpointsQuery = queryOptions({
  queryKey: ['endpoints', 'all'],
  queryFn: ({ signal }) => call('GET /admin/endpoints', { signal }),
})

export const endpointQuery = (id: string) =>
  queryOptions({
    queryKey: ['endpoints', id],
    queryFn: ({ signal }) => call('GET /admin/endpoints/{id}', { params: { id }, signal }),
  })

/** While somebody looks; a hidden tab asks nothing. */
export const healthStatusQuery = queryOptions({
  queryKey: ['endpoint-health'],
  queryFn: ({ signal }) => call('GET /admin/health/status', { signal }),
  refetchInterval: HALF_A_MINUTE,
  staleTime: HALF_A_MINUTE,
})

/** Bedrock is asked: not with every change of the endpoint, but after five minutes. */
export const endpointModelsQuery = (id: string) =>
  queryOptions({
    queryKey: ['endpoint-models', id],
    queryFn: ({ signal }) => call('GET /admin/endpoints/{id}/models', { params: { id }, signal }),
    retry: false,
  })

export const endpointQuotasQuery = (id: string) =>
  queryOptions({
    queryKey: ['endpoint-quotas', id],
    queryFn: ({ signal }) => call('GET /admin/endpoints/{id}/quotas', { params: { id }, signal }),
    retry: false,
  })

export const betaOverridesQuery = queryOptions({
  queryKey: ['beta-overrides'],
  queryFn: ({ signal }) => call('GET /admin/beta-overrides', { signal }),
})

export const translationRulesQuery = queryOptions({
  queryKey: ['translation-rules'],
  queryFn: ({ signal }) => call('GET /admin/bedrock/rules', { signal }),
})

export const teamRoutingQuery = (id: string) =>
  queryOptions({
    queryKey: ['team-routing', id],
    queryFn: ({ signal }) => call('GET /admin/teams/{id}/endpoints', { params: { id }, signal }),
    // Whoever is about to change it sees it as it is now.
    staleTime: 0,
    gcTime: 0,
  })

/** After a change of an endpoint, or of who goes by it. */
export async function readEndpointsAnew(queries: QueryClient): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: ['endpoints'] }),
    queries.invalidateQueries({ queryKey: ['endpoint-health'] }),
    queries.invalidateQueries({ queryKey: ['teams'] }),
  ])
}
