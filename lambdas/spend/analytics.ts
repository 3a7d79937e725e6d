/**
 * What one person used and what it cost, from the hourly aggregates. The cost is what was written down when each request
 * was settled; nothing is priced again here. What had no price then was booked at a fallback rate (`pricing/cost.ts`): it
 * is in every sum, and told as unpriced beside them.
 */
import type * as z from 'zod'
import { type Analytics, type AnalyticsQuery, LONGEST_WINDOW_DAYS } from '../../contract/analytics.ts'
import { Fault } from '../platform/fault.ts'
import { addMs, hourOf, type Instant, instant, isoWeekOf } from '../platform/instant.ts'
import { addUsd, exactUsd, type NanoUsd, ZERO_USD } from '../platform/money.ts'

export type Granularity = 'hour' | 'day' | 'week'

export interface HourlyAggregate {
  /** `2026-11-24T12` */
  readonly hour: string
  readonly model: string
  readonly requests: number
  readonly streaming: number
  readonly thinking: number
  readonly unpriced: number
  /** Of those that had no price. */
  readonly unpricedTokens: number
  readonly failed: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly cost: NanoUsd
  readonly saved: NanoUsd
  readonly durationMs: number
  readonly toolCalls: number
}

/** Name of a tool → how often it was called. */
export type ToolCounts = ReadonlyMap<string, number>

