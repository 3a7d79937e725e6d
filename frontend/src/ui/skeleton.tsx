import styles from './skeleton.module.css'

/** Stands where something comes, at the height it will have, so that nothing moves under the hand. */
export function Skeleton({ height, label = 'Loading' }: { readonly height: string; readonly label?: string }) {
  return <div className={styles.skeleton} style={{ height }} role="status" aria-label={label} />
}
