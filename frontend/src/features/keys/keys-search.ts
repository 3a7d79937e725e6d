/** What of the list of keys the address holds. */

export const STATUSES = ['active', 'expired', 'revoked', 'all'] as const
export const SORTS = ['created', 'name', 'last_used', 'spend'] as const
export type Status = (typeof STATUSES)[number]
export type Sort = (typeof SORTS)[number]

export interface KeysSearch {
  readonly q?: string
  readonly status?: Status
  readonly sort?: Sort
  readonly order?: 'asc' | 'desc'
  readonly cursor?: string
  /** A dialog with an address of its own. */
  readonly create?: true
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined

/** What is not understood counts as not said; what is the default is not written. */
export function readKeysSearch(search: Record<string, unknown>): KeysSearch {
  const q = text(search.q)
  const cursor = text(search.cursor)
  const status = STATUSES.find((one) => one === search.status)
  const sort = SORTS.find((one) => one === search.sort)
  return {
    ...(q !== undefined && q !== '' && { q }),
    ...(status !== undefined && status !== 'active' && { status }),
    ...(sort !== undefined && sort !== 'last_used' && { sort }),
    ...(search.order === 'asc' && { order: 'asc' as const }),
    ...(cursor !== undefined && cursor !== '' && { cursor }),
    ...(search.create === true && { create: true as const }),
  }
}
