/** How everything that a request falls under stands, and what that comes to. */
import type { Instant } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'
import type { CounterSubject } from '../table/usage-keys.ts'
import { type BudgetFacts, budgetsOf } from './budget.ts'
import type { Period } from './period.ts'
import type { Decision } from './policy.ts'
import { decisive, type Standing, standingOf } from './standing.ts'
import type { KnownTeam, KnownUser } from './subjects.ts'

export interface Counted {
  readonly subject: CounterSubject
  /** Over how many items the counter is spread. */
  readonly shards: number
  readonly period: Period
}

/** In the period that was asked for. */
export type SpentOf = (subject: CounterSubject, period: Period) => NanoUsd

/** A key makes about as many requests at once as a person: its counter is one item. */
const KEY_SHARDS = 1

export interface Shards {
  readonly users: ReadonlyMap<string, Pick<KnownUser, 'counterShards'>>
  readonly teams: ReadonlyMap<string, Pick<KnownTeam, 'counterShards'>>
}

export const countedFor = (subject: CounterSubject, period: Period, { users, teams }: Shards): Counted => ({
  subject,
  period,
  shards:
    subject.kind === 'key'
      ? KEY_SHARDS
      : ((subject.kind === 'user' ? users : teams).get(subject.id)?.counterShards ?? KEY_SHARDS),
})

export interface Outcome {
  readonly standings: readonly Standing[]
  /** The one that a request is judged by; nothing where there is no budget. */
  readonly decisive: Standing | undefined
}

export function outcomeOf(facts: BudgetFacts, spentOf: SpentOf, at: Instant): Outcome {
  const standings = budgetsOf(facts).map((one) => standingOf(one, spentOf(one.subject, one.budget.period), at))
  return { standings, decisive: decisive(standings) }
}

export type Status = 'ok' | 'warning' | 'shaped' | 'blocked'

const STATUS: Readonly<Record<Decision['action'], Status>> = {
  allow: 'ok',
  notify: 'warning',
  shape: 'shaped',
  block: 'blocked',
}

export const statusOf = (standing: Pick<Standing, 'decision'> | undefined): Status =>
  STATUS[standing?.decision.action ?? 'allow']
