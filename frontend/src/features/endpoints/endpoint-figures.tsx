import type { ReactNode } from 'react'
import type { Endpoint, EndpointStatus } from '../../api/endpoint-types.ts'
import { count, exactCount, MISSING } from '../../format/number.ts'
import { fullTime, relative } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Badge } from '../../ui/badge.tsx'
import { State } from '../../ui/state.tsx'
import { Time } from '../../ui/time.tsx'
import type { Acting } from './end-endpoint.tsx'
import styles from './endpoint-figures.module.css'
import { stateOf } from './endpoint-state.ts'
import { EnabledSwitch } from './endpoints-table.tsx'

interface EndpointFiguresProps {
  readonly of: Endpoint
  readonly stats: EndpointStatus['stats'] | undefined
  readonly onAct: (acting: Acting) => void
}

/** Whether it is well, and what it does, before anything else. */
export function EndpointFigures({ of: endpoint, stats, onAct }: EndpointFiguresProps) {
  const now = useNow()
  const state = stateOf(endpoint)
  const checked = endpoint.last_health_check
  return (
    <section className={styles.strip} aria-label="State and figures">
      <div>
        <span className={styles.label}>State</span>
        <span className={styles.state}>
          <State kind={state.kind}>{state.word}</State>
          {endpoint.is_default && <Badge kind="chosen">Default</Badge>}
        </span>
        <span className={styles.more}>
          {checked === null ? (
            'Not looked at yet'
          ) : (
            <>
              Looked at <Time iso={checked} text={relative(checked, now)} full={fullTime(checked)} />
            </>
          )}
        </span>
      </div>
      <div>
        <span className={styles.label}>Serves requests</span>
        <EnabledSwitch of={endpoint} onAct={onAct} />
        <span className={styles.more}>{endpoint.enabled ? 'Enabled' : 'Disabled'}</span>
      </div>
      <Figure label="Requests" value={stats?.request_count} more="this hour and the one before" />
      <Figure label="Errors" value={stats?.error_count_1h} more="last 60 minutes" />
      <Figure label="Throttles" value={stats?.throttle_count_1h} more="among the errors" />
      <Figure label="Refused" value={stats?.denied_count_1h} more="role or account, last 60 minutes" />
    </section>
  )
}

interface FigureProps {
  readonly label: string
  readonly value: number | undefined
  readonly more: ReactNode
}

function Figure({ label, value, more }: FigureProps) {
  return (
    <div>
      <span className={styles.label}>{label}</span>
      <span className={styles.value} {...(value !== undefined && { title: exactCount(value) })}>
        {value === undefined ? MISSING : count(value)}
      </span>
      <span className={styles.more}>{more}</span>
    </div>
  )
}
