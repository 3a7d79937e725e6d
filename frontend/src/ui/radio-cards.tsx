import { Radio, RadioGroup } from 'react-aria-components/RadioGroup'
import styles from './radio-cards.module.css'

interface RadioCardsProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly options: readonly { readonly value: T; readonly title: string; readonly text: string }[]
  readonly onChange: (value: T) => void
}

/** Two to four options that need a sentence each. */
export function RadioCards<T extends string>({ label, value, options, onChange }: RadioCardsProps<T>) {
  return (
    <RadioGroup
      className={styles.group ?? ''}
      aria-label={label}
      value={value}
      onChange={(chosen) => onChange(chosen as T)}
    >
      <span className={styles.label} aria-hidden>
        {label}
      </span>
      <div className={styles.cards}>
        {options.map((option) => (
          <Radio key={option.value} value={option.value} className={styles.card ?? ''}>
            <i className={styles.mark} aria-hidden />
            <span>
              <b>{option.title}</b>
              <span>{option.text}</span>
            </span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  )
}
