import { CircleAlert } from 'lucide-react'
import { useId } from 'react'
import styles from './field.module.css'

interface TextAreaProps {
  readonly label: string
  readonly value: string
  readonly rows: number
  readonly error?: string | undefined
  readonly onChange: (value: string) => void
}

/** For text that a machine reads. */
export function TextArea({ label, value, rows, error, onChange }: TextAreaProps) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className={styles.text}
        rows={rows}
        value={value}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : `${id}-said`}
        onChange={(event) => onChange(event.target.value)}
      />
      {error !== undefined && (
        <p id={`${id}-said`} className={styles.error}>
          <CircleAlert size={14} aria-hidden />
          <span>{error}</span>
        </p>
      )}
    </div>
  )
}
