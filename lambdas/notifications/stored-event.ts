/** An event as it lies in the Events table: what happened, and how telling it goes. */
import * as z from 'zod/mini'
import { type Instant, instant } from '../platform/instant.ts'
import { nanoUsd } from '../platform/money.ts'
import type { EventType, GatewayEvent } from './event.ts'

/** `leased`: somebody is telling it at this moment. `dropped`: it was not to be told. `dead`: given up. */
export const DELIVERY_STATES = ['pending', 'leased', 'delivered', 'dropped', 'dead'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

export interface StoredEvent {
  readonly event: GatewayEvent
  readonly state: DeliveryState
  /** Of those since it was new, or was retried by hand. */
  readonly attempts: number
  /** `null` unless it waits for one. */
  readonly nextAttemptAt: Instant | null
  readonly giveUpAt: Instant
  readonly lastError: string | null
  readonly dropReason: string | null
  readonly finishedAt: Instant | null
}

const BudgetDetail = z.object({
  threshold_percent: z.number(),
  spend_nano_usd: z.number(),
  limit_nano_usd: z.number(),
  percent: z.number(),
  period: z.enum(['daily', 'weekly', 'monthly']),
  period_start: z.string(),
})

const RateDetail = z.object({
  limit: z.enum(['requests_per_minute', 'tokens_per_minute', 'shaped_requests_per_minute']),
  allowed: z.number(),
})

const TYPES = [
  'notify',
  'shape',
  'block',
  'team_notify',
  'team_shape',
  'team_block',
  'key_notify',
  'key_shape',
  'key_block',
  'rate_limit',
] as const satisfies readonly EventType[]

const text = z._default(z.nullable(z.string()), null)

const EventItem = z.object({
  id: z.string(),
  type: z.enum(TYPES),
  user_id: text,
  user_email: text,
  key_id: text,
  key_name: text,
  team_id: text,
  team_name: text,
  detail: z.union([RateDetail, BudgetDetail]),
  created_at: z.string(),
  state: z.enum(DELIVERY_STATES),
  attempts: z._default(z.number(), 0),
  /** Its place in the outbox begins with when it is due. */
  GSI1SK: text,
  give_up_at: z.string(),
  last_error: text,
  drop_reason: text,
  finished_at: text,
})

/** @throws Error for what is no event, or none with times. */
export function readEvent(raw: Record<string, unknown>): StoredEvent {
  const item = EventItem.parse(raw)
  return {
    event: {
      id: item.id,
      type: item.type,
      userId: item.user_id,
      userEmail: item.user_email,
      keyId: item.key_id,
      keyName: item.key_name,
      teamId: item.team_id,
      teamName: item.team_name,
      detail: detailOf(item.detail),
      createdAt: timeOf(item.created_at),
    },
    state: item.state,
    attempts: item.attempts,
    nextAttemptAt: item.state === 'pending' ? orNull(item.GSI1SK?.split('#')[0] ?? null) : null,
    giveUpAt: timeOf(item.give_up_at),
    lastError: item.last_error,
    dropReason: item.drop_reason,
    finishedAt: orNull(item.finished_at),
  }
}

const orNull = (iso: string | null): Instant | null => (iso === null ? null : timeOf(iso))

function timeOf(iso: string): Instant {
  const at = Date.parse(iso)
  if (Number.isNaN(at)) throw new Error('an event has a time that is none')
  return instant(at)
}

function detailOf(detail: z.output<typeof RateDetail> | z.output<typeof BudgetDetail>): GatewayEvent['detail'] {
  if ('allowed' in detail) return detail
  return {
    thresholdPercent: detail.threshold_percent,
    spend: nanoUsd(detail.spend_nano_usd),
    limit: nanoUsd(detail.limit_nano_usd),
    percent: detail.percent,
    period: detail.period,
    periodStart: timeOf(detail.period_start),
  }
}
