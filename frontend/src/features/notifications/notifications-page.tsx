import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type Notifications, notificationsQuery } from '../../api/notification-queries.ts'
import { Page } from '../../shell/page.tsx'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { ActiveCard } from './active-card.tsx'
import { DeliveriesCard } from './deliveries-card.tsx'
import { DeliveryDialog } from './delivery-dialog.tsx'
import { DraftCard } from './draft-card.tsx'
import { DraftForm } from './draft-form.tsx'
import styles from './notifications.module.css'
import type { NotificationsSearch } from './notifications-search.ts'
import { ReferenceCard } from './reference-card.tsx'

export function NotificationsPage() {
  const search = useSearch({ from: '/shell/admins/notifications' })
  const config = useQuery(notificationsQuery)
  const { data, error, refetch } = config
  return (
    <Page title="Notifications" data={config}>
      {data === undefined && error === null && <Skeleton height="20rem" />}
      {data === undefined && error !== null && (
        <Notice
          kind="danger"
          title="The notifications could not be loaded"
          action={<Button onPress={() => void refetch()}>Try again</Button>}
        >
          {error.message} What is active goes on.
        </Notice>
      )}
      {data !== undefined && <Content config={data} search={search} />}
    </Page>
  )
}

interface ContentProps {
  readonly config: Notifications
  readonly search: NotificationsSearch
}

function Content({ config, search }: ContentProps) {
  const navigate = useNavigate({ from: '/notifications' })
  const edit = (): void => void navigate({ search: (before) => ({ ...before, draft: true }), resetScroll: false })
  const close = (): void =>
    void navigate({
      search: ({ draft: _draft, delivery: _delivery, ...before }) => before,
      replace: true,
      resetScroll: false,
    })
  return (
    <>
      <div className={styles.columns}>
        <ActiveCard
          active={config.active}
          history={config.delivery_history}
          hasDraft={config.draft !== null}
          onEdit={edit}
        />
        <DraftCard draft={config.draft} active={config.active} onEdit={edit} />
      </div>
      <DeliveriesCard search={search} dead={config.dead} />
      <ReferenceCard history={config.delivery_history} />
      {search.draft === true && <DraftForm config={config} onClose={close} />}
      {search.delivery !== undefined && <DeliveryDialog id={search.delivery} onClose={close} />}
    </>
  )
}
