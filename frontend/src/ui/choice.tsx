import { type ReactNode, type SelectHTMLAttributes, useId } from 'react'
import styles from './field.module.css'

interface ChoiceProps extends Omit<SelectHTMLAttributes<HTMLSelectElement>, 'id' | 'className'> {
  readonly label: string
  readonly help?: string
  readonly error?: string | undefined
  readonly children: ReactNode
}

/** One of many: the browser's own list, which every device shows in its own best way. */
export function Choice({ label, help, error, children, ...select }: ChoiceProps) {
  const id = useId()
  const said = error ?? help
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <div className={styles.box} data-invalid={error !== undefined}>
        <select
          {...select}
          id={id}
          aria-invalid={error !== undefined}
          aria-describedby={said === undefined ? undefined : `${id}-said`}
        >
          {children}
        </select>
      </div>
      {said !== undefined && (
        <p id={`${id}-said`} className={error === undefined ? styles.help : styles.error}>
          {said}
        </p>
      )}
    </div>
  )
}
