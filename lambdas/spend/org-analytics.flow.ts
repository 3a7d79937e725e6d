/** What the whole organisation has used: each question reads the hours of its window once, and the window before where it compares. */
import type * as z from 'zod'
import type * as contract from '../../contract/org-analytics.ts'
import type { Spending } from '../budgets/spending.store.ts'
import type { BudgetSubjects } from '../budgets/subjects.store.ts'
import type { Instant } from '../platform/instant.ts'
import { type AnalyticsWindow, windowBefore } from './analytics.ts'
import type { FirstHours } from './first-hours.store.ts'
import { forecastOf } from './forecast.ts'
import { type HourUse, toolsIn, usesIn } from './hour-use.ts'
import { activityTally } from './org-activity.ts'
import { filterOf, type OrgFilter, passes } from './org-filter.ts'
import { modelsTally } from './org-models.ts'
import type { OrgNameStore } from './org-names.store.ts'
import type { OrgNames } from './org-names.ts'
import { choiceTally, kpiTally, overviewOf, unpricedTally } from './org-overview.ts'
import { spendTally } from './org-spend.ts'
import { toolsTally } from './org-tools.ts'
import { orgWindowOf, toldWindow } from './org-window.ts'
import { type HourTools, readHours } from './read-hours.flow.ts'
import { usd } from './usage-sums.ts'

export interface OrgTools {
  readonly names: OrgNameStore
  readonly hours: HourTools
  readonly firstHours: FirstHours
  readonly subjects: Pick<BudgetSubjects, 'teams'>
  readonly spending: Spending
}

export type OrgQuery = z.output<typeof contract.OrgQuery>
type AnswerTo<R extends { responses: { 200: z.ZodType } }> = z.input<R['responses'][200]>

interface Asked {
  readonly window: AnalyticsWindow
  readonly names: OrgNames
  readonly filter: OrgFilter
  readonly at: Instant
}

async function asked(query: OrgQuery, at: Instant, { names }: OrgTools): Promise<Asked> {
  const window = orgWindowOf(query, at)
  const all = await names.all()
  return { window, names: all, filter: filterOf(query, all), at }
}

/** Those hours that pass the filter. */
async function eachUse({ window, filter, at }: Asked, tools: OrgTools, add: (use: HourUse) => void): Promise<void> {
  for await (const pack of readHours('AGG', window, filter.identities, at, tools.hours)) {
    for (const use of usesIn(pack)) if (passes(filter, use)) add(use)
  }
}

export async function orgOverview(
  query: OrgQuery,
  at: Instant,
  tools: OrgTools,
): Promise<AnswerTo<typeof contract.orgOverview>> {
  const question = await asked(query, at, tools)
  const { window, names, filter } = question
  const [now, before, unpriced, choices] = [kpiTally(), kpiTally(), unpricedTally(), choiceTally(names)]
  const readWindow = async (): Promise<void> => {
    // What can be filtered by is told of everybody, so everybody is read.
    for await (const pack of readHours('AGG', window, null, at, tools.hours)) {
      for (const use of usesIn(pack)) {
        choices.add(use)
        if (!passes(filter, use)) continue
        now.add(use)
        unpriced.add(use)
      }
    }
  }
  await Promise.all([readWindow(), eachUse({ ...question, window: windowBefore(window) }, tools, before.add)])
  return {
    overview: overviewOf(now.kpis(), before.kpis()),
    unpriced: unpriced.unpriced(),
    filters: choices.choices(),
    window: toldWindow(window),
  }
}

export async function orgSpend(
  query: OrgQuery,
  at: Instant,
  tools: OrgTools,
): Promise<AnswerTo<typeof contract.orgSpend>> {
  const question = await asked(query, at, tools)
  const { window, names } = question
  const spend = spendTally(window, names)
  const [budgets] = await Promise.all([budgetStatus(at, tools), eachUse(question, tools, spend.add)])
  return {
    ...spend.rows(),
    budget_status: budgets,
    ...forecastOf(spend.days(), window.days),
    window: toldWindow(window),
  }
}

async function budgetStatus(at: Instant, { subjects, spending }: OrgTools) {
  const limited = (await subjects.teams()).flatMap(({ id, name, budget: { limit, period }, counterShards }) =>
    limit === null ? [] : [{ subject: { kind: 'team' as const, id }, name, limit, period, shards: counterShards }],
  )
  const spentOf = await spending.read(limited, at)
  return limited.map(({ subject, name, limit, period }) => ({
    team_id: subject.id,
    team_name: name,
    budget_usd: usd(limit),
    spent_usd: usd(spentOf(subject, period)),
    period,
  }))
}

export async function orgActivity(
  query: OrgQuery,
  at: Instant,
  tools: OrgTools,
): Promise<AnswerTo<typeof contract.orgActivity>> {
  const question = await asked(query, at, tools)
  const activity = activityTally(question.window)
  await eachUse(question, tools, activity.add)
  const firstHours = await tools.firstHours.of(activity.identities(), at)
  return {
    active_users: activity.activeUsers(firstHours),
    heatmap: activity.heatmap(),
    window: toldWindow(question.window),
  }
}

export async function orgModels(
  query: OrgQuery,
  at: Instant,
  tools: OrgTools,
): Promise<AnswerTo<typeof contract.orgModels>> {
  const question = await asked(query, at, tools)
  const models = modelsTally(question.window, question.names)
  await eachUse(question, tools, models.add)
  return { ...models.answer(), window: toldWindow(question.window) }
}

export async function orgTools(
  query: OrgQuery,
  at: Instant,
  tools: OrgTools,
): Promise<AnswerTo<typeof contract.orgTools>> {
  const question = await asked(query, at, tools)
  const { window, filter } = question
  const tally = toolsTally(window)
  const readTools = async (): Promise<void> => {
    for await (const pack of readHours('TOOLS', window, filter.identities, at, tools.hours)) {
      for (const row of toolsIn(pack)) if (passes(filter, row)) tally.add(row)
    }
  }
  await Promise.all([readTools(), eachUse(question, tools, tally.addUser)])
  return { ...tally.answer(), window: toldWindow(window) }
}
