/**
 * What somebody may have to hear of: a budget's threshold was passed, or a rate limit was met. Whoever notices it names it by what it is
 * about, so that however many requests notice it at once, it is one event.
 */
import { type Instant, isoOf } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'

/** `notify`, `shape` and `block` are of a user; the others say whose they are. */
export type EventType =
  | 'notify'
  | 'shape'
  | 'block'
  | 'team_notify'
  | 'team_shape'
  | 'team_block'
  | 'key_notify'
  | 'key_shape'
  | 'key_block'
  | 'rate_limit'

export interface BudgetEventDetail {
  /** Of the policy's rule that was met. */
  readonly thresholdPercent: number
  readonly spend: NanoUsd
  readonly limit: NanoUsd
  /** Of the limit, as it was then; not rounded. */
  readonly percent: number
  readonly period: 'daily' | 'weekly' | 'monthly'
  readonly periodStart: Instant
}

export interface RateEventDetail {
  readonly limit: 'requests_per_minute' | 'tokens_per_minute' | 'shaped_requests_per_minute'
  /** So many a minute. */
  readonly allowed: number
}

export interface GatewayEvent {
  /** From `budgetEventId` or `rateEventId`. */
  readonly id: string
  readonly type: EventType
  readonly userId: string | null
  readonly userEmail: string | null
  readonly keyId: string | null
  readonly keyName: string | null
  readonly teamId: string | null
  readonly teamName: string | null
  readonly detail: BudgetEventDetail | RateEventDetail
  readonly createdAt: Instant
}

/**
 * One for each rule in each period, as long as the limit stays: whoever is given more is told when that is used up as well, and a rule
 * that blocks now is told beside the one that only warned there.
 */
export const budgetEventId = (
  subject: { readonly kind: 'user' | 'team' | 'key'; readonly id: string },
  period: BudgetEventDetail['period'],
  periodStart: Instant,
  limit: NanoUsd,
  rule: { readonly at_percent: number; readonly action: 'notify' | 'shape' | 'block' },
): string => {
  const whose = `${subject.kind}.${subject.id}.${period}.${isoOf(periodStart).slice(0, 10)}`
  return `budget.${whose}.${limit}.${rule.at_percent}.${rule.action}`
}

/** @param hour As `hourOf` has it: who meets a limit meets it again and again, and one event an hour says so. */
export const rateEventId = (
  subject: { readonly kind: 'user' | 'key'; readonly id: string },
  limit: RateEventDetail['limit'],
  hour: string,
): string => `rate.${subject.kind}.${subject.id}.${limit}.${hour}`
