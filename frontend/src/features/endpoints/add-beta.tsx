import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError, call, fieldOf } from '../../api/client.ts'
import { endpointModelsQuery } from '../../api/endpoint-queries.ts'
import type { Endpoint } from '../../api/endpoint-types.ts'
import { Button } from '../../ui/button.tsx'
import { Combo } from '../../ui/combo.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import layout from '../../ui/form.module.css'
import { Notice } from '../../ui/notice.tsx'
import { SegmentedField } from '../../ui/segmented-field.tsx'
import { useToast } from '../../ui/toasts.tsx'

interface AddBetaProps {
  readonly endpoint: Endpoint
  readonly onClose: () => void
}

interface Entry {
  readonly profile_id: string
  readonly beta_name: string
  readonly supported: 'yes' | 'no'
  readonly reason: string
}

const EMPTY: Entry = { profile_id: '', beta_name: '', supported: 'yes', reason: '' }

function useSetBeta({ endpoint, onClose }: AddBetaProps) {
  const queries = useQueryClient()
  const tell = useToast()
  return useMutation({
    mutationFn: (entry: Entry) =>
      call('POST /admin/beta-overrides', {
        body: {
          endpoint_id: endpoint.id,
          profile_id: entry.profile_id.trim(),
          beta_name: entry.beta_name.trim(),
          supported: entry.supported === 'yes',
          reason: entry.reason.trim() || null,
        },
      }),
    onSuccess: async ({ beta_name, supported }) => {
      tell('ok', `${beta_name} counts as ${supported ? 'taken' : 'not taken'}`, 'From the next request on.')
      onClose()
      await queries.invalidateQueries({ queryKey: ['beta-overrides'] })
    },
  })
}

export function AddBeta(props: AddBetaProps) {
  const { endpoint, onClose } = props
  const [entry, setEntry] = useState(EMPTY)
  const [missing, setMissing] = useState<Partial<Record<keyof Entry, string>>>({})
  const add = useSetBeta(props)
  const set = (change: Partial<Entry>): void => {
    setEntry((before) => ({ ...before, ...change }))
    setMissing({})
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const gaps = {
      ...(entry.profile_id.trim() === '' && { profile_id: 'Enter the inference profile.' }),
      ...(entry.beta_name.trim() === '' && { beta_name: 'Enter the flag, such as context-1m-2025-08-07.' }),
    }
    setMissing(gaps)
    if (Object.keys(gaps).length === 0) add.mutate(entry)
  }
  const refused = add.error instanceof ApiError ? fieldOf(add.error) : undefined
  return (
    <Dialog
      title="Say whether a beta flag is taken"
      description="Said again for the same profile and flag, the last word holds."
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="add-beta" isPending={add.isPending}>
            {add.isPending ? 'Saving…' : 'Save flag'}
          </Button>
        </>
      }
    >
      <form id="add-beta" className={layout.form} noValidate onSubmit={submit}>
        {add.error !== null && refused === undefined && (
          <Notice kind="danger" title="Nothing was saved">
            {add.error.message}
          </Notice>
        )}
        <BetaFields
          endpoint={endpoint}
          entry={entry}
          onChange={set}
          errorOf={(field) => missing[field] ?? (refused?.field === field ? refused.message : undefined)}
        />
      </form>
    </Dialog>
  )
}

interface BetaFieldsProps {
  readonly endpoint: Endpoint
  readonly entry: Entry
  readonly onChange: (change: Partial<Entry>) => void
  readonly errorOf: (field: keyof Entry) => string | undefined
}

function BetaFields({ endpoint, entry, onChange, errorOf }: BetaFieldsProps) {
  const { data } = useQuery(endpointModelsQuery(endpoint.id))
  return (
    <>
      <Combo
        label="Inference profile"
        value={entry.profile_id}
        options={data?.models.map(({ id }) => id) ?? []}
        onChange={(profile_id) => onChange({ profile_id })}
        help="Its id or ARN, as the model is called there."
        error={errorOf('profile_id')}
      />
      <Field
        label="Beta flag"
        required
        value={entry.beta_name}
        onChange={(event) => onChange({ beta_name: event.target.value })}
        spellCheck={false}
        autoComplete="off"
        placeholder="context-1m-2025-08-07"
        error={errorOf('beta_name')}
      />
      <SegmentedField
        label="The flag is"
        value={entry.supported}
        onChange={(supported) => onChange({ supported })}
        options={[
          { value: 'yes', text: 'Taken' },
          { value: 'no', text: 'Not taken' },
        ]}
      />
      <Field
        label="Reason"
        value={entry.reason}
        onChange={(event) => onChange({ reason: event.target.value })}
        maxLength={500}
        autoComplete="off"
        dir="auto"
        error={errorOf('reason')}
      />
    </>
  )
}
