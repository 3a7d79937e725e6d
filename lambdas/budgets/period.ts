/** The stretches of time that budgets are counted in, all in UTC. A week begins on Monday (ISO 8601), a month on its first day. */
import { type Instant, instant, isoWeekOf, monthOf } from '../platform/instant.ts'

export const PERIODS = ['daily', 'weekly', 'monthly'] as const
export type Period = (typeof PERIODS)[number]

export interface Stretch {
  readonly start: Instant
  /** The first moment that does not belong to it: when the budget is fresh again. */
  readonly end: Instant
}

const DAY_MS = 86_400_000
/** 1970-01-01 was a Thursday, three days after its Monday. */
const MONDAY_OFFSET_DAYS = 3

export function stretchOf(period: Period, at: Instant): Stretch {
  const day = Math.floor(at / DAY_MS)
  if (period === 'daily') return { start: instant(day * DAY_MS), end: instant((day + 1) * DAY_MS) }
  if (period === 'weekly') {
    const monday = day - ((day + MONDAY_OFFSET_DAYS) % 7)
    return { start: instant(monday * DAY_MS), end: instant((monday + 7) * DAY_MS) }
  }
  const date = new Date(at)
  const month = (ahead: number): Instant => instant(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead, 1))
  return { start: month(0), end: month(1) }
}

/** The months whose counters a period is summed from, the running one first: a week may have begun in the month before. */
export function monthsOf(period: Period, at: Instant): readonly Instant[] {
  const { start } = stretchOf(period, at)
  return monthOf(start) === monthOf(at) ? [at] : [at, start]
}

/** The member of a counter in which a period's spending stands. */
export function spentAttribute(period: Period, at: Instant): string {
  if (period === 'monthly') return 'm_cost'
  return period === 'daily' ? dayAttribute(at) : weekAttribute(at)
}

export const dayAttribute = (at: Instant): string => `d${new Date(at).toISOString().slice(8, 10)}_cost`
export const weekAttribute = (at: Instant): string => `w${isoWeekOf(at).slice(6)}_cost`
