import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { meQuery } from '../api/queries.ts'
import { Card } from '../ui/card.tsx'
import { Empty } from '../ui/empty.tsx'
import { Page } from './page.tsx'

/** Around the pages of administrators. The gateway itself judges each call; here nobody is led into an empty page. */
export function AdminsOnly() {
  const { data: me } = useSuspenseQuery(meQuery)
  if (me.role === 'admin') return <Outlet />
  return (
    <Page title="For administrators">
      <Card label="For administrators">
        <Empty title="You need the admin role for this page">
          You are signed in as a member. Ask an administrator of this gateway, or go to your{' '}
          <Link to="/dashboard" className="link">
            Dashboard
          </Link>
          .
        </Empty>
      </Card>
    </Page>
  )
}
