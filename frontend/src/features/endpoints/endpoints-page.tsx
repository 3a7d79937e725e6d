import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useRef, useState } from 'react'
import type { AnswerOf } from '../../api/client.ts'
import { endpointsQuery, healthStatusQuery } from '../../api/endpoint-queries.ts'
import type { Endpoint } from '../../api/endpoint-types.ts'
import { Page } from '../../shell/page.tsx'
import { useShortcut } from '../../shell/shortcuts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Search } from '../../ui/search.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { type Acting, ActOnEndpoint } from './end-endpoint.tsx'
import { EndpointForm } from './endpoint-form.tsx'
import { plural, stateOf, withStatus } from './endpoint-state.ts'
import styles from './endpoints-page.module.css'
import { EndpointsTable } from './endpoints-table.tsx'
import { HowEndpointsWork } from './how-endpoints-work.tsx'
import { RulesCard } from './rules-card.tsx'
import { accountOf, SCOPES } from './scopes.ts'
import { Since } from './since.tsx'

/** Fewer than these one sees at a glance. */
const MANY = 8

type List = AnswerOf<'GET /admin/endpoints'>

export function EndpointsPage() {
  const search = useSearch({ from: '/shell/admins/endpoints' })
  const navigate = useNavigate({ from: '/endpoints' })
  const list = useQuery(endpointsQuery)
  const status = useQuery(healthStatusQuery)
  const openCreate = (): void => void navigate({ search: (before) => ({ ...before, create: true }) })
  const closeCreate = (): void =>
    void navigate({ search: ({ create: _create, ...before }) => before, replace: true, resetScroll: false })
  const refetch = (): void => void Promise.all([list.refetch(), status.refetch()])
  return (
    <Page
      title="Endpoints"
      data={{ ...list, isFetching: list.isFetching || status.isFetching, refetch }}
      actions={
        <>
          <Button onPress={() => void navigate({ to: '/endpoints/teams' })}>Routing by team</Button>
          <Button kind="primary" onPress={openCreate}>
            <Plus size={15} aria-hidden /> Add endpoint
          </Button>
        </>
      }
    >
      <Listed list={list} onCreate={openCreate} />
      <Card label="How endpoints work" flush>
        <HowEndpointsWork />
      </Card>
      <RulesCard />
      {search.create === true && list.data !== undefined && (
        <EndpointForm gateway={list.data.gateway} onClose={closeCreate} />
      )}
    </Page>
  )
}

interface ListedProps {
  readonly list: UseQueryResult<List>
  readonly onCreate: () => void
}

function Listed({ list: { data, error, refetch }, onCreate }: ListedProps) {
  if (data !== undefined) return data.endpoints.length === 0 ? <None onCreate={onCreate} /> : <Endpoints list={data} />
  return (
    <Card label="Endpoints">
      {error === null ? (
        <Skeleton height="16rem" />
      ) : (
        <Notice
          kind="danger"
          title="The endpoints could not be loaded"
          action={<Button onPress={() => void refetch()}>Try again</Button>}
        >
          {error.message} Requests go on as before.
        </Notice>
      )}
    </Card>
  )
}

function None({ onCreate }: Pick<ListedProps, 'onCreate'>) {
  return (
    <Card label="Endpoints">
      <Empty
        title="No endpoints yet"
        action={
          <Button kind="primary" onPress={onCreate}>
            Add endpoint
          </Button>
        }
      >
        An endpoint is an AWS account and a region in which Claude is called. Without one no request can be served.
      </Empty>
    </Card>
  )
}

function Endpoints({ list: { endpoints: all, gateway } }: { readonly list: List }) {
  const { q = '' } = useSearch({ from: '/shell/admins/endpoints' })
  const navigate = useNavigate({ from: '/endpoints' })
  const { data: health } = useQuery(healthStatusQuery)
  const [acting, setActing] = useState<Acting>()
  const field = useRef<HTMLInputElement>(null)
  useShortcut('/', () => field.current?.focus())
  const status = new Map(health?.endpoints.map((one) => [one.id, one]))
  const endpoints = all.map((endpoint) => withStatus(endpoint, status.get(endpoint.id)))
  const matching = endpoints.filter((endpoint) => fits(endpoint, gateway.account_id, q))
  const accounts = new Set(all.map((endpoint) => accountOf(endpoint) ?? gateway.account_id)).size
  const ask = (text: string): void =>
    void navigate({ search: ({ q: _q, ...before }) => ({ ...before, ...(text !== '' && { q: text }) }), replace: true })
  return (
    <>
      <Down endpoints={endpoints} />
      <Card label="Endpoints" flush>
        <div className={styles.bar}>
          {(all.length > MANY || q !== '') && (
            <Search ref={field} label="Name, account or region" value={q} onChange={ask} />
          )}
          <b role="status">
            {q === '' ? plural(all.length, 'endpoint') : `${matching.length} of ${plural(all.length, 'endpoint')}`} in{' '}
            {plural(accounts, 'account')}
          </b>
          <span className="quiet">
            Requests: this hour and the one before. Errors and throttles: the last 60 minutes.
          </span>
        </div>
        {matching.length > 0 ? (
          <EndpointsTable endpoints={matching} status={status} gateway={gateway} onAct={setActing} />
        ) : (
          <Empty title={`No endpoint matches “${q}”`} action={<Button onPress={() => ask('')}>Clear search</Button>}>
            {plural(all.length, 'endpoint is', 'endpoints are')} hidden by the search.
          </Empty>
        )}
      </Card>
      {acting !== undefined && <ActOnEndpoint {...acting} onClose={() => setActing(undefined)} />}
    </>
  )
}

function fits(endpoint: Endpoint, ownAccount: string, q: string): boolean {
  const account = accountOf(endpoint) ?? ownAccount
  const text = [endpoint.name, account, endpoint.region, SCOPES[endpoint.routing_prefix].name].join(' ')
  return text.toLowerCase().includes(q.trim().toLowerCase())
}

/** More than these would push the list itself out of sight. */
const MOST_NOTICES = 2

function Down({ endpoints }: { readonly endpoints: readonly Endpoint[] }) {
  const down = endpoints.filter((endpoint) => stateOf(endpoint).kind === 'danger')
  return (
    <>
      {down.slice(0, MOST_NOTICES).map((endpoint) => (
        <Notice
          key={endpoint.id}
          kind="danger"
          title={`${endpoint.name} is not healthy`}
          action={
            <Link to="/endpoints/$id" params={{ id: endpoint.id }} className="link">
              Look at it
            </Link>
          }
        >
          {endpoint.health_reason} <Since of={endpoint} /> {plural(endpoint.teams.length, 'team has', 'teams have')} it
          in their list.
        </Notice>
      ))}
      {down.length > MOST_NOTICES && (
        <Notice kind="danger">
          {plural(down.length - MOST_NOTICES, 'more endpoint is', 'more endpoints are')} not healthy.
        </Notice>
      )}
    </>
  )
}
