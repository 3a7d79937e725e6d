import { useEffect, useRef } from 'react'
import { limitInShort, policyInWords, resetTime } from '../../format/budget.ts'
import { money } from '../../format/money.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Field } from '../../ui/field.tsx'
import layout from '../../ui/form.module.css'
import { Notice } from '../../ui/notice.tsx'
import { RadioCards } from '../../ui/radio-cards.tsx'
import { SegmentedField } from '../../ui/segmented-field.tsx'
import { type BudgetDraft, changesIn, PRESETS, type Scope, withPolicy } from './budget-draft.ts'
import styles from './budget-editor.module.css'
import { BudgetOutlook } from './budget-outlook.tsx'
import { ConfirmBudget } from './confirm-budget.tsx'
import { RuleRows } from './rule-rows.tsx'
import { type BudgetForm, type Seen, useBudgetForm } from './use-budget-form.ts'

interface BudgetEditorProps {
  readonly scope: Scope
  readonly seen: Seen
}

/** What is set on the left; on the right, what it would come to, before anything is saved. */
export function BudgetEditor({ scope, seen }: BudgetEditorProps) {
  const form = useBudgetForm(scope, seen)
  const fields = useRef<HTMLFormElement>(null)
  // Whoever is told that something is wrong is led to the first of it.
  useEffect(() => {
    if (form.complaints > 0) fields.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [form.complaints])
  return (
    <div className={styles.columns}>
      <form
        ref={fields}
        className={layout.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          form.submit()
        }}
      >
        <Trouble form={form} />
        <LimitCard scope={scope} form={form} />
        <PolicyCard form={form} />
        <ToldCard scope={scope} form={form} />
        <SaveBar form={form} />
      </form>
      <BudgetOutlook scope={scope} form={form} />
      {form.asking !== undefined && <ConfirmBudget scope={scope} form={form} preview={form.asking} />}
    </div>
  )
}

const PERIODS = [
  { value: 'daily', text: 'Day' },
  { value: 'weekly', text: 'Week' },
  { value: 'monthly', text: 'Month' },
] as const

const Usd = <span className={styles.unit}>USD</span>

const ZERO = 'Zero: nothing may be spent, every request is refused.'

const isZero = (text: string): boolean => text.trim() !== '' && Number(text) === 0

function LimitCard({
  scope,
  form: { draft, base, errors, set, judge, preview },
}: {
  readonly scope: Scope
  readonly form: BudgetForm
}) {
  const isTeam = scope.kind === 'team'
  const amount = (name: 'amount' | 'memberAmount') => ({
    value: draft[name],
    end: Usd,
    inputMode: 'decimal' as const,
    autoComplete: 'off',
    error: errors[name],
    onBlur: judge,
    onChange: (event: { readonly target: { readonly value: string } }): void =>
      set((before) => ({ ...before, [name]: event.target.value })),
  })
  const was =
    base.amount === '' ? 'Empty: no limit, as it is now.' : `Now ${money(Number(base.amount))}. Empty: no limit.`
  return (
    <Card title={isTeam ? 'Limit for the whole team' : 'Limit for each person without a team'}>
      <div className={styles.limit}>
        <Field label="Amount" {...amount('amount')} help={isZero(draft.amount) ? ZERO : was} placeholder="no limit" />
        <SegmentedField
          label="Every"
          value={draft.period}
          options={PERIODS}
          onChange={(period) => set((before) => ({ ...before, period }))}
          help={preview.data === undefined ? 'In UTC' : `Resets ${resetTime(preview.data.resets_at)}`}
        />
        {isTeam && (
          <div className={styles.whole}>
            <Field
              label="Limit for each member"
              {...amount('memberAmount')}
              help={
                isZero(draft.memberAmount)
                  ? ZERO
                  : 'For members without a limit of their own. Empty: none; the default budget does not hold in a team.'
              }
              placeholder="no limit"
            />
          </div>
        )}
      </div>
    </Card>
  )
}

