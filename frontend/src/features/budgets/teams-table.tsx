import { Link, useNavigate } from '@tanstack/react-router'
import { Ellipsis, Gauge, Pencil, Route, Trash2, Users } from 'lucide-react'
import type { TeamRow } from '../../api/budget-types.ts'
import { limitInShort, resetTime, until } from '../../format/budget.ts'
import { exactly, money } from '../../format/money.ts'
import { exactCount, MISSING } from '../../format/number.ts'
import { useNow } from '../../shell/now.ts'
import { Button } from '../../ui/button.tsx'
import { Menu } from '../../ui/menu.tsx'
import table from '../../ui/table.module.css'
import { Time } from '../../ui/time.tsx'
import styles from './lists.module.css'
import { BudgetState, Used } from './used.tsx'

interface TeamsTableProps {
  readonly teams: readonly TeamRow[]
  readonly onDelete: (team: TeamRow) => void
  readonly onRename: (team: TeamRow) => void
}

export function TeamsTable({ teams, ...acts }: TeamsTableProps) {
  return (
    <div className={table.frame}>
      <table className={`${table.table} ${styles.list}`}>
        <caption className="unseen">Teams by name, what each may spend and has spent</caption>
        <thead>
          <tr>
            <th scope="col">Team</th>
            <th scope="col" className={`${table.number} ${table.middle}`}>
              People
            </th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              Keys
            </th>
            <th scope="col" className={table.number}>
              Spend
            </th>
            <th scope="col" className={`${table.number} ${table.middle}`}>
              Budget
            </th>
            <th scope="col" className={table.middle}>
              Used
            </th>
            <th scope="col" className={table.middle}>
              State
            </th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              Resets
            </th>
            <th scope="col">
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {teams.map((team) => (
            <Row key={team.team_id} of={team} {...acts} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface RowProps extends Omit<TeamsTableProps, 'teams'> {
  readonly of: TeamRow
}

function Row({ of: team, ...acts }: RowProps) {
  const params = { id: team.team_id, tab: 'budget' }
  const limit = team.budget_amount_usd
  const state = <BudgetState status={team.status} hasLimit={limit !== null} />
  return (
    <tr>
      <th scope="row" className={styles.name}>
        <Link to="/teams/$id/$tab" params={params} className="truncated" dir="auto" title={team.team_name}>
          {team.team_name}
        </Link>
        <span className={`${styles.second} ${styles.narrow}`}>{state}</span>
      </th>
      <td className={`${table.number} ${table.minor} ${table.middle}`}>{exactCount(team.user_count)}</td>
      <td className={`${table.number} ${table.minor} ${table.wide}`}>{exactCount(team.key_count)}</td>
      <td className={`${table.number} ${table.major}`} title={exactly(team.current_spend_usd)}>
        {money(team.current_spend_usd)}
        {limit !== null && (
          <span className={`${styles.second} ${styles.narrow}`}>of {limitInShort(limit, team.budget_period)}</span>
        )}
      </td>
      <td className={`${table.number} ${table.minor} ${table.middle}`}>
        {limit === null ? (
          <Link to="/teams/$id/$tab" params={params} className="link" aria-label={`Set a budget for ${team.team_name}`}>
            Set a budget
          </Link>
        ) : (
          limitInShort(limit, team.budget_period)
        )}
      </td>
      <td className={table.middle}>
        <Used percent={team.percent} status={team.status} />
      </td>
      <td className={table.middle}>{state}</td>
      <td className={`${table.number} ${table.minor} ${table.wide}`}>
        {limit === null ? <span className="quiet">{MISSING}</span> : <Resets at={team.resets_at} />}
      </td>
      <td className={styles.acts}>
        <RowMenu of={team} {...acts} />
      </td>
    </tr>
  )
}

export function Resets({ at }: { readonly at: string }) {
  const now = useNow(60_000)
  return <Time iso={at} text={until(at, now)} full={resetTime(at)} />
}

function RowMenu({ of: team, onDelete, onRename }: RowProps) {
  const navigate = useNavigate()
  const open = (tab: string): void => void navigate({ to: '/teams/$id/$tab', params: { id: team.team_id, tab } })
  return (
    <Menu
      label={`Actions for ${team.team_name}`}
      trigger={
        <Button kind="ghost" icon aria-label={`Actions for ${team.team_name}`}>
          <Ellipsis size={16} aria-hidden />
        </Button>
      }
      actions={[
        { id: 'budget', text: 'Budget', icon: <Gauge size={15} aria-hidden />, run: () => open('budget') },
        { id: 'members', text: 'Members', icon: <Users size={15} aria-hidden />, run: () => open('members') },
        { id: 'routing', text: 'Routing', icon: <Route size={15} aria-hidden />, run: () => open('routing') },
        {
          id: 'rename',
          text: 'Rename…',
          icon: <Pencil size={15} aria-hidden />,
          apart: true,
          run: () => onRename(team),
        },
        {
          id: 'delete',
          text: 'Delete…',
          icon: <Trash2 size={15} aria-hidden />,
          danger: true,
          run: () => onDelete(team),
        },
      ]}
    />
  )
}
