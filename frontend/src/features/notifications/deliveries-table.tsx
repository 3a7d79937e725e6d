import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Ellipsis, Eye, RotateCw } from 'lucide-react'
import { call } from '../../api/client.ts'
import { type Delivery, readNotificationsAnew } from '../../api/notification-queries.ts'
import { exactCount, MISSING } from '../../format/number.ts'
import { fullTime, relative } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Button } from '../../ui/button.tsx'
import { Menu } from '../../ui/menu.tsx'
import { State } from '../../ui/state.tsx'
import table from '../../ui/table.module.css'
import { Time } from '../../ui/time.tsx'
import { useToast } from '../../ui/toasts.tsx'
import styles from './deliveries.module.css'
import { dropReason, eventName, stateWords, subjectName } from './words.ts'

export const isRetriable = ({ state }: Pick<Delivery, 'state'>): boolean => state === 'dead' || state === 'pending'

export function useRetry() {
  const queries = useQueryClient()
  const tell = useToast()
  return useMutation({
    mutationFn: (id: string) => call('POST /admin/notifications/deliveries/{id}/retry', { params: { id } }),
    onSuccess: () => tell('ok', 'It is tried again', 'Within a minute, and for three days if it has to be.'),
    onError: (error) => tell('danger', 'It is not tried again', error.message),
    onSettled: () => readNotificationsAnew(queries),
  })
}

export function DeliveriesTable({ deliveries }: { readonly deliveries: readonly Delivery[] }) {
  const now = useNow()
  return (
    <div className={table.frame}>
      <table className={`${table.table} ${styles.deliveries}`}>
        <caption className="unseen">Events and how telling them goes, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Event</th>
            <th scope="col">State</th>
            <th scope="col" className={`${table.number} ${table.middle}`}>
              Attempts
            </th>
            <th scope="col" className={table.middle}>
              Next attempt
            </th>
            <th scope="col" className={table.wide}>
              Last error
            </th>
            <th scope="col" className={`${table.number} ${table.middle}`}>
              Happened
            </th>
            <th scope="col">
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {deliveries.map((delivery) => (
            <Row key={delivery.id} of={delivery} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ of: delivery, now }: { readonly of: Delivery; readonly now: number }) {
  const navigate = useNavigate({ from: '/notifications' })
  const retry = useRetry()
  const show = (): void =>
    void navigate({ search: (before) => ({ ...before, delivery: delivery.id }), resetScroll: false })
  const { kind, name } = stateWords(delivery.state)
  const subject = subjectName(delivery)
  const error = delivery.state === 'dropped' ? dropReason(delivery.drop_reason) : delivery.last_error
  return (
    <tr>
      <th scope="row" className={styles.about}>
        <button type="button" className={`${styles.open} truncated`} onClick={show}>
          {eventName(delivery.event_type)}
        </button>
        <span className={`${styles.second} truncated`} dir="auto" title={subject}>
          {subject}
        </span>
      </th>
      <td>
        <State kind={kind}>{name}</State>
      </td>
      <td className={`${table.number} ${table.minor} ${table.middle}`}>{exactCount(delivery.attempts)}</td>
      <td className={`${table.minor} ${table.middle}`}>
        <Next at={delivery.next_attempt_at} now={now} />
      </td>
      <td className={`${styles.error} ${table.wide}`}>
        <span className="truncated" title={error ?? undefined}>
          {error ?? <span className="quiet">{MISSING}</span>}
        </span>
      </td>
      <td className={`${table.number} ${table.minor} ${table.middle}`}>
        <Time
          iso={delivery.created_at}
          text={relative(delivery.created_at, now)}
          full={fullTime(delivery.created_at)}
        />
      </td>
      <td className={styles.acts}>
        <Menu
          label={`Actions for ${eventName(delivery.event_type)}, ${subject}`}
          trigger={
            <Button kind="ghost" icon aria-label={`Actions for ${eventName(delivery.event_type)}, ${subject}`}>
              <Ellipsis size={16} aria-hidden />
            </Button>
          }
          actions={[
            { id: 'show', text: 'Payload and attempts', icon: <Eye size={15} aria-hidden />, run: show },
            ...(isRetriable(delivery)
              ? [
                  {
                    id: 'retry',
                    text: 'Retry now',
                    icon: <RotateCw size={15} aria-hidden />,
                    run: () => retry.mutate(delivery.id),
                  },
                ]
              : []),
          ]}
        />
      </td>
    </tr>
  )
}

function Next({ at, now }: { readonly at: string | null; readonly now: number }) {
  if (at === null) return <span className="quiet">{MISSING}</span>
  return <Time iso={at} text={untilOf(at, now)} full={fullTime(at)} />
}

/** What is due is told with the next run, which is within a minute, or as soon as the destination answers again. */
function untilOf(at: string, now: number): string {
  const minutes = Math.ceil((Date.parse(at) - now) / 60_000)
  if (minutes <= 0) return 'due'
  return minutes < 60 ? `in ${minutes} min` : `in ${Math.round(minutes / 60)} h`
}
