/** Things done one after the other, on a thread: each with a mark that tells how it stands. */
import { Check, X } from 'lucide-react'
import type { ReactNode } from 'react'
import styles from './steps.module.css'

interface StepsProps {
  /** Read out as it happens: what moves it on is not done on this page. */
  readonly live?: boolean
  readonly children: ReactNode
}

export function Steps({ live = false, children }: StepsProps) {
  return (
    <ol className={styles.steps} {...(live && { 'aria-live': 'polite' as const })}>
      {children}
    </ol>
  )
}

type StepState = 'done' | 'next' | 'failed' | 'waiting'

/** What the mark shows, for whoever does not see it; the next one is told by `aria-current`. */
const UNSEEN: Readonly<Record<StepState, string>> = { done: ': done', failed: ': failed', next: '', waiting: '' }

interface StepProps {
  readonly title: string
  readonly state: StepState
  readonly text: ReactNode
  /** What can be done in it. */
  readonly actions?: ReactNode
}

export function Step({ title, state, text, actions }: StepProps) {
  return (
    <li data-state={state} {...(state === 'next' && { 'aria-current': 'step' as const })}>
      <span className={styles.mark} aria-hidden>
        {state === 'done' && <Check size={13} strokeWidth={2.5} />}
        {state === 'failed' && <X size={13} strokeWidth={2.5} />}
      </span>
      <b>
        {title}
        <span className="unseen">{UNSEEN[state]}</span>
      </b>
      <div className={styles.text}>{text}</div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </li>
  )
}
