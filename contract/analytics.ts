/** What the caller has used and what it cost. */
import * as z from 'zod'
import { route } from './route.ts'

/** A leap year: the longest window that anybody compares, and a bound on what one call may read. */
export const LONGEST_WINDOW_DAYS = 366

/** A day, meant whole, or a moment. */
const DayOrMoment = z.union([z.iso.date(), z.iso.datetime({ offset: true })])

export const AnalyticsQuery = z
  .object({
    days: z.coerce.number().int().min(1).max(LONGEST_WINDOW_DAYS).default(7),
    granularity: z.enum(['auto', 'hour', 'day', 'week']).default('auto'),
    from: DayOrMoment.optional(),
    to: DayOrMoment.optional().meta({ description: 'A day counts to its end.' }),
  })
  .refine(
    (query) => (query.from === undefined) === (query.to === undefined),
    'from and to are given together or not at all',
  )

const Count = z.int().nonnegative()

const Bucket = z.object({
  bucket: z.string().meta({ description: '2026-11-24T12:00:00, 2026-11-24 or 2026-W48, in UTC' }),
  requests: Count,
  tokens: Count,
  cost_usd: z.number(),
  cache_savings_usd: z.number(),
  avg_duration_ms: z.int(),
  models: z
    .array(z.object({ model: z.string(), requests: Count, cost_usd: z.number() }))
    .meta({ description: 'The same by model, most expensive first.' }),
})

/** What two windows are compared by. */
const Comparison = z.object({
  requests: Count,
  total_cost_usd: z.number(),
  cache_savings_usd: z.number(),
  avg_duration_ms: z.int(),
})

export const Analytics = z.object({
  days: z.int(),
  granularity: z.enum(['hour', 'day', 'week']),
  scope: z.literal('user'),
  user: z.string(),
  unpriced_rows: Count.meta({ description: 'Requests of the window that no price was known for.' }),
  unpriced_models: z.array(z.string()),
  totals: z.object({
    requests: Count,
    input_tokens: Count,
    output_tokens: Count,
    cache_read_tokens: Count,
    cache_write_tokens: Count,
    cache_hit_rate_pct: z.number(),
    avg_duration_ms: z.int(),
    streaming_requests: Count,
    thinking_requests: Count,
    total_tool_calls: Count,
    unique_users: Count,
    total_cost_usd: z.number(),
    cache_savings_usd: z.number(),
    failed_requests: Count,
  }),
  prior: Comparison.meta({ description: 'The window of the same length that ends where this one begins.' }),
  top_tools: z.array(z.object({ name: z.string(), count: Count, is_mcp: z.boolean() })),
  models: z.array(
    z.object({
      model: z.string(),
      request_count: Count,
      total_input: Count,
      total_output: Count,
      total_cache_read: Count,
      total_cache_write: Count,
      avg_duration_ms: z.int(),
      streaming_count: Count,
      cost_usd: z.number(),
    }),
  ),
  trend: z.array(Bucket).meta({ description: 'Every bucket of the window, also the empty ones.' }),
  daily: z.array(Bucket).meta({ description: 'The same as trend.' }),
})

export const analytics = route({
  method: 'GET',
  path: '/admin/analytics',
  access: 'any',
  summary: 'Usage and cost of the caller, at the prices of the time of each request. Windows are whole hours in UTC.',
  query: AnalyticsQuery,
  responses: { 200: Analytics },
})

export const analyticsRoutes = [analytics] as const
