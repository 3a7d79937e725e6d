import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError, call, fieldOf, type Wish } from '../../api/client.ts'
import { readPeopleAnew } from '../../api/people-queries.ts'
import { teamsQuery } from '../../api/queries.ts'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import layout from '../../ui/form.module.css'
import { Notice } from '../../ui/notice.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { useWrongField } from '../../ui/use-wrong-field.ts'
import { nameOf } from './member-effects.ts'
import { TeamOptions } from './team-options.tsx'

const FIELDS = ['email', 'display_name', 'team_id', 'role']

export function AddMember({ onClose }: { readonly onClose: () => void }) {
  const teams = useQuery(teamsQuery).data?.teams ?? []
  const queries = useQueryClient()
  const tell = useToast()
  const [missing, setMissing] = useState<string>()
  const add = useMutation({
    mutationFn: (body: NonNullable<Wish<'POST /admin/users'>['body']>) => call('POST /admin/users', { body }),
    onSuccess: async (added) => {
      tell('ok', `${nameOf(added)} is added`, added.role === 'admin' ? 'As an administrator.' : undefined)
      onClose()
      await readPeopleAnew(queries)
    },
  })
  const fields = useWrongField(missing, add.error)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const field = (name: string): string => String(form.get(name)).trim()
    setMissing(field('email') === '' ? 'Enter their e-mail address.' : undefined)
    if (field('email') === '') return
    add.mutate({
      email: field('email'),
      display_name: field('display_name') || null,
      team_id: field('team_id') || null,
      role: field('role') as 'admin' | 'member',
    })
  }
  const refused = add.error instanceof ApiError ? fieldOf(add.error) : undefined
  const errorOf = (field: string): string | undefined => (refused?.field === field ? refused.message : undefined)
  return (
    <Dialog
      title="Add member"
      description="Somebody who may have keys of this gateway, with limits of their own."
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="add-member" isDisabled={add.isPending}>
            {add.isPending ? 'Adding…' : 'Add member'}
          </Button>
        </>
      }
    >
      <form id="add-member" ref={fields} className={layout.form} onSubmit={submit} noValidate>
        {add.error !== null && !FIELDS.includes(refused?.field ?? '') && (
          <Notice kind="danger" title="Nobody was added">
            {add.error.message}
          </Notice>
        )}
        <Field
          label="E-mail"
          name="email"
          type="email"
          required
          autoFocus
          maxLength={254}
          autoComplete="off"
          placeholder="name@example.com"
          error={missing ?? errorOf('email')}
        />
        <Field
          label="Name"
          name="display_name"
          maxLength={100}
          autoComplete="off"
          dir="auto"
          help="Shown instead of the address."
          error={errorOf('display_name')}
        />
        <Choice label="Team" name="team_id" help="It pays for what they use." error={errorOf('team_id')}>
          <TeamOptions teams={teams} />
        </Choice>
        <Choice
          label="Role"
          name="role"
          help="Administrators change people, teams, limits and endpoints."
          error={errorOf('role')}
        >
          <option value="member">Member</option>
          <option value="admin">Administrator</option>
        </Choice>
      </form>
    </Dialog>
  )
}
