import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import styles from './details.module.css'

interface DetailsProps {
  readonly title: string
  readonly hint?: string
  readonly children: ReactNode
}

/** Opened by who needs it; found by the browser's own search, which opens it too. */
export function Details({ title, hint, children }: DetailsProps) {
  return (
    <details className={styles.details}>
      <summary>
        <span className={styles.title}>{title}</span>
        {hint !== undefined && <span className={styles.hint}>{hint}</span>}
        <ChevronRight size={16} aria-hidden />
      </summary>
      <div className={styles.content}>{children}</div>
    </details>
  )
}
