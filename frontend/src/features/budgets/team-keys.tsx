import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { TeamRow } from '../../api/budget-types.ts'
import type { Key } from '../../api/people-types.ts'
import { keysQuery } from '../../api/queries.ts'
import { exactly, money } from '../../format/money.ts'
import { MISSING } from '../../format/number.ts'
import { fullTime, relative } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import table from '../../ui/table.module.css'
import { Time } from '../../ui/time.tsx'
import styles from './lists.module.css'

/** The list is looked through by the name of the team; what only bears it in its own name is left out again. */
const MOST_KEYS = 200

export function KeysTab({ team }: { readonly team: TeamRow }) {
  const { data, error, refetch } = useQuery(
    keysQuery({ q: team.team_name, status: 'active', sort: 'spend', order: 'desc', limit: MOST_KEYS }),
  )
  const keys = data?.keys.filter(({ team_name }) => team_name === team.team_name)
  if (keys === undefined || keys.length === 0) {
    return (
      <Card label="Keys">
        {keys !== undefined ? (
          <Empty title={`No key pays by ${team.team_name}`}>
            A key belongs to a team by itself, or by its owner.{' '}
            <Link to="/keys" search={{ create: true }} className="link">
              Create a key
            </Link>
          </Empty>
        ) : error === null ? (
          <Skeleton height="16rem" />
        ) : (
          <Notice
            kind="danger"
            title="The keys could not be loaded"
            action={<Button onPress={() => void refetch()}>Try again</Button>}
          >
            {error.message}
          </Notice>
        )}
      </Card>
    )
  }
  return (
    <Card
      title="Keys"
      aside={
        <Link to="/keys" search={{ q: team.team_name }} className="link">
          In the list of all keys
        </Link>
      }
      flush
    >
      <KeyTable keys={keys} />
    </Card>
  )
}

function KeyTable({ keys }: { readonly keys: readonly Key[] }) {
  const now = useNow()
  return (
    <div className={table.frame}>
      <table className={`${table.table} ${styles.list}`}>
        <caption className="unseen">Active keys that the team pays for, the most spent first</caption>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col" className={table.middle}>
              Owner
            </th>
            <th scope="col" className={`${table.number} ${table.middle}`}>
              Last used
            </th>
            <th scope="col" className={table.number}>
              Spend, this month
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <th scope="row" className={styles.name}>
                <span className="truncated" dir="auto" title={key.name ?? key.prefix}>
                  {key.name ?? key.prefix}
                </span>
              </th>
              <td className={table.middle}>
                {key.user_id === null ? (
                  <Badge>Team key</Badge>
                ) : (
                  <span dir="auto">{key.owner_name ?? key.owner_email ?? 'Removed person'}</span>
                )}
              </td>
              <td className={`${table.number} ${table.minor} ${table.middle}`}>
                {key.last_used_at === null ? (
                  <span className="quiet">{MISSING}</span>
                ) : (
                  <Time
                    iso={key.last_used_at}
                    text={relative(key.last_used_at, now)}
                    full={fullTime(key.last_used_at)}
                  />
                )}
              </td>
              <td className={`${table.number} ${table.major}`} title={exactly(key.spend_usd)}>
                {money(key.spend_usd)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
