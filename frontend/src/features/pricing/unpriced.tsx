import type { UseQueryResult } from '@tanstack/react-query'
import type { AnswerOf } from '../../api/client.ts'
import { exactly, money } from '../../format/money.ts'
import { exactCount } from '../../format/number.ts'
import { fullTime, relative } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Notice } from '../../ui/notice.tsx'
import { State } from '../../ui/state.tsx'
import table from '../../ui/table.module.css'
import { Time } from '../../ui/time.tsx'
import styles from './unpriced.module.css'

interface UnpricedProps {
  readonly of: UseQueryResult<AnswerOf<'GET /admin/pricing/unpriced'>>
  readonly onSet: (model: string) => void
}

/** Only where somebody has to do something; while it loads, nothing is promised. */
export function Unpriced({ of: { data, error, refetch }, onSet }: UnpricedProps) {
  const now = useNow()
  if (data === undefined) {
    if (error === null) return null
    return (
      <Notice
        kind="warn"
        title="Whether models have no price could not be looked up"
        action={<Button onPress={() => void refetch()}>Try again</Button>}
      >
        {error.message}
      </Notice>
    )
  }
  if (data.models.length === 0) return null
  return (
    <Card
      title="Without a price"
      aside={<State kind="warn">Charged as unknown</State>}
      flush
      foot={`Charged $5 for a million tokens in and $25 out, so that nobody gets them free. Last ${data.days} days.`}
    >
      <div className={table.frame}>
        <table className={`${table.table} ${styles.unpriced}`}>
          <caption className="unseen">Models that were asked for and have no price</caption>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col" className={table.number}>
                Requests
              </th>
              <th scope="col" className={`${table.number} ${table.middle}`}>
                Charged
              </th>
              <th scope="col" className={`${table.number} ${table.middle}`}>
                Last asked for
              </th>
              <th scope="col">
                <span className="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.models.map(({ model, requests, charged_usd, last_seen }) => (
              <tr key={model}>
                <th scope="row" className={styles.model}>
                  <code className="truncated" title={model}>
                    {model}
                  </code>
                </th>
                <td className={table.number}>{exactCount(requests)}</td>
                <td className={`${table.number} ${table.middle}`} title={exactly(charged_usd)}>
                  {money(charged_usd)}
                </td>
                <td className={`${table.number} ${table.middle}`}>
                  <Time iso={last_seen} text={relative(last_seen, now)} full={fullTime(last_seen)} />
                </td>
                <td className={styles.act}>
                  <Button aria-label={`Set price of ${model}`} onPress={() => onSet(model)}>
                    Set price
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  )
}
