/** What each member of a team has spent in the period of their budget, whichever team paid. */
import type * as z from 'zod'
import type { teamAnalytics } from '../../contract/org-analytics.ts'
import type { Period } from '../budgets/period.ts'
import { monthsOf, stretchOf } from '../budgets/period.ts'
import { spentIn } from '../budgets/standing.ts'
import { hourOf, type Instant, monthOf } from '../platform/instant.ts'
import { usdOrNull } from '../platform/money.ts'
import { counterKey } from '../table/usage-keys.ts'
import type { CounterStore } from './counters.store.ts'
import type { HourItems } from './hour-items.store.ts'
import type { Member, TeamFigureStore } from './team-figures.store.ts'
import { compareText, usd } from './usage-sums.ts'

export interface TeamAnalyticsTools {
  readonly teams: Pick<TeamFigureStore, 'members'>
  readonly counters: CounterStore
  readonly hours: { readonly items: Pick<HourItems, 'ofPerson'> }
}

type Row = z.input<(typeof teamAnalytics)['responses'][200]>['users'][number]
type Counters = readonly Readonly<Record<string, unknown>>[]

const subjectOf = ({ user }: Member) => ({ kind: 'user' as const, id: user.id })

export async function teamUsers(teamId: string, at: Instant, tools: TeamAnalyticsTools): Promise<Row[]> {
  const members = await tools.teams.members(teamId)
  const wishes = members.map((member) => ({
    subject: subjectOf(member),
    shards: member.shards,
    months: monthsOf(member.user.budgetPeriod, at),
  }))
  const counters = Map.groupBy(await tools.counters.of(wishes), ({ PK }) => String(PK))
  const rows = await Promise.all(
    members.map((member) => rowOf(member, counters.get(counterKey(subjectOf(member), at, 0).PK) ?? [], at, tools)),
  )
  return rows.sort(
    (one, other) => other.current_spend_usd - one.current_spend_usd || compareText(one.email, other.email),
  )
}

async function rowOf(member: Member, counters: Counters, at: Instant, tools: TeamAnalyticsTools): Promise<Row> {
  const { user } = member
  const period = user.budgetPeriod
  return {
    user_id: user.id,
    email: user.email,
    display_name: user.displayName,
    spend_limit_monthly_usd: usdOrNull(user.spendLimit),
    budget_period: period,
    current_spend_usd: usd(spentIn(counters, { subject: subjectOf(member), budget: { period } }, at)),
    request_count: await requestsOf(user.id, period, counters, at, tools),
  }
}

/** A counter tells requests by the month only; those of a day or week are few hours of one person. */
async function requestsOf(
  identity: string,
  period: Period,
  counters: Counters,
  at: Instant,
  { hours }: TeamAnalyticsTools,
): Promise<number> {
  if (period === 'monthly') {
    const ofMonth = counters.filter(({ SK }) => String(SK).startsWith(`${monthOf(at)}#`))
    return sumOf(ofMonth.map((item) => item.m_requests))
  }
  const window = { firstHour: hourOf(stretchOf(period, at).start), lastHour: hourOf(at) }
  const items = await hours.items.ofPerson('AGG', identity, window)
  return sumOf(items.map(({ counts }) => counts.get('requests')))
}

const sumOf = (values: readonly unknown[]): number =>
  values.reduce<number>((sum, value) => sum + (typeof value === 'number' ? value : 0), 0)
