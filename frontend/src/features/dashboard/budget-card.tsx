import { useQuery } from '@tanstack/react-query'
import { ownBudgetQuery } from '../../api/budget-queries.ts'
import type { OwnBudget } from '../../api/budget-types.ts'
import {
  actionInWords,
  limitInShort,
  percentOfLimit,
  perPeriod,
  policyInWords,
  type Rule,
  reachedAt,
  resetTime,
  STATUS_WORDS,
  until,
} from '../../format/budget.ts'
import { money } from '../../format/money.ts'
import { exactCount } from '../../format/number.ts'
import { dateOf } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Card } from '../../ui/card.tsx'
import { MarkedBar } from '../../ui/marked-bar.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { State } from '../../ui/state.tsx'
import styles from './budget-card.module.css'

/** What the card takes where there is one limit: nothing moves when it comes. */
const CARD_HEIGHT = '10.25rem'

/** The caller's own budget, as their requests are judged by it. It says nothing where it could not be read: the rest of the page is not about it. */
export function BudgetCard() {
  const { data, error } = useQuery(ownBudgetQuery)
  if (data === undefined) return error === null ? <Skeleton height={CARD_HEIGHT} /> : null
  return (
    <>
      <Refusing of={data} />
      <Card title="Budget" aside={sourceOf(data)}>
        <div className={styles.budget}>
          {data.limit_usd === null ? <Unlimited of={data} /> : <Limited of={data} limit={data.limit_usd} />}
          <Others of={data} />
        </div>
      </Card>
    </>
  )
}

function sourceOf({ limit_source, limit_source_name }: OwnBudget): string {
  if (limit_source === 'explicit') return 'your own limit'
  if (limit_source === 'team') return `what ${limit_source_name ?? 'your team'} gives each member`
  return limit_source === 'default' ? 'the default of this gateway' : 'no limit of your own'
}

/** What happens to requests now, where it is out of the ordinary. */
function Refusing({ of: { status, decided_by, resets_at, team, policy } }: { readonly of: OwnBudget }) {
  const now = useNow(60_000)
  if (status !== 'blocked' && status !== 'shaped') return null
  const isTeam = decided_by === 'team'
  const whose = isTeam ? `The budget of ${team?.name ?? 'your team'}` : 'Your budget'
  const fresh = isTeam ? (team?.resets_at ?? resets_at) : resets_at
  const rules = (isTeam ? team?.policy : policy) ?? []
  return (
    <Notice
      kind={status === 'blocked' ? 'danger' : 'warn'}
      title={status === 'blocked' ? 'Your requests are refused' : `Your requests are slowed down${pace(rules)}`}
    >
      {whose} is used up. It is fresh again {until(fresh, now)} ({resetTime(fresh)}); an administrator can raise it at
      any moment.
    </Notice>
  )
}

function pace(rules: readonly Rule[]): string {
  const rule = rules.findLast(({ action }) => action === 'shape')
  return rule === undefined ? '' : ` ${actionInWords(rule).replace('slow down ', '')}`
}

function Unlimited({ of: { spend_usd, period } }: { readonly of: OwnBudget }) {
  return (
    <p className={styles.figure}>
      <b>{money(spend_usd)}</b>
      <span className="quiet">spent this {perPeriod(period).slice('per '.length)}; no limit is set for you</span>
    </p>
  )
}

/** So that the last rule does not lie on the very edge. */
const ROOM = 1.1

function Limited({ of: own, limit }: { readonly of: OwnBudget; readonly limit: number }) {
  const now = useNow(60_000)
  const rules = own.policy ?? []
  const percent = own.percent ?? 0
  const end = Math.max(percent, ...rules.map(({ at_percent }) => at_percent)) * ROOM
  const { kind, word } = STATUS_WORDS[own.decided_by === 'user' ? own.status : 'ok']
  const last = rules.at(-1)
  const period = { start: own.period_start, end: own.resets_at }
  const at =
    last?.action === 'block' ? reachedAt((limit * last.at_percent) / 100, own.spend_usd, period, now) : undefined
  return (
    <>
      <p className={styles.figure}>
        <b>{money(own.spend_usd)}</b>
        <span className="quiet">of {limitInShort(limit, own.period)}</span>
        <span className={styles.end}>
          {percentOfLimit(percent)} {kind !== 'ok' && <State kind={kind}>{word}</State>}
        </span>
      </p>
      <MarkedBar
        share={percent / end}
        tone={kind === 'ok' ? 'plain' : kind}
        marks={rules.map(({ at_percent }) => at_percent / end)}
      />
      <p className={styles.words}>
        <span>{limit === 0 ? 'Nothing may be spent.' : `${policyInWords(rules)}.`}</span>
        <span className="quiet" title={resetTime(own.resets_at)}>
          Fresh again {until(own.resets_at, now)}.
          {at !== undefined && ` At this pace it is used up on ${dateOf(new Date(at).toISOString())}.`}
        </span>
      </p>
    </>
  )
}

interface Line {
  readonly id: string
  readonly name: string
  readonly spent: number
  readonly limit: number
  readonly period: OwnBudget['period']
  readonly percent: number
  readonly status: OwnBudget['status']
}

function linesOf({ team, keys }: OwnBudget): Line[] {
  const ofTeam =
    team === null || team.budget_amount_usd === null
      ? []
      : [
          {
            id: team.id,
            name: `Team ${team.name}`,
            spent: team.spend_usd ?? 0,
            limit: team.budget_amount_usd,
            period: team.budget_period,
            percent: team.percent ?? 0,
            status: team.status,
          },
        ]
  const ofKeys = keys.map((key) => ({
    id: key.id,
    name: `Key ${key.name ?? key.prefix}`,
    spent: key.spend_usd,
    limit: key.limit_usd ?? 0,
    period: key.period,
    percent: key.percent ?? 0,
    status: key.status,
  }))
  return [...ofTeam, ...ofKeys]
}

/** What else decides over requests: the budget of the team, and of keys that have one. */
function Others({ of: own }: { readonly of: OwnBudget }) {
  const lines = linesOf(own)
  return (
    <>
      {lines.length > 0 && (
        <ul className={styles.others}>
          {lines.map(({ id, name, spent, limit, period, percent, status }) => {
            const { kind, word } = STATUS_WORDS[status]
            return (
              <li key={id}>
                <span className="truncated" dir="auto" title={name}>
                  {name}
                </span>
                <span className="figure">
                  {money(spent)} of {limitInShort(limit, period)}
                </span>
                <MarkedBar share={percent / 100} tone={kind === 'ok' ? 'plain' : kind} marks={[]} />
                <span className="figure">{percentOfLimit(percent)}</span>
                <State kind={kind}>{word}</State>
              </li>
            )
          })}
        </ul>
      )}
      {own.unpriced_tokens > 0 && (
        <p className="quiet">
          {exactCount(own.unpriced_tokens)} tokens of this period have no price; they are counted at the default rate.
        </p>
      )}
    </>
  )
}
