import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { AnswerOf } from '../../api/client.ts'
import { setupTokenQuery } from '../../api/queries.ts'
import { clockOf, dateOf } from '../../format/time.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Step, Steps } from '../../ui/steps.tsx'

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
    <Steps live>
      <Step
        title="Command run"
        state={stateOf(fetched, token !== undefined)}
        text={fetched === null ? 'Copy the command and run it.' : clockOf(fetched)}
      />
      <Step
        title="Settings written, key accepted"
        state={stateOf(used, fetched !== null)}
        text={used !== null && `${clockOf(used)}${token?.used_from == null ? '' : ` on ${token.used_from}`}`}
      />
      <Step
        title="First request"
        state={stateOf(first, used !== null)}
        text={
          first === null ? (
            <>
              Run <code>claude</code> and ask it anything. This page notices by itself.
            </>
          ) : (
            clockOf(first)
          )
        }
      />
    </Steps>
  )
}

/** @param isNext Where it has not happened yet: what comes before it has. */
const stateOf = (at: string | null, isNext: boolean) => (at !== null ? 'done' : isNext ? 'next' : 'waiting')
