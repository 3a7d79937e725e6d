/** What the page about searching the web is about, as the contract has it. */
import type { AnswerOf, Wish } from './client.ts'

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
