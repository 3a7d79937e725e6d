import { ArrowDown, ArrowUp, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { Endpoint } from '../../api/endpoint-types.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { State } from '../../ui/state.tsx'
import { Tick } from '../../ui/tick.tsx'
import { stateOf } from './endpoint-state.ts'
import styles from './routing-dialog.module.css'
import { type List, moved, ranksOf, without } from './routing-draft.ts'
import { SCOPES } from './scopes.ts'

interface RoutingOrderProps {
  readonly list: List
  readonly endpoints: readonly Endpoint[]
  readonly onChange: (list: List) => void
}

export function RoutingOrder({ list: { order, shared }, endpoints, onChange }: RoutingOrderProps) {
  const rows = useRef<HTMLOListElement>(null)
  const [last, setLast] = useState<{ readonly id: string; readonly by: -1 | 1 }>()
  const ranks = ranksOf({ order, shared })
  const nameOf = (id: string): string => endpoints.find((one) => one.id === id)?.name ?? id
  const move = (id: string, by: -1 | 1): void => {
    onChange(moved({ order, shared }, id, by))
    setLast({ id, by })
  }
  // The browser forgets where it was when a row changes its place.
  useEffect(() => {
    if (last === undefined) return
    const row = rows.current?.querySelector(`[data-id="${last.id}"]`)
    const wanted = row?.querySelector<HTMLElement>(`[data-move="${last.by}"]:not(:disabled)`)
    ;(wanted ?? row?.querySelector<HTMLElement>('[data-move]:not(:disabled)'))?.focus()
  }, [last])
  return (
    <div className={styles.group}>
      <span className={styles.label}>Endpoints, in the order in which they are tried</span>
      {order.length === 0 ? (
        <p className={styles.none}>
          None: everything goes by the default endpoint
          {endpoints.some((one) => one.is_default) && `, ${endpoints.find((one) => one.is_default)?.name}`}.
        </p>
      ) : (
        <ol ref={rows} className={styles.order} aria-label="Endpoints of the team">
          {order.map((id, at) => (
            <OrderRow
              key={id}
              of={endpoints.find((one) => one.id === id)}
              id={id}
              rank={ranks[at] ?? 0}
              isFirst={at === 0}
              isLast={at === order.length - 1}
              isShared={shared.includes(id)}
              onMove={(by) => move(id, by)}
              onShare={(isShared) =>
                onChange({ order, shared: isShared ? [...shared, id] : shared.filter((one) => one !== id) })
              }
              onRemove={() => onChange(without({ order, shared }, id))}
            />
          ))}
        </ol>
      )}
      {order.length > 1 && (
        <p className={styles.help}>
          Alt and an arrow key move a row, too. Rows of one rank are chosen between by the endpoints’ own priorities.
        </p>
      )}
      <p className="unseen" role="status">
        {last !== undefined &&
          order.includes(last.id) &&
          `${nameOf(last.id)} is ${order.indexOf(last.id) + 1} of ${order.length}`}
      </p>
      <AddToOrder
        endpoints={endpoints.filter(({ id }) => !order.includes(id))}
        onAdd={(id) => onChange({ order: [...order, id], shared })}
      />
    </div>
  )
}

interface OrderRowProps {
  readonly of: Endpoint | undefined
  readonly id: string
  readonly rank: number
  readonly isFirst: boolean
  readonly isLast: boolean
  readonly isShared: boolean
  readonly onMove: (by: -1 | 1) => void
  readonly onShare: (isShared: boolean) => void
  readonly onRemove: () => void
}

function OrderRow({ of: endpoint, id, rank, isFirst, isLast, isShared, ...on }: OrderRowProps) {
  const name = endpoint?.name ?? id
  const byKeys = (event: KeyboardEvent): void => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
    event.preventDefault()
    on.onMove(event.key === 'ArrowUp' ? -1 : 1)
  }
  return (
    <li data-id={id} onKeyDownCapture={byKeys}>
      <span className={styles.place}>{rank}</span>
      <div className={styles.what}>
        <span className={styles.first}>
          <span className="truncated" dir="auto" title={name}>
            {name}
          </span>
          {endpoint?.is_default === true && <Badge kind="chosen">Default</Badge>}
        </span>
        {endpoint !== undefined && <Where of={endpoint} />}
        {!isFirst && <Tick label="Same rank as the one above" checked={isShared} onChange={on.onShare} />}
      </div>
      <span className={styles.acts}>
        <Move by={-1} name={name} isDisabled={isFirst} onMove={on.onMove} />
        <Move by={1} name={name} isDisabled={isLast} onMove={on.onMove} />
        <Button kind="ghost" icon aria-label={`Remove ${name}`} onPress={on.onRemove}>
          <X size={15} aria-hidden />
        </Button>
      </span>
    </li>
  )
}

function Where({ of: endpoint }: { readonly of: Endpoint }) {
  const state = stateOf(endpoint)
  return (
    <span className={styles.second}>
      <State kind={state.kind}>{state.word}</State>
      <span>
        {SCOPES[endpoint.routing_prefix].name} · {endpoint.region}
      </span>
    </span>
  )
}

interface MoveProps {
  readonly by: -1 | 1
  readonly name: string
  readonly isDisabled: boolean
  readonly onMove: (by: -1 | 1) => void
}

function Move({ by, name, isDisabled, onMove }: MoveProps) {
  const Arrow = by < 0 ? ArrowUp : ArrowDown
  return (
    <Button
      kind="ghost"
      icon
      data-move={by}
      aria-label={`Move ${name} ${by < 0 ? 'up' : 'down'}`}
      isDisabled={isDisabled}
      onPress={() => onMove(by)}
    >
      <Arrow size={15} aria-hidden />
    </Button>
  )
}

interface AddToOrderProps {
  readonly endpoints: readonly Endpoint[]
  readonly onAdd: (id: string) => void
}

function AddToOrder({ endpoints, onAdd }: AddToOrderProps) {
  const [chosen, setChosen] = useState('')
  const id = endpoints.find((one) => one.id === chosen)?.id ?? endpoints[0]?.id
  if (id === undefined) return null
  return (
    <div className={styles.add}>
      <Choice label="Add an endpoint" value={id} onChange={(event) => setChosen(event.target.value)}>
        {endpoints.map((endpoint) => (
          <option key={endpoint.id} value={endpoint.id}>
            {endpoint.name} ({endpoint.region}){endpoint.enabled ? '' : ', disabled'}
          </option>
        ))}
      </Choice>
      <Button onPress={() => onAdd(id)}>Add</Button>
    </div>
  )
}
