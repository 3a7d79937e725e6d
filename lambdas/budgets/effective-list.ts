/** Finding and sorting of who has which limit. */
import type { Ordered } from '../http/page.ts'
import type { CounterSubject } from '../table/usage-keys.ts'
import type { Account } from './accounts.ts'
import type { Status } from './standings.ts'

export interface EffectiveRow {
  readonly subject: CounterSubject
  /** E-mail address of a person; name or prefix of a key. */
  readonly name: string
  readonly displayName: string | null
  readonly team: { readonly id: string; readonly name: string } | null
  readonly account: Account
}

export interface Wanted {
  readonly q?: string | undefined
  readonly scope: CounterSubject['kind'] | 'all'
  readonly team_id?: string | undefined
  readonly status: Status | 'all'
}

const caseless = (text: string): string => text.normalize('NFC').toLowerCase()

export function matches({ subject, name, displayName, team, account }: EffectiveRow, wanted: Wanted): boolean {
  if (wanted.scope !== 'all' && subject.kind !== wanted.scope) return false
  if (wanted.status !== 'all' && account.status !== wanted.status) return false
  if (wanted.team_id !== undefined && wanted.team_id !== team?.id) return false
  const { q } = wanted
  if (q === undefined || q === '') return true
  return [name, displayName, team?.name].some((text) => text != null && caseless(text).includes(caseless(q)))
}

/** Below every percentage and every limit: those without any. */
const NO_LIMIT = -1

export function orderedBy(by: 'percent' | 'spend' | 'limit' | 'name', descending: boolean): Ordered<EffectiveRow> {
  const value = ({ name, account }: EffectiveRow): string | number => {
    if (by === 'name') return caseless(name)
    if (by === 'spend') return account.spent
    return (by === 'limit' ? account.limit : account.percent) ?? NO_LIMIT
  }
  return { placeOf: (row) => [value(row), row.subject.id], descending }
}
