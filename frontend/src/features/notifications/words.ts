/** How the page speaks of types, categories and states. */
import type { Category, Delivery, DeliveryState, DestinationType } from '../../api/notification-queries.ts'

export const TYPES: Readonly<Record<DestinationType, { readonly name: string; readonly text: string }>> = {
  webhook: { name: 'Webhook', text: 'A signed POST to an address of yours' },
  sns: { name: 'SNS topic', text: 'Mail, chat or queues behind a topic' },
  eventbridge: { name: 'EventBridge bus', text: 'Rules decide what happens' },
}

export const CATEGORIES: readonly { readonly id: Category; readonly name: string; readonly text: string }[] = [
  { id: 'budget', name: 'Budgets', text: 'A threshold was passed: warning, slowed down, blocked' },
  { id: 'rate_limit', name: 'Rate limits', text: 'A key or person met a limit, told once an hour' },
]

/** The outbox's own names, in the order in which they matter. */
const EVENTS: Readonly<Record<string, string>> = {
  budget_warning: 'Budget warning',
  budget_shaped: 'Budget: slowed down',
  budget_blocked: 'Budget: blocked',
  team_budget_warning: 'Team budget warning',
  team_budget_shaped: 'Team budget: slowed down',
  team_budget_blocked: 'Team budget: blocked',
  key_budget_warning: 'Key budget warning',
  key_budget_shaped: 'Key budget: slowed down',
  key_budget_blocked: 'Key budget: blocked',
  rate_limit_hit: 'Rate limit met',
  test: 'Test',
}

export const eventName = (type: string): string => EVENTS[type] ?? type

interface StateWords {
  readonly kind: 'ok' | 'warn' | 'danger' | 'off'
  readonly name: string
}

const STATES: Readonly<Record<DeliveryState, StateWords>> = {
  pending: { kind: 'warn', name: 'Waiting' },
  leased: { kind: 'warn', name: 'Being told' },
  delivered: { kind: 'ok', name: 'Delivered' },
  dropped: { kind: 'off', name: 'Not told' },
  dead: { kind: 'danger', name: 'Given up' },
}

export const stateWords = (state: DeliveryState): StateWords => STATES[state]

/** Whom it is about: a key, a person, a team. */
export function subjectName({ event_type, key_name, user_identity, team_name }: Delivery): string {
  if (event_type.startsWith('team_')) return team_name ?? 'A team'
  return key_name ?? user_identity ?? team_name ?? 'A key without a name'
}

const REASONS: Readonly<Record<string, string>> = {
  'no destination': 'There was no active destination.',
  'category off': 'Its category was switched off.',
}

export const dropReason = (reason: string | null): string => REASONS[reason ?? ''] ?? reason ?? ''
