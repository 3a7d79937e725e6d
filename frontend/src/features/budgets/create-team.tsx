import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { readBudgetsAnew } from '../../api/budget-queries.ts'
import { call } from '../../api/client.ts'
import { useToast } from '../../ui/toasts.tsx'
import { TeamNameDialog } from './team-name-dialog.tsx'

export function CreateTeam({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const tell = useToast()
  const create = useMutation({
    mutationFn: (name: string) => call('POST /admin/teams', { body: { name } }),
    onSuccess: async ({ id, name }) => {
      tell('ok', `Team ${name} is created`, 'What it may spend can be set here.')
      await readBudgetsAnew(queries)
      await navigate({ to: '/teams/$id/$tab', params: { id, tab: 'budget' } })
    },
  })
  return (
    <TeamNameDialog
      title="Create team"
      description="It shares a budget, keys and endpoints."
      verb="Create team"
      doing="Creating…"
      failure="The team was not created"
      placeholder="data-science"
      help="Of a department or a project; no two teams have the same."
      change={create}
      onClose={onClose}
    />
  )
}
