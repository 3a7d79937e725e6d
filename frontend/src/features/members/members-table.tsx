import { Ban, CirclePlay, Ellipsis, Gauge, ShieldCheck, ShieldOff, Trash2, Users } from 'lucide-react'
import type { Member } from '../../api/people-types.ts'
import { limitInShort } from '../../format/budget.ts'
import { ratesInWords, usageOf } from '../../format/limits.ts'
import { exactly, money } from '../../format/money.ts'
import { exactCount, MISSING } from '../../format/number.ts'
import { fullTime, relative } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Badge } from '../../ui/badge.tsx'
import { Bar } from '../../ui/bar.tsx'
import { Button } from '../../ui/button.tsx'
import { Menu } from '../../ui/menu.tsx'
import { SortHead } from '../../ui/sort-head.tsx'
import { State } from '../../ui/state.tsx'
import table from '../../ui/table.module.css'
import { Time } from '../../ui/time.tsx'
import { type Act, limitInWords, nameOf } from './member-effects.ts'
import styles from './members.module.css'
import type { MembersSearch } from './members-search.ts'

/** What is to be done with whom, once it has been said or confirmed. */
export interface Doing {
  readonly of: Member
  readonly what: Act | 'move' | 'limits'
}

interface MembersTableProps {
  readonly members: readonly Member[]
  readonly search: MembersSearch
  readonly onSort: (change: Pick<MembersSearch, 'sort' | 'order'>) => void
  readonly onDo: (doing: Doing) => void
}

export function MembersTable({ members, search, onSort, onDo }: MembersTableProps) {
  const now = useNow()
  const head = { by: search.sort ?? 'email', order: search.order ?? 'asc', onSort } as const
  return (
    <div className={table.frame}>
      <table className={`${table.table} ${styles.members}`}>
        <caption className="unseen">Members. Some headings sort the list.</caption>
        <thead>
          <tr>
            <SortHead {...head} sort="email" first="asc">
              Member
            </SortHead>
            <th scope="col" className={table.middle}>
              Team
            </th>
            <th scope="col" className={table.middle}>
              Status
            </th>
            <th scope="col" className={table.middle}>
              Limit
            </th>
            <SortHead {...head} sort="spend" className={table.number ?? ''}>
              Spend
            </SortHead>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              Keys
            </th>
            <SortHead {...head} sort="last_used" className={`${table.number} ${table.wide}`}>
              Last used
            </SortHead>
            <th scope="col">
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <Row key={member.id} of={member} now={now} onDo={onDo} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface RowProps {
  readonly of: Member
  readonly now: number
  readonly onDo: (doing: Doing) => void
}

function Row({ of: member, now, onDo }: RowProps) {
  const name = nameOf(member)
  const state = member.active ? <State kind="ok">Active</State> : <State kind="off">Suspended</State>
  return (
    <tr>
      <th scope="row" className={styles.name}>
        <span className={styles.first}>
          <span className="truncated" dir="auto" title={name}>
            {name}
          </span>
          {member.role === 'admin' && <Badge kind="chosen">Admin</Badge>}
        </span>
        {member.display_name !== null && (
          <span className={`${styles.under} truncated`} title={member.email}>
            {member.email}
          </span>
        )}
        <span className={styles.phone}>
          {state}
          {member.team_name !== null && <span className="truncated">· {member.team_name}</span>}
        </span>
      </th>
      <td className={`${table.middle} ${styles.team}`}>
        <span className="truncated" dir="auto" title={member.team_name ?? undefined}>
          {member.team_name ?? <span className="quiet">{MISSING}</span>}
        </span>
      </td>
      <td className={table.middle}>{state}</td>
      <td className={table.middle}>
        <Limit of={member} />
        <Rates of={member} />
      </td>
      <td className={`${table.number} ${table.major}`} title={exactly(member.spend_usd)}>
        {money(member.spend_usd)}
        {member.effective_limit !== null && (
          <span className={styles.phone}>
            of {limitInShort(member.effective_limit.limit_usd, member.effective_limit.period)}
          </span>
        )}
      </td>
      <td className={`${table.number} ${table.minor} ${table.wide}`}>{exactCount(member.key_count)}</td>
      <td className={`${table.number} ${table.wide}`}>
        <LastUsed at={member.last_used_at} now={now} />
      </td>
      <td className={styles.acts}>
        <RowMenu of={member} onDo={onDo} />
      </td>
    </tr>
  )
}

const COLOURS = { normal: 'var(--bar)', warn: 'var(--warn-mark)', danger: 'var(--danger-mark)' } as const
const SOURCES = { explicit: 'own', team: 'team', default: 'default' } as const

function Limit({ of: member }: { readonly of: Member }) {
  const { effective_limit: limit } = member
  if (limit === null) return <span className="quiet">No limit</span>
  const usage = usageOf(limit.percent)
  return (
    <div className={styles.limit} title={`${limitInWords(member)}. Resets ${fullTime(limit.resets_at)}`}>
      <span className={styles.amount}>
        {limitInShort(limit.limit_usd, limit.period)}
        <span className={styles.used} data-usage={usage}>
          {Math.round(limit.percent)}% · {SOURCES[limit.source]}
        </span>
      </span>
      <Bar share={Math.min(1, limit.percent / 100)} colour={COLOURS[usage]} />
    </div>
  )
}

function Rates({ of: { rate_limit_rpm: rpm, rate_limit_tpm: tpm } }: { readonly of: Member }) {
  const said = ratesInWords({ rpm, tpm })
  return said === undefined ? null : <span className={styles.under}>{said}</span>
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

function RowMenu({ of: member, onDo }: Omit<RowProps, 'now'>) {
  const name = nameOf(member)
  const to = (what: Doing['what']) => () => onDo({ of: member, what })
  const isAdmin = member.role === 'admin'
  const Role = isAdmin ? ShieldOff : ShieldCheck
  return (
    <Menu
      label={`Actions for ${name}`}
      trigger={
        <Button kind="ghost" icon aria-label={`Actions for ${name}`}>
          <Ellipsis size={16} aria-hidden />
        </Button>
      }
      actions={[
        { id: 'limits', text: 'Limits…', icon: <Gauge size={15} aria-hidden />, run: to('limits') },
        { id: 'move', text: 'Move to a team…', icon: <Users size={15} aria-hidden />, run: to('move') },
        {
          id: 'role',
          text: isAdmin ? 'Make member…' : 'Make administrator…',
          icon: <Role size={15} aria-hidden />,
          run: to(isAdmin ? 'demote' : 'promote'),
        },
        member.active
          ? { id: 'suspend', text: 'Suspend…', icon: <Ban size={15} aria-hidden />, apart: true, run: to('suspend') }
          : {
              id: 'reactivate',
              text: 'Reactivate…',
              icon: <CirclePlay size={15} aria-hidden />,
              apart: true,
              run: to('reactivate'),
            },
        { id: 'remove', text: 'Remove…', icon: <Trash2 size={15} aria-hidden />, danger: true, run: to('remove') },
      ]}
    />
  )
}
