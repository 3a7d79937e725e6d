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
import { useToast } from '../../ui/toasts.tsx'

interface AddProfileProps {
  readonly endpoint: Endpoint
  readonly onClose: () => void
}

interface Entry {
  readonly model_id: string
  readonly aip_arn: string
  readonly reason: string
}

const EMPTY: Entry = { model_id: '', aip_arn: '', reason: '' }

function useAddProfile({ endpoint: { id }, onClose }: AddProfileProps) {
  const queries = useQueryClient()
  const tell = useToast()
  return useMutation({
    /** @param replaces Takes away first what stands there for the model. */
    mutationFn: async ({ entry, replaces }: { readonly entry: Entry; readonly replaces: boolean }) => {
      const model_id = entry.model_id.trim()
      if (replaces) {
        await call('DELETE /admin/endpoints/{id}/aip-overrides/{model_id}', { params: { id, model_id } })
      }
      const body = { model_id, aip_arn: entry.aip_arn.trim(), reason: entry.reason.trim() || null }
      return await call('POST /admin/endpoints/{id}/aip-overrides', { params: { id }, body })
    },
    onSuccess: async ({ model_id }) => {
      tell('ok', `${model_id} is called by this profile`, 'From the next request on.')
      onClose()
      await queries.invalidateQueries({ queryKey: ['endpoints'] })
    },
  })
}

export function AddProfile(props: AddProfileProps) {
  const { endpoint, onClose } = props
  const [entry, setEntry] = useState(EMPTY)
  const [missing, setMissing] = useState<Partial<Entry>>({})
  const { data } = useQuery(endpointModelsQuery(endpoint.id))
  const models = [...new Set(data?.models.flatMap(({ model }) => (model === null ? [] : [model])))]
  const add = useAddProfile(props)
  const set = (change: Partial<Entry>): void => {
    setEntry((before) => ({ ...before, ...change }))
    setMissing({})
  }
  const submit = (replaces: boolean): void => {
    const gaps = {
      ...(entry.model_id.trim() === '' && { model_id: 'Enter the model, such as claude-sonnet-4-5.' }),
      ...(entry.aip_arn.trim() === '' && { aip_arn: 'Enter the ARN of the profile.' }),
    }
    setMissing(gaps)
    if (Object.keys(gaps).length === 0) add.mutate({ entry, replaces })
  }
  const refused = add.error instanceof ApiError ? fieldOf(add.error) : undefined
  const errorOf = (field: keyof Entry): string | undefined =>
    missing[field] ?? (refused?.field === field ? refused.message : undefined)
  return (
    <Dialog
      title="Add application inference profile"
      description="It must be for the model it is set for, in the account and region of the endpoint."
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="add-profile" isPending={add.isPending}>
            {add.isPending ? 'Adding…' : 'Add profile'}
          </Button>
        </>
      }
    >
      <form
        id="add-profile"
        className={layout.form}
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          submit(false)
        }}
      >
        <Refused error={add.error} isPending={add.isPending} onReplace={() => submit(true)} />
        <Combo
          label="Model"
          value={entry.model_id}
          options={models}
          placeholder="claude-sonnet-4-5"
          onChange={(model_id) => set({ model_id })}
          error={errorOf('model_id')}
        />
        <Field
          label="Profile ARN"
          required
          value={entry.aip_arn}
          onChange={(event) => set({ aip_arn: event.target.value })}
          spellCheck={false}
          autoComplete="off"
          placeholder="arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/…"
          error={errorOf('aip_arn')}
        />
        <Field
          label="Reason"
          value={entry.reason}
          onChange={(event) => set({ reason: event.target.value })}
          maxLength={500}
          autoComplete="off"
          dir="auto"
          error={errorOf('reason')}
        />
      </form>
    </Dialog>
  )
}

interface RefusedProps {
  readonly error: Error | null
  readonly isPending: boolean
  readonly onReplace: () => void
}

function Refused({ error, isPending, onReplace }: RefusedProps) {
  if (error === null) return null
  if (error instanceof ApiError && error.status === 409) {
    return (
      <Notice
        kind="warn"
        title="This model has a profile already"
        action={
          <Button isPending={isPending} onPress={onReplace}>
            Replace it
          </Button>
        }
      >
        Nothing was changed. If it is replaced, the model is called by the new one from the next request on.
      </Notice>
    )
  }
  if (error instanceof ApiError && fieldOf(error) !== undefined) return null
  return (
    <Notice kind="danger" title="The profile was not added">
      {error.message}
    </Notice>
  )
}
