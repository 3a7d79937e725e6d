import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { Ellipsis, Pencil, Trash2 } from 'lucide-react'
import { type ComponentProps, useState } from 'react'
import { teamRowsQuery } from '../../api/budget-queries.ts'
import type { TeamRow } from '../../api/budget-types.ts'
import { Page } from '../../shell/page.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { draftOfTeam } from './budget-draft.ts'
import { BudgetEditor } from './budget-editor.tsx'
import { isTab, TABS, type Tab } from './budgets-search.ts'
import { DeleteTeam } from './delete-team.tsx'
import { RenameTeam } from './rename-team.tsx'
import { KeysTab } from './team-keys.tsx'
import { MembersTab } from './team-members.tsx'
import styles from './team-page.module.css'
import { RoutingTab } from './team-routing.tsx'

const Above = <Link to="/teams">Teams</Link>

export function TeamPage() {
  const { id, tab } = useParams({ from: '/shell/admins/teams/$id/$tab' })
  const teams = useQuery(teamRowsQuery)
  const team = teams.data?.teams.find(({ team_id }) => team_id === id)
  if (team !== undefined && isTab(tab)) return <Known key={id} team={team} tab={tab} data={teams} />
  return (
    <Page title="Team" above={Above} data={teams}>
      <Card label="Team">
        <Unknown teams={teams} />
      </Card>
    </Page>
  )
}

function Unknown({ teams: { data, error, refetch } }: { readonly teams: UseQueryResult }) {
  if (data !== undefined) {
    return (
      <Empty title="There is no such team">
        Perhaps it was deleted. Go to{' '}
        <Link to="/teams" className="link">
          all teams
        </Link>
        .
      </Empty>
    )
  }
  if (error === null) return <Skeleton height="24rem" />
  return (
    <Notice
      kind="danger"
      title="The team could not be loaded"
      action={<Button onPress={() => void refetch()}>Try again</Button>}
    >
      {error.message} Its budget holds as before.
    </Notice>
  )
}

interface KnownProps {
  readonly team: TeamRow
  readonly tab: Tab
  readonly data: NonNullable<ComponentProps<typeof Page>['data']>
}

function Known({ team, tab, data }: KnownProps) {
  const navigate = useNavigate()
  const [acting, setActing] = useState<'rename' | 'delete'>()
  const close = (): void => setActing(undefined)
  return (
    <Page
      title={team.team_name}
      above={Above}
      data={data}
      actions={
        <Menu
          label={`Actions for ${team.team_name}`}
          trigger={
            <Button kind="ghost" icon aria-label={`Actions for ${team.team_name}`}>
              <Ellipsis size={16} aria-hidden />
            </Button>
          }
          actions={[
            { id: 'rename', text: 'Rename…', icon: <Pencil size={15} aria-hidden />, run: () => setActing('rename') },
            {
              id: 'delete',
              text: 'Delete…',
              icon: <Trash2 size={15} aria-hidden />,
              danger: true,
              run: () => setActing('delete'),
            },
          ]}
        />
      }
    >
      <Tabs team={team} tab={tab} />
      <Content team={team} tab={tab} />
      {acting === 'rename' && <RenameTeam team={team} onClose={close} />}
      {acting === 'delete' && <DeleteTeam team={team} onClose={close} onDone={() => void navigate({ to: '/teams' })} />}
    </Page>
  )
}

const TAB_WORDS: Readonly<Record<Tab, string>> = {
  members: 'Members',
  budget: 'Budget',
  routing: 'Routing',
  keys: 'Keys',
}

function Tabs({ team, tab }: Pick<KnownProps, 'team' | 'tab'>) {
  return (
    <nav className={styles.tabs} aria-label="Of the team">
      {TABS.map((one) => (
        <Link
          key={one}
          to="/teams/$id/$tab"
          params={{ id: team.team_id, tab: one }}
          {...(one === tab && { 'aria-current': 'page' as const })}
        >
          {TAB_WORDS[one]}
          {one === 'members' && <span className={styles.count}>{team.user_count}</span>}
        </Link>
      ))}
    </nav>
  )
}

function Content({ team, tab }: Pick<KnownProps, 'team' | 'tab'>) {
  if (tab === 'members') return <MembersTab team={team} />
  if (tab === 'routing') return <RoutingTab team={team} />
  if (tab === 'keys') return <KeysTab team={team} />
  return <BudgetEditor scope={{ kind: 'team', team }} seen={{ draft: draftOfTeam(team), rev: team.budget_rev }} />
}
