import { Link } from '@tanstack/react-router'
import { ApiError } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/empty.tsx'
import styles from './failures.module.css'

export function NothingHere() {
  return (
    <main className={styles.failure}>
      <h1 className="unseen">Not found</h1>
      <Empty title="There is no such page">
        Perhaps it was moved. Go to{' '}
        <Link to="/dashboard" className="link">
          Dashboard
        </Link>
        ,{' '}
        <Link to="/keys" className="link">
          Virtual keys
        </Link>{' '}
        or{' '}
        <Link to="/connect" className="link">
          Connect
        </Link>
        .
      </Empty>
    </main>
  )
}

/** Before anything is on the screen; a page that already shows something keeps it and says what failed. */
export function Unreachable({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  const known = error instanceof ApiError
  const title = known && error.status === 403 ? 'You have no access' : 'The gateway cannot be reached'
  return (
    <main className={styles.failure}>
      <h1 className="unseen">{title}</h1>
      <Empty title={title} action={<Button onPress={() => (known ? location.reload() : reset())}>Try again</Button>}>
        {error instanceof Error ? error.message : 'Something unexpected happened.'}{' '}
        {known && error.status !== 403 && 'You stay signed in; keys keep working as soon as it answers.'}
      </Empty>
    </main>
  )
}
