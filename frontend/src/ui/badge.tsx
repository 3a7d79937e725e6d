import styles from './badge.module.css'

interface BadgeProps {
  /** What is chosen stands out. */
  readonly kind?: 'plain' | 'chosen'
  readonly children: string
}

export function Badge({ kind = 'plain', children }: BadgeProps) {
  return <span className={kind === 'chosen' ? `${styles.badge} ${styles.chosen}` : styles.badge}>{children}</span>
}
