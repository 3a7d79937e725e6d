import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError, call, fieldOf, type Wish } from '../../api/client.ts'
import { meQuery, teamsQuery } from '../../api/queries.ts'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { SegmentedField } from '../../ui/segmented-field.tsx'
import styles from './create-key.module.css'
import { type Created, StoreKey } from './store-key.tsx'

/** The raw key lives in this component's state, and goes with it. */
export function CreateKey({ onClose }: { readonly onClose: () => void }) {
  const [created, setCreated] = useState<Created>()
  return created === undefined ? (
    <Form onClose={onClose} onCreated={setCreated} />
  ) : (
    <StoreKey created={created} onClose={onClose} />
  )
}

interface FormProps {
  readonly onClose: () => void
  readonly onCreated: (created: Created) => void
}

type Owner = 'me' | 'team'

const DAY_MS = 86_400_000
/** Days; the gateway takes any moment, but nobody thinks of one. */
const LIFETIMES = [30, 90, 365]

function Form({ onClose, onCreated }: FormProps) {
  const { data: me } = useSuspenseQuery(meQuery)
  const teams = useQuery({ ...teamsQuery, enabled: me.role === 'admin' }).data?.teams ?? []
  const queries = useQueryClient()
  const [owner, setOwner] = useState<Owner>('me')
  const [missing, setMissing] = useState<string>()
  const create = useMutation({
    mutationFn: (body: NonNullable<Wish<'POST /admin/keys'>['body']>) => call('POST /admin/keys', { body }),
    onSuccess: async (created) => {
      onCreated(created)
      await queries.invalidateQueries({ queryKey: ['keys'] })
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const name = String(form.get('name')).trim()
    setMissing(name === '' ? 'Enter what will use the key, in up to 100 characters.' : undefined)
    if (name === '') return
    const days = Number(form.get('lifetime'))
    create.mutate({
      name,
      ...(days > 0 && { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() }),
      ...(owner === 'team' && { user_id: null, team_id: String(form.get('team_id')) }),
    })
  }
  const refused = create.error instanceof ApiError ? fieldOf(create.error) : undefined
  const errorOf = (field: string): string | undefined => (refused?.field === field ? refused.message : undefined)
  const known = refused?.field === 'name' || refused?.field === 'team_id'
  return (
    <Dialog
      title="Create virtual key"
      description="The key is shown once, right after you create it."
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="create-key" isDisabled={create.isPending}>
            {create.isPending ? 'Creating…' : 'Create key'}
          </Button>
        </>
      }
    >
      <form id="create-key" className={styles.form} onSubmit={submit} noValidate>
        {create.error !== null && !known && (
          <Notice kind="danger" title="The key was not created">
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
          placeholder="claude-cli laptop"
          help="What will use it. People see this name in lists and alerts."
          error={missing ?? errorOf('name')}
        />
        {teams.length > 0 && (
          <SegmentedField
            label="Owner"
            value={owner}
            onChange={setOwner}
            options={[
              { value: 'me', text: 'Me' },
              { value: 'team', text: 'A team' },
            ]}
          />
        )}
        {owner === 'team' && (
          <Choice label="Team" name="team_id" help="It pays for what the key uses." error={errorOf('team_id')}>
            {teams.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Choice>
        )}
        <Choice label="Expires" name="lifetime" help="From then on it is refused." error={errorOf('expires_at')}>
          <option value="">Never</option>
          {LIFETIMES.map((days) => (
            <option key={days} value={days}>
              In {days} days
            </option>
          ))}
        </Choice>
      </form>
    </Dialog>
  )
}
