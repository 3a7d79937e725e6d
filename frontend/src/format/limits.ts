/** Limits, as a person reads and types them. */
import type { Period } from './budget.ts'
import { count, exactCount } from './number.ts'

export const PERIODS: readonly { readonly value: Period; readonly text: string }[] = [
  { value: 'daily', text: 'Day' },
  { value: 'weekly', text: 'Week' },
  { value: 'monthly', text: 'Month' },
]

/** `60 requests, 100K tokens / min`; nothing where there is no limit. */
export function ratesInWords({
  rpm,
  tpm,
}: {
  readonly rpm: number | null
  readonly tpm: number | null
}): string | undefined {
  const said = [
    ...(rpm === null ? [] : [`${exactCount(rpm)} ${rpm === 1 ? 'request' : 'requests'}`]),
    ...(tpm === null ? [] : [`${count(tpm)} tokens`]),
  ]
  return said.length === 0 ? undefined : `${said.join(', ')} / min`
}

/** What was typed, or what to type instead. */
export type Typed<T> = { readonly value: T } | { readonly error: string }

const HIGHEST_USD = 1_000_000

/** Nothing typed is no limit; zero is one. Thousands may be set off by commas. */
export function readAmount(text: string): Typed<number | null> {
  const typed = text.trim().replace(/^\$\s*/, '')
  if (typed === '') return { value: null }
  if (!/^(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d{1,2})?$/.test(typed)) {
    return { error: 'Enter dollars and cents, such as 50 or 12.50. Leave it empty for none.' }
  }
  const value = Number(typed.replaceAll(',', ''))
  return value > HIGHEST_USD ? { error: `Enter at most ${exactCount(HIGHEST_USD)} dollars.` } : { value }
}

/** Nothing typed is no limit. */
export function readWhole(text: string, highest: number): Typed<number | null> {
  const typed = text.trim().replaceAll(',', '')
  if (typed === '') return { value: null }
  const value = Number(typed)
  if (!/^\d+$/.test(typed) || value < 1 || value > highest) {
    return { error: `Enter a whole number from 1 to ${exactCount(highest)}, or leave it empty for no limit.` }
  }
  return { value }
}

export const HIGHEST_RPM = 10_000
export const HIGHEST_TPM = 100_000_000

/** As it stands in a field. */
export const typedAmount = (usd: number | null): string =>
  usd === null ? '' : Number.isInteger(usd) ? String(usd) : usd.toFixed(2)
export const typedWhole = (limit: number | null): string => (limit === null ? '' : String(limit))

/** Where a bar turns amber; beyond the limit it is red. */
const WARNING_PERCENT = 80

/** How far a limit is used up, for the colour of a bar and the word beside it. */
export function usageOf(percent: number): 'normal' | 'warn' | 'danger' {
  if (percent >= 100) return 'danger'
  return percent >= WARNING_PERCENT ? 'warn' : 'normal'
}
