import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ChangeEvent, type FormEvent, useState } from 'react'
import { ApiError, call, fieldOf } from '../../api/client.ts'
import { membersQuery } from '../../api/people-queries.ts'
import type { Key } from '../../api/people-types.ts'
import { teamsQuery } from '../../api/queries.ts'
import { PERIODS } from '../../format/limits.ts'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import layout from '../../ui/form.module.css'
import { Notice } from '../../ui/notice.tsx'
import { SegmentedField } from '../../ui/segmented-field.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { useWrongField } from '../../ui/use-wrong-field.ts'
import styles from './edit-key.module.css'
import {
  changesIn,
  draftOf,
  type KeyChange,
  type KeyDraft,
  type KeyErrors,
  type KeyField,
  type Policy,
} from './key-draft.ts'

interface FormState {
  readonly draft: KeyDraft
  readonly errorOf: (field: KeyField) => string | undefined
  readonly set: (change: Partial<KeyDraft>) => void
}

export function EditKey({ of: key, onClose }: { readonly of: Key; readonly onClose: () => void }) {
  const queries = useQueryClient()
  const tell = useToast()
  const name = key.name ?? key.prefix
  const [draft, setDraft] = useState(() => draftOf(key))
  const [found, setFound] = useState<KeyErrors>({})
  const save = useMutation({
    mutationFn: (body: KeyChange) => call('PATCH /admin/keys/{id}', { params: { id: key.id }, body }),
    onSuccess: async () => {
      tell('ok', `${draft.name.trim() || name} is saved`, 'It holds from the next request on.')
      onClose()
      await queries.invalidateQueries({ queryKey: ['keys'] })
    },
  })
  const fields = useWrongField(found, save.error)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const read = changesIn(key, draft)
    setFound('errors' in read ? read.errors : {})
    if ('body' in read) save.mutate(read.body)
  }
  const refused = save.error instanceof ApiError ? fieldOf(save.error) : undefined
  const form: FormState = {
    draft,
    errorOf: (field) => found[field] ?? (refused?.field.split('.')[0] === field ? refused.message : undefined),
    set: (change) => setDraft((before) => ({ ...before, ...change })),
  }
  return (
    <Dialog
      title={`Edit ${name}`}
      description="What is changed here holds from the next request on. Limits bind this key alone; its owner may make another."
      size="roomy"
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="edit-key" isDisabled={save.isPending}>
            {save.isPending ? 'Saving…' : 'Save key'}
          </Button>
        </>
      }
    >
      <form id="edit-key" ref={fields} className={layout.form} onSubmit={submit} noValidate>
        {save.error !== null && refused === undefined && (
          <Notice kind="danger" title="Nothing was saved">
            {save.error.message}
          </Notice>
        )}
        <Belonging form={form} of={key} />
        <Holding form={form} />
        <Spending form={form} of={key} />
      </form>
    </Dialog>
  )
}

/** What a field of text needs. */
const bound = ({ draft, set }: FormState, field: Exclude<keyof KeyDraft, 'period' | 'policy'>) => ({
  value: draft[field],
  onChange: (event: ChangeEvent<HTMLInputElement | HTMLSelectElement>): void => set({ [field]: event.target.value }),
})

interface PartProps {
  readonly form: FormState
  readonly of: Key
}

function Belonging({ form, of: key }: PartProps) {
  const people = useQuery(membersQuery({ status: 'active' })).data?.users ?? []
  const teams = useQuery(teamsQuery).data?.teams ?? []
  const isListed = key.user_id === null || people.some(({ id }) => id === key.user_id)
  return (
    <>
      <Field
        label="Name"
        {...bound(form, 'name')}
        autoFocus
        maxLength={100}
        autoComplete="off"
        dir="auto"
        error={form.errorOf('name')}
      />
      <div className={layout.pair}>
        <Choice
          label="Owner"
          {...bound(form, 'owner')}
          help="Their limits hold too, and the key ends with them."
          error={form.errorOf('user_id')}
        >
          <option value="">Nobody: a team’s key</option>
          {!isListed && <option value={key.user_id ?? ''}>{key.owner_email ?? 'Removed person'}</option>}
          {people.map(({ id, email, display_name }) => (
            <option key={id} value={id}>
              {display_name === null ? email : `${display_name}, ${email}`}
            </option>
          ))}
        </Choice>
        <Choice
          label="Team"
          {...bound(form, 'team')}
          help="It pays, and its endpoints are used."
          error={form.errorOf('team_id')}
        >
          <option value="">That of the owner</option>
          {teams.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Choice>
      </div>
    </>
  )
}

function Holding({ form }: Pick<PartProps, 'form'>) {
  return (
    <>
      <div className={layout.pair}>
        <Field
          label="Requests a minute"
          {...bound(form, 'rpm')}
          inputMode="numeric"
          autoComplete="off"
          error={form.errorOf('rate_limit_rpm')}
        />
        <Field
          label="Tokens a minute"
          {...bound(form, 'tpm')}
          inputMode="numeric"
          autoComplete="off"
          help="Input, cache writes and output."
          error={form.errorOf('rate_limit_tpm')}
        />
      </div>
      <div className={layout.pair}>
        <Field
          label="Models"
          {...bound(form, 'models')}
          autoComplete="off"
          spellCheck={false}
          placeholder="claude-haiku-4-5, claude-opus-4-6"
          help="Names with commas between them. Empty: every model."
          error={form.errorOf('allowed_models')}
        />
        <Field
          label="Last day"
          {...bound(form, 'expires')}
          type="date"
          help="Refused from the end of that day on, UTC. Empty: never."
          error={form.errorOf('expires_at')}
        />
      </div>
    </>
  )
}

const POLICY_NAMES: Readonly<Record<Exclude<Policy, 'own'>, string>> = {
  usual: 'As usual: notify at 80%, block at 100%',
  standard: 'Standard: notify at 80%, block at 100%',
  soft: 'Soft: notify at 80% and 100%, block at 150%',
  shaped: 'Shaped: notify at 80%, slow down at 100%, block at 150%',
}

function Spending({ form, of: key }: PartProps) {
  const { draft, set } = form
  const starts = key.budget === null && key.user_id !== null && draft.amount.trim() !== ''
  const hasRules = key.budget !== null && key.budget.policy !== null
  return (
    <fieldset className={styles.part}>
      <legend>Budget of this key alone</legend>
      <div className={layout.pair}>
        <Field
          label="Amount"
          {...bound(form, 'amount')}
          inputMode="decimal"
          autoComplete="off"
          placeholder="None"
          help="Beside those of owner and team. 0: nothing may be spent. Empty: none."
          error={form.errorOf('budget')}
          end={<span className={layout.unit}>USD</span>}
        />
        <SegmentedField label="Every" value={draft.period} onChange={(period) => set({ period })} options={PERIODS} />
      </div>
      <Choice
        label="As it is used up"
        value={draft.policy}
        onChange={(event) => set({ policy: event.target.value as Policy })}
      >
        {hasRules && <option value="own">The rules that it has</option>}
        {Object.entries(POLICY_NAMES).map(([policy, words]) => (
          <option key={policy} value={policy}>
            {words}
          </option>
        ))}
      </Choice>
      {starts && (
        <Notice kind="info">
          The month starts with what the key has spent in it already; day and week begin at zero.
        </Notice>
      )}
    </fieldset>
  )
}
