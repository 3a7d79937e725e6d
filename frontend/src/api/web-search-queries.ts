/** What the page about searching the web reads. */
import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { type AnswerOf, call, type Wish } from './client.ts'

export type OwnSearch = AnswerOf<'GET /admin/search-providers'>
export type OwnProvider = OwnSearch['providers'][number]
export type ProviderType = OwnProvider['provider_type']
export type SearchMode = AnswerOf<'GET /admin/websearch-mode'>
export type ModeName = SearchMode['mode']
export type SharedProvider = NonNullable<SearchMode['provider']>
export type ProviderTest = AnswerOf<'POST /admin/search-providers/test'>
export type OwnWish = NonNullable<Wish<'PUT /admin/search-providers'>['body']>
export type ModeWish = NonNullable<Wish<'PUT /admin/websearch-mode'>['body']>
export type TestWish = NonNullable<Wish<'POST /admin/search-providers/test'>['body']>

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
