/** Which hours an organisation's question is about, and the stretches that its charts are made of. All of it is UTC. */
import type * as z from 'zod'
import type { OrgQuery } from '../../contract/org-analytics.ts'
import { stretchOf } from '../budgets/period.ts'
import { Fault } from '../platform/fault.ts'
import { addMs, hourOf, type Instant, isoOf } from '../platform/instant.ts'
import { type AnalyticsWindow, momentOf, windowBefore, windowOf } from './analytics.ts'

const HOUR_MS = 3_600_000

/** Up to 168 points, on a chart as wide as the page. */
const PARTS = { hours: 7, days: 90 }

/** By the hour a hundred days; with twenty teams still an answer of some megabytes. */
const MOST_STRETCHES = 2_400

/** Both included: `2026-11-24T12`. */
export type Hours = Pick<AnalyticsWindow, 'firstHour' | 'lastHour'>

export interface Stretch {
  readonly bucket: string
  readonly bucket_end: string
}

/** @throws Fault `invalid_request` */
export function orgWindowOf(query: z.output<typeof OrgQuery>, at: Instant): AnalyticsWindow {
  const window = windowOf(query, at, PARTS)
  if (window.granularity === 'hour' && hoursIn(window) > MOST_STRETCHES) {
    throw new Fault('invalid_request', 'granularity: by the hour a window has at most 100 days')
  }
  return window
}

const hoursIn = ({ firstHour, lastHour }: AnalyticsWindow): number =>
  (momentOf(lastHour) - momentOf(firstHour)) / HOUR_MS + 1

/** As it is told: with its ends, and the beginning of the one before it. */
export const toldWindow = (window: AnalyticsWindow) => ({
  from: isoOf(momentOf(window.firstHour)),
  to: isoOf(addMs(momentOf(window.lastHour), HOUR_MS)),
  prior_from: isoOf(momentOf(windowBefore(window).firstHour)),
  days: window.days,
  granularity: window.granularity,
})

function stretchAt({ granularity }: AnalyticsWindow, at: Instant): { readonly start: Instant; readonly end: Instant } {
  if (granularity === 'hour') return { start: at, end: addMs(at, HOUR_MS) }
  return stretchOf(granularity === 'day' ? 'daily' : 'weekly', at)
}

/** Every stretch that the window touches, also where nothing happened. */
export function stretchesOf(window: AnalyticsWindow): readonly Stretch[] {
  const last = momentOf(window.lastHour)
  const stretches: Stretch[] = []
  let at = momentOf(window.firstHour)
  while (at <= last) {
    const { start, end } = stretchAt(window, at)
    stretches.push({ bucket: isoOf(start), bucket_end: isoOf(end) })
    at = end
  }
  return stretches
}

/** Hour → the beginning of its stretch. Many rows share an hour. */
export function bucketsBy(window: AnalyticsWindow): (hour: string) => string {
  const known = new Map<string, string>()
  return (hour) => {
    const bucket = known.get(hour) ?? isoOf(stretchAt(window, momentOf(hour)).start)
    known.set(hour, bucket)
    return bucket
  }
}

/** Nothing has happened after this hour, and nobody need look. */
export function untilNow({ firstHour, lastHour }: Hours, now: Instant): Hours | undefined {
  const thisHour = hourOf(now)
  if (firstHour > thisHour) return undefined
  return { firstHour, lastHour: lastHour > thisHour ? thisHour : lastHour }
}

/** `2026-11-24`, each day that the window touches, in order. */
export function daysOf({ firstHour, lastHour }: Hours): string[] {
  const days: string[] = []
  for (let at = momentOf(`${firstHour.slice(0, 10)}T00`); at <= momentOf(lastHour); at = addMs(at, 24 * HOUR_MS)) {
    days.push(hourOf(at).slice(0, 10))
  }
  return days
}
