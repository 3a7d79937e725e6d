/** Time as a value. A request reads the clock once, so that it cannot be in two months at once. All periods are UTC. */

/** Milliseconds since the epoch, UTC. */
export type Instant = number & { readonly __unit: 'ms since epoch' }

export const instant = (epochMs: number): Instant => epochMs as Instant

/** RFC 3339 with milliseconds and `Z`. */
export const isoOf = (at: Instant): string => new Date(at).toISOString()

export const addMs = (at: Instant, ms: number): Instant => instant(at + ms)

/** `2026-11` */
export const monthOf = (at: Instant): string => isoOf(at).slice(0, 7)

/** `2026-11-24` */
export const dayOf = (at: Instant): string => isoOf(at).slice(0, 10)

/** `2026-11-24T12` */
export const hourOf = (at: Instant): string => isoOf(at).slice(0, 13)

/** `2026-11-24T12:05` */
export const minuteOf = (at: Instant): string => isoOf(at).slice(0, 16)

const DAY_MS = 86_400_000

/** ISO 8601 week, Monday first: `2026-W48`. The year is that of the week's Thursday. */
export function isoWeekOf(at: Instant): string {
  const midnight = Math.floor(at / DAY_MS) * DAY_MS
  // 1970-01-01 was a Thursday; (days + 3) % 7 makes Monday 0.
  const weekday = (midnight / DAY_MS + 3) % 7
  const thursday = new Date(midnight + (3 - weekday) * DAY_MS)
  const yearStart = Date.UTC(thursday.getUTCFullYear(), 0, 1)
  const week = 1 + Math.floor((thursday.getTime() - yearStart) / (7 * DAY_MS))
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`
}
