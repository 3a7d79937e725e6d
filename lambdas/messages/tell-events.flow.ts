/** Tells of budgets that have passed a threshold and of rate limits that were met: each once, however many requests notice it. */
import type { RateReason, TooFast } from '../admission/admit.ts'
import type { Allowance, UserStanding } from '../admission/allowance.ts'
import { heldRules, type PolicyRule } from '../budgets/policy.ts'
import type { Standing } from '../budgets/standing.ts'
import {
  budgetEventId,
  type EventType,
  type GatewayEvent,
  type RateEventDetail,
  rateEventId,
} from '../notifications/event.ts'
import type { EventWriter } from '../notifications/event-writer.store.ts'
import { hourOf, type Instant } from '../platform/instant.ts'
import { createRecentlyUsed } from '../platform/recently-used.ts'

export interface EventTeller {
  /** Every rule that holds. */
  passedThresholds(allowance: Allowance, standings: readonly Standing[], at: Instant): Promise<void>
  metLimit(allowance: Allowance, refusal: TooFast, at: Instant): Promise<void>
}

/** About 150 bytes each. What was told before is told again at the cost of one write that is refused. */
const REMEMBERED = 10_000

export function createEventTeller(writer: EventWriter): EventTeller {
  const told = createRecentlyUsed<true>(REMEMBERED)
  const tell = async (event: GatewayEvent): Promise<void> => {
    if (told.get(event.id) === true) return
    await writer.write(event)
    told.set(event.id, true)
  }
  return {
    async passedThresholds(allowance, standings, at) {
      const events = standings.flatMap((standing) =>
        heldRules(standing.budget.rules, standing.spent, standing.budget.limit).map((rule) =>
          thresholdEvent(allowance, standing, rule, at),
        ),
      )
      await Promise.all(events.map(tell))
    },
    metLimit: (allowance, refusal, at) => tell(limitEvent(allowance, refusal, at)),
  }
}

const PREFIXES = { user: '', team: 'team_', key: 'key_' } as const

function thresholdEvent(allowance: Allowance, standing: Standing, rule: PolicyRule, at: Instant): GatewayEvent {
  const { subject, budget, spent, percent, start } = standing
  const whose = namesOf(allowance)
  return {
    ...(subject.kind === 'team' ? { ...whose, userId: null, userEmail: null } : whose),
    ...(subject.kind !== 'key' && { keyId: null, keyName: null }),
    id: budgetEventId(subject, budget.period, start, budget.limit, rule),
    type: `${PREFIXES[subject.kind]}${rule.action}` as EventType,
    detail: {
      thresholdPercent: rule.at_percent,
      spend: spent,
      limit: budget.limit,
      percent,
      period: budget.period,
      periodStart: start,
    },
    createdAt: at,
  }
}

const RATE_LIMITS: Readonly<Record<RateReason, RateEventDetail['limit']>> = {
  shaped: 'shaped_requests_per_minute',
  requests_per_minute: 'requests_per_minute',
  tokens_per_minute: 'tokens_per_minute',
}

function limitEvent(allowance: Allowance, { because, subject, limit }: TooFast, at: Instant): GatewayEvent {
  const { key } = allowance
  const id = subject === 'key' ? key.id : (key.userId ?? key.id)
  return {
    ...namesOf(allowance),
    id: rateEventId({ kind: subject, id }, RATE_LIMITS[because], hourOf(at)),
    type: 'rate_limit',
    detail: { limit: RATE_LIMITS[because], allowed: limit },
    createdAt: at,
  }
}

function namesOf({ key, owner, team }: Allowance) {
  const user: UserStanding | null = owner === 'missing' ? null : owner
  return {
    userId: user?.id ?? null,
    userEmail: user?.email ?? null,
    keyId: key.id,
    keyName: key.name,
    teamId: team?.id ?? null,
    teamName: team?.name ?? null,
  }
}
