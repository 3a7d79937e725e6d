import { Segmented, type SegmentedProps } from './segmented.tsx'
import styles from './segmented-field.module.css'

interface SegmentedFieldProps<T extends string> extends SegmentedProps<T> {
  readonly help?: string
}

/** In a form: with its label in sight, as other fields have it. */
export function SegmentedField<T extends string>({ help, ...segmented }: SegmentedFieldProps<T>) {
  return (
    <div className={styles.field}>
      {/* The group itself has it as its name. */}
      <span className={styles.label} aria-hidden>
        {segmented.label}
      </span>
      <Segmented {...segmented} />
      {help !== undefined && <span className={styles.help}>{help}</span>}
    </div>
  )
}
