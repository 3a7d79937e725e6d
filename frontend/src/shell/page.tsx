import { RefreshCw } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { secondsAgo } from '../format/time.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { useNow } from './now.ts'
import styles from './page.module.css'
import { useShortcut } from './shortcuts.ts'

interface PageProps {
  readonly title: string
  /** The page it belongs to, as a link. */
  readonly above?: ReactNode
  readonly actions?: ReactNode
  /** What the page shows, and how to read it anew. */
  readonly data?: {
    readonly dataUpdatedAt: number
    readonly isFetching: boolean
    readonly error: Error | null
    readonly data: unknown
    refetch(): unknown
  }
  readonly children: ReactNode
}

/** Older than this, what is shown says so. */
const STALE_MS = 300_000

export function Page({ title, above, actions, data, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · ${location.host}`
    // A screen reader hears where it is after a change of page.
    heading.current?.focus({ preventScroll: true })
  }, [title])
  useShortcut('r', () => void data?.refetch())
  return (
    <>
      <header className={styles.head}>
        <div className={styles.inner}>
          {above !== undefined && (
            <nav aria-label="Above" className={styles.above}>
              {above}
              <span aria-hidden>/</span>
            </nav>
          )}
          <h1 ref={heading} tabIndex={-1} dir="auto">
            {title}
          </h1>
          <div className={styles.actions}>
            {data !== undefined && <Freshness {...data} />}
            {actions}
          </div>
        </div>
      </header>
      <main id="content" className={styles.content}>
        {data?.error != null && data.data !== undefined && (
          <Notice
            kind="warn"
            title="This is not the newest"
            action={<Button onPress={() => void data.refetch()}>Try again</Button>}
          >
            {data.error.message} What you see was read before.
          </Notice>
        )}
        {children}
      </main>
    </>
  )
}

function Freshness({ dataUpdatedAt, isFetching, refetch }: NonNullable<PageProps['data']>) {
  const now = useNow()
  return (
    <>
      {dataUpdatedAt > 0 && (
        <span className={now - dataUpdatedAt > STALE_MS ? styles.stale : styles.fresh}>
          Updated {secondsAgo(dataUpdatedAt, now)}
        </span>
      )}
      <Button kind="ghost" icon aria-label="Refresh" onPress={() => void refetch()}>
        <RefreshCw size={15} aria-hidden className={isFetching ? styles.turning : undefined} />
      </Button>
    </>
  )
}
