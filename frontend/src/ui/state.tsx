import styles from './state.module.css'

interface StateProps {
  readonly kind: 'ok' | 'warn' | 'danger' | 'off'
  readonly children: string
}

/** A state has a shape and a word, so that colour is never the only carrier. */
export function State({ kind, children }: StateProps) {
  return (
    <span className={styles.state}>
      <i className={`${styles.mark} ${styles[kind]}`} aria-hidden />
      {children}
    </span>
  )
}
