import styles from './marked-bar.module.css'

interface MarkedBarProps {
  /** 0 to 1. */
  readonly share: number
  readonly tone: 'plain' | 'warn' | 'danger'
  /** Where on the bar something happens, each 0 to 1. */
  readonly marks: readonly number[]
}

/** What has been used of something, and where on the way things happen; the words to it stand beside it, so it is an ornament to a screen reader. */
export function MarkedBar({ share, tone, marks }: MarkedBarProps) {
  return (
    <span className={styles.bar} aria-hidden>
      <span className={styles.track}>
        <i className={styles[tone]} style={{ width: `${Math.min(1, share) * 100}%` }} />
      </span>
      {marks.map((at) => (
        <i key={at} className={styles.mark} style={{ insetInlineStart: `${at * 100}%` }} />
      ))}
    </span>
  )
}
