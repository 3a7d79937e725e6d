/** What the gateway says of prices, by name. */
import type { AnswerOf, Wish } from './client.ts'

export type PriceRow = AnswerOf<'GET /admin/pricing'>[number]
export type RefreshState = AnswerOf<'GET /admin/pricing/refresh'>
export type RefreshReport = AnswerOf<'POST /admin/pricing/refresh'>
export type PriceChange = RefreshReport['changes'][number]
export type PriceWish = NonNullable<Wish<'PUT /admin/pricing/{model}'>['body']>
