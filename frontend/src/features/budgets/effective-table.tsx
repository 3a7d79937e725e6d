import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { EffectiveBudget } from '../../api/budget-types.ts'
import { limitInShort, policyInWords, SOURCE_WORDS } from '../../format/budget.ts'
import { exactly, money } from '../../format/money.ts'
import { MISSING } from '../../format/number.ts'
import { SortHead } from '../../ui/sort-head.tsx'
import table from '../../ui/table.module.css'
import type { BudgetsSearch, Sort } from './budgets-search.ts'
import styles from './lists.module.css'
import { Resets } from './teams-table.tsx'
import { BudgetState, Used } from './used.tsx'

interface EffectiveTableProps {
  readonly budgets: readonly EffectiveBudget[]
  readonly caption: string
  /** Left out where all of them are in one team. */
  readonly showsTeam?: boolean
  /** Where its headings sort it. */
  readonly sorting?: {
    readonly by: Sort
    readonly order: 'asc' | 'desc'
    readonly onSort: (change: Pick<BudgetsSearch, 'sort' | 'order'>) => void
  }
}

/** Who may spend how much, on whose word, and how far they are. */
export function EffectiveTable({ budgets, caption, showsTeam = true, sorting }: EffectiveTableProps) {
  const head = (sort: Sort, first: 'asc' | 'desc', className: string | undefined, text: ReactNode) =>
    sorting === undefined ? (
      <th scope="col" className={className}>
        {text}
      </th>
    ) : (
      <SortHead {...sorting} sort={sort} first={first} className={className}>
        {text}
      </SortHead>
    )
  return (
    <div className={table.frame}>
      <table className={`${table.table} ${styles.list}`}>
        <caption className="unseen">{caption}</caption>
        <thead>
          <tr>
            {head('name', 'asc', undefined, 'Who')}
            {head('limit', 'desc', `${table.number} ${table.middle}`, 'Limit')}
            <th scope="col" className={table.wide}>
              Whose word
            </th>
            {head('spend', 'desc', table.number, 'Spend')}
            {head('percent', 'desc', table.middle, 'Used')}
            <th
              scope="col"
              className={`${table.number} ${table.wide}`}
              title="At the end of the period, at the pace so far"
            >
              Heading for
            </th>
            <th scope="col" className={table.middle}>
              State
            </th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              Resets
            </th>
          </tr>
        </thead>
        <tbody>
          {budgets.map((budget) => (
            <Row key={`${budget.scope} ${budget.id}`} of={budget} showsTeam={showsTeam} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

const BY: Readonly<Record<EffectiveBudget['scope'], string>> = {
  team: 'by the team',
  user: 'by the person',
  key: 'by the key',
}

function Row({ of: budget, showsTeam }: { readonly of: EffectiveBudget; readonly showsTeam: boolean }) {
  const { limit_usd: limit, status, decided_by, scope } = budget
  const by = decided_by === null || decided_by === scope ? undefined : BY[decided_by]
  const state = <BudgetState status={status} hasLimit={limit !== null} by={by} />
  return (
    <tr>
      <th scope="row" className={styles.name}>
        <Name of={budget} />
        {showsTeam && (
          <span className={`${styles.second} truncated`} dir="auto">
            {belongsTo(budget)}
          </span>
        )}
        <span className={`${styles.second} ${styles.narrow}`}>{state}</span>
      </th>
      <td
        className={`${table.number} ${table.minor} ${table.middle}`}
        title={budget.policy === null ? undefined : policyInWords(budget.policy)}
      >
        {limit === null ? <span className="quiet">{MISSING}</span> : limitInShort(limit, budget.period)}
      </td>
      <td className={`${table.minor} ${table.wide}`}>{SOURCE_WORDS[budget.limit_source]}</td>
      <td className={`${table.number} ${table.major}`} title={exactly(budget.spend_usd)}>
        {money(budget.spend_usd)}
        {limit !== null && (
          <span className={`${styles.second} ${styles.narrow}`}>of {limitInShort(limit, budget.period)}</span>
        )}
      </td>
      <td className={table.middle}>
        <Used percent={budget.percent} status={status} />
      </td>
      <td className={`${table.number} ${table.minor} ${table.wide}`}>
        {budget.projected_usd === null ? (
          <span className="quiet" title="Too early in the period to tell">
            {MISSING}
          </span>
        ) : (
          money(budget.projected_usd)
        )}
      </td>
      <td className={table.middle}>{state}</td>
      <td className={`${table.number} ${table.minor} ${table.wide}`}>
        {limit === null ? <span className="quiet">{MISSING}</span> : <Resets at={budget.resets_at} />}
      </td>
    </tr>
  )
}

function belongsTo({ scope, team_name }: EffectiveBudget): string {
  if (scope === 'team') return 'Team'
  if (scope === 'user') return team_name ?? 'No team'
  return team_name === null ? 'Key' : `Key of ${team_name}`
}

/** Leads to where the limit is set. */
function Name({ of: { scope, id, name, display_name } }: { readonly of: EffectiveBudget }) {
  const shown = { className: 'truncated', dir: 'auto', title: name, children: display_name ?? name } as const
  if (scope === 'team') return <Link to="/teams/$id/$tab" params={{ id, tab: 'budget' }} {...shown} />
  return scope === 'user' ? (
    <Link to="/members" search={{ q: name }} {...shown} />
  ) : (
    <Link to="/keys" search={{ q: name }} {...shown} />
  )
}
