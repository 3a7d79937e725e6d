import styles from './bar.module.css'

interface BarProps {
  /** 0 to 1. */
  readonly share: number
  readonly colour?: string
}

/** The size of a share beside its figure, which stands there in words: to a screen reader it is an ornament. */
export function Bar({ share, colour }: BarProps) {
  return (
    <span className={styles.track} aria-hidden>
      <i style={{ width: `${share * 100}%`, ...(colour !== undefined && { background: colour }) }} />
    </span>
  )
}
