import styles from './switch.module.css'

interface SwitchProps {
  readonly label: string
  readonly checked: boolean
  readonly isBusy?: boolean
  readonly onChange: (checked: boolean) => void
}

/** Acts at once. Its label is read out; what is seen beside it says the rest. */
export function Switch({ label, checked, isBusy = false, onChange }: SwitchProps) {
  return (
    <input
      type="checkbox"
      role="switch"
      className={styles.switch}
      aria-label={label}
      title={label}
      checked={checked}
      aria-checked={checked}
      disabled={isBusy}
      onChange={(event) => onChange(event.target.checked)}
    />
  )
}
