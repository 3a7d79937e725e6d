import type { ReactNode } from 'react'
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup'
import styles from './segmented.module.css'

export interface SegmentedProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly options: readonly { readonly value: T; readonly text: ReactNode; readonly label?: string }[]
  readonly onChange: (value: T) => void
}

/** Two to five short options, all of them in sight. */
export function Segmented<T extends string>({ label, value, options, onChange }: SegmentedProps<T>) {
  return (
    <RadioGroup
      className={styles.group ?? ''}
      aria-label={label}
      orientation="horizontal"
      value={value}
      onChange={(chosen) => onChange(chosen as T)}
    >
      {options.map((option) => (
        <Radio
          key={option.value}
          value={option.value}
          className={styles.option ?? ''}
          {...(option.label !== undefined && { 'aria-label': option.label })}
        >
          {option.text}
        </Radio>
      ))}
    </RadioGroup>
  )
}
