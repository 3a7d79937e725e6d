/** What stands around a table that is searched, filtered and read in pages. */
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import styles from './list.module.css'
import { Notice } from './notice.tsx'

interface ListBarProps {
  /** `3 of 12 keys`; nothing while it is not known. */
  readonly count?: string | undefined
  readonly children: ReactNode
}

export function ListBar({ count, children }: ListBarProps) {
  return (
    <div className={styles.bar}>
      {children}
      {count !== undefined && (
        <span className={styles.count} role="status">
          {count}
        </span>
      )}
    </div>
  )
}

interface ListFailureProps {
  readonly title: string
  readonly onAgain: () => void
  readonly children: ReactNode
}

export function ListFailure({ title, onAgain, children }: ListFailureProps) {
  return (
    <div className={styles.notice}>
      <Notice kind="danger" title={title} action={<Button onPress={onAgain}>Try again</Button>}>
        {children}
      </Notice>
    </div>
  )
}

interface PageTurnsProps {
  /** Of the page that is shown; nothing on the first. */
  readonly cursor: string | undefined
  /** `null` on the last. */
  readonly next: string | null
  readonly onFirst: () => void
  readonly onNext: (cursor: string) => void
}

/** Nothing where one page holds all. */
export function PageTurns({ cursor, next, onFirst, onNext }: PageTurnsProps) {
  if (cursor === undefined && next === null) return null
  return (
    <footer className={styles.pages}>
      <Button isDisabled={cursor === undefined} onPress={onFirst}>
        First page
      </Button>
      <Button isDisabled={next === null} onPress={() => next !== null && onNext(next)}>
        Next page
      </Button>
    </footer>
  )
}
