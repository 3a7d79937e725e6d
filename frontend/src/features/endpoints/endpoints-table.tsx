import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Ellipsis, FlaskConical, Pencil, Star, Trash2 } from 'lucide-react'
import { call } from '../../api/client.ts'
import { readEndpointsAnew } from '../../api/endpoint-queries.ts'
import type { Endpoint, EndpointStatus, GatewayPlace } from '../../api/endpoint-types.ts'
import { count, exactCount, MISSING } from '../../format/number.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Menu } from '../../ui/menu.tsx'
import { State } from '../../ui/state.tsx'
import { Switch } from '../../ui/switch.tsx'
import table from '../../ui/table.module.css'
import { useToast } from '../../ui/toasts.tsx'
import type { Acting } from './end-endpoint.tsx'
import { stateOf } from './endpoint-state.ts'
import styles from './endpoints-table.module.css'
import { accountOf, SCOPES } from './scopes.ts'

interface EndpointsTableProps {
  readonly endpoints: readonly Endpoint[]
  readonly status: ReadonlyMap<string, EndpointStatus>
  readonly gateway: GatewayPlace
  readonly onAct: (acting: Acting) => void
}

export function EndpointsTable({ endpoints, status, gateway, onAct }: EndpointsTableProps) {
  return (
    <div className={table.frame}>
      <table className={`${table.table} ${styles.endpoints}`}>
        <caption className="unseen">Endpoints, by priority and name</caption>
        <thead>
          <tr>
            <th scope="col">Endpoint</th>
            <th scope="col" className={table.middle}>
              Scope
            </th>
            <th scope="col">Health</th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              Priority
            </th>
            <th scope="col" className={`${table.number} ${table.middle}`}>
              Requests
            </th>
            <th scope="col" className={`${table.number} ${table.middle}`}>
              Errors
            </th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              Throttles
            </th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              Teams
            </th>
            <th scope="col" className={table.middle}>
              On
            </th>
            <th scope="col">
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {endpoints.map((endpoint) => (
            <Row
              key={endpoint.id}
              of={endpoint}
              stats={status.get(endpoint.id)?.stats}
              gateway={gateway}
              onAct={onAct}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface RowProps {
  readonly of: Endpoint
  readonly stats: EndpointStatus['stats'] | undefined
  readonly gateway: GatewayPlace
  readonly onAct: (acting: Acting) => void
}

function Row({ of: endpoint, stats, gateway, onAct }: RowProps) {
  const state = stateOf(endpoint)
  return (
    <tr>
      <th scope="row" className={styles.name}>
        <span className={styles.first}>
          <Link to="/endpoints/$id" params={{ id: endpoint.id }} className="truncated" dir="auto" title={endpoint.name}>
            {endpoint.name}
          </Link>
          {endpoint.is_default && <Badge kind="chosen">Default</Badge>}
        </span>
        <span className={`${styles.second} truncated`}>
          {accountOf(endpoint) ?? gateway.account_id} · {endpoint.region}
        </span>
      </th>
      <td className={`${table.middle} ${table.minor}`}>{SCOPES[endpoint.routing_prefix].name}</td>
      <td>
        <span title={state.why}>
          <State kind={state.kind}>{state.word}</State>
        </span>
      </td>
      <td className={`${table.number} ${table.minor} ${table.wide}`}>{endpoint.priority}</td>
      <Figure of={stats?.request_count} className={`${table.number} ${table.major} ${table.middle}`} />
      <Figure of={stats?.error_count_1h} className={`${table.number} ${table.middle}`} />
      <Figure of={stats?.throttle_count_1h} className={`${table.number} ${table.wide}`} />
      <td
        className={`${table.number} ${table.minor} ${table.wide}`}
        title={endpoint.teams.map(({ name }) => name).join(', ') || 'In the list of no team'}
      >
        {endpoint.teams.length}
      </td>
      <td className={table.middle}>
        <EnabledSwitch of={endpoint} onAct={onAct} />
      </td>
      <td className={styles.acts}>
        <RowMenu of={endpoint} onAct={onAct} />
      </td>
    </tr>
  )
}

function Figure({ of: figure, className }: { readonly of: number | undefined; readonly className: string }) {
  return figure === undefined ? (
    <td className={className}>
      <span className="quiet">{MISSING}</span>
    </td>
  ) : (
    <td className={className} title={exactCount(figure)}>
      {count(figure)}
    </td>
  )
}

interface EnabledSwitchProps {
  readonly of: Endpoint
  readonly onAct: (acting: Acting) => void
}

/** On at once; off is asked back where somebody goes by it. */
export function EnabledSwitch({ of: endpoint, onAct }: EnabledSwitchProps) {
  const queries = useQueryClient()
  const tell = useToast()
  const { id, name } = endpoint
  const turn = useMutation({
    mutationFn: (enabled: boolean) => call('PATCH /admin/endpoints/{id}', { params: { id }, body: { enabled } }),
    onSuccess: async ({ enabled }) => {
      tell('ok', `${name} is ${enabled ? 'enabled' : 'disabled'}`)
      await readEndpointsAnew(queries)
    },
    onError: (error) => tell('danger', `${name} was not changed`, error.message),
  })
  return (
    <Switch
      label={`${name} enabled`}
      checked={endpoint.enabled}
      isBusy={turn.isPending}
      onChange={(enabled) =>
        !enabled && (endpoint.is_default || endpoint.teams.length > 0)
          ? onAct({ of: endpoint, how: 'disable' })
          : turn.mutate(enabled)
      }
    />
  )
}

function RowMenu({ of: endpoint, onAct }: EnabledSwitchProps) {
  const navigate = useNavigate()
  const open = (search: { edit?: true; test?: true }): void =>
    void navigate({ to: '/endpoints/$id', params: { id: endpoint.id }, search })
  return (
    <Menu
      label={`Actions for ${endpoint.name}`}
      trigger={
        <Button kind="ghost" icon aria-label={`Actions for ${endpoint.name}`}>
          <Ellipsis size={16} aria-hidden />
        </Button>
      }
      actions={[
        { id: 'test', text: 'Test', icon: <FlaskConical size={15} aria-hidden />, run: () => open({ test: true }) },
        { id: 'edit', text: 'Edit…', icon: <Pencil size={15} aria-hidden />, run: () => open({ edit: true }) },
        ...actsOn(endpoint, onAct),
      ]}
    />
  )
}

export const actsOn = (endpoint: Endpoint, onAct: (acting: Acting) => void) => [
  ...(endpoint.is_default
    ? []
    : [
        {
          id: 'default',
          text: 'Make default…',
          icon: <Star size={15} aria-hidden />,
          run: () => onAct({ of: endpoint, how: 'default' }),
        },
      ]),
  {
    id: 'delete',
    text: 'Delete…',
    icon: <Trash2 size={15} aria-hidden />,
    danger: true,
    apart: true,
    run: () => onAct({ of: endpoint, how: 'delete' }),
  },
]
