import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useRef } from 'react'
import type { AnswerOf } from '../../api/client.ts'
import { endpointsQuery } from '../../api/endpoint-queries.ts'
import type { Endpoint } from '../../api/endpoint-types.ts'
import { teamsQuery } from '../../api/queries.ts'
import { Page } from '../../shell/page.tsx'
import { useShortcut } from '../../shell/shortcuts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Search } from '../../ui/search.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import table from '../../ui/table.module.css'
import { listed, plural } from './endpoint-state.ts'
import styles from './endpoints-page.module.css'
import { RoutingDialog } from './routing-dialog.tsx'
import { STRATEGIES } from './routing-draft.ts'

type Team = AnswerOf<'GET /admin/teams'>['teams'][number]

const FROM = '/shell/admins/endpoints/teams'

/** Fewer than these one sees at a glance. */
const MANY = 8

export function RoutingPage() {
  const teams = useQuery(teamsQuery)
  const endpoints = useQuery(endpointsQuery)
  const { team } = useSearch({ from: FROM })
  const navigate = useNavigate({ from: '/endpoints/teams' })
  const open = teams.data?.teams.find(({ id }) => id === team)
  const error = teams.error ?? endpoints.error
  const refetch = (): void => void Promise.all([teams.refetch(), endpoints.refetch()])
  const close = (): void =>
    void navigate({ search: ({ team: _team, ...before }) => before, replace: true, resetScroll: false })
  return (
    <Page title="Routing by team" above={<Link to="/endpoints">Endpoints</Link>} data={{ ...teams, refetch }}>
      {teams.data !== undefined && endpoints.data !== undefined ? (
        <Teams teams={teams.data.teams} endpoints={endpoints.data.endpoints} />
      ) : (
        <Card label="Routing by team">
          {error === null ? (
            <Skeleton height="16rem" />
          ) : (
            <Notice
              kind="danger"
              title="The teams could not be loaded"
              action={<Button onPress={refetch}>Try again</Button>}
            >
              {error.message} Requests go on as before.
            </Notice>
          )}
        </Card>
      )}
      {open !== undefined && endpoints.data !== undefined && (
        <RoutingDialog key={open.id} team={open} endpoints={endpoints.data.endpoints} onClose={close} />
      )}
    </Page>
  )
}

interface TeamsProps {
  readonly teams: readonly Team[]
  readonly endpoints: readonly Endpoint[]
}

function Teams({ teams, endpoints }: TeamsProps) {
  const { q = '' } = useSearch({ from: FROM })
  const navigate = useNavigate({ from: '/endpoints/teams' })
  const field = useRef<HTMLInputElement>(null)
  useShortcut('/', () => field.current?.focus())
  const ask = (text: string): void =>
    void navigate({ search: ({ q: _q, ...before }) => ({ ...before, ...(text !== '' && { q: text }) }), replace: true })
  const matching = teams.filter(({ name }) => name.toLowerCase().includes(q.trim().toLowerCase()))
  if (teams.length === 0) {
    return (
      <Card label="Routing by team">
        <Empty title="No teams yet">
          A team shares a budget, keys and endpoints. Until there is one, all requests go by the default endpoint.
        </Empty>
      </Card>
    )
  }
  return (
    <Card label="Routing by team" flush>
      <div className={styles.bar}>
        {(teams.length > MANY || q !== '') && <Search ref={field} label="Team" value={q} onChange={ask} />}
        <b role="status">
          {q === '' ? plural(teams.length, 'team') : `${matching.length} of ${plural(teams.length, 'team')}`}
        </b>
        <span className="quiet">A team without endpoints of its own goes by the default one.</span>
      </div>
      {matching.length > 0 ? (
        <TeamTable teams={matching} endpoints={endpoints} />
      ) : (
        <Empty title={`No team matches “${q}”`} action={<Button onPress={() => ask('')}>Clear search</Button>}>
          {plural(teams.length, 'team is', 'teams are')} hidden by the search.
        </Empty>
      )}
    </Card>
  )
}

function TeamTable({ teams, endpoints }: TeamsProps) {
  const fallback = endpoints.find((endpoint) => endpoint.is_default)?.name
  return (
    <div className={table.frame}>
      <table className={`${table.table} ${styles.teams}`}>
        <caption className="unseen">Teams by name, and by which endpoints they go</caption>
        <thead>
          <tr>
            <th scope="col">Team</th>
            <th scope="col" className={table.middle}>
              Strategy
            </th>
            <th scope="col">Endpoints</th>
          </tr>
        </thead>
        <tbody>
          {teams.map((team) => (
            <tr key={team.id}>
              <th scope="row" className={styles.team}>
                <Link
                  to="/endpoints/teams"
                  search={(before) => ({ ...before, team: team.id })}
                  className="truncated"
                  dir="auto"
                  title={team.name}
                  aria-label={`Routing of ${team.name}`}
                >
                  {team.name}
                </Link>
                <span className={styles.second}>{STRATEGIES[team.routing_strategy].title}</span>
              </th>
              <td className={`${table.middle} ${table.minor}`}>{STRATEGIES[team.routing_strategy].title}</td>
              <EndpointNames of={endpoints.filter(({ teams: users }) => users.some(({ id }) => id === team.id))}>
                {fallback}
              </EndpointNames>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function EndpointNames({
  of: endpoints,
  children,
}: {
  readonly of: readonly Endpoint[]
  readonly children: string | undefined
}) {
  const names = endpoints.map(({ name }) => name)
  return (
    <td className={styles.names} title={names.join(', ') || undefined}>
      <span className="truncated" dir="auto">
        {names.length > 0 ? (
          listed(names)
        ) : (
          <span className="quiet">Default endpoint{children !== undefined && `, ${children}`}</span>
        )}
      </span>
    </td>
  )
}
