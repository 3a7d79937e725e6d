import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useRef, useState } from 'react'
import { teamRowsQuery } from '../../api/budget-queries.ts'
import type { TeamRow } from '../../api/budget-types.ts'
import type { AnswerOf } from '../../api/client.ts'
import { Page } from '../../shell/page.tsx'
import { useShortcut } from '../../shell/shortcuts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Search } from '../../ui/search.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { plural } from './budget-words.ts'
import { CreateTeam } from './create-team.tsx'
import { DeleteTeam } from './delete-team.tsx'
import styles from './lists.module.css'
import { RenameTeam } from './rename-team.tsx'
import { TeamsTable } from './teams-table.tsx'

type Overview = AnswerOf<'GET /admin/analytics/overview'>

/** Fewer than these one sees at a glance. */
const MANY = 8

export function TeamsPage() {
  const { create } = useSearch({ from: '/shell/admins/teams' })
  const navigate = useNavigate({ from: '/teams' })
  const teams = useQuery(teamRowsQuery)
  const openCreate = (): void => void navigate({ search: (before) => ({ ...before, create: true }) })
  const closeCreate = (): void =>
    void navigate({ search: ({ create: _create, ...before }) => before, replace: true, resetScroll: false })
  return (
    <Page
      title="Teams"
      data={teams}
      actions={
        <Button kind="primary" onPress={openCreate}>
          <Plus size={15} aria-hidden /> Create team
        </Button>
      }
    >
      <Listed teams={teams} onCreate={openCreate} />
      {create === true && <CreateTeam onClose={closeCreate} />}
    </Page>
  )
}

interface ListedProps {
  readonly teams: UseQueryResult<Overview>
  readonly onCreate: () => void
}

function Listed({ teams: { data, error, refetch }, onCreate }: ListedProps) {
  if (data !== undefined && data.teams.length > 0) return <Teams teams={data.teams} />
  return (
    <Card label="Teams">
      {data !== undefined ? (
        <Empty
          title="No teams yet"
          action={
            <Button kind="primary" onPress={onCreate}>
              Create team
            </Button>
          }
        >
          A team shares a budget, keys and endpoints. Most companies start with one for each department.
        </Empty>
      ) : error === null ? (
        <Skeleton height="16rem" />
      ) : (
        <Notice
          kind="danger"
          title="The teams could not be loaded"
          action={<Button onPress={() => void refetch()}>Try again</Button>}
        >
          {error.message} Budgets hold as before.
        </Notice>
      )}
    </Card>
  )
}

function Teams({ teams }: { readonly teams: readonly TeamRow[] }) {
  const { q = '' } = useSearch({ from: '/shell/admins/teams' })
  const navigate = useNavigate({ from: '/teams' })
  const [deleting, setDeleting] = useState<TeamRow>()
  const [renaming, setRenaming] = useState<TeamRow>()
  const field = useRef<HTMLInputElement>(null)
  useShortcut('/', () => field.current?.focus())
  const ask = (text: string): void =>
    void navigate({ search: ({ q: _q, ...before }) => ({ ...before, ...(text !== '' && { q: text }) }), replace: true })
  const matching = teams.filter(({ team_name }) => team_name.toLowerCase().includes(q.trim().toLowerCase()))
  const people = teams.reduce((sum, { user_count }) => sum + user_count, 0)
  return (
    <>
      <Card label="Teams" flush>
        <div className={styles.bar}>
          {(teams.length > MANY || q !== '') && <Search ref={field} label="Team" value={q} onChange={ask} />}
          <b role="status">
            {q === '' ? plural(teams.length, 'team') : `${matching.length} of ${plural(teams.length, 'team')}`}
          </b>
          <span className="quiet">{plural(people, 'person', 'people')} in teams</span>
        </div>
        {matching.length > 0 ? (
          <TeamsTable teams={matching} onDelete={setDeleting} onRename={setRenaming} />
        ) : (
          <Empty title={`No team matches “${q}”`} action={<Button onPress={() => ask('')}>Clear search</Button>}>
            {plural(teams.length, 'team is', 'teams are')} hidden by the search.
          </Empty>
        )}
      </Card>
      {renaming !== undefined && <RenameTeam team={renaming} onClose={() => setRenaming(undefined)} />}
      {deleting !== undefined && <DeleteTeam team={deleting} onClose={() => setDeleting(undefined)} />}
    </>
  )
}
