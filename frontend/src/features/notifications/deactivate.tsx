import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { type Destination, readNotificationsAnew } from '../../api/notification-queries.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { TYPES } from './words.ts'

interface DeactivateProps {
  readonly active: Destination
  readonly onClose: () => void
}

export function Deactivate({ active, onClose }: DeactivateProps) {
  const queries = useQueryClient()
  const tell = useToast()
  const end = useMutation({
    mutationFn: () => call('DELETE /admin/notifications/config'),
    onSuccess: async () => {
      tell('ok', 'The destination is deactivated', 'Nobody is told from now on.')
      onClose()
      await readNotificationsAnew(queries)
    },
  })
  return (
    <Dialog
      title={`Deactivate the ${TYPES[active.destination_type].name}?`}
      description={<code>{active.destination_value}</code>}
      alert
      onClose={onClose}
      foot={
        <>
          <Button autoFocus onPress={onClose}>
            Keep it active
          </Button>
          <Button kind="danger" isDisabled={end.isPending} onPress={() => end.mutate()}>
            {end.isPending ? 'Deactivating…' : 'Deactivate'}
          </Button>
        </>
      }
    >
      <p>
        Nobody is told from then on. Events are still recorded, for thirteen months, and are not told later; what waits
        now is not told either. To be told again, set a destination up and test it.
      </p>
      {end.error !== null && (
        <Notice kind="danger" title="It is still active">
          {end.error.message}
        </Notice>
      )}
    </Dialog>
  )
}
