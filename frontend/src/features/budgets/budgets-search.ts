/** What of the pages about teams and budgets the address holds. */

export const SCOPES = ['all', 'user', 'team', 'key'] as const
export const STATUSES = ['all', 'ok', 'warning', 'shaped', 'blocked'] as const
export const SORTS = ['percent', 'spend', 'limit', 'name'] as const
export const TABS = ['members', 'budget', 'routing', 'keys'] as const
export type ListedScope = (typeof SCOPES)[number]
export type ListedStatus = (typeof STATUSES)[number]
export type Sort = (typeof SORTS)[number]
export type Tab = (typeof TABS)[number]

export interface TeamsSearch {
  readonly q?: string
  /** A dialog with an address of its own. */
  readonly create?: true
}

export interface BudgetsSearch {
  readonly q?: string
  readonly of?: ListedScope
  readonly status?: ListedStatus
  readonly sort?: Sort
  readonly order?: 'asc' | 'desc'
  readonly cursor?: string
}

/** A text of digits alone arrives as a number. */
const text = (value: unknown): string | undefined =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined

export function readTeamsSearch(search: Record<string, unknown>): TeamsSearch {
  const q = text(search.q)
  return { ...(q !== undefined && { q }), ...(search.create === true && { create: true as const }) }
}

/** What is not understood counts as not said; what is the default is not written. */
export function readBudgetsSearch(search: Record<string, unknown>): BudgetsSearch {
  const [q, cursor] = [text(search.q), text(search.cursor)]
  const of = SCOPES.find((one) => one === search.of)
  const status = STATUSES.find((one) => one === search.status)
  const sort = SORTS.find((one) => one === search.sort)
  return {
    ...(q !== undefined && { q }),
    ...(of !== undefined && of !== 'all' && { of }),
    ...(status !== undefined && status !== 'all' && { status }),
    ...(sort !== undefined && sort !== 'percent' && { sort }),
    ...(search.order === 'asc' && { order: 'asc' as const }),
    ...(cursor !== undefined && { cursor }),
  }
}

export const isTab = (value: string): value is Tab => TABS.some((tab) => tab === value)
