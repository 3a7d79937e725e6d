import { useMutation, useQueryClient } from '@tanstack/react-query'
import { readBudgetsAnew } from '../../api/budget-queries.ts'
import type { TeamRow } from '../../api/budget-types.ts'
import { call } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { plural } from './budget-words.ts'

interface DeleteTeamProps {
  readonly team: TeamRow
  readonly onClose: () => void
  readonly onDone?: (() => void) | undefined
}

export function DeleteTeam(props: DeleteTeamProps) {
  const { user_count, key_count } = props.team
  return user_count + key_count > 0 ? <Blocked {...props} /> : <Confirm {...props} />
}

/** The gateway would say no: nobody may be left with a team that is not there. */
function Blocked({ team: { team_name: name, user_count, key_count }, onClose }: DeleteTeamProps) {
  const blockers = [
    ...(user_count > 0 ? [plural(user_count, 'member')] : []),
    ...(key_count > 0 ? [plural(key_count, 'key')] : []),
  ]
  return (
    <Dialog
      title={`${name} cannot be deleted yet`}
      alert
      onClose={onClose}
      foot={
        <Button autoFocus onPress={onClose}>
          Close
        </Button>
      }
    >
      <p>
        It still has {blockers.join(' and ')}. Members have to be moved to another team or to none, and keys deleted,
        before it can go.
      </p>
    </Dialog>
  )
}

function Confirm({ team: { team_id: id, team_name: name }, onClose, onDone }: DeleteTeamProps) {
  const queries = useQueryClient()
  const tell = useToast()
  const end = useMutation({
    mutationFn: () => call('DELETE /admin/teams/{id}', { params: { id } }),
    onSuccess: async () => {
      tell('ok', `Team ${name} is deleted`, 'What it has cost stays on the books.')
      onClose()
      onDone?.()
      await readBudgetsAnew(queries)
    },
  })
  return (
    <Dialog
      title={`Delete team ${name}?`}
      alert
      onClose={onClose}
      foot={
        <>
          <Button autoFocus onPress={onClose}>
            Keep team
          </Button>
          <Button kind="danger" isPending={end.isPending} onPress={() => end.mutate()}>
            {end.isPending ? 'Deleting…' : 'Delete team'}
          </Button>
        </>
      }
    >
      <p>
        Nobody is in it and no active key belongs to it. Its budget and its routing go with it; what it has cost stays
        on the books.
      </p>
      {end.error !== null && (
        <Notice kind="danger" title="The team was not deleted">
          {end.error.message}
        </Notice>
      )}
    </Dialog>
  )
}
