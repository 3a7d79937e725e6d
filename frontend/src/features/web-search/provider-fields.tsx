import type { ProviderType } from '../../api/web-search-types.ts'
import { Field } from '../../ui/field.tsx'
import { Tick } from '../../ui/tick.tsx'
import type { Entered, Wrong } from './entered.ts'
import styles from './web-search.module.css'
import { MOST_RESULTS, PROVIDERS, type Stored } from './words.ts'

interface ProviderFieldsProps {
  readonly type: ProviderType
  readonly stored: Stored | undefined
  readonly entered: Entered
  readonly wrong: Wrong
  readonly onChange: (entered: Entered) => void
}

export function ProviderFields({ type, stored, entered, wrong, onChange }: ProviderFieldsProps) {
  const { key, hasUrl, urlHelp, urlExample } = PROVIDERS[type]
  const set = (change: Partial<Entered>): void => onChange({ ...entered, ...change })
  const hasKey = stored?.has_api_key === true
  return (
    <>
      {hasUrl && (
        <Field
          label="API URL"
          name="api_url"
          type="url"
          required
          value={entered.url}
          placeholder={urlExample}
          autoComplete="off"
          spellCheck={false}
          help={urlHelp ?? ''}
          error={wrong.api_url}
          onChange={(event) => set({ url: event.target.value })}
        />
      )}
      {key !== 'none' && (
        <Field
          label="API key"
          name="api_key"
          type="password"
          required={key === 'needed' && !hasKey}
          value={entered.key}
          placeholder={hasKey ? 'A key is stored' : ''}
          autoComplete="off"
          spellCheck={false}
          help={
            hasKey ? 'Empty: the stored one stays. It is never shown.' : 'It is stored sealed and never shown again.'
          }
          error={wrong.api_key}
          onChange={(event) => set({ key: event.target.value })}
        />
      )}
      {hasKey && key === 'possible' && (
        <Tick label="Remove stored key" checked={entered.dropsKey} onChange={(dropsKey) => set({ dropsKey })} />
      )}
      <div className={styles.short}>
        <Field
          label="Maximum results"
          name="max_results"
          inputMode="numeric"
          required
          value={entered.results}
          help={`1 to ${MOST_RESULTS}`}
          error={wrong.max_results}
          onChange={(event) => set({ results: event.target.value })}
        />
      </div>
    </>
  )
}
