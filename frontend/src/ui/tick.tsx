import { Check } from 'lucide-react'
import { useId } from 'react'
import styles from './tick.module.css'

interface TickProps {
  readonly label: string
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
}

export function Tick({ label, checked, onChange }: TickProps) {
  const id = useId()
  return (
    <span className={styles.tick}>
      <input id={id} type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <Check size={12} strokeWidth={3} aria-hidden />
      <label htmlFor={id}>{label}</label>
    </span>
  )
}
