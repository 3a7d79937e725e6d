/** What the whole organisation has used and what it cost: the same questions for any window, filtered the same way. */
import * as z from 'zod'
import { AnalyticsQuery } from './analytics.ts'
import { AdminError } from './errors.ts'
import { Id, Timestamp } from './fields.ts'
import { route } from './route.ts'
import { Team } from './teams.ts'

/** Beyond any list that a person picks, and below what a distribution takes as an address. */
const LONGEST_FILTER = 4_000

const Filter = z.union([z.string().max(LONGEST_FILTER), z.array(z.string().max(LONGEST_FILTER))]).optional()

/** The names of the filters, each of which may be given more than once. */
const FILTERS = ['team', 'user', 'model', 'endpoint'] as const

export const OrgQuery = AnalyticsQuery.safeExtend({
  team: Filter.meta({
    description:
      'Names, with commas between them or one a parameter; `__none__`: without a team. The team is the one that paid, at the time.',
  }),
  user: Filter.meta({ description: 'E-mail addresses or identities.' }),
  model: Filter.meta({ description: "Anthropic's undated names." }),
  endpoint: Filter.meta({ description: 'Names.' }),
})

/** The reference gateway exports a month where nothing is said. */
const EXPORT_DAYS = 30
const ExportQuery = OrgQuery.safeExtend({ days: AnalyticsQuery.shape.days.removeDefault().default(EXPORT_DAYS) })

const Count = z.int().nonnegative()
const Usd = z.number()
const Milliseconds = z.int().nonnegative()

const Window = z.object({
  from: Timestamp,
  to: Timestamp.meta({ description: 'The first moment that does not belong to it.' }),
  prior_from: Timestamp.meta({ description: 'The window that it is compared with is as long, and ends at `from`.' }),
  days: z.int(),
  granularity: z.enum(['hour', 'day', 'week']),
})

/** A stretch of a chart; weeks begin on Monday. */
const stretch = {
  bucket: Timestamp.meta({ description: 'Its beginning, in UTC.' }),
  bucket_end: Timestamp,
}

const kpis = {
  requests: Count,
  unique_users: Count,
  cost_usd: Usd,
  input_tokens: Count,
  output_tokens: Count,
  cache_read_tokens: Count,
  cache_write_tokens: Count,
  cache_hit_rate_pct: z.number(),
  cache_savings_usd: Usd.meta({ description: 'What cache reads would have cost as plain input, less what they did.' }),
  cost_per_active_user_usd: Usd,
  avg_duration_ms: Milliseconds,
  tool_calls: Count,
  error_count: Count,
}

type Prior<K extends string> = `prior_${K}`

/** The same figures of the window before. */
const priorKpis = Object.fromEntries(Object.entries(kpis).map(([name, schema]) => [`prior_${name}`, schema])) as {
  [K in keyof typeof kpis as Prior<K>]: (typeof kpis)[K]
}

const Overview = z.object({
  overview: z.object({ ...kpis, ...priorKpis }),
  unpriced: z
    .object({
      requests: Count,
      tokens: Count,
      models: z.array(z.object({ model: z.string(), requests: Count, tokens: Count })),
    })
    .meta({ description: 'What no price was known for. It is in every sum, at a fallback rate.' }),
  filters: z
    .object({
      teams: z.array(z.string()),
      users: z.array(z.string()),
      models: z.array(z.string()),
      endpoints: z.array(z.string()),
      projects: z.array(z.string()).meta({ description: 'Always empty: nothing is filtered by project.' }),
    })
    .meta({ description: 'What can be filtered by: all that exists, and what was used in the window.' }),
  window: Window,
})

const TeamName = z.string().meta({ description: 'Its id where the team is gone; `__none__` without a team.' })
const UserName = z.string().meta({ description: 'E-mail address; the identity where the person is gone.' })

const ofTeam = { team_name: TeamName, cost_usd: Usd, request_count: Count }

const Spend = z.object({
  timeseries: z.array(z.object({ team_name: TeamName, ...stretch, cost_usd: Usd })),
  by_team: z.array(z.object({ ...ofTeam, team_id: z.nullable(z.string()) })),
  by_user: z.array(
    z.object({
      user_identity: UserName,
      identity: z.string(),
      display_name: z.nullable(z.string()),
      team_name: TeamName.meta({ description: 'The team that paid last.' }),
      cost_usd: Usd,
      request_count: Count,
      total_tokens: Count,
      last_active: Timestamp.meta({ description: 'The hour of the last request.' }),
      teams: z.array(z.object(ofTeam)).meta({ description: 'The same by the team that paid.' }),
    }),
  ),
  by_model: z.array(z.object({ model: z.string(), cost_usd: Usd, request_count: Count })),
  budget_status: z
    .array(
      z.object({
        team_name: z.string(),
        team_id: z.string(),
        budget_usd: Usd,
        spent_usd: Usd,
        period: z.enum(['daily', 'weekly', 'monthly']),
      }),
    )
    .meta({ description: 'Teams with a budget, in its current period, whatever the filters.' }),
  forecast: z
    .array(z.object({ day: z.iso.date(), cost_usd: Usd, is_forecast: z.boolean() }))
    .meta({ description: 'Days on which something was spent, then up to seven days on a straight line through them.' }),
  forecast_days: Count.meta({ description: 'How many days the forecast rests on; below two there is none.' }),
  window: Window,
})

