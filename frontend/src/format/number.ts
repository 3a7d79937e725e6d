/** Counts, shares, durations and changes, as a person reads them. */

const whole = new Intl.NumberFormat('en-US')
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })

export const MISSING = '–'

export const exactCount = (count: number): string => whole.format(count)

/** Exact below ten thousand. */
export const count = (value: number): string => (value < 10_000 ? whole.format(value) : compact.format(value))

/** @param share 0 to 1 */
export function percent(share: number): string {
  const value = share * 100
  if (value > 0 && value < 0.1) return '<0.1%'
  return value >= 100 ? `${Math.round(value)}%` : `${value.toFixed(1)}%`
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, '0')} s`
}

export interface Change {
  readonly text: string
  readonly direction: 'up' | 'down' | 'none'
}

/** Beyond this a percentage says less than a factor. */
const LARGEST_PERCENT = 999

/** `undefined` when there is nothing to compare. */
export function changeOf(now: number, before: number): Change | undefined {
  if (now === 0 && before === 0) return undefined
  if (before === 0) return { text: 'new', direction: 'none' }
  const change = ((now - before) / before) * 100
  if (Math.abs(change) < 0.05) return { text: 'no change', direction: 'none' }
  const text = change > LARGEST_PERCENT ? `×${Math.round(now / before)}` : `${Math.abs(change).toFixed(1)}%`
  return { text, direction: change > 0 ? 'up' : 'down' }
}
