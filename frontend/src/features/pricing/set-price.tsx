import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { ApiError, call, fieldOf } from '../../api/client.ts'
import { readPricesAnew } from '../../api/pricing-queries.ts'
import type { PriceRow } from '../../api/pricing-types.ts'
import { modelName } from '../../format/model-name.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import layout from '../../ui/form.module.css'
import { Notice } from '../../ui/notice.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { Preview } from './preview.tsx'
import { type Complaints, complaintsIn, type Draft, draftOf, newDraft, wishOf } from './price-draft.ts'
import { LongFields, PlaceFields, RateFields, WhenFields } from './price-fields.tsx'
import styles from './set-price.module.css'

interface SetPriceProps {
  readonly rows: readonly PriceRow[]
  /** What is changed; absent for a price of its own. */
  readonly row?: PriceRow
  /** Of a new one: what is asked for, or nothing yet. */
  readonly model: string
  readonly onClose: () => void
}

/** The gateway counts its days in UTC. */
const today = (): string => new Date().toISOString().slice(0, 10)

export function SetPrice({ rows, row, model, onClose }: SetPriceProps) {
  const queries = useQueryClient()
  const tell = useToast()
  const [first] = useState<Draft>(() => (row === undefined ? newDraft(model, today()) : draftOf(row, today())))
  const [draft, setDraft] = useState(first)
  const [complaints, setComplaints] = useState<Complaints>({})
  const [isLeaving, setLeaving] = useState(false)
  const save = useMutation({
    mutationFn: (of: Draft) =>
      call('PUT /admin/pricing/{model}', { params: { model: of.model.trim() }, body: wishOf(of) }),
    onSuccess: async (saved) => {
      const later = saved.in_force ? 'From now on.' : `From ${saved.effective_from} on.`
      tell('ok', `The price of ${modelName(saved.model_prefix)} is set`, later)
      onClose()
      await readPricesAnew(queries)
    },
  })
  const fields = useRef<HTMLFormElement>(null)
  // Where something is to be put right, there the person goes on.
  useEffect(() => {
    if (Object.keys(complaints).length === 0) return
    const wrong = fields.current?.querySelector<HTMLElement>('[aria-invalid=true], [data-wrong=true] input')
    wrong?.focus()
  }, [complaints])
  const change = (of: Partial<Draft>): void => setDraft((before) => ({ ...before, ...of }))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const found = complaintsIn(draft, today())
    setComplaints(found)
    if (Object.keys(found).length === 0) save.mutate(draft)
  }
  const leave = (): void => (draft === first ? onClose() : setLeaving(true))
  const form = { draft, change, complaintOf: (field: string) => complaints[field] ?? refusedOf(save.error, field) }
  return (
    <Dialog
      title={row === undefined ? 'Set price' : `Price of ${modelName(row.model_prefix)}`}
      description="US dollars per million tokens. It wins over AWS's list until it is reset."
      size="roomy"
      onClose={leave}
      foot={
        isLeaving ? (
          <Leaving onStay={() => setLeaving(false)} onLeave={onClose} />
        ) : (
          <>
            <Button onPress={leave}>Cancel</Button>
            <Button kind="primary" type="submit" form="price" isPending={save.isPending}>
              {save.isPending ? 'Saving…' : 'Set price'}
            </Button>
          </>
        )
      }
    >
      <form id="price" ref={fields} className={layout.form} onSubmit={submit} noValidate>
        {save.error !== null && !isAtField(save.error) && (
          <Notice kind="danger" title="The price was not set">
            {save.error.message}
          </Notice>
        )}
        <PlaceFields form={form} models={row === undefined ? modelsIn(rows) : undefined} />
        <RateFields form={form} />
        <LongFields form={form} />
        <WhenFields form={form} today={today()} />
        <Preview draft={draft} rows={rows} />
      </form>
    </Dialog>
  )
}

const modelsIn = (rows: readonly PriceRow[]): string[] => [...new Set(rows.map(({ model_prefix }) => model_prefix))]

/** The gateway's name of a field, where it is not the form's. */
const FORM_NAMES: Readonly<Record<string, string>> = { effective_from: 'from' }
const SHOWN = new Set(['model', 'input_rate', 'output_rate', 'cache_read_rate', 'cache_write_rate', 'from', 'free'])

function refusedAt(error: Error | null): { readonly field: string; readonly message: string } | undefined {
  const refused = error instanceof ApiError ? fieldOf(error) : undefined
  const field = refused && (FORM_NAMES[refused.field] ?? refused.field)
  return refused !== undefined && field !== undefined && SHOWN.has(field)
    ? { field, message: refused.message }
    : undefined
}
const isAtField = (error: Error): boolean => refusedAt(error) !== undefined
function refusedOf(error: Error | null, field: string): string | undefined {
  const refused = refusedAt(error)
  return refused?.field === field ? refused.message : undefined
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
