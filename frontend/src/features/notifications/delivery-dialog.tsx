import { useQuery } from '@tanstack/react-query'
import type { Attempt, Delivery } from '../../api/notification-queries.ts'
import { deliveryQuery } from '../../api/notification-queries.ts'
import { duration } from '../../format/number.ts'
import { dateOf, fullTime, relative } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Button } from '../../ui/button.tsx'
import { Command } from '../../ui/command.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { State } from '../../ui/state.tsx'
import { Time } from '../../ui/time.tsx'
import styles from './deliveries.module.css'
import { isRetriable, useRetry } from './deliveries-table.tsx'
import { dropReason, eventName, stateWords, subjectName } from './words.ts'

interface DeliveryDialogProps {
  readonly id: string
  readonly onClose: () => void
}

/** One event: what was sent, and each attempt to send it. */
export function DeliveryDialog({ id, onClose }: DeliveryDialogProps) {
  const { data, error } = useQuery(deliveryQuery(id))
  const retry = useRetry()
  return (
    <Dialog
      title={data === undefined ? 'Event' : eventName(data.event_type)}
      description={data === undefined ? undefined : subjectName(data)}
      size="wide"
      onClose={onClose}
      foot={
        <>
          {data !== undefined && isRetriable(data) && (
            <Button isDisabled={retry.isPending} onPress={() => retry.mutate(id)}>
              Retry now
            </Button>
          )}
          <Button onPress={onClose}>Close</Button>
        </>
      }
    >
      {error !== null && data === undefined && (
        <Notice kind="danger" title="The event could not be loaded">
          {error.message}
        </Notice>
      )}
      {data === undefined && error === null && <Skeleton height="12rem" />}
      {data !== undefined && (
        <>
          <Summary of={data} />
          <section className={styles.group}>
            <h3 className={styles.heading}>Payload</h3>
            <Command text={JSON.stringify(data.payload, null, 2)} label="Payload" />
          </section>
          <section className={styles.group}>
            <h3 className={styles.heading}>Attempts</h3>
            <History of={data.history} />
          </section>
        </>
      )}
    </Dialog>
  )
}

function Summary({ of: delivery }: { readonly of: Delivery }) {
  const { kind, name } = stateWords(delivery.state)
  const moment = (iso: string) => (
    <Time iso={iso} text={`${dateOf(iso)}, ${iso.slice(11, 16)} UTC`} full={fullTime(iso)} />
  )
  return (
    <Facts
      of={[
        [
          'State',
          <State key="state" kind={kind}>
            {name}
          </State>,
        ],
        delivery.drop_reason === null ? undefined : ['Why', dropReason(delivery.drop_reason)],
        delivery.last_error === null ? undefined : ['Last error', delivery.last_error],
        ['Happened', moment(delivery.created_at)],
        delivery.next_attempt_at === null ? undefined : ['Next attempt', moment(delivery.next_attempt_at)],
        delivery.finished_at === null ? undefined : ['Finished', moment(delivery.finished_at)],
        ['Delivery', <code key="id">{delivery.id}</code>],
      ]}
    />
  )
}

/** Also of tests, which are of no event. */
export function History({ of: attempts }: { readonly of: readonly Attempt[] }) {
  const now = useNow()
  if (attempts.length === 0) return <p className="quiet">None in the last ninety days.</p>
  return (
    <ol className={styles.history}>
      {attempts.map((attempt) => (
        <li key={attempt.id}>
          <State kind={attempt.status === 'success' ? 'ok' : 'danger'}>
            {attempt.status === 'success' ? 'Taken' : 'Failed'}
          </State>
          <span className="quiet">
            <Time
              iso={attempt.created_at}
              text={relative(attempt.created_at, now)}
              full={fullTime(attempt.created_at)}
            />
          </span>
          <span className={styles.said}>
            {attempt.error_message ?? `${eventName(attempt.event_type)} to ${attempt.destination_value}`}
          </span>
          <span className="quiet figure">{duration(attempt.duration_ms)}</span>
        </li>
      ))}
    </ol>
  )
}
