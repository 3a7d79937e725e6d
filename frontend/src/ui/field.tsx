import { CircleAlert } from 'lucide-react'
import { type InputHTMLAttributes, type ReactNode, type Ref, useId } from 'react'
import styles from './field.module.css'

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'className'> {
  readonly label: string
  readonly help?: string
  /** What to enter instead; it takes the place of the help. */
  readonly error?: string | undefined
  /** Inside the field, at its end. */
  readonly end?: ReactNode
  readonly ref?: Ref<HTMLInputElement>
}

export function Field({ label, help, error, end, ...input }: FieldProps) {
  const id = useId()
  const said = error ?? help
  return (
    <div className={styles.field}>
      <label htmlFor={id}>
        {label}
        {input.required !== true && <span className={styles.optional}>optional</span>}
      </label>
      <div className={styles.box} data-invalid={error !== undefined}>
        <input
          {...input}
          id={id}
          aria-invalid={error !== undefined}
          aria-describedby={said === undefined ? undefined : `${id}-said`}
        />
        {end}
      </div>
      {said !== undefined && (
        <p id={`${id}-said`} className={error === undefined ? styles.help : styles.error}>
          {error !== undefined && <CircleAlert size={14} aria-hidden />}
          <span>{said}</span>
        </p>
      )}
    </div>
  )
}
