/** What the page about searching the web reads. */
import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { call } from './client.ts'

export const ownSearchQuery = queryOptions({
  queryKey: ['web-search', 'own'],
  queryFn: ({ signal }) => call('GET /admin/search-providers', { signal }),
})

/** For administrators. */
export const searchModeQuery = queryOptions({
  queryKey: ['web-search', 'mode'],
  queryFn: ({ signal }) => call('GET /admin/websearch-mode', { signal }),
})

export const readWebSearchAnew = (queries: QueryClient): Promise<void> =>
  queries.invalidateQueries({ queryKey: ['web-search'] })
