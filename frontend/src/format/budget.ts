/** Budgets in words: what a policy does, what state a budget is in, and when it is fresh again. */
import { money } from './money.ts'
import { percent } from './number.ts'

export type Period = 'daily' | 'weekly' | 'monthly'
export type Status = 'ok' | 'warning' | 'shaped' | 'blocked'
export type Source = 'explicit' | 'team' | 'default' | 'unlimited'

export interface Rule {
  readonly at_percent: number
  readonly action: 'notify' | 'shape' | 'block'
  readonly shaped_rpm?: number | null | undefined
}

const PERIOD_WORDS: Readonly<Record<Period, string>> = { daily: 'day', weekly: 'week', monthly: 'month' }

/** `per month` */
export const perPeriod = (period: Period): string => `per ${PERIOD_WORDS[period]}`

/** `$50.00 / month`, where there is little room. */
export const limitInShort = (limit: number, period: Period): string => `${money(limit)} / ${PERIOD_WORDS[period]}`

/** What a shape rule without a number of its own slows down to. */
const USUAL_RPM = 5

const ACTION_WORDS: Readonly<Record<Rule['action'], (rule: Rule) => string>> = {
  notify: () => 'notify',
  shape: ({ shaped_rpm }) => `slow down to ${shaped_rpm ?? USUAL_RPM} a minute`,
  block: () => 'block',
}

export const actionInWords = (rule: Rule): string => ACTION_WORDS[rule.action](rule)

/** `Notify at 80%, slow down to 5 a minute at 100%, block at 150%` */
export function policyInWords(rules: readonly Rule[]): string {
  const words = rules.map((rule) => `${actionInWords(rule)} at ${rule.at_percent}%`).join(', ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

interface StatusWords {
  readonly word: string
  readonly kind: 'ok' | 'warn' | 'danger'
}

/** Words and shapes of what happens to the next request. */
export const STATUS_WORDS: Readonly<Record<Status, StatusWords>> = {
  ok: { word: 'Normal', kind: 'ok' },
  warning: { word: 'Warned', kind: 'warn' },
  shaped: { word: 'Slowed down', kind: 'danger' },
  blocked: { word: 'Blocked', kind: 'danger' },
}

export const SOURCE_WORDS: Readonly<Record<Source, string>> = {
  explicit: 'Own',
  team: 'Team, each member',
  default: 'Default',
  unlimited: 'No limit',
}

/** Percent of a limit, never shortened: 1,240 % of it is what somebody has to know. */
export const percentOfLimit = (value: number): string => percent(value / 100)

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `in 7 days`, `in 5 h`, `in 12 min` */
export function until(iso: string, now: number): string {
  const left = Date.parse(iso) - now
  if (left < HOUR) return `in ${Math.max(1, Math.round(left / MINUTE))} min`
  if (left < DAY) return `in ${Math.round(left / HOUR)} h`
  const days = Math.round(left / DAY)
  return days === 1 ? 'in 1 day' : `in ${days} days`
}

const dayAndClock = (timeZone?: string) =>
  new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    ...(timeZone !== undefined && { timeZone }),
  })
const clockUtc = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })

/** `1 Dec, 01:00 local · 00:00 UTC` */
export const resetTime = (iso: string): string =>
  `${dayAndClock().format(new Date(iso))} local · ${clockUtc.format(new Date(iso))} UTC`

/** Before a tenth of a period its pace says nothing about the rest. */
const SHARE_BEFORE_PACE = 0.1

/** When so much will have been spent if it goes on like this; `undefined` where that is not in this period, or not to be told yet. */
export function reachedAt(
  amount: number,
  spent: number,
  period: { readonly start: string; readonly end: string },
  now: number,
): number | undefined {
  const [start, end] = [Date.parse(period.start), Date.parse(period.end)]
  if (spent >= amount || spent <= 0 || (now - start) / (end - start) < SHARE_BEFORE_PACE) return undefined
  const at = start + ((now - start) * amount) / spent
  return at < end ? at : undefined
}
