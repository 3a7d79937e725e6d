import type { BudgetPreview } from '../../api/budget-types.ts'
import { actionInWords, reachedAt, resetTime, STATUS_WORDS, until } from '../../format/budget.ts'
import { exactly, money } from '../../format/money.ts'
import { dateOf } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { MarkedBar } from '../../ui/marked-bar.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { State } from '../../ui/state.tsx'
import type { Scope } from './budget-draft.ts'
import styles from './budget-outlook.module.css'
import { inPeople, percentWords } from './budget-words.ts'
import type { BudgetForm } from './use-budget-form.ts'

interface OutlookProps {
  readonly scope: Scope
  readonly form: BudgetForm
}

/** What would be so at once if it were saved now. */
export function BudgetOutlook({ scope, form: { preview, isValid, isDirty } }: OutlookProps) {
  const { data, error, refetch } = preview
  return (
    <div className={styles.place}>
      <Card title={isDirty ? 'If saved now' : 'As it stands'} aside={asideOf(preview)}>
        {!isValid ? (
          <p className="quiet">What is typed cannot be saved like this, so there is nothing to be told of it.</p>
        ) : data !== undefined ? (
          <Outlook scope={scope} preview={data} isDirty={isDirty} />
        ) : error === null ? (
          <Skeleton height="12rem" />
        ) : (
          <Notice
            kind="danger"
            title="It could not be worked out"
            action={<Button onPress={() => void refetch()}>Try again</Button>}
          >
            {error.message}
          </Notice>
        )}
      </Card>
    </div>
  )
}

/** What is typed by now may still be worked out. */
function asideOf({ data, isPlaceholderData }: BudgetForm['preview']): string | undefined {
  if (data === undefined) return undefined
  return isPlaceholderData ? 'working it out…' : inPeople(data)
}

interface ToldProps {
  readonly scope: Scope
  readonly preview: BudgetPreview
  readonly isDirty: boolean
}

function Outlook({ scope, preview, isDirty }: ToldProps) {
  const { own, rules, member_rules } = preview
  const spends = rules.some(({ amount_usd }) => amount_usd > 0)
  return (
    <div className={styles.outlook} role="status" aria-label="Outlook">
      {own !== null && <Spent of={own} />}
      {spends && <Track preview={preview} rules={rules} spent={own?.spend_usd ?? 0} />}
      {spends && <RuleList rules={rules} spent={own?.spend_usd} />}
      {member_rules.length > 0 && (
        <section>
          <h3>For each member</h3>
          <RuleList rules={member_rules} />
        </section>
      )}
      <Remarks scope={scope} preview={preview} />
      <WhoWouldNotice preview={preview} isDirty={isDirty} />
      <p className={styles.resets}>
        Fresh again {until(preview.resets_at, Date.now())} ({resetTime(preview.resets_at)})
      </p>
    </div>
  )
}

function Spent({ of: { spend_usd, percent } }: { readonly of: NonNullable<BudgetPreview['own']> }) {
  return (
    <p className={styles.spent}>
      <b title={exactly(spend_usd)}>{money(spend_usd)}</b> <span className="quiet">spent</span>
      {percent !== null && <span className={styles.share}>{percentWords(percent)}</span>}
    </p>
  )
}

type PricedRules = BudgetPreview['rules']

/** So that neither the last rule nor what was spent lies on the very edge. */
const ROOM = 1.1

function Track({
  preview,
  rules,
  spent,
}: {
  readonly preview: BudgetPreview
  readonly rules: PricedRules
  readonly spent: number
}) {
  const end = Math.max(spent, ...rules.map(({ amount_usd }) => amount_usd)) * ROOM
  if (end === 0) return null
  const { kind } = STATUS_WORDS[preview.own?.status ?? 'ok']
  return (
    <MarkedBar
      share={spent / end}
      tone={kind === 'ok' ? 'plain' : kind}
      marks={rules.map(({ amount_usd }) => amount_usd / end)}
    />
  )
}

