import { Ban, Ellipsis, Pencil, RotateCw, Trash2 } from 'lucide-react'
import type { Key } from '../../api/people-types.ts'
import { exactly, money } from '../../format/money.ts'
import { MISSING } from '../../format/number.ts'
import { dateOf, fullTime, monthName, relative } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Menu } from '../../ui/menu.tsx'
import { SortHead } from '../../ui/sort-head.tsx'
import { State } from '../../ui/state.tsx'
import table from '../../ui/table.module.css'
import { Time } from '../../ui/time.tsx'
import { limitsInWords, limitsOf, stateOf } from './key-state.ts'
import type { KeysSearch } from './keys-search.ts'
import styles from './keys-table.module.css'

/** What is to be done with which key, once it has been said or confirmed. */
export interface Doing {
  readonly of: Key
  readonly what: 'edit' | 'rotate' | 'revoke' | 'delete'
}

interface KeysTableProps {
  readonly keys: readonly Key[]
  readonly search: KeysSearch
  readonly onSort: (change: Pick<KeysSearch, 'sort' | 'order'>) => void
  readonly onDo: (doing: Doing) => void
  /** Whoever sees only their own keys need not read their own name in each row. */
  readonly isAdmin: boolean
}

export function KeysTable({ keys, search, onSort, onDo, isAdmin }: KeysTableProps) {
  const now = useNow()
  const head = { by: search.sort ?? 'last_used', order: search.order ?? 'desc', onSort } as const
  return (
    <div className={table.frame}>
      <table className={`${table.table} ${styles.keys}`}>
        <caption className="unseen">Virtual keys. The headings sort the list.</caption>
        <thead>
          <tr>
            <SortHead {...head} sort="name" first="asc">
              Name
            </SortHead>
            <th scope="col" className={table.wide}>
              Prefix
            </th>
            {isAdmin && (
              <th scope="col" className={table.middle}>
                Owner
              </th>
            )}
            <th scope="col" className={table.wide}>
              Team
            </th>
            <th scope="col" className={table.middle}>
              Status
            </th>
            <th scope="col" className={table.wide}>
              Limits
            </th>
            <SortHead {...head} sort="last_used" className={`${table.number} ${table.middle}`}>
              Last used
            </SortHead>
            <SortHead {...head} sort="spend" className={table.number ?? ''}>
              Spend, {monthName(now)}
            </SortHead>
            <SortHead {...head} sort="created" className={`${table.number} ${table.wide}`}>
              Created
            </SortHead>
            <th scope="col">
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <Row key={key.id} of={key} now={now} onDo={onDo} isAdmin={isAdmin} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface RowProps {
  readonly of: Key
  readonly now: number
  readonly onDo: KeysTableProps['onDo']
  readonly isAdmin: boolean
}

function Row({ of: key, now, onDo, isAdmin }: RowProps) {
  const { kind, word } = stateOf(key, now)
  const state = <State kind={kind}>{word}</State>
  const limits = limitsOf(key)
  const owner = <Owner of={key} />
  const name = key.name ?? key.prefix
  return (
    <tr>
      <th scope="row" className={styles.name}>
        <span className="truncated" dir="auto" title={name}>
          {name}
        </span>
        <span className={styles.second}>
          {isAdmin ? owner : <code>{shortened(key.prefix)}</code>}
          {key.team_name !== null && <span className="truncated">· {key.team_name}</span>}
        </span>
      </th>
      <td className={`${table.minor} ${table.wide}`}>
        <code>{shortened(key.prefix)}</code>
      </td>
      {isAdmin && <td className={table.middle}>{owner}</td>}
      <td className={`${table.wide} ${styles.team}`}>
        <span className="truncated" dir="auto" title={key.team_name ?? undefined}>
          {key.team_name ?? <span className="quiet">{MISSING}</span>}
        </span>
      </td>
      <td className={table.middle} title={key.expires_at === null ? undefined : `Until ${fullTime(key.expires_at)}`}>
        {state}
      </td>
      <td className={`${table.minor} ${table.wide} ${styles.limits}`}>
        <span className="truncated" title={limitsInWords(key) || undefined}>
          {limits.length === 0 ? <span className="quiet">{MISSING}</span> : limits.join(' · ')}
        </span>
      </td>
      <td className={`${table.number} ${table.middle}`}>
        <LastUsed at={key.last_used_at} now={now} />
      </td>
      <td className={`${table.number} ${table.major}`} title={exactly(key.spend_usd)}>
        {money(key.spend_usd)}
        <span className={styles.second}>{state}</span>
      </td>
      <td className={`${table.number} ${table.minor} ${table.wide}`}>
        <Time iso={key.created_at} text={dateOf(key.created_at)} full={fullTime(key.created_at)} />
      </td>
      <td className={styles.acts}>
        <RowMenu of={key} onDo={onDo} isAdmin={isAdmin} />
      </td>
    </tr>
  )
}

function RowMenu({ of: key, onDo, isAdmin }: Omit<RowProps, 'now'>) {
  const name = key.name ?? key.prefix
  const to = (what: Doing['what']) => () => onDo({ of: key, what })
  const isRevoked = key.status === 'revoked'
  return (
    <Menu
      label={`Actions for ${name}`}
      trigger={
        <Button kind="ghost" icon aria-label={`Actions for ${name}`}>
          <Ellipsis size={16} aria-hidden />
        </Button>
      }
      actions={[
        ...(isAdmin && !isRevoked
          ? [{ id: 'edit', text: 'Edit…', icon: <Pencil size={15} aria-hidden />, run: to('edit') }]
          : []),
        ...(key.status === 'active'
          ? [{ id: 'rotate', text: 'Rotate…', icon: <RotateCw size={15} aria-hidden />, run: to('rotate') }]
          : []),
        isRevoked
          ? { id: 'delete', text: 'Delete…', icon: <Trash2 size={15} aria-hidden />, danger: true, run: to('delete') }
          : { id: 'revoke', text: 'Revoke…', icon: <Ban size={15} aria-hidden />, danger: true, run: to('revoke') },
      ]}
    />
  )
}

/** The API writes three dots, for clients that print what they get. */
const shortened = (prefix: string): string => prefix.replace(/\.+$/, '…')

function Owner({ of: key }: { readonly of: Key }) {
  if (key.user_id === null) return <Badge>Team key</Badge>
  const name = key.owner_name ?? key.owner_email ?? 'Removed person'
  return (
    <span className="truncated" dir="auto" title={key.owner_email ?? undefined}>
      {name}
    </span>
  )
}

function LastUsed({ at, now }: { readonly at: string | null; readonly now: number }) {
  if (at === null) {
    return (
      <span className="quiet" title="Neither this month nor the month before">
        {MISSING}
      </span>
    )
  }
  return <Time iso={at} text={relative(at, now)} full={fullTime(at)} />
}