const POLICIES = [
  { value: 'standard', title: 'Standard', text: policyInWords(PRESETS.standard) },
  { value: 'soft', title: 'Soft', text: policyInWords(PRESETS.soft) },
  { value: 'shaped', title: 'Shaped', text: policyInWords(PRESETS.shaped) },
  { value: 'custom', title: 'Custom', text: 'Rules of your own, up to five' },
] as const

function PolicyCard({ form }: { readonly form: BudgetForm }) {
  const { draft, set } = form
  return (
    <Card title="What happens on the way">
      <div className={styles.stack}>
        <RadioCards
          label="Policy"
          value={draft.policy}
          options={POLICIES}
          onChange={(policy) => set((before) => withPolicy(before, policy))}
        />
        {draft.policy === 'custom' && <RuleRows form={form} />}
      </div>
    </Card>
  )
}

const RECIPIENTS = [
  { value: 'both', text: 'Both' },
  { value: 'user', text: 'The person' },
  { value: 'admin', text: 'Administrators' },
] as const

function ToldCard({ scope, form: { draft, set } }: { readonly scope: Scope; readonly form: BudgetForm }) {
  return (
    <Card title="How it is told">
      <div className={styles.stack}>
        <SegmentedField
          label="Who hears of it"
          value={draft.recipients}
          options={RECIPIENTS}
          onChange={(recipients) => set((before) => ({ ...before, recipients }))}
        />
        {scope.kind === 'default' && (
          <Choice
            label="A refused request answers"
            value={draft.refusalStatus}
            help="Holds for every budget of this gateway, not for the default one alone."
            onChange={(event) =>
              set((before) => ({ ...before, refusalStatus: event.target.value === '429' ? 429 : 402 }))
            }
          >
            <option value={402}>402: Claude Code shows why, and does not ask again</option>
            <option value={429}>429: as gateways do whose clients expect it</option>
          </Choice>
        )}
      </div>
    </Card>
  )
}

function SaveBar({ form }: { readonly form: BudgetForm }) {
  const { isDirty, base, draft, review, save, theirs } = form
  const isBusy = review.isPending || save.isPending
  return (
    <div className={styles.bar} data-dirty={isDirty}>
      <span className={isDirty ? styles.unsaved : styles.saved} role="status">
        {isDirty ? `Not saved: ${changesIn(base, draft).join(', ')}` : 'Everything is saved'}
      </span>
      <Button isDisabled={!isDirty || isBusy} onPress={form.discard}>
        Discard
      </Button>
      <Button kind="primary" type="submit" isPending={isBusy} isDisabled={!isDirty || theirs !== undefined}>
        {isBusy ? 'Saving…' : 'Save'}
      </Button>
    </div>
  )
}

function Trouble({ form: { theirs, settle, save, review } }: { readonly form: BudgetForm }) {
  if (theirs !== undefined) {
    return (
      <Notice
        kind="warn"
        title="Somebody else has changed this budget meanwhile"
        action={
          <span className={styles.choices}>
            <Button autoFocus onPress={() => settle(false)}>
              Take theirs
            </Button>
            <Button onPress={() => settle(true)}>Keep mine</Button>
          </span>
        }
      >
        Nothing was saved. Theirs: {inWords(theirs.draft)}.
      </Notice>
    )
  }
  const error = save.error ?? review.error
  return error === null ? null : (
    <Notice kind="danger" title="Nothing was saved">
      {error.message}
    </Notice>
  )
}

function inWords({ amount, period, policy, memberAmount }: BudgetDraft): string {
  const limit = amount === '' ? 'no limit' : limitInShort(Number(amount), period)
  const each = memberAmount === '' ? '' : `, ${money(Number(memberAmount))} for each member`
  return `${limit}${each}, ${policy === 'custom' ? 'rules of their own' : `${policy} policy`}`
}
