import { useQuery } from '@tanstack/react-query'
import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { betaOverridesQuery } from '../../api/endpoint-queries.ts'
import type { BetaOverride, Endpoint } from '../../api/endpoint-types.ts'
import { fullTime, relative } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { State } from '../../ui/state.tsx'
import table from '../../ui/table.module.css'
import { Time } from '../../ui/time.tsx'
import { AddBeta } from './add-beta.tsx'
import styles from './override-cards.module.css'
import { RemoveOverride } from './remove-override.tsx'

/** What administrators know better than what the gateway has learned from Bedrock's refusals. */
export function BetaCard({ of: endpoint }: { readonly of: Endpoint }) {
  const [isAdding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<BetaOverride>()
  return (
    <Card
      title="Beta flags"
      flush
      aside={
        <Button onPress={() => setAdding(true)}>
          <Plus size={14} aria-hidden /> Add flag
        </Button>
      }
    >
      <p className={styles.about}>
        Whether a profile takes a beta flag is learned from Bedrock’s answers. What is said here wins over that.
      </p>
      <Betas endpointId={endpoint.id} onRemove={setRemoving} />
      {isAdding && <AddBeta endpoint={endpoint} onClose={() => setAdding(false)} />}
      {removing !== undefined && (
        <RemoveOverride
          title={`Remove what is said about ${removing.beta_name}?`}
          effect="Whether the profile takes the flag is left to what is learned, from the next request on."
          done={`${removing.beta_name} is left to what is learned`}
          of={{
            kind: 'beta',
            endpointId: endpoint.id,
            profileId: removing.profile_id,
            beta: removing.beta_name,
          }}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </Card>
  )
}

interface BetasProps {
  readonly endpointId: string
  readonly onRemove: (override: BetaOverride) => void
}

function Betas({ endpointId, onRemove }: BetasProps) {
  const { data, error, refetch } = useQuery(betaOverridesQuery)
  if (data === undefined) {
    return (
      <div className={styles.notice}>
        {error === null ? (
          <Skeleton height="2rem" />
        ) : (
          <Notice
            kind="danger"
            title="They could not be loaded"
            action={<Button onPress={() => void refetch()}>Try again</Button>}
          >
            {error.message}
          </Notice>
        )}
      </div>
    )
  }
  const overrides = data.overrides.filter(({ endpoint_id }) => endpoint_id === endpointId)
  if (overrides.length === 0) return <p className={styles.none}>Nothing is said: all of it is learned.</p>
  return <BetaTable of={overrides} onRemove={onRemove} />
}

interface BetaTableProps {
  readonly of: readonly BetaOverride[]
  readonly onRemove: (override: BetaOverride) => void
}

function BetaTable({ of: overrides, onRemove }: BetaTableProps) {
  const now = useNow()
  return (
    <div className={table.frame}>
      <table className={`${table.table} ${styles.table}`}>
        <caption className="unseen">Beta flags about which something is said</caption>
        <thead>
          <tr>
            <th scope="col">Flag</th>
            <th scope="col">Taken</th>
            <th scope="col" className={table.middle}>
              Profile
            </th>
            <th scope="col" className={table.wide}>
              Set
            </th>
            <th scope="col">
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {overrides.map((override) => (
            <tr key={`${override.profile_id} ${override.beta_name}`}>
              <th scope="row" className={`${styles.long} ${styles.half}`} title={override.beta_name}>
                <span className="truncated">{override.beta_name}</span>
              </th>
              <td title={override.reason ?? undefined}>
                <State kind={override.supported ? 'ok' : 'off'}>{override.supported ? 'Taken' : 'Not taken'}</State>
              </td>
              <td className={`${table.middle} ${styles.long} ${styles.half}`} title={override.profile_id}>
                <code className="truncated">{override.profile_id}</code>
              </td>
              <td className={`${table.wide} ${table.minor}`}>
                <Time iso={override.set_at} text={relative(override.set_at, now)} full={fullTime(override.set_at)} />
              </td>
              <td className={styles.acts}>
                <Button
                  kind="ghost"
                  icon
                  aria-label={`Remove ${override.beta_name} of ${override.profile_id}`}
                  onPress={() => onRemove(override)}
                >
                  <Trash2 size={15} aria-hidden />
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
