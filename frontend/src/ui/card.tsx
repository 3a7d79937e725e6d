import { type ReactNode, useId } from 'react'
import styles from './card.module.css'

interface CardProps {
  readonly title?: string
  readonly aside?: ReactNode
  readonly foot?: ReactNode
  /** The content reaches the card's edges. */
  readonly flush?: boolean
  readonly label?: string
  readonly children: ReactNode
}

/** One card a question; never a card in a card. */
export function Card({ title, aside, foot, flush = false, label, children }: CardProps) {
  const id = useId()
  return (
    <section className={styles.card} aria-label={label} aria-labelledby={title === undefined ? undefined : id}>
      {title !== undefined && (
        <header className={styles.head}>
          <h2 id={id}>{title}</h2>
          {aside !== undefined && <div className={styles.aside}>{aside}</div>}
        </header>
      )}
      <div className={flush ? styles.flush : styles.body}>{children}</div>
      {foot !== undefined && <footer className={styles.foot}>{foot}</footer>}
    </section>
  )
}
