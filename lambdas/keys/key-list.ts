/** Finding and sorting of keys, as plain thought. */
import type { Ordered } from '../http/page.ts'
import type { Instant } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'
import type { KeyStatus, VirtualKey } from './virtual-key.ts'

export interface KeyRow {
  readonly key: VirtualKey
  readonly status: KeyStatus
  readonly ownerEmail: string | null
  readonly ownerName: string | null
  readonly teamName: string | null
  readonly usage: { readonly spent: NanoUsd; readonly lastUsedAt: Instant | null }
}

export interface Wanted {
  readonly q?: string | undefined
  readonly status: KeyStatus | 'all'
}

const caseless = (text: string): string => text.normalize('NFC').toLowerCase()

export function matches({ key, status, ownerEmail, ownerName, teamName }: KeyRow, wanted: Wanted): boolean {
  if (wanted.status !== 'all' && status !== wanted.status) return false
  const { q } = wanted
  if (q === undefined || q === '') return true
  return [key.name, key.prefix, ownerEmail, ownerName, teamName].some(
    (text) => text !== null && caseless(text).includes(caseless(q)),
  )
}

export function orderedBy(by: 'created' | 'name' | 'last_used' | 'spend', descending: boolean): Ordered<KeyRow> {
  const value = ({ key, usage }: KeyRow): string | number => {
    if (by === 'created') return key.createdAt
    if (by === 'name') return caseless(key.name ?? '')
    return by === 'last_used' ? (usage.lastUsedAt ?? 0) : usage.spent
  }
  return { placeOf: (row) => [value(row), row.key.id], descending }
}
