/** What the gateway says of teams and budgets, by name. */
import type { AnswerOf, Wish } from './client.ts'

export type TeamRow = AnswerOf<'GET /admin/analytics/overview'>['teams'][number]
export type DefaultBudget = AnswerOf<'GET /admin/settings/default-budget'>
export type BudgetPage = AnswerOf<'GET /admin/budgets/effective'>
export type EffectiveBudget = BudgetPage['budgets'][number]
export type EffectiveQuery = NonNullable<Wish<'GET /admin/budgets/effective'>['query']>
export type BudgetPreview = AnswerOf<'POST /admin/budget/preview'>
export type BudgetTrial = NonNullable<Wish<'POST /admin/budget/preview'>['body']>
export type OwnBudget = AnswerOf<'GET /admin/budget/status'>
