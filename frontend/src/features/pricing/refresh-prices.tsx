import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ArrowRight } from 'lucide-react'
import { call } from '../../api/client.ts'
import { readPricesAnew } from '../../api/pricing-queries.ts'
import type { PriceChange, RefreshReport } from '../../api/pricing-types.ts'
import { modelName } from '../../format/model-name.ts'
import { rate } from '../../format/money.ts'
import { exactCount } from '../../format/number.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import table from '../../ui/table.module.css'
import { useToast } from '../../ui/toasts.tsx'
import { Errors } from './last-refresh.tsx'
import { RATES, sameRates, scopeName, tierName } from './rates.ts'
import styles from './refresh-prices.module.css'

/** What AWS says now is looked at first, and taken over only when somebody has seen what it changes. */
export function RefreshPrices({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient()
  const tell = useToast()
  const look = useQuery({
    queryKey: ['prices-dry-run'],
    queryFn: ({ signal }) => call('POST /admin/pricing/refresh', { query: { dry_run: 'true' }, signal }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
  const take = useMutation({
    mutationFn: () => call('POST /admin/pricing/refresh'),
    onSuccess: async (report) => {
      await readPricesAnew(queries)
      if (report.failed) return
      tell('ok', plural(takenOver(report).length, 'price is', 'prices are', 'taken over'), 'They hold from today on.')
      onClose()
    },
  })
  const report = take.data ?? look.data
  const changed = report?.failed === false ? takenOver(report).length : 0
  return (
    <Dialog
      title="Refresh from AWS"
      description={description(report)}
      size="roomy"
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>{changed === 0 ? 'Close' : 'Cancel'}</Button>
          {changed > 0 && (
            <Button kind="primary" isPending={take.isPending} onPress={() => take.mutate()}>
              {take.isPending ? 'Taking over…' : plural(changed, 'price', 'prices', '', 'Take over')}
            </Button>
          )}
        </>
      }
    >
      <div className={styles.body}>
        {(look.error ?? take.error) !== null && (
          <Notice kind="danger" title="The prices were not refreshed">
            {(look.error ?? take.error)?.message}
          </Notice>
        )}
        {report === undefined ? (
          look.error === null && <Skeleton height="12rem" label="Asking AWS" />
        ) : (
          <Report of={report} />
        )}
      </div>
    </Dialog>
  )
}

const takenOver = ({ changes }: RefreshReport): PriceChange[] => changes.filter(({ kind }) => kind !== 'held_back')

function plural(count: number, one: string, many: string, after = '', before = ''): string {
  return [before, exactCount(count), count === 1 ? one : many, after].filter((word) => word !== '').join(' ')
}

function description(report: RefreshReport | undefined): string {
  if (report === undefined) return "AWS's price list is being read…"
  if (report.failed) return 'The prices that are known stay in force.'
  const same = report.unchanged === 0 ? '' : ` ${plural(report.unchanged, 'price has', 'prices have', 'not changed.')}`
  const others = plural(report.other_models, 'model', 'models', 'of other vendors left out.')
  return `From the list of ${report.region}.${same} ${report.other_models === 0 ? '' : others}`
}

function Report({ of: report }: { readonly of: RefreshReport }) {
  const dearer = report.changes.filter(({ before, after }) => before === null || !sameCharge(before, after))
  const renamed = report.changes.length - dearer.length
  return (
    <>
      {report.errors.length > 0 && (
        <Notice
          kind={report.failed ? 'danger' : 'warn'}
          title={report.failed ? "AWS's price list could not be read" : 'Prices that are left out'}
        >
          <Errors of={report.errors} />
        </Notice>
      )}
      {!report.failed && report.changes.length === 0 && (
        <Notice kind="ok" title="Nothing has changed">
          Every price that AWS lists is known already.
        </Notice>
      )}
      {dearer.length > 0 && <Changes of={dearer} />}
      {renamed > 0 && (
        <p className="quiet">
          {plural(renamed, 'price is', 'prices are')} what is charged already, and from now on AWS's word instead of the
          release's.
        </p>
      )}
    </>
  )
}

type Charge = NonNullable<PriceChange['after']>

function sameCharge(one: Charge, other: Charge): boolean {
  if (!sameRates(one, other)) return false
  const [before, after] = [one.long_prompt, other.long_prompt]
  if (before === null || after === null) return before === after
  return before.above_tokens === after.above_tokens && sameRates(before, after)
}

function Changes({ of: changes }: { readonly of: readonly PriceChange[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: on a small screen it has to be scrolled, by keys as well.
    <section className={`${table.frame} ${styles.frame}`} tabIndex={0} aria-label="Prices that change">
      <table className={`${table.table} ${styles.changes}`}>
        <caption className="unseen">Prices that change, in US dollars per million tokens</caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">What changes</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => (
            <tr key={[change.model, change.scope, change.tier].join()}>
              <th scope="row">
                <span title={change.model}>{modelName(change.model)}</span>
                <span className={styles.where}>
                  {scopeName(change.scope)}
                  {change.tier !== 'default' && `, ${tierName(change.tier)}`}
                </span>
              </th>
              <td>
                <Change of={change} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Change({ of: { kind, before, after } }: { readonly of: PriceChange }) {
  const stays = kind === 'skipped_manual'
  const held = kind === 'held_back'
  const old = stays ? null : before
  const rates = RATES.filter(({ name }) => old === null || old[name] !== after[name])
  return (
    <ul className={styles.rates}>
      {stays && (
        <li>
          <Badge kind="chosen">Set by hand, which stays</Badge> <span className="quiet">AWS lists</span>
        </li>
      )}
      {held && (
        <li>
          <Badge>Held back</Badge> <span className="quiet">Too far from what is charged</span>
        </li>
      )}
      {rates.map(({ name, short }) => (
        <li key={name}>
          <span className="quiet">{short}</span>
          {old !== null && (
            <>
              <s>{rate(old[name])}</s>
              <ArrowRight size={12} aria-label="becomes" />
            </>
          )}
          <b>{rate(after[name])}</b>
        </li>
      ))}
      {rates.length === 0 && <li className="quiet">Long prompts</li>}
    </ul>
  )
}
