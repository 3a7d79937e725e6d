/** What of the list of members the address holds. */

export const STATUSES = ['active', 'suspended', 'all'] as const
export const ROLES = ['all', 'admin', 'member'] as const
export const SORTS = ['email', 'created', 'spend', 'last_used'] as const
export type Status = (typeof STATUSES)[number]
export type RoleFilter = (typeof ROLES)[number]
export type Sort = (typeof SORTS)[number]

export interface MembersSearch {
  readonly q?: string
  readonly status?: Status
  readonly role?: RoleFilter
  /** An id, or `none`. */
  readonly team?: string
  readonly sort?: Sort
  readonly order?: 'asc' | 'desc'
  readonly cursor?: string
  /** A dialog with an address of its own. */
  readonly add?: true
}

const text = (value: unknown): string | undefined => {
  const read = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  return read === '' ? undefined : read
}

/** What is not understood counts as not said; what is the default is not written. */
export function readMembersSearch(search: Record<string, unknown>): MembersSearch {
  const [q, team, cursor] = [text(search.q), text(search.team), text(search.cursor)]
  const status = STATUSES.find((one) => one === search.status)
  const role = ROLES.find((one) => one === search.role)
  const sort = SORTS.find((one) => one === search.sort)
  return {
    ...(q !== undefined && { q }),
    ...(status !== undefined && status !== 'all' && { status }),
    ...(role !== undefined && role !== 'all' && { role }),
    ...(team !== undefined && { team }),
    ...(sort !== undefined && sort !== 'email' && { sort }),
    ...(search.order === 'desc' && { order: 'desc' as const }),
    ...(cursor !== undefined && { cursor }),
    ...(search.add === true && { add: true as const }),
  }
}
