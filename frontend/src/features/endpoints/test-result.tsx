import type { Tested } from '../../api/endpoint-types.ts'
import { Notice } from '../../ui/notice.tsx'
import { State } from '../../ui/state.tsx'
import { listed, plural } from './endpoint-state.ts'
import styles from './test-result.module.css'

type Check = Tested['checks'][number]

const CHECKS: Readonly<Record<Check['check'], string>> = {
  credentials: 'Credentials',
  profiles: 'Inference profiles',
  models: 'Claude models',
  quotas: 'Quotas',
}

interface TestResultProps {
  readonly of: Tested
  /** Whether it is there already; otherwise nothing of it was kept. */
  readonly saved: boolean
}

export function TestResult({ of: { ok, checks, models }, saved }: TestResultProps) {
  const count = models.filter(({ model, status }) => model !== null && status === 'ACTIVE').length
  const failed = checks.filter(({ status, required }) => status === 'failed' && required)
  const nothing = saved ? '' : ' Nothing was saved.'
  return (
    <section className={styles.result} aria-label="Result of the test">
      {ok ? (
        <Notice kind="ok" title="Requests can be served by it">
          {plural(count, 'Claude inference profile')} can be called.{nothing}
        </Notice>
      ) : (
        <Notice kind="danger" title="Requests cannot be served by it yet">
          What fails: {listed(failed.map(({ check }) => CHECKS[check].toLowerCase()))}.{nothing}
        </Notice>
      )}
      <ul className={styles.checks}>
        {checks.map((check) => (
          <li key={check.check}>
            <CheckRow of={check} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function CheckRow({ of: { check, required, status, permission, message, detail } }: { readonly of: Check }) {
  return (
    <>
      <span className={styles.name}>
        {CHECKS[check]}
        {!required && <span className="quiet"> optional</span>}
      </span>
      <StatusWord status={status} required={required} />
      <div className={styles.said}>
        <p>{message}</p>
        {status === 'failed' && permission !== null && (
          <p>
            It needs the permission <code>{permission}</code>.
          </p>
        )}
        {detail !== null && (
          <p className={styles.detail}>
            AWS says: <q>{detail}</q>
          </p>
        )}
      </div>
    </>
  )
}

function StatusWord({ status, required }: Pick<Check, 'status' | 'required'>) {
  if (status === 'passed') return <State kind="ok">Passed</State>
  if (status === 'skipped') return <State kind="off">Not tried</State>
  return <State kind={required ? 'danger' : 'warn'}>Failed</State>
}
