import { Choice } from '../../ui/choice.tsx'
import { Combo } from '../../ui/combo.tsx'
import { Field } from '../../ui/field.tsx'
import { SegmentedField } from '../../ui/segmented-field.tsx'
import { Tick } from '../../ui/tick.tsx'
import type { Draft } from './price-draft.ts'
import { ratesIn } from './price-draft.ts'
import { RATES, type RateName, TIER_NAMES } from './rates.ts'
import styles from './set-price.module.css'

interface FieldsProps {
  readonly form: {
    readonly draft: Draft
    readonly change: (of: Partial<Draft>) => void
    readonly complaintOf: (field: string) => string | undefined
  }
}

/** @param models To choose from; `undefined` where it is settled which. */
export function PlaceFields({ form, models }: FieldsProps & { readonly models: readonly string[] | undefined }) {
  const { draft, change, complaintOf } = form
  return (
    <>
      {models !== undefined && (
        <Combo
          label="Model"
          value={draft.model}
          options={models}
          placeholder="claude-opus-5-5"
          help="Dates, versions and Bedrock's ids mean the same model."
          error={complaintOf('model')}
          onChange={(model) => change({ model })}
        />
      )}
      <div className={styles.pair}>
        <SegmentedField
          label="Scope"
          value={draft.scope}
          onChange={(scope) => change({ scope })}
          options={[
            { value: 'global', text: 'Global' },
            { value: 'regional', text: 'Regional' },
          ]}
        />
        <Choice
          label="Service tier"
          value={draft.tier}
          onChange={(event) => change({ tier: event.target.value as Draft['tier'] })}
        >
          {TIER_NAMES.map(([tier, name]) => (
            <option key={tier} value={tier}>
              {name}
            </option>
          ))}
        </Choice>
      </div>
    </>
  )
}

export function RateFields({ form }: FieldsProps) {
  const { draft, change, complaintOf } = form
  const rates = ratesIn(draft.rates)
  const isNothing = rates !== undefined && RATES.every(({ name }) => rates[name] === 0)
  const complaint = draft.isFree ? undefined : complaintOf('free')
  return (
    <>
      <RateGrid
        of={draft.rates}
        complaintOf={complaintOf}
        onChange={(name, text) => change({ rates: { ...draft.rates, [name]: text } })}
      />
      {isNothing && (
        <div className={styles.group} data-wrong={complaint !== undefined}>
          <Tick label="This model is free" checked={draft.isFree} onChange={(isFree) => change({ isFree })} />
          {complaint !== undefined && (
            <span className={styles.complaint} role="alert">
              {complaint}
            </span>
          )}
        </div>
      )}
    </>
  )
}

interface RateGridProps {
  readonly of: Draft['rates']
  readonly prefix?: string
  readonly complaintOf: (field: string) => string | undefined
  readonly onChange: (name: RateName, text: string) => void
}

function RateGrid({ of, prefix = '', complaintOf, onChange }: RateGridProps) {
  return (
    <div className={styles.rates}>
      {RATES.map(({ name, text }) => (
        <Field
          key={name}
          label={prefix === '' ? text : `${text}, long`}
          required
          inputMode="decimal"
          autoComplete="off"
          maxLength={20}
          value={of[name]}
          onChange={(event) => onChange(name, event.target.value)}
          error={complaintOf(prefix + name)}
          end={<span className={styles.unit}>$/M</span>}
        />
      ))}
    </div>
  )
}

export function LongFields({ form }: FieldsProps) {
  const { draft, change, complaintOf } = form
  return (
    <>
      <Tick
        label="Long prompts make the whole request cost more"
        checked={draft.hasLong}
        onChange={(hasLong) => change({ hasLong })}
      />
      {draft.hasLong && (
        <div className={styles.long}>
          <Field
            label="Prompts of more tokens than"
            required
            inputMode="numeric"
            autoComplete="off"
            placeholder="200,000"
            help="Input and cache together."
            value={draft.above}
            onChange={(event) => change({ above: event.target.value })}
            error={complaintOf('above')}
          />
          <RateGrid
            of={draft.long}
            prefix="long."
            complaintOf={complaintOf}
            onChange={(name, text) => change({ long: { ...draft.long, [name]: text } })}
          />
        </div>
      )}
    </>
  )
}

export function WhenFields({ form, today }: FieldsProps & { readonly today: string }) {
  const { draft, change, complaintOf } = form
  return (
    <div className={styles.pair}>
      <Field
        label="Holds from"
        type="date"
        required
        min={today}
        value={draft.from}
        onChange={(event) => change({ from: event.target.value })}
        help="The day begins at midnight UTC."
        error={complaintOf('from')}
      />
    </div>
  )
}
