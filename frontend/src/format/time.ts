/** Moments and buckets, as a person reads them. Buckets are UTC, as they are counted; moments are in the browser's zone. */

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const moment = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
})
const utcMoment = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
})
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

export const dateOf = (iso: string): string => day.format(new Date(iso))
export const clockOf = (iso: string): string => clock.format(new Date(iso))

/** Local time, UTC, and the very text of the API. */
export const fullTime = (iso: string): string =>
  `${moment.format(new Date(iso))} local · ${utcMoment.format(new Date(iso))} UTC · ${iso}`

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** To six days, then the date. */
export function relative(iso: string, now: number): string {
  const age = now - Date.parse(iso)
  if (age < 45_000) return 'just now'
  if (age < HOUR) return `${Math.max(1, Math.round(age / MINUTE))} min ago`
  if (age < DAY) return `${Math.round(age / HOUR)} h ago`
  const days = Math.round(age / DAY)
  if (days === 1) return 'yesterday'
  return days <= 6 ? `${days} days ago` : dateOf(iso)
}

export function secondsAgo(at: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - at) / 1_000))
  return seconds < 60 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`
}

export type Granularity = 'hour' | 'day' | 'week'

const bucketDay = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', timeZone: 'UTC' })
const bucketDate = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
})
const bucketHour = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
})

/** `2026-11-24T12:00:00`, `2026-11-24` or `2026-W48` on an axis. */
export function bucketLabel(bucket: string): string {
  if (bucket.includes('W')) return `Week ${Number(bucket.slice(6))}`
  if (bucket.includes('T')) return bucket.slice(11, 16)
  return bucketDay.format(new Date(`${bucket}T00:00:00Z`))
}

export function bucketName(bucket: string): string {
  if (bucket.includes('W')) return `Week ${Number(bucket.slice(6))} of ${bucket.slice(0, 4)}`
  if (bucket.includes('T')) return bucketHour.format(new Date(`${bucket}Z`))
  return bucketDate.format(new Date(`${bucket}T00:00:00Z`))
}

export const monthName = (now: number): string =>
  new Intl.DateTimeFormat('en-GB', { month: 'short', timeZone: 'UTC' }).format(now)

/** `4:05` */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
