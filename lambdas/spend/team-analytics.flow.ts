/** What each member of a team has spent in the period of their budget, whichever team paid. */
import type * as z from 'zod'
import type { teamAnalytics } from '../../contract/org-analytics.ts'
import { type Period, stretchOf } from '../budgets/period.ts'
import type { Spending } from '../budgets/spending.store.ts'
import type { BudgetSubjects } from '../budgets/subjects.store.ts'
import type { UserFigures } from '../people/user-figures.store.ts'
import { hourOf, type Instant, monthOf } from '../platform/instant.ts'
import { usdOrNull } from '../platform/money.ts'
import { countedIn } from '../table/usage-keys.ts'
import type { HourItems } from './hour-items.store.ts'
import { compareText, usd } from './usage-sums.ts'

export interface TeamAnalyticsTools {
  readonly subjects: Pick<BudgetSubjects, 'members'>
  readonly spending: Spending
  readonly figures: UserFigures
  readonly hours: { readonly items: Pick<HourItems, 'ofPerson'> }
}

type Row = z.input<(typeof teamAnalytics)['responses'][200]>['users'][number]
type Counters = readonly Readonly<Record<string, unknown>>[]

const subjectOf = (id: string) => ({ kind: 'user' as const, id })

export async function teamUsers(teamId: string, at: Instant, tools: TeamAnalyticsTools): Promise<Row[]> {
  const members = await tools.subjects.members(teamId)
  const counted = members.map(({ id, period, counterShards }) => ({
    subject: subjectOf(id),
    period,
    shards: counterShards,
  }))
  const [spentOf, counters] = await Promise.all([tools.spending.read(counted, at), tools.figures.counters(members, at)])
  const rows = await Promise.all(
    members.map(
      async ({ id, email, displayName, limit, period }): Promise<Row> => ({
        user_id: id,
        email,
        display_name: displayName,
        spend_limit_monthly_usd: usdOrNull(limit),
        budget_period: period,
        current_spend_usd: usd(spentOf(subjectOf(id), period)),
        request_count: await requestsOf(id, period, counters.get(id) ?? [], at, tools),
      }),
    ),
  )
  return rows.sort(
    (one, other) => other.current_spend_usd - one.current_spend_usd || compareText(one.email, other.email),
  )
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

const sumOf = (values: readonly unknown[]): number => values.reduce<number>((sum, value) => sum + countedIn(value), 0)