function RuleList({ rules, spent }: { readonly rules: PricedRules; readonly spent?: number | undefined }) {
  return (
    <ol className={styles.rules}>
      {rules.map((rule) => {
        const isReached = spent !== undefined && spent >= rule.amount_usd
        return (
          <li key={rule.at_percent} data-reached={isReached}>
            <span>
              {capital(actionInWords(rule))} <span className="quiet">at {rule.at_percent}%</span>
            </span>
            <span className={styles.amount}>{money(rule.amount_usd)}</span>
            {isReached && <span className="unseen">reached</span>}
          </li>
        )
      })}
    </ol>
  )
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

function Remarks({ scope, preview }: { readonly scope: Scope; readonly preview: BudgetPreview }) {
  const now = useNow(60_000)
  const { own, rules } = preview
  const last = rules.at(-1)
  if (last === undefined) {
    return (
      <p className="quiet">
        {scope.kind === 'team'
          ? 'No limit for the team as a whole: what it spends is counted, and nothing happens.'
          : 'No limit for people without a team: what they spend is counted, and nothing happens.'}
      </p>
    )
  }
  if (last.amount_usd === 0) {
    return (
      <Notice kind="warn" title="Nothing may be spent">
        A limit of zero refuses every request, whatever the rules say.
      </Notice>
    )
  }
  if (last.action !== 'block') {
    return (
      <Notice kind="info" title="Nothing stops the spending">
        No rule blocks: whoever is past the last one goes on.
      </Notice>
    )
  }
  const period = { start: preview.period_start, end: preview.resets_at }
  const at = own === null ? undefined : reachedAt(last.amount_usd, own.spend_usd, period, now)
  return at === undefined ? null : (
    <Notice kind="info">
      At the pace so far it would be blocked on {dateOf(new Date(at).toISOString())},{' '}
      {until(preview.resets_at, at).slice('in '.length)} before it is fresh again.
    </Notice>
  )
}

/** More names than these are told by their number. */
const MOST_SHOWN = 8

type Tried = BudgetPreview['blocked']['subjects'][number]

function whoOf({ scope, name }: Tried): string {
  if (scope === 'team') return 'The team as a whole'
  return scope === 'key' ? `Key ${name}` : name
}

const factsOf = ({ limit_usd, decided_by, scope, spend_usd }: Tried): string =>
  limit_usd === null || decided_by !== scope
    ? `${money(spend_usd)}, by the team`
    : `${money(spend_usd)} of ${money(limit_usd)}`

function StateOf({ of: { status, is_new }, isDirty }: { readonly of: Tried; readonly isDirty: boolean }) {
  const { kind, word } = STATUS_WORDS[status]
  return <State kind={kind}>{is_new || !isDirty ? word : `${word} already`}</State>
}

function WhoWouldNotice({ preview, isDirty }: Omit<ToldProps, 'scope'>) {
  const struck = [...preview.blocked.subjects, ...preview.shaped.subjects, ...preview.notified.subjects]
  const total = preview.blocked.count + preview.shaped.count + preview.notified.count
  const freed = preview.unlimited.new_count
  return (
    <section>
      <h3>{isDirty ? 'Who would notice' : 'Who notices'}</h3>
      {total === 0 && freed === 0 && <p className="quiet">Nobody, at this moment.</p>}
      {total > 0 && (
        <ul className={styles.who}>
          {struck.slice(0, MOST_SHOWN).map((one) => (
            <li key={`${one.scope} ${one.id}`}>
              <span className="truncated" dir="auto" title={one.name}>
                {whoOf(one)}
              </span>
              <span className={styles.facts}>{factsOf(one)}</span>
              <StateOf of={one} isDirty={isDirty} />
            </li>
          ))}
          {total > MOST_SHOWN && <li className="quiet">and {(total - MOST_SHOWN).toLocaleString('en-US')} more</li>}
        </ul>
      )}
      {freed > 0 && (
        <p className={styles.freed}>
          {freed === 1 ? `${preview.unlimited.subjects[0]?.name} has` : `${freed.toLocaleString('en-US')} have`} a limit
          now and would have none.
        </p>
      )}
    </section>
  )
}
