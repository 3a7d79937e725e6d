/** What the pages about teams and budgets read. */
import { keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query'
import type { BudgetTrial, EffectiveQuery } from './budget-types.ts'
import { call } from './client.ts'

const MINUTE = 60_000

/** While somebody looks; a hidden tab asks nothing. */
const watched = { refetchInterval: MINUTE, staleTime: MINUTE }

export const ownBudgetQuery = queryOptions({
  queryKey: ['own-budget'],
  queryFn: ({ signal }) => call('GET /admin/budget/status', { signal }),
  ...watched,
})

export const teamRowsQuery = queryOptions({
  queryKey: ['budgets', 'teams'],
  queryFn: ({ signal }) => call('GET /admin/analytics/overview', { signal }),
  ...watched,
})

export const defaultBudgetQuery = queryOptions({
  queryKey: ['budgets', 'default'],
  queryFn: ({ signal }) => call('GET /admin/settings/default-budget', { signal }),
})

export const effectiveBudgetsQuery = (query: EffectiveQuery) =>
  queryOptions({
    queryKey: ['budgets', 'effective', query],
    queryFn: ({ signal }) => call('GET /admin/budgets/effective', { query, signal }),
    placeholderData: (before) => before,
    ...watched,
  })

/** Asked anew whenever somebody has stopped typing; nothing is changed by it. */
export const budgetPreviewQuery = (trial: BudgetTrial) =>
  queryOptions({
    queryKey: ['budget-preview', trial],
    queryFn: ({ signal }) => call('POST /admin/budget/preview', { body: trial, signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: MINUTE,
  })

/** After a budget was set, or a team came or went. */
export async function readBudgetsAnew(queries: QueryClient): Promise<void> {
  await Promise.all(
    [['budgets'], ['own-budget'], ['teams'], ['budget-preview']].map((queryKey) =>
      queries.invalidateQueries({ queryKey }),
    ),
  )
}