export interface AnalyticsWindow {
  /** First and last hour, both included. */
  readonly firstHour: string
  readonly lastHour: string
  readonly days: number
  readonly granularity: Granularity
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** The longest windows, in days, whose parts are hours and days if nothing is said; longer ones are told by the week. */
export interface Parts {
  readonly hours: number
  readonly days: number
}

/** At most some ninety points, which is what a small chart can show. */
const OF_A_PERSON: Parts = { hours: 3, days: 90 }

/** @throws Fault `invalid_request` when the window is empty or longer than a leap year */
export function windowOf(
  query: z.output<typeof AnalyticsQuery>,
  at: Instant,
  parts: Parts = OF_A_PERSON,
): AnalyticsWindow {
  const granularityOf = (days: number): Granularity =>
    query.granularity === 'auto' ? usualGranularity(days, parts) : query.granularity
  if (query.from === undefined || query.to === undefined) {
    return spanning(addMs(at, -query.days * DAY_MS), addMs(at, 1), query.days, granularityOf(query.days))
  }
  const from = instant(Date.parse(query.from))
  const to = isWholeDay(query.to) ? addMs(instant(Date.parse(query.to)), DAY_MS) : instant(Date.parse(query.to))
  if (from < EARLIEST) throw new Fault('invalid_request', 'from: must not be before 2000')
  if (to > LATEST) throw new Fault('invalid_request', 'to: must not be after 2100')
  if (to <= from) throw new Fault('invalid_request', 'to: must be later than from')
  const days = Math.ceil((to - from) / DAY_MS)
  if (days > LONGEST_WINDOW_DAYS)
    throw new Fault('invalid_request', `from, to: at most ${LONGEST_WINDOW_DAYS} days apart`)
  return spanning(from, to, days, granularityOf(days))
}

/** Nothing was used before or will be after, and all years in between, and before them, have four digits. */
const EARLIEST = Date.UTC(2000)
const LATEST = Date.UTC(2101)

const isWholeDay = (text: string): boolean => !text.includes('T')

/** @param to The first moment that is not in it any more. */
const spanning = (from: Instant, to: Instant, days: number, granularity: Granularity): AnalyticsWindow => ({
  firstHour: hourOf(from),
  lastHour: hourOf(addMs(to, -1)),
  days,
  granularity,
})

function usualGranularity(days: number, parts: Parts): Granularity {
  if (days <= parts.hours) return 'hour'
  return days <= parts.days ? 'day' : 'week'
}

/** The window of the same length that ends where this one begins. */
export function windowBefore(window: AnalyticsWindow): AnalyticsWindow {
  const first = momentOf(window.firstHour)
  const length = momentOf(window.lastHour) - first + HOUR_MS
  return spanning(addMs(first, -length), first, window.days, window.granularity)
}

/** The beginning of an hour. */
export const momentOf = (hour: string): Instant => instant(Date.parse(`${hour}:00:00Z`))

/** The longest list of tools that anybody reads. */
const TOP_TOOLS = 20

export function analyticsOf(
  user: string,
  window: AnalyticsWindow,
  aggregates: readonly HourlyAggregate[],
  before: readonly HourlyAggregate[],
  tools: ToolCounts,
): z.input<typeof Analytics> {
  const all = sumOf(aggregates)
  const trend = trendOf(aggregates, window)
  return {
    days: window.days,
    granularity: window.granularity,
    scope: 'user',
    user,
    unpriced_rows: all.unpriced,
    unpriced_models: [...new Set(aggregates.filter((one) => one.unpriced > 0).map((one) => one.model))].sort(),
    totals: {
      requests: all.requests,
      input_tokens: all.inputTokens,
      output_tokens: all.outputTokens,
      cache_read_tokens: all.cacheReadTokens,
      cache_write_tokens: all.cacheWriteTokens,
      cache_hit_rate_pct: percentage(all.cacheReadTokens, all.inputTokens + all.cacheReadTokens),
      avg_duration_ms: average(all.durationMs, all.requests),
      streaming_requests: all.streaming,
      thinking_requests: all.thinking,
      total_tool_calls: all.toolCalls,
      unique_users: all.requests > 0 ? 1 : 0,
      total_cost_usd: exactUsd(all.cost),
      cache_savings_usd: exactUsd(all.saved),
      failed_requests: all.failed,
    },
    prior: comparisonOf(sumOf(before)),
    top_tools: [...tools]
      .map(([name, count]) => ({ name, count, is_mcp: name.startsWith('mcp__') }))
      .sort((one, other) => other.count - one.count || compare(one.name, other.name))
      .slice(0, TOP_TOOLS),
    models: modelsOf(aggregates),
    trend,
    daily: trend,
  }
}

/** Nano-dollars have nine decimals: nothing is rounded away before it is shown. */

const comparisonOf = (sum: Sum): z.input<typeof Analytics>['prior'] => ({
  requests: sum.requests,
  total_cost_usd: exactUsd(sum.cost),
  cache_savings_usd: exactUsd(sum.saved),
  avg_duration_ms: average(sum.durationMs, sum.requests),
})

function modelsOf(aggregates: readonly HourlyAggregate[]): z.input<typeof Analytics>['models'] {
  return [...groupBy(aggregates, (one) => one.model)]
    .map(([model, group]) => ({ model, sum: sumOf(group) }))
    .sort((one, other) => other.sum.cost - one.sum.cost || compare(one.model, other.model))
    .map(({ model, sum }) => ({
      model,
      request_count: sum.requests,
      total_input: sum.inputTokens,
      total_output: sum.outputTokens,
      total_cache_read: sum.cacheReadTokens,
      total_cache_write: sum.cacheWriteTokens,
      avg_duration_ms: average(sum.durationMs, sum.requests),
      streaming_count: sum.streaming,
      cost_usd: exactUsd(sum.cost),
    }))
}

function trendOf(aggregates: readonly HourlyAggregate[], window: AnalyticsWindow): z.input<typeof Analytics>['trend'] {
  const groups = groupBy(aggregates, (one) => bucketOf(one.hour, window.granularity))
  return bucketsOf(window).map((bucket) => {
    const group = groups.get(bucket) ?? []
    const sum = sumOf(group)
    return {
      bucket,
      requests: sum.requests,
      tokens: sum.inputTokens + sum.outputTokens + sum.cacheReadTokens + sum.cacheWriteTokens,
      cost_usd: exactUsd(sum.cost),
      cache_savings_usd: exactUsd(sum.saved),
      avg_duration_ms: average(sum.durationMs, sum.requests),
      models: modelsOf(group).map(({ model, request_count: requests, cost_usd }) => ({ model, requests, cost_usd })),
    }
  })
}

function bucketsOf({ firstHour, lastHour, granularity }: AnalyticsWindow): string[] {
  const buckets = new Set<string>()
  for (let at = momentOf(firstHour); at <= momentOf(lastHour); at = addMs(at, HOUR_MS)) {
    buckets.add(bucketOf(hourOf(at), granularity))
  }
  return [...buckets]
}

function bucketOf(hour: string, granularity: Granularity): string {
  if (granularity === 'hour') return `${hour}:00:00`
  const day = hour.slice(0, 10)
  return granularity === 'day' ? day : isoWeekOf(instant(Date.parse(day)))
}

type Sum = Omit<HourlyAggregate, 'hour' | 'model'>

const NOTHING: Sum = {
  requests: 0,
  streaming: 0,
  thinking: 0,
  unpriced: 0,
  unpricedTokens: 0,
  failed: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cost: ZERO_USD,
  saved: ZERO_USD,
  durationMs: 0,
  toolCalls: 0,
}

const sumOf = (aggregates: readonly HourlyAggregate[]): Sum =>
  aggregates.reduce<Sum>(
    (sum, one) => ({
      requests: sum.requests + one.requests,
      streaming: sum.streaming + one.streaming,
      thinking: sum.thinking + one.thinking,
      unpriced: sum.unpriced + one.unpriced,
      unpricedTokens: sum.unpricedTokens + one.unpricedTokens,
      failed: sum.failed + one.failed,
      inputTokens: sum.inputTokens + one.inputTokens,
      outputTokens: sum.outputTokens + one.outputTokens,
      cacheReadTokens: sum.cacheReadTokens + one.cacheReadTokens,
      cacheWriteTokens: sum.cacheWriteTokens + one.cacheWriteTokens,
      cost: addUsd(sum.cost, one.cost),
      saved: addUsd(sum.saved, one.saved),
      durationMs: sum.durationMs + one.durationMs,
      toolCalls: sum.toolCalls + one.toolCalls,
    }),
    NOTHING,
  )

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

/** One decimal; 0 of nothing. */
const percentage = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part / whole) * 1000) / 10)

const average = (sum: number, count: number): number => (count === 0 ? 0 : Math.round(sum / count))
