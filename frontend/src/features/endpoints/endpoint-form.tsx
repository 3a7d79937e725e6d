import { FlaskConical } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { EndpointDetails, GatewayPlace } from '../../api/endpoint-types.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import layout from '../../ui/form.module.css'
import { Notice } from '../../ui/notice.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { differences, draftOf } from './draft.ts'
import styles from './endpoint-form.module.css'
import { AccessFields, OptionFields, PlaceFields, RouteFields } from './endpoint-form-fields.tsx'
import { TestResult } from './test-result.tsx'
import { type EndpointFormState, isGeneral, useEndpointForm } from './use-endpoint-form.ts'

interface EndpointFormProps {
  /** Absent for a new one. */
  readonly endpoint?: EndpointDetails
  readonly gateway: GatewayPlace
  readonly onClose: () => void
}

export function EndpointForm({ endpoint, gateway, onClose }: EndpointFormProps) {
  const tell = useToast()
  const form = useEndpointForm(endpoint, gateway, (saved) => {
    tell('ok', `${saved.name} is ${endpoint === undefined ? 'added' : 'saved'}`)
    onClose()
  })
  const [isLeaving, setLeaving] = useState(false)
  const leave = (): void => (form.isDirty ? setLeaving(true) : onClose())
  const fields = useRef<HTMLFormElement>(null)
  const { complaints } = form
  // Where something is to be put right, there the person goes on.
  useEffect(() => {
    if (complaints > 0) fields.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [complaints])
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    form.submit()
  }
  return (
    <Dialog
      title={endpoint === undefined ? 'Add endpoint' : `Edit ${endpoint.name}`}
      description="An AWS account and a region in which Claude is called."
      size="roomy"
      onClose={leave}
      foot={
        isLeaving ? (
          <Leaving onStay={() => setLeaving(false)} onLeave={onClose} />
        ) : (
          <Foot form={form} verb={endpoint === undefined ? 'Add endpoint' : 'Save'} onCancel={leave} />
        )
      }
    >
      <form id="endpoint" ref={fields} className={layout.form} onSubmit={submit} noValidate>
        {form.conflict !== undefined && <Changed form={form} />}
        {form.conflict === undefined && isGeneral(form.save.error) && (
          <Notice kind="danger" title={endpoint === undefined ? 'The endpoint was not added' : 'Nothing was saved'}>
            {form.save.error.message}
          </Notice>
        )}
        <PlaceFields form={form} />
        <AccessFields form={form} gateway={gateway} />
        <RouteFields form={form} />
        <OptionFields form={form} />
        <Tried form={form} />
      </form>
    </Dialog>
  )
}

interface FootProps {
  readonly form: EndpointFormState
  readonly verb: string
  readonly onCancel: () => void
}

function Foot({ form: { save, tryOut, tryIt, conflict }, verb, onCancel }: FootProps) {
  return (
    <>
      <span className={styles.first}>
        <Button isPending={tryOut.isPending} onPress={tryIt}>
          <FlaskConical size={14} aria-hidden /> {tryOut.isPending ? 'Testing…' : 'Test before saving'}
        </Button>
      </span>
      <Button onPress={onCancel}>Cancel</Button>
      <Button
        kind="primary"
        type="submit"
        form="endpoint"
        isPending={save.isPending}
        isDisabled={conflict !== undefined}
      >
        {save.isPending ? 'Saving…' : verb}
      </Button>
    </>
  )
}

function Leaving({ onStay, onLeave }: { readonly onStay: () => void; readonly onLeave: () => void }) {
  return (
    <>
      <span className={styles.first} role="alert">
        Discard what you typed?
      </span>
      <Button autoFocus onPress={onStay}>
        Keep editing
      </Button>
      <Button kind="danger" onPress={onLeave}>
        Discard
      </Button>
    </>
  )
}

/** Two people at one endpoint: nothing of either is lost unseen. */
function Changed({ form: { conflict, takeTheirs } }: { readonly form: EndpointFormState }) {
  if (conflict === undefined) return null
  return (
    <Notice
      kind="warn"
      title="Somebody else changed this endpoint meanwhile"
      action={
        <Button autoFocus onPress={takeTheirs}>
          Load theirs, keep what I typed
        </Button>
      }
    >
      Nothing was saved. They changed:
      <ul className={styles.changes}>
        {differences(conflict.base, draftOf(conflict.theirs)).map((change) => (
          <li key={change} dir="auto">
            {change}
          </li>
        ))}
      </ul>
    </Notice>
  )
}

function Tried({ form: { tryOut } }: { readonly form: EndpointFormState }) {
  const place = useRef<HTMLDivElement>(null)
  const { data, error } = tryOut
  useEffect(() => {
    if (data !== undefined || error !== null) place.current?.scrollIntoView({ block: 'nearest' })
  }, [data, error])
  return (
    <div ref={place}>
      {data !== undefined && <TestResult of={data} saved={false} />}
      {isGeneral(error) && (
        <Notice kind="danger" title="It could not be tested">
          {error.message}
        </Notice>
      )}
    </div>
  )
}
