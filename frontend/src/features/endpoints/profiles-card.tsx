import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { EndpointDetails } from '../../api/endpoint-types.ts'
import { modelName } from '../../format/model-name.ts'
import { fullTime, relative } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import table from '../../ui/table.module.css'
import { Time } from '../../ui/time.tsx'
import { AddProfile } from './add-profile.tsx'
import styles from './override-cards.module.css'
import { RemoveOverride } from './remove-override.tsx'

type AipOverride = EndpointDetails['aip_overrides'][number]

/** Application inference profiles: a model under a name of the account's own, with its own tags and bill. */
export function ProfilesCard({ of: endpoint }: { readonly of: EndpointDetails }) {
  const [isAdding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<AipOverride>()
  const { id, name, aip_overrides } = endpoint
  return (
    <Card
      title="Application inference profiles"
      flush
      aside={
        <Button onPress={() => setAdding(true)}>
          <Plus size={14} aria-hidden /> Add profile
        </Button>
      }
    >
      <p className={styles.about}>
        A model that stands here is called by the account’s own inference profile instead of the cross-region one.
      </p>
      {aip_overrides.length === 0 ? (
        <p className={styles.none}>None. Every model is called by its cross-region profile.</p>
      ) : (
        <Profiles of={aip_overrides} onRemove={setRemoving} />
      )}
      {isAdding && <AddProfile endpoint={endpoint} onClose={() => setAdding(false)} />}
      {removing !== undefined && (
        <RemoveOverride
          title={`Remove the profile of ${modelName(removing.model_id)}?`}
          effect={`${name} calls ${modelName(removing.model_id)} by its cross-region profile again, from the next request on.`}
          done={`${modelName(removing.model_id)} is called by its cross-region profile again`}
          of={{ kind: 'profile', endpointId: id, modelId: removing.model_id }}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </Card>
  )
}

interface ProfilesProps {
  readonly of: readonly AipOverride[]
  readonly onRemove: (override: AipOverride) => void
}

function Profiles({ of: overrides, onRemove }: ProfilesProps) {
  const now = useNow()
  return (
    <div className={table.frame}>
      <table className={`${table.table} ${styles.table}`}>
        <caption className="unseen">Application inference profiles, by model</caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Profile</th>
            <th scope="col" className={table.middle}>
              Set
            </th>
            <th scope="col" className={table.wide}>
              By
            </th>
            <th scope="col">
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {overrides.map((override) => (
            <tr key={override.model_id}>
              <th scope="row" title={override.model_id}>
                {modelName(override.model_id)}
              </th>
              <td className={styles.long} title={reasoned(override.aip_arn, override.reason)}>
                <code className="truncated">{override.aip_arn}</code>
              </td>
              <td className={`${table.middle} ${table.minor}`}>
                <Time iso={override.set_at} text={relative(override.set_at, now)} full={fullTime(override.set_at)} />
              </td>
              <td className={`${table.wide} ${table.minor}`}>
                <span className="truncated" dir="auto">
                  {override.set_by}
                </span>
              </td>
              <td className={styles.acts}>
                <Button
                  kind="ghost"
                  icon
                  aria-label={`Remove the profile of ${modelName(override.model_id)}`}
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

const reasoned = (text: string, reason: string | null): string => (reason === null ? text : `${text} · ${reason}`)
