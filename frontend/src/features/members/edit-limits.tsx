import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError, call, fieldOf } from '../../api/client.ts'
import { readPeopleAnew } from '../../api/people-queries.ts'
import type { Member } from '../../api/people-types.ts'
import type { Period } from '../../format/budget.ts'
import {
  HIGHEST_RPM,
  HIGHEST_TPM,
  PERIODS,
  readAmount,
  readWhole,
  type Typed,
  typedAmount,
  typedWhole,
} from '../../format/limits.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import layout from '../../ui/form.module.css'
import { Notice } from '../../ui/notice.tsx'
import { SegmentedField } from '../../ui/segmented-field.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { useWrongField } from '../../ui/use-wrong-field.ts'
import { limitInWords, nameOf } from './member-effects.ts'

interface Wished {
  readonly limit: number | null
  readonly period: Period
  readonly rpm: number | null
  readonly tpm: number | null
}

type Errors = Readonly<Partial<Record<'limit_usd' | 'rate_limit_rpm' | 'rate_limit_tpm', string>>>

/** Rates first: what is refused of them leaves the money untouched. Only what has changed is sent. */
async function save(member: Member, { limit, period, rpm, tpm }: Wished): Promise<void> {
  const params = { id: member.id }
  if (rpm !== member.rate_limit_rpm || tpm !== member.rate_limit_tpm) {
    await call('PUT /admin/users/{id}', { params, body: { rate_limit_rpm: rpm, rate_limit_tpm: tpm } })
  }
  if (limit !== member.spend_limit_monthly_usd || period !== member.budget_period) {
    await call('PUT /admin/users/{id}/spend-limit', { params, body: { limit_usd: limit, budget_period: period } })
  }
}

const errorIn = (typed: Typed<unknown>): string | undefined => ('error' in typed ? typed.error : undefined)

export function EditLimits({ of: member, onClose }: { readonly of: Member; readonly onClose: () => void }) {
  const queries = useQueryClient()
  const tell = useToast()
  const [period, setPeriod] = useState<Period>(member.budget_period)
  const [found, setFound] = useState<Errors>({})
  const saving = useMutation({
    mutationFn: (wished: Wished) => save(member, wished),
    onSuccess: () => {
      tell('ok', `The limits of ${nameOf(member)} are saved`, 'They hold from the next request on.')
      onClose()
    },
    onSettled: () => readPeopleAnew(queries),
  })
  const fields = useWrongField(found, saving.error)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const limit = readAmount(String(form.get('limit_usd')))
    const rpm = readWhole(String(form.get('rate_limit_rpm')), HIGHEST_RPM)
    const tpm = readWhole(String(form.get('rate_limit_tpm')), HIGHEST_TPM)
    setFound(errorsOf(limit, rpm, tpm))
    if ('value' in limit && 'value' in rpm && 'value' in tpm) {
      saving.mutate({ limit: limit.value, period, rpm: rpm.value, tpm: tpm.value })
    }
  }
  const refused = saving.error instanceof ApiError ? fieldOf(saving.error) : undefined
  const errorOf = (field: keyof Errors): string | undefined =>
    found[field] ?? (refused?.field === field ? refused.message : undefined)
  return (
    <Dialog
      title={`Limits of ${nameOf(member)}`}
      description={`Now: ${limitInWords(member)}.`}
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="limits" isDisabled={saving.isPending}>
            {saving.isPending ? 'Saving…' : 'Save limits'}
          </Button>
        </>
      }
    >
      <form id="limits" ref={fields} className={layout.form} onSubmit={submit} noValidate>
        {saving.error !== null && refused === undefined && (
          <Notice kind="danger" title="Not all of it was saved">
            {saving.error.message}
          </Notice>
        )}
        <div className={layout.pair}>
          <Field
            label="Spend limit"
            name="limit_usd"
            inputMode="decimal"
            autoFocus
            autoComplete="off"
            defaultValue={typedAmount(member.spend_limit_monthly_usd)}
            placeholder={member.effective_limit === null ? 'None' : typedAmount(member.effective_limit.limit_usd)}
            help="Of their own, in dollars. 0: nothing may be spent. Empty: as their team or the default says."
            error={errorOf('limit_usd')}
            end={<span className={layout.unit}>USD</span>}
          />
          <SegmentedField label="Every" value={period} onChange={setPeriod} options={PERIODS} />
        </div>
        <Rates of={member} errorOf={errorOf} />
      </form>
    </Dialog>
  )
}

function errorsOf(limit: Typed<unknown>, rpm: Typed<unknown>, tpm: Typed<unknown>): Errors {
  const [one, two, three] = [errorIn(limit), errorIn(rpm), errorIn(tpm)]
  return {
    ...(one !== undefined && { limit_usd: one }),
    ...(two !== undefined && { rate_limit_rpm: two }),
    ...(three !== undefined && { rate_limit_tpm: three }),
  }
}

interface RatesProps {
  readonly of: Member
  readonly errorOf: (field: keyof Errors) => string | undefined
}

function Rates({ of: member, errorOf }: RatesProps) {
  return (
    <div className={layout.pair}>
      <Field
        label="Requests a minute"
        name="rate_limit_rpm"
        inputMode="numeric"
        autoComplete="off"
        defaultValue={typedWhole(member.rate_limit_rpm)}
        help="Of all their keys together."
        error={errorOf('rate_limit_rpm')}
      />
      <Field
        label="Tokens a minute"
        name="rate_limit_tpm"
        inputMode="numeric"
        autoComplete="off"
        defaultValue={typedWhole(member.rate_limit_tpm)}
        help="Input, cache writes and output."
        error={errorOf('rate_limit_tpm')}
      />
    </div>
  )
}
