/** An event as the control plane shows it. */
import type * as z from 'zod'
import type { BudgetEvent } from '../../contract/notifications.ts'
import { isoOf } from '../platform/instant.ts'
import { usdOf } from '../platform/money.ts'
import type { StoredEvent } from './stored-event.ts'

/** Nano-dollars have nine decimals. */
const DIGITS = 9

export function eventRow({ event, state, finishedAt }: StoredEvent): z.input<typeof BudgetEvent> {
  const { detail } = event
  const budget = 'allowed' in detail ? null : detail
  return {
    id: event.id,
    user_identity: event.userEmail,
    key_id: event.keyId,
    key_name: event.keyName,
    team_id: event.teamId,
    team_name: event.teamName,
    event_type: event.type,
    threshold_percent: budget?.thresholdPercent ?? null,
    spend_usd: budget && usdOf(budget.spend, DIGITS),
    limit_usd: budget && usdOf(budget.limit, DIGITS),
    percent: budget?.percent ?? null,
    period: budget?.period ?? null,
    period_start: budget && isoOf(budget.periodStart),
    rate_limit: 'allowed' in detail ? { limit: detail.limit, allowed: detail.allowed } : null,
    created_at: isoOf(event.createdAt),
    delivered_at: state === 'delivered' && finishedAt !== null ? isoOf(finishedAt) : null,
    delivery_state: state,
  }
}
