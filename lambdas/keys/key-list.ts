/** Finding, sorting and paging of keys, as plain thought. */
import type { Instant } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'
import type { VirtualKey } from './virtual-key.ts'

export interface KeyRow {
  readonly key: VirtualKey
  readonly ownerEmail: string | null
  readonly ownerName: string | null
  readonly teamName: string | null
  readonly usage: { readonly spent: NanoUsd; readonly lastUsedAt: Instant | null }
}

export interface Order {
  readonly by: 'created' | 'name' | 'last_used' | 'spend'
  readonly descending: boolean
}

export interface Wanted {
  readonly q?: string | undefined
  readonly status: 'active' | 'revoked' | 'all'
}

const caseless = (text: string): string => text.normalize('NFC').toLowerCase()

export function matches({ key, ownerEmail, ownerName, teamName }: KeyRow, { q, status }: Wanted): boolean {
  if (status !== 'all' && key.isActive !== (status === 'active')) return false
  if (q === undefined || q === '') return true
  return [key.name, key.prefix, ownerEmail, ownerName, teamName].some(
    (text) => text !== null && caseless(text).includes(caseless(q)),
  )
}

/** What a row is sorted by, and its id, so that no two rows are equal. */
type Place = readonly [string | number, string]

function placeOf({ key, usage }: KeyRow, by: Order['by']): Place {
  const values: Record<Order['by'], string | number> = {
    created: key.createdAt,
    name: caseless(key.name ?? ''),
    last_used: usage.lastUsedAt ?? 0,
    spend: usage.spent,
  }
  return [values[by], key.id]
}

function compare(one: Place, other: Place, descending: boolean): number {
  const [a, b] = one[0] === other[0] ? [one[1], other[1]] : [one[0], other[0]]
  const upwards = a < b ? -1 : a > b ? 1 : 0
  return descending ? -upwards : upwards
}

export const sorted = (rows: readonly KeyRow[], { by, descending }: Order): KeyRow[] =>
  [...rows].sort((one, other) => compare(placeOf(one, by), placeOf(other, by), descending))

/**
 * By place, not by number: a key that was made or deleted in the meantime shifts no page.
 * @returns `last` only when there is more.
 */
export function pageAfter(
  rows: readonly KeyRow[],
  after: Place | undefined,
  limit: number | undefined,
  { by, descending }: Order,
): { rows: KeyRow[]; last: Place | undefined } {
  const rest = after === undefined ? rows : rows.filter((row) => compare(placeOf(row, by), after, descending) > 0)
  const page = rest.slice(0, limit ?? rest.length)
  const end = page.at(-1)
  return { rows: page, last: end !== undefined && page.length < rest.length ? placeOf(end, by) : undefined }
}
