import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { readBudgetsAnew } from '../../api/budget-queries.ts'
import { ApiError, call, fieldOf } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useToast } from '../../ui/toasts.tsx'

export function CreateTeam({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const tell = useToast()
  const [missing, setMissing] = useState<string>()
  const create = useMutation({
    mutationFn: (name: string) => call('POST /admin/teams', { body: { name } }),
    onSuccess: async ({ id, name }) => {
      tell('ok', `Team ${name} is created`, 'What it may spend can be set here.')
      await readBudgetsAnew(queries)
      await navigate({ to: '/teams/$id/$tab', params: { id, tab: 'budget' } })
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('name')).trim()
    setMissing(name === '' ? 'Enter a name in up to 100 characters.' : undefined)
    if (name !== '') create.mutate(name)
  }
  const refused = create.error instanceof ApiError ? fieldOf(create.error) : undefined
  return (
    <Dialog
      title="Create team"
      description="It shares a budget, keys and endpoints."
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="create-team" isPending={create.isPending}>
            {create.isPending ? 'Creating…' : 'Create team'}
          </Button>
        </>
      }
    >
      <form id="create-team" onSubmit={submit} noValidate>
        {create.error !== null && refused?.field !== 'name' && (
          <Notice kind="danger" title="The team was not created">
            {create.error.message}
          </Notice>
        )}
        <Field
          label="Name"
          name="name"
          required
          autoFocus
          maxLength={100}
          autoComplete="off"
          dir="auto"
          placeholder="data-science"
          help="Of a department or a project; no two teams have the same."
          error={missing ?? (refused?.field === 'name' ? refused.message : undefined)}
        />
      </form>
    </Dialog>
  )
}
