import { useMutation, useQueryClient } from '@tanstack/react-query'
import { readBudgetsAnew } from '../../api/budget-queries.ts'
import type { TeamRow } from '../../api/budget-types.ts'
import { call } from '../../api/client.ts'
import { useToast } from '../../ui/toasts.tsx'
import { TeamNameDialog } from './team-name-dialog.tsx'

interface RenameTeamProps {
  readonly team: TeamRow
  readonly onClose: () => void
}

export function RenameTeam({ team: { team_id: id, team_name: before }, onClose }: RenameTeamProps) {
  const queries = useQueryClient()
  const tell = useToast()
  const rename = useMutation({
    mutationFn: (name: string) => call('PATCH /admin/teams/{id}', { params: { id }, body: { name } }),
    onSuccess: async (_updated, name) => {
      tell('ok', `${before} is called ${name} now`)
      onClose()
      await Promise.all([readBudgetsAnew(queries), queries.invalidateQueries({ queryKey: ['keys'] })])
    },
  })
  return (
    <TeamNameDialog
      title={`Rename ${before}`}
      verb="Rename team"
      doing="Renaming…"
      failure="The team was not renamed"
      before={before}
      help="Budget, routing, members and keys stay as they are."
      change={rename}
      onClose={onClose}
    />
  )
}
