import { useQuery } from '@tanstack/react-query'
import { endpointModelsQuery, endpointQuotasQuery } from '../../api/endpoint-queries.ts'
import type { Endpoint, Quota } from '../../api/endpoint-types.ts'
import { count, exactCount, MISSING } from '../../format/number.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { State } from '../../ui/state.tsx'
import table from '../../ui/table.module.css'
import { type Capability, capabilitiesOf } from './capabilities.ts'
import styles from './override-cards.module.css'

export function ModelsCard({ of: { id, region, routing_prefix } }: { readonly of: Endpoint }) {
  const models = useQuery(endpointModelsQuery(id))
  const quotas = useQuery(endpointQuotasQuery(id))
  const known = quotas.data !== undefined && 'quotas' in quotas.data ? quotas.data.quotas : []
  const refused = quotas.data !== undefined && 'error' in quotas.data ? quotas.data.error : undefined
  const rows = capabilitiesOf(models.data?.models ?? [], known, routing_prefix)
  if (models.isPending || quotas.isPending) {
    return (
      <Card title="Models and quotas">
        <Skeleton height="12rem" />
      </Card>
    )
  }
  return (
    <Card title="Models and quotas" aside="per minute" flush>
      {models.error !== null && (
        <div className={styles.notice}>
          <Notice
            kind="warn"
            title="Bedrock did not tell which models there are"
            action={<Button onPress={() => void models.refetch()}>Try again</Button>}
          >
            <p>{models.error.message}</p>
            <p>A test tells what is missing.</p>
          </Notice>
        </div>
      )}
      {rows.length > 0 && <Capabilities rows={rows} region={region} isTold={models.error === null} />}
      {rows.length === 0 && models.error === null && (
        <Empty title="No Claude models in this scope">
          Ask for access to the models in the Bedrock console of the account, or choose another scope.
        </Empty>
      )}
      {refused !== undefined && models.error === null && (
        <div className={styles.notice}>
          <Notice kind="info" title="Quotas cannot be shown">
            {refused.message} Requests do not need it.
          </Notice>
        </div>
      )}
      {quotas.error !== null && <p className={`${styles.notice} quiet`}>Quotas: {quotas.error.message}</p>}
    </Card>
  )
}

interface CapabilitiesProps {
  readonly rows: readonly Capability[]
  readonly region: string
  /** Whether Bedrock has said which models there are. */
  readonly isTold: boolean
}

function Capabilities({ rows, region, isTold }: CapabilitiesProps) {
  return (
    <div className={table.frame}>
      <table className={table.table}>
        <caption className="unseen">Models that the endpoint offers, and their quotas</caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" className={table.number}>
              Requests
            </th>
            <th scope="col" className={table.number}>
              Tokens
            </th>
            <th scope="col" className={table.middle}>
              Quota
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.model}>
              <th scope="row" title={row.profiles.join(', ') || 'Not among the inference profiles of this account'}>
                <State kind={row.isOffered ? 'ok' : 'off'}>{row.model}</State>
                {!row.isOffered && isTold && <span className="unseen"> not offered</span>}
              </th>
              <Limit of={row.requestsPerMinute} />
              <Limit of={row.tokensPerMinute} />
              <td className={`${table.middle} ${table.minor}`}>
                <More of={row} region={region} isTold={isTold} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Limit({ of: quota }: { readonly of: Quota | undefined }) {
  return quota === undefined ? (
    <td className={table.number}>
      <span className="quiet">{MISSING}</span>
    </td>
  ) : (
    <td className={table.number} title={`${exactCount(quota.value)} · ${quota.quota_name} · ${quota.quota_code}`}>
      {count(quota.value)}
    </td>
  )
}

/** Where AWS takes the wish for a higher one. It opens the console of the account one is signed in to there. */
function More({
  of: { model, isOffered, requestsPerMinute, tokensPerMinute },
  region,
  isTold,
}: Omit<CapabilitiesProps, 'rows'> & { readonly of: Capability }) {
  if (!isOffered && isTold) return <>Not seen in this account</>
  const adjustable = [tokensPerMinute, requestsPerMinute].find((quota) => quota?.adjustable === true)
  if (adjustable !== undefined) {
    const code = encodeURIComponent(adjustable.quota_code)
    return (
      <a
        className="link"
        href={`https://${encodeURIComponent(region)}.console.aws.amazon.com/servicequotas/home/services/bedrock/quotas/${code}`}
        target="_blank"
        rel="noreferrer"
      >
        Ask for more<span className="unseen"> of {model}, in the AWS console</span>
      </a>
    )
  }
  return <>{requestsPerMinute === undefined && tokensPerMinute === undefined ? MISSING : 'Fixed'}</>
}
