import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { type Attempt, type Category, type Destination, readNotificationsAnew } from '../../api/notification-queries.ts'
import { dateOf, fullTime, relative } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/empty.tsx'
import { State } from '../../ui/state.tsx'
import { Switch } from '../../ui/switch.tsx'
import { Time } from '../../ui/time.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { Deactivate } from './deactivate.tsx'
import styles from './notifications.module.css'
import { CATEGORIES, TYPES } from './words.ts'

interface ActiveCardProps {
  readonly active: Destination | null
  /** The newest first. */
  readonly history: readonly Attempt[]
  readonly hasDraft: boolean
  readonly onEdit: () => void
}

/** Where notifications go now. */
export function ActiveCard({ active, history, hasDraft, onEdit }: ActiveCardProps) {
  const [isEnding, setEnding] = useState(false)
  if (active === null) {
    return (
      <Card title="Destination" aside={<State kind="off">Nobody is told</State>}>
        <Empty
          title="No destination is active"
          action={
            <Button kind={hasDraft ? 'secondary' : 'primary'} onPress={onEdit}>
              {hasDraft ? 'Edit the draft' : 'Set up a destination'}
            </Button>
          }
        >
          Events are recorded below all the same, and not told later.
        </Empty>
      </Card>
    )
  }
  const { name } = TYPES[active.destination_type]
  return (
    <Card
      title="Destination"
      aside={<State kind="ok">Active</State>}
      foot={
        <div className={styles.foot}>
          <span className={styles.last}>
            <Button kind="ghost" onPress={() => setEnding(true)}>
              Deactivate…
            </Button>
          </span>
        </div>
      }
    >
      <div className={styles.stack}>
        <div className={styles.where}>
          <b>{name}</b>
          <code>{active.destination_value}</code>
          <span className="quiet">
            Active since{' '}
            <Time iso={active.updated_at} text={dateOf(active.updated_at)} full={fullTime(active.updated_at)} />
          </span>
        </div>
        <LastEvent of={history.find(({ event_id }) => event_id !== null)} />
        <Categories active={active} />
      </div>
      {isEnding && <Deactivate active={active} onClose={() => setEnding(false)} />}
    </Card>
  )
}

/** Whether it takes what it is told, at a glance. */
function LastEvent({ of: attempt }: { readonly of: Attempt | undefined }) {
  const now = useNow()
  if (attempt === undefined) return <State kind="off">Nothing has been told yet</State>
  const when = relative(attempt.created_at, now)
  if (attempt.error_message === null) return <State kind="ok">{`Took the last event ${when}`}</State>
  return (
    <div className={styles.where}>
      <State kind="danger">Last event not taken</State>
      <span className="quiet">
        {attempt.error_message}, {when}. It is tried again for three days.
      </span>
    </div>
  )
}

/** They act at once: no test is needed to be told of more or less. */
function Categories({ active }: { readonly active: Destination }) {
  const queries = useQueryClient()
  const tell = useToast()
  const set = useMutation({
    mutationFn: (event_categories: Category[]) =>
      call('PUT /admin/notifications/categories', { body: { event_categories } }),
    onSuccess: () => tell('ok', 'Categories are set'),
    onError: (error) => tell('danger', 'Nothing was changed', error.message),
    onSettled: () => readNotificationsAnew(queries),
  })
  const chosen = active.event_categories
  const change = (id: Category, isOn: boolean): void => {
    const next = isOn ? [...chosen, id] : chosen.filter((one) => one !== id)
    if (next.length > 0) set.mutate(next)
    else tell('danger', 'One category has to stay', 'To be told nothing, deactivate the destination.')
  }
  return (
    <ul className={styles.categories} aria-label="Categories">
      {CATEGORIES.map(({ id, name, text }) => (
        <li key={id}>
          <Switch
            label={name}
            checked={chosen.includes(id)}
            isBusy={set.isPending}
            onChange={(isOn) => change(id, isOn)}
          />
          <div aria-hidden>
            <b>{name}</b>
            <span>{text}</span>
          </div>
        </li>
      ))}
    </ul>
  )
}
