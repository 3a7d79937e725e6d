/** What the page about prices reads. */
import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { call } from './client.ts'

export const pricesQuery = queryOptions({
  queryKey: ['prices', 'all'],
  queryFn: ({ signal }) => call('GET /admin/pricing', { query: { all: 'true' }, signal }),
})

/** A month is read for it, so the list of prices does not wait. */
export const unpricedQuery = queryOptions({
  queryKey: ['prices', 'unpriced'],
  queryFn: ({ signal }) => call('GET /admin/pricing/unpriced', { signal }),
})

export const refreshQuery = queryOptions({
  queryKey: ['prices', 'refresh'],
  queryFn: ({ signal }) => call('GET /admin/pricing/refresh', { signal }),
})

export const readPricesAnew = (queries: QueryClient): Promise<void> =>
  queries.invalidateQueries({ queryKey: ['prices'] })
