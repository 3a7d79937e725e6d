/** How many people used it, who of them for the first time, and at which hours of the week. */
import type * as z from 'zod'
import type { orgActivity } from '../../contract/org-analytics.ts'
import { type AnalyticsWindow, momentOf } from './analytics.ts'
import type { HourUse } from './hour-use.ts'
import { bucketsBy, stretchesOf } from './org-window.ts'
import { under } from './usage-sums.ts'

type Answer = z.input<(typeof orgActivity)['responses'][200]>

/** JavaScript's week begins on Sunday. */
const dayOfWeek = (hour: string): number => (new Date(momentOf(hour)).getUTCDay() + 6) % 7

export function activityTally(window: AnalyticsWindow) {
  const bucketOf = bucketsBy(window)
  const users = new Map<string, Set<string>>()
  const cells = new Map<string, number>()
  return {
    add(use: HourUse): void {
      under(users, bucketOf(use.hour), () => new Set<string>()).add(use.identity)
      cells.set(use.hour, (cells.get(use.hour) ?? 0) + use.requests)
    },
    identities: (): ReadonlySet<string> => new Set([...users.values()].flatMap((some) => [...some])),
    /** @param firstHours Identity → the hour of their first request ever. */
    activeUsers: (firstHours: ReadonlyMap<string, string>): Answer['active_users'] =>
      stretchesOf(window).map((stretch) => {
        const active = [...(users.get(stretch.bucket) ?? [])]
        const fresh = active.filter((identity) => {
          const first = firstHours.get(identity)
          return first !== undefined && bucketOf(first) === stretch.bucket
        })
        return { ...stretch, new_users: fresh.length, returning_users: active.length - fresh.length }
      }),
    heatmap(): Answer['heatmap'] {
      const counts = Array.from({ length: 7 * 24 }, () => 0)
      for (const [hour, requests] of cells) {
        const place = dayOfWeek(hour) * 24 + Number(hour.slice(11))
        counts[place] = (counts[place] ?? 0) + requests
      }
      return counts
        .map((request_count, place) => ({ hour: place % 24, day_of_week: Math.floor(place / 24), request_count }))
        .filter(({ request_count }) => request_count > 0)
    },
  }
}
