/** What a destination is told of an event: the gateway's own that we follow, so that receivers written for it understand it. */
import { type Instant, isoOf } from '../platform/instant.ts'
import { exactUsd, nanoUsd } from '../platform/money.ts'
import type { EventCategory } from './destination.ts'
import type { BudgetEventDetail, EventType, GatewayEvent, RateEventDetail } from './event.ts'

type Severity = 'warning' | 'high' | 'critical'

export interface Payload {
  readonly source: 'ccag'
  readonly version: '1'
  readonly category: EventCategory
  readonly event_type: string
  readonly severity: Severity
  readonly user_identity: string | null
  readonly team_id: string | null
  readonly team_name: string | null
  readonly detail: Readonly<Record<string, string | number | null>>
  /** When it happened. */
  readonly timestamp: string
}

const TOLD: Readonly<Record<EventType, readonly [string, Severity]>> = {
  notify: ['budget_warning', 'warning'],
  shape: ['budget_shaped', 'high'],
  block: ['budget_blocked', 'critical'],
  team_notify: ['team_budget_warning', 'warning'],
  team_shape: ['team_budget_shaped', 'high'],
  team_block: ['team_budget_blocked', 'critical'],
  key_notify: ['key_budget_warning', 'warning'],
  key_shape: ['key_budget_shaped', 'high'],
  key_block: ['key_budget_blocked', 'critical'],
  rate_limit: ['rate_limit_hit', 'warning'],
}

export const categoryOf = (type: EventType): EventCategory => (type === 'rate_limit' ? 'rate_limit' : 'budget')

export const toldTypeOf = (type: EventType): string => TOLD[type][0]

export function payloadOf(event: GatewayEvent): Payload {
  const [event_type, severity] = TOLD[event.type]
  const ofKey = event.type.startsWith('key_') || event.type === 'rate_limit'
  return {
    source: 'ccag',
    version: '1',
    category: categoryOf(event.type),
    event_type,
    severity,
    user_identity: event.type.startsWith('team_') ? null : event.userEmail,
    team_id: event.teamId,
    team_name: event.teamName,
    detail: {
      ...detailOf(event.detail),
      // The gateway we follow knows no budgets of keys: what tells the key stands beside what it has.
      ...(ofKey && event.keyId !== null && { key_id: event.keyId, key_name: event.keyName }),
    },
    timestamp: isoOf(event.createdAt),
  }
}

/** A receiver that reads a budget's members finds them always, empty where a rate limit was met. */
function detailOf(detail: BudgetEventDetail | RateEventDetail): Payload['detail'] {
  if ('allowed' in detail) {
    const none = { threshold_percent: null, spend_usd: null, limit_usd: null, percent: null }
    return { ...none, period: null, period_start: null, limit: detail.limit, allowed: detail.allowed }
  }
  return {
    threshold_percent: detail.thresholdPercent,
    // Nano-dollars have nine decimals.
    spend_usd: exactUsd(detail.spend),
    limit_usd: exactUsd(detail.limit),
    percent: detail.percent,
    period: detail.period,
    period_start: isoOf(detail.periodStart),
  }
}

/** EventBridge says three of the members itself. */
export function eventBridgeDetail({ source: _, event_type: _type, timestamp: _at, ...detail }: Payload) {
  return detail
}

/** SNS takes fewer than 100 characters of printable ASCII, for mail. Source: Amazon SNS API reference, Publish, `Subject`. */
const LONGEST_SUBJECT = 99

export function subjectOf(payload: Payload): string {
  const { key_name: keyName } = payload.detail
  const subject = `${payload.event_type} for ${payload.user_identity ?? keyName ?? 'team'}`
  // By code point, so that a sign of two halves is one question mark.
  return [...subject.replace(/[^\x20-\x7e]/gu, '?')].slice(0, LONGEST_SUBJECT).join('')
}

/** What a test sends, and what the portal shows: of each type one that did not happen. */
export function sampleEvent(type: EventType, at: Instant): GatewayEvent {
  const ofTeam = type.startsWith('team_')
  const ofKey = type.startsWith('key_') || type === 'rate_limit'
  const dollars = (amount: number) => nanoUsd(amount * 1_000_000_000)
  const [thresholdPercent, spend] = type.endsWith('notify') ? [80, 40] : [100, 50]
  return {
    id: `test.${type}`,
    type,
    userId: null,
    userEmail: ofTeam ? null : 'test@example.com',
    keyId: ofKey ? '00000000-0000-4000-8000-000000000000' : null,
    keyName: ofKey ? 'test-key' : null,
    teamId: null,
    teamName: 'test-team',
    detail:
      type === 'rate_limit'
        ? { limit: 'requests_per_minute', allowed: 60 }
        : {
            thresholdPercent,
            spend: dollars(spend),
            limit: dollars(50),
            percent: thresholdPercent,
            period: 'weekly',
            periodStart: at,
          },
    createdAt: at,
  }
}

export const EVENT_TYPES = Object.keys(TOLD) as readonly EventType[]
