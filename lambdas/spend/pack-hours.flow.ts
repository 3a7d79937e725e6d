/**
 * Packs hours that have become final, each once, the oldest first, and goes on where the last run stopped. An hour is final when
 * the deadlines of all its requests have passed: what is settled after that is booked beside it.
 */
import { addMs, hourOf, type Instant } from '../platform/instant.ts'
import type { Log } from '../platform/log.ts'
import type { HourKind } from '../table/usage-keys.ts'
import type { WatchMark } from './abandoned-mark.store.ts'
import type { HourItems } from './hour-items.store.ts'
import type { HourPacks } from './hour-packs.store.ts'
import { deadlineOf } from './request-record.ts'

export interface PackTools {
  readonly items: Pick<HourItems, 'ofDay'>
  readonly packs: Pick<HourPacks, 'write'>
  readonly mark: WatchMark
  readonly log: Log
}

const HOUR_MS = 3_600_000

/** A settlement just before its deadline may still be on its way to the table, for some seconds; a quarter of an hour is plenty. */
const STRAGGLERS_MS = 15 * 60_000

/** A day after an outage of days: with a thousand people ten seconds. The next run goes on. */
const HOURS_A_RUN = 24

const KINDS: readonly HourKind[] = ['AGG', 'TOOLS']

/** What was before the first run stays as it is: it is read as well, item by item. @returns how many hours were packed. */
export async function packHours(now: Instant, tools: PackTools): Promise<number> {
  const from = (await tools.mark.read()) ?? addMs(beginningOf(now), -2 * HOUR_MS)
  let hour = from
  while (hour < addMs(from, HOURS_A_RUN * HOUR_MS) && isFinal(hour, now)) {
    for (const kind of KINDS) await packHour(kind, hourOf(hour), tools)
    hour = addMs(hour, HOUR_MS)
    await tools.mark.write(hour)
  }
  return (hour - from) / HOUR_MS
}

const beginningOf = (at: Instant): Instant => addMs(at, -(at % HOUR_MS))

const isFinal = (hour: Instant, now: Instant): boolean => addMs(deadlineOf(addMs(hour, HOUR_MS)), STRAGGLERS_MS) <= now

async function packHour(kind: HourKind, hour: string, { items, packs, log }: PackTools): Promise<void> {
  const found = await items.ofDay(kind, hour.slice(0, 10), { firstHour: hour, lastHour: hour }, 'consistent')
  if (!(await packs.write(kind, hour, found))) log.error('hour_not_packed', { hour, kind, rows: found.length })
}