const Activity = z.object({
  active_users: z.array(z.object({ ...stretch, new_users: Count, returning_users: Count })).meta({
    description: 'New: their first request ever is in the stretch, whatever the filters.',
  }),
  heatmap: z.array(
    z.object({
      hour: z.int().min(0).max(23),
      day_of_week: z.int().min(0).max(6).meta({ description: '0 is Monday; UTC' }),
      request_count: Count,
    }),
  ),
  window: Window,
})

const percentiles = { p50: Milliseconds, p95: Milliseconds, p99: Milliseconds }

const Models = z.object({
  model_mix: z.array(z.object({ model: z.string(), request_count: Count, cost_usd: Usd })),
  latency: z.array(z.object({ model: z.string(), ...percentiles })),
  latency_error_pct: z.number().meta({ description: 'How far a percentile is off at most.' }),
  cache_rate: z.array(
    z.object({
      ...stretch,
      cache_hit_rate: z.nullable(z.number()).meta({ description: 'null where nothing was read.' }),
    }),
  ),
  token_breakdown: z.array(
    z.object({
      model: z.string(),
      input_tokens: Count,
      output_tokens: Count,
      cache_read_tokens: Count,
      cache_write_tokens: Count,
    }),
  ),
  endpoints: z.array(
    z.object({
      endpoint_name: z.string(),
      endpoint_id: z.string(),
      request_count: Count,
      cost_usd: Usd,
      avg_duration_ms: Milliseconds,
      error_count: Count,
      error_rate: z.number().meta({ description: '0 to 1' }),
      ...percentiles,
    }),
  ),
  window: Window,
})

const Tools = z.object({
  mcp_servers: z.array(
    z.object({ server_name: z.string(), unique_tools: Count, usage_count: Count, unique_users: Count }),
  ),
  top_tools: z.array(z.object({ tool_name: z.string(), usage_count: Count, unique_users: Count, is_mcp: z.boolean() })),
  mcp_adoption: z.array(z.object({ ...stretch, mcp_users: Count, total_users: Count })),
  totals: z.object({
    total_tool_calls: Count,
    web_search_count: Count,
    mcp_tool_count: Count,
    unique_mcp_servers: Count,
  }),
  window: Window,
})

const question = <const P extends string, S extends z.ZodType>(path: P, summary: string, answer: S) =>
  route({
    method: 'GET',
    path,
    access: 'admin',
    summary,
    query: OrgQuery,
    repeatable: FILTERS,
    responses: { 200: answer, 400: AdminError },
  })

export const orgOverview = question(
  '/admin/analytics/org/overview',
  'The figures of a window beside those of the window before, and what can be filtered by.',
  Overview,
)
export const orgSpend = question('/admin/analytics/org/spend', 'Who spent what, on which models, and when.', Spend)
export const orgActivity = question(
  '/admin/analytics/org/activity',
  'How many people used it, and at which hours.',
  Activity,
)
export const orgModels = question(
  '/admin/analytics/org/models',
  'Models and endpoints: requests, durations, errors and caches.',
  Models,
)
export const orgTools = question('/admin/analytics/org/tools', 'Which tools the answers called.', Tools)

const download = <const P extends string>(path: P, summary: string) =>
  route({
    method: 'GET',
    path,
    access: 'admin',
    summary,
    query: ExportQuery,
    repeatable: FILTERS,
    answersIn: 'csv',
    responses: { 200: z.string(), 400: AdminError },
  })

export const spendExport = download(
  '/admin/analytics/export',
  'Every request of a window that may have cost something, newest first.',
)
export const orgExport = download(
  '/admin/analytics/org/export',
  'The same with the number of tool calls and the endpoint.',
)

export const teamAnalytics = route({
  method: 'GET',
  path: '/admin/teams/{id}/analytics',
  access: 'admin',
  summary: 'A team, and what each of its members has spent in the period of their budget.',
  params: z.object({ id: Id }),
  responses: {
    200: z.object({
      team: Team,
      users: z
        .array(
          z.object({
            user_id: Id,
            email: z.string(),
            display_name: z.nullable(z.string()),
            spend_limit_monthly_usd: z.nullable(Usd).meta({ description: 'Of their own, in their period.' }),
            budget_period: z.enum(['daily', 'weekly', 'monthly']),
            current_spend_usd: Usd.meta({ description: 'Whichever team paid.' }),
            request_count: Count,
          }),
        )
        .meta({ description: 'Most expensive first.' }),
    }),
    404: AdminError,
  },
})

export const orgAnalyticsRoutes = [
  orgOverview,
  orgSpend,
  orgActivity,
  orgModels,
  orgTools,
  spendExport,
  orgExport,
  teamAnalytics,
] as const
