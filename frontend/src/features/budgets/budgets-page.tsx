import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ChevronDown } from 'lucide-react'
import { useRef } from 'react'
import { effectiveBudgetsQuery } from '../../api/budget-queries.ts'
import type { BudgetPage as BudgetList, EffectiveQuery } from '../../api/budget-types.ts'
import { STATUS_WORDS } from '../../format/budget.ts'
import { exactCount } from '../../format/number.ts'
import { Page } from '../../shell/page.tsx'
import { useShortcut } from '../../shell/shortcuts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/empty.tsx'
import { ListFailure, PageTurns } from '../../ui/list.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Search } from '../../ui/search.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { type BudgetsSearch, type ListedScope, type ListedStatus, SCOPES, STATUSES } from './budgets-search.ts'
import { DefaultBudgetCard } from './default-budget-card.tsx'
import { EffectiveTable } from './effective-table.tsx'
import styles from './lists.module.css'

/** What a screen shows without much scrolling. */
const PAGE_ROWS = 50

const SCOPE_WORDS: Readonly<Record<ListedScope, string>> = { all: 'All', user: 'People', team: 'Teams', key: 'Keys' }

const statusWord = (status: ListedStatus): string => (status === 'all' ? 'Any state' : STATUS_WORDS[status].word)

export function BudgetsPage() {
  const search = useSearch({ from: '/shell/admins/budgets' })
  const navigate = useNavigate({ from: '/budgets' })
  const field = useRef<HTMLInputElement>(null)
  useShortcut('/', () => field.current?.focus())
  const list = useQuery(effectiveBudgetsQuery(queryOf(search)))
  /** Another question begins at its first page. */
  const ask = (change: Partial<BudgetsSearch>): void =>
    void navigate({ search: ({ cursor: _cursor, ...before }) => ({ ...before, ...change }), replace: true })
  const { of = 'all', status = 'all' } = search
  return (
    <Page title="Budgets" data={list}>
      <DefaultBudgetCard />
      <Card title="Who has which limit" flush>
        <div className={styles.bar}>
          <Search ref={field} label="Name or team" value={search.q ?? ''} onChange={(q) => ask({ q })} />
          <Segmented
            label="Of whom"
            value={of}
            onChange={(next) => ask({ of: next })}
            options={SCOPES.map((value) => ({ value, text: SCOPE_WORDS[value] }))}
          />
          <Menu
            label="State"
            trigger={
              <Button>
                {statusWord(status)} <ChevronDown size={14} aria-hidden />
              </Button>
            }
            actions={STATUSES.map((one) => ({
              id: one,
              text: statusWord(one),
              chosen: one === status,
              run: () => ask({ status: one }),
            }))}
          />
          {list.data !== undefined && (
            <span className={styles.count} role="status">
              {exactCount(list.data.matching)} of {exactCount(list.data.total)}
            </span>
          )}
        </div>
        <List list={list} search={search} onAsk={ask} />
      </Card>
    </Page>
  )
}

const queryOf = ({ sort = 'percent', order = 'desc', of = 'all', ...search }: BudgetsSearch): EffectiveQuery => ({
  ...search,
  scope: of,
  sort,
  order,
  limit: PAGE_ROWS,
})

interface ListProps {
  readonly list: UseQueryResult<BudgetList>
  readonly search: BudgetsSearch
  readonly onAsk: (change: Partial<BudgetsSearch>) => void
}

function List({ list: { data, error, refetch }, search, onAsk }: ListProps) {
  const navigate = useNavigate({ from: '/budgets' })
  if (data === undefined) {
    return error === null ? (
      <Skeleton height="24rem" />
    ) : (
      <ListFailure title="The budgets could not be loaded" onAgain={() => void refetch()}>
        {error.message} They hold as before.
      </ListFailure>
    )
  }
  if (data.budgets.length === 0) {
    return (
      <Empty
        title="Nobody fits this search"
        action={<Button onPress={() => onAsk({ q: '', of: 'all', status: 'all' })}>Show everybody</Button>}
      >
        {exactCount(data.total)} people, teams and keys are hidden by it.
      </Empty>
    )
  }
  return (
    <>
      <EffectiveTable
        budgets={data.budgets}
        caption="Everybody, every team and every key with a budget. The headings sort the list."
        sorting={{ by: search.sort ?? 'percent', order: search.order ?? 'desc', onSort: onAsk }}
      />
      <PageTurns
        cursor={search.cursor}
        next={data.next_cursor}
        onFirst={() => onAsk({})}
        onNext={(cursor) => void navigate({ search: (before) => ({ ...before, cursor }) as BudgetsSearch })}
      />
    </>
  )
}
