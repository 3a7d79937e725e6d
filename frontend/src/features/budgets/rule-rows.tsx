import { Plus, X } from 'lucide-react'
import { useRef } from 'react'
import type { Rule } from '../../format/budget.ts'
import { money } from '../../format/money.ts'
import { Button } from '../../ui/button.tsx'
import { MOST_RULES, type RuleDraft, type RuleErrors, withRule } from './budget-draft.ts'
import styles from './rule-rows.module.css'
import type { BudgetForm } from './use-budget-form.ts'

const ACTIONS: readonly (readonly [Rule['action'], string])[] = [
  ['notify', 'Notify'],
  ['shape', 'Slow down'],
  ['block', 'Block'],
]

/** Each rule a row: from which percentage on, what, and in dollars. */
export function RuleRows({ form }: { readonly form: BudgetForm }) {
  const { draft, errors, set, judge } = form
  const made = useRef(0)
  const change = (id: string, part: Partial<RuleDraft>): void =>
    set((before) => ({ ...before, rules: before.rules.map((rule) => (rule.id === id ? { ...rule, ...part } : rule)) }))
  const remove = (id: string): void =>
    set((before) => ({ ...before, rules: before.rules.filter((rule) => rule.id !== id) }))
  const add = (): void => {
    made.current += 1
    set((before) => withRule(before, `added ${made.current}`))
  }
  return (
    <fieldset className={styles.rules}>
      <legend className="unseen">Rules, the lowest percentage first</legend>
      <ol>
        {draft.rules.map((rule, place) => (
          <RuleRow
            key={rule.id}
            rule={rule}
            name={`Rule ${place + 1}`}
            amount={amountOf(rule, draft.amount)}
            errors={errors.rules?.[rule.id] ?? {}}
            onChange={(part) => change(rule.id, part)}
            onRemove={() => remove(rule.id)}
            onLeave={judge}
          />
        ))}
      </ol>
      {errors.policy !== undefined && (
        <p className={styles.error} role="alert">
          {errors.policy}
        </p>
      )}
      <Button kind="ghost" isDisabled={draft.rules.length >= MOST_RULES} onPress={add}>
        <Plus size={14} aria-hidden /> {draft.rules.length >= MOST_RULES ? 'Five rules are the most' : 'Add rule'}
      </Button>
    </fieldset>
  )
}

function amountOf({ percent }: RuleDraft, limit: string): string | undefined {
  const amount = (Number(percent) * Number(limit.replaceAll(/[\s,$]/g, ''))) / 100
  return limit.trim() === '' || percent.trim() === '' || Number.isNaN(amount) ? undefined : money(amount)
}

interface RuleRowProps {
  readonly rule: RuleDraft
  readonly name: string
  readonly amount: string | undefined
  readonly errors: RuleErrors
  readonly onChange: (part: Partial<RuleDraft>) => void
  readonly onRemove: () => void
  readonly onLeave: () => void
}

function RuleRow({ rule, name, amount, errors, onChange, onRemove, onLeave }: RuleRowProps) {
  const said = [errors.percent, errors.action, errors.rpm].filter((one) => one !== undefined).join(' ')
  const saidId = `${rule.id.replace(' ', '-')}-said`
  const field = (error: string | undefined) => ({
    'aria-invalid': error !== undefined,
    ...(error !== undefined && { 'aria-describedby': saidId }),
    onBlur: onLeave,
  })
  return (
    <li className={styles.rule}>
      <span className={styles.box} data-invalid={errors.percent !== undefined}>
        <span aria-hidden>at</span>
        <input
          aria-label={`${name}: percent`}
          inputMode="numeric"
          autoComplete="off"
          value={rule.percent}
          onChange={(event) => onChange({ percent: event.target.value })}
          {...field(errors.percent)}
        />
        <span aria-hidden>%</span>
      </span>
      <span className={styles.box} data-invalid={errors.action !== undefined}>
        <select
          aria-label={`${name}: what happens`}
          value={rule.action}
          onChange={(event) => onChange({ action: event.target.value as Rule['action'] })}
          {...field(errors.action)}
        >
          {ACTIONS.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </span>
      {rule.action === 'shape' && (
        <span className={styles.box} data-invalid={errors.rpm !== undefined}>
          <span aria-hidden>to</span>
          <input
            aria-label={`${name}: requests a minute`}
            inputMode="numeric"
            autoComplete="off"
            value={rule.rpm}
            onChange={(event) => onChange({ rpm: event.target.value })}
            {...field(errors.rpm)}
          />
          <span aria-hidden>a minute</span>
        </span>
      )}
      <span className={styles.end}>
        {amount !== undefined && <span className={styles.amount}>{amount}</span>}
        <Button kind="ghost" icon aria-label={`Remove ${name.toLowerCase()}`} onPress={onRemove}>
          <X size={14} aria-hidden />
        </Button>
      </span>
      {said !== '' && (
        <span id={saidId} className={styles.error}>
          {said}
        </span>
      )}
    </li>
  )
}
