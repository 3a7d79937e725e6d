import type { RefreshState } from '../../api/pricing-types.ts'
import { exactCount } from '../../format/number.ts'
import { fullTime, relative } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Time } from '../../ui/time.tsx'
import styles from './last-refresh.module.css'

interface LastRefreshProps {
  readonly of: RefreshState | undefined
}

export function LastRefresh({ of }: LastRefreshProps) {
  const now = useNow()
  if (of === undefined) return <span className={styles.foot}>&nbsp;</span>
  const { last, next_at } = of
  return (
    <span className={styles.foot}>
      {last === null ? (
        <span>AWS's price list has not been read yet.</span>
      ) : (
        <span>
          AWS's price list was {last.failed ? 'asked for' : 'read'}{' '}
          <Time iso={last.at} text={relative(last.at, now)} full={fullTime(last.at)} /> ({last.by}
          {last.region !== null && `, ${last.region}`}): {outcome(last)}.
        </span>
      )}
      {next_at !== null && (
        <span>
          Next <Time iso={next_at} text={until(next_at, now)} full={fullTime(next_at)} />.
        </span>
      )}
      <span>A change prices what is asked after it; what has been charged stays.</span>
    </span>
  )
}

type Last = NonNullable<RefreshState['last']>

function outcome({ failed, inserted, updated }: Last): string {
  if (failed) return 'it could not be read'
  const changed = inserted + updated
  return changed === 0
    ? 'nothing had changed'
    : `${exactCount(changed)} ${changed === 1 ? 'price was' : 'prices were'} taken over`
}

const HOUR_MS = 3_600_000

function until(iso: string, now: number): string {
  const hours = Math.round((Date.parse(iso) - now) / HOUR_MS)
  if (hours < 0) return 'is due'
  return hours < 1 ? 'within the hour' : `in ${hours} h`
}

/** What keeps the list from being read, or left models out. */
export function FailedRefresh({ of, onRefresh }: LastRefreshProps & { readonly onRefresh: () => void }) {
  const last = of?.last
  if (last == null || last.errors.length === 0) return null
  return (
    <Notice
      kind={last.failed ? 'danger' : 'warn'}
      title={last.failed ? "AWS's price list could not be read" : "Part of AWS's price list could not be read"}
      action={<Button onPress={onRefresh}>Try again</Button>}
    >
      The prices that are known stay in force.
      <Errors of={last.errors} />
    </Notice>
  )
}

export const Errors = ({ of }: { readonly of: readonly string[] }) => (
  <ul className={styles.errors}>
    {of.map((error) => (
      <li key={error}>{error}</li>
    ))}
  </ul>
)
