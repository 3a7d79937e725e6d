import { percentOfLimit, STATUS_WORDS, type Status } from '../../format/budget.ts'
import { MISSING } from '../../format/number.ts'
import { Bar } from '../../ui/bar.tsx'
import { State } from '../../ui/state.tsx'
import styles from './used.module.css'

const COLOURS = { ok: undefined, warn: 'var(--warn-mark)', danger: 'var(--danger-mark)' } as const

interface UsedProps {
  readonly percent: number | null
  readonly status: Status
}

/** How much of a limit is used up. */
export function Used({ percent, status }: UsedProps) {
  if (percent === null) return <span className="quiet">{MISSING}</span>
  const colour = COLOURS[STATUS_WORDS[status].kind]
  return (
    <span className={styles.used}>
      <Bar share={Math.min(1, percent / 100)} {...(colour !== undefined && { colour })} />
      <span className="figure">{percentOfLimit(percent)}</span>
    </span>
  )
}

interface BudgetStateProps {
  readonly status: Status
  readonly hasLimit: boolean
  /** What it is said of, where it is not what the row is about. */
  readonly by?: string | undefined
}

export function BudgetState({ status, hasLimit, by }: BudgetStateProps) {
  if (!hasLimit && status === 'ok') return <State kind="off">No limit</State>
  const { kind, word } = STATUS_WORDS[status]
  return <State kind={kind}>{by === undefined || status === 'ok' ? word : `${word}, ${by}`}</State>
}
