import { ApiError } from '../../api/client.ts'
import type { TeamRouting } from '../../api/endpoint-types.ts'
import { Details } from '../../ui/details.tsx'
import { Field } from '../../ui/field.tsx'
import layout from '../../ui/form.module.css'
import { TierChoices } from './endpoint-form-fields.tsx'
import styles from './routing-dialog.module.css'

type Options = TeamRouting['bedrock']

interface RoutingOptionsProps {
  readonly options: Options
  readonly onChange: (options: Options) => void
  /** Of the last try to save. */
  readonly error: Error | null
}

export function RoutingOptions({ options, onChange, error }: RoutingOptionsProps) {
  const count = Object.values(options).filter((option) => option !== null).length
  /** `bedrock.guardrail_id: …`, or the name alone. */
  const errorOf = (field: keyof Options): string | undefined => {
    const found = error instanceof ApiError ? /^(?:bedrock\.)?([a-z_]+): (.+)$/.exec(error.message) : null
    return found?.[1] === field ? found[2] : undefined
  }
  const text = (field: 'guardrail_id' | 'guardrail_version') => ({
    value: options[field] ?? '',
    error: errorOf(field),
    spellCheck: false,
    autoComplete: 'off',
    onChange: (event: { readonly target: { readonly value: string } }): void =>
      onChange({ ...options, [field]: event.target.value.trim() || null }),
  })
  return (
    <div className={styles.part}>
      <Details
        title="Bedrock options of the team"
        hint={count === 0 ? 'none: those of the endpoint hold' : `${count} set; they win over those of the endpoint`}
      >
        <div className={layout.pair}>
          <Field
            label="Guardrail"
            {...text('guardrail_id')}
            help="Its id or ARN, in the endpoint’s account and region."
          />
          <Field label="Guardrail version" {...text('guardrail_version')} help="A number, or DRAFT." />
          <TierChoices
            tier={options.service_tier ?? ''}
            latency={options.latency ?? ''}
            onTier={(tier) => onChange({ ...options, service_tier: tier || null })}
            onLatency={(latency) => onChange({ ...options, latency: latency || null })}
            errorOf={errorOf}
          />
        </div>
      </Details>
    </div>
  )
}
