import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Check } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { AnswerOf } from '../../api/client.ts'
import { setupTokenQuery } from '../../api/queries.ts'
import { clockOf, dateOf } from '../../format/time.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import styles from './progress.module.css'

type SetupToken = AnswerOf<'GET /admin/setup-tokens/{id}'>

interface ProgressProps {
  readonly setup: { readonly id: string } | undefined
  /** Of this person, with whichever key. */
  readonly firstRequestAt: string | null
  readonly isScripted: boolean
}

/** Longer than anybody needs for one command and one question. */
const WATCH_MS = 10 * 60_000

/** What has happened at the other end, told as it happens. */
export function Progress({ setup, firstRequestAt, isScripted }: ProgressProps) {
  if (setup !== undefined) return <Watched key={setup.id} id={setup.id} />
  if (firstRequestAt !== null) {
    return (
      <Card title="You are connected">
        <p>
          Your first request was on {dateOf(firstRequestAt)}. What you use is on the{' '}
          <Link to="/dashboard" className="link">
            Dashboard
          </Link>
          .
        </p>
      </Card>
    )
  }
  return (
    <Card title="Not connected yet">
      {isScripted ? <Ticks of={undefined} /> : <p>The first request with your key will show on the Dashboard.</p>}
    </Card>
  )
}

function Watched({ id }: { readonly id: string }) {
  const [until, setUntil] = useState(() => Date.now() + WATCH_MS)
  const { data, error } = useQuery(setupTokenQuery(id, until))
  const isOver = data?.first_request_at != null
  return (
    <Card
      title={isOver ? 'Connected' : 'Waiting for your first request'}
      foot={<Foot isOver={isOver} until={until} error={error} onMore={() => setUntil(Date.now() + WATCH_MS)} />}
    >
      <Ticks of={data} />
    </Card>
  )
}

interface FootProps {
  readonly isOver: boolean
  readonly until: number
  readonly error: Error | null
  readonly onMore: () => void
}

function Foot({ isOver, until, error, onMore }: FootProps) {
  if (isOver) {
    return (
      <Link to="/dashboard" className="link">
        See it on the Dashboard
      </Link>
    )
  }
  if (Date.now() >= until) {
    return (
      <>
        Not looking any more. <Button onPress={onMore}>Look again</Button>
      </>
    )
  }
  return error === null ? 'Looking every few seconds' : `${error.message} Still trying.`
}

function Ticks({ of: token }: { readonly of: SetupToken | undefined }) {
  const fetched = token?.fetched_at ?? null
  const used = token?.used_at ?? null
  const first = token?.first_request_at ?? null
  return (
    <ol className={styles.ticks} aria-live="polite">
      <Step title="Command run" at={fetched} isNext={token !== undefined && fetched === null}>
        {fetched === null ? 'Copy the command and run it.' : clockOf(fetched)}
      </Step>
      <Step title="Settings written, key accepted" at={used} isNext={fetched !== null && used === null}>
        {used !== null && `${clockOf(used)}${token?.used_from == null ? '' : ` on ${token.used_from}`}`}
      </Step>
      <Step title="First request" at={first} isNext={used !== null && first === null}>
        {first === null ? (
          <>
            Run <code>claude</code> and ask it anything. This page notices by itself.
          </>
        ) : (
          clockOf(first)
        )}
      </Step>
    </ol>
  )
}

interface StepProps {
  readonly title: string
  readonly at: string | null
  readonly isNext: boolean
  readonly children: ReactNode
}

function Step({ title, at, isNext, children }: StepProps) {
  const state = at !== null ? 'done' : isNext ? 'next' : 'later'
  return (
    <li data-state={state}>
      <span className={styles.mark} aria-hidden>
        {state === 'done' && <Check size={13} strokeWidth={2.5} />}
      </span>
      <b>
        {title}
        {state === 'done' && <span className="unseen">: done</span>}
      </b>
      <span className={styles.text}>{children}</span>
    </li>
  )
}
