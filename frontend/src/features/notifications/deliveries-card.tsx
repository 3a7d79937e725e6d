import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { call } from '../../api/client.ts'
import { type DeliveriesQuery, deliveriesQuery, readNotificationsAnew } from '../../api/notification-queries.ts'
import { exactCount } from '../../format/number.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/empty.tsx'
import { ListFailure, PageTurns } from '../../ui/list.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { useToast } from '../../ui/toasts.tsx'
import styles from './deliveries.module.css'
import { DeliveriesTable } from './deliveries-table.tsx'
import { FILTERS, type Filter, type NotificationsSearch } from './notifications-search.ts'

/** What a screen shows without much scrolling. */
const PAGE_ROWS = 25

const FILTER_NAMES: Readonly<Record<Filter, string>> = {
  all: 'All',
  pending: 'Waiting',
  delivered: 'Delivered',
  dead: 'Given up',
  dropped: 'Not told',
}

interface DeliveriesCardProps {
  readonly search: NotificationsSearch
  /** How many were given up. */
  readonly dead: number
}

export function DeliveriesCard({ search, dead }: DeliveriesCardProps) {
  const navigate = useNavigate({ from: '/notifications' })
  const filter = search.state ?? 'all'
  return (
    <Card title="Deliveries" flush>
      <div className={styles.bar}>
        <Segmented
          label="State"
          value={filter}
          onChange={(state) => void navigate({ search: { state }, replace: true, resetScroll: false })}
          options={FILTERS.map((value) => ({
            value,
            text: value === 'dead' && dead > 0 ? `${FILTER_NAMES.dead} ${exactCount(dead)}` : FILTER_NAMES[value],
          }))}
        />
        {dead > 0 && <RetryAll dead={dead} />}
      </div>
      <List search={search} />
    </Card>
  )
}

function RetryAll({ dead }: { readonly dead: number }) {
  const queries = useQueryClient()
  const tell = useToast()
  const retry = useMutation({
    mutationFn: () => call('POST /admin/notifications/deliveries/retry'),
    onSuccess: ({ retried, left }) =>
      tell(
        'ok',
        `${exactCount(retried)} ${retried === 1 ? 'event is' : 'events are'} tried again`,
        left ? 'There are more: retry once more.' : undefined,
      ),
    onError: (error) => tell('danger', 'Nothing is tried again', error.message),
    onSettled: () => readNotificationsAnew(queries),
  })
  return (
    <span className={styles.all}>
      <Button isDisabled={retry.isPending} onPress={() => retry.mutate()}>
        Retry all {exactCount(dead)}
      </Button>
    </span>
  )
}

const queryOf = ({ state, cursor }: NotificationsSearch): DeliveriesQuery => ({
  ...(state !== undefined && state !== 'all' && { state }),
  cursor,
  limit: PAGE_ROWS,
})

function List({ search }: { readonly search: NotificationsSearch }) {
  const navigate = useNavigate({ from: '/notifications' })
  const { data, error, refetch } = useQuery(deliveriesQuery(queryOf(search)))
  if (data === undefined) {
    if (error === null) return <Skeleton height="16rem" />
    return (
      <ListFailure title="The deliveries could not be loaded" onAgain={() => void refetch()}>
        {error.message} They go on all the same.
      </ListFailure>
    )
  }
  if (data.deliveries.length === 0) return <Nothing search={search} />
  return (
    <>
      <DeliveriesTable deliveries={data.deliveries} />
      <PageTurns
        cursor={search.cursor}
        next={data.next_cursor}
        onFirst={() => void navigate({ search: ({ cursor: _cursor, ...before }) => before, resetScroll: false })}
        onNext={(cursor) =>
          void navigate({
            search: (before) => ({ ...before, cursor }) as NotificationsSearch,
            resetScroll: false,
          })
        }
      />
    </>
  )
}

function Nothing({ search: { state } }: { readonly search: NotificationsSearch }) {
  if (state !== undefined) {
    return (
      <Empty title={`Nothing is ${FILTER_NAMES[state].toLowerCase()}`}>
        Events that are told, wait or were given up are under the other filters.
      </Empty>
    )
  }
  return (
    <Empty title="Nothing has happened yet">
      When somebody passes a threshold of a budget or meets a rate limit, it stands here and is told to the destination.
    </Empty>
  )
}
