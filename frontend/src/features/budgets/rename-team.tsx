import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { readBudgetsAnew } from '../../api/budget-queries.ts'
import type { TeamRow } from '../../api/budget-types.ts'
import { ApiError, call, fieldOf } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useToast } from '../../ui/toasts.tsx'

interface RenameTeamProps {
  readonly team: TeamRow
  readonly onClose: () => void
}

export function RenameTeam({ team: { team_id: id, team_name: before }, onClose }: RenameTeamProps) {
  const queries = useQueryClient()
  const tell = useToast()
  const [missing, setMissing] = useState<string>()
  const rename = useMutation({
    mutationFn: (name: string) => call('PATCH /admin/teams/{id}', { params: { id }, body: { name } }),
    onSuccess: async (_updated, name) => {
      tell('ok', `${before} is called ${name} now`)
      onClose()
      await Promise.all([readBudgetsAnew(queries), queries.invalidateQueries({ queryKey: ['keys'] })])
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('name')).trim()
    setMissing(name === '' ? 'Enter a name in up to 100 characters.' : undefined)
    if (name !== '') rename.mutate(name)
  }
  const refused = rename.error instanceof ApiError ? fieldOf(rename.error) : undefined
  return (
    <Dialog
      title={`Rename ${before}`}
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="rename-team" isPending={rename.isPending}>
            {rename.isPending ? 'Renaming…' : 'Rename team'}
          </Button>
        </>
      }
    >
      <form id="rename-team" onSubmit={submit} noValidate>
        {rename.error !== null && refused?.field !== 'name' && (
          <Notice kind="danger" title="The team was not renamed">
            {rename.error.message}
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
          defaultValue={before}
          help="Budget, routing, members and keys stay as they are."
          error={missing ?? (refused?.field === 'name' ? refused.message : undefined)}
        />
      </form>
    </Dialog>
  )
}
