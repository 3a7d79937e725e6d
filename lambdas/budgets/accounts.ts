/** How the limit of one person, team or key stands, also where there is none. */
import type { Instant } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'
import type { CounterSubject } from '../table/usage-keys.ts'
import { type BudgetFacts, budgetsOf, type LimitSource, type SetBudget } from './budget.ts'
import { type Period, stretchOf } from './period.ts'
import type { PolicyRule } from './policy.ts'
import { percentOf } from './standing.ts'
import { type Counted, countedFor, outcomeOf, type Shards, type SpentOf, type Status, statusOf } from './standings.ts'
import {
  factsOfKey,
  factsOfTeam,
  factsOfUser,
  type KeyContext,
  type KnownKey,
  type KnownTeam,
  type KnownUser,
} from './subjects.ts'

/** Somebody, and all that their requests fall under. */
export interface Holder {
  readonly subject: CounterSubject
  readonly facts: BudgetFacts
  /** In which their spending is told where they have no limit. */
  readonly period: Period
}

export interface Account {
  readonly limit: NanoUsd | null
  readonly source: LimitSource | 'unlimited'
  readonly period: Period
  readonly rules: readonly PolicyRule[] | null
  readonly start: Instant
  readonly resetsAt: Instant
  readonly spent: NanoUsd
  readonly percent: number | null
  /** What happens to their next request, whosever budget says so. */
  readonly status: Status
  readonly decidedBy: CounterSubject['kind'] | null
}

/** Without a limit, their spending is told in the period of whoever would set one. */
export const holderOfUser = (user: KnownUser, team: KnownTeam | null, usual: SetBudget): Holder => ({
  subject: { kind: 'user', id: user.id },
  facts: factsOfUser(user, team, usual),
  period: (team?.budget ?? usual).period,
})

export const holderOfTeam = (team: KnownTeam, usual: SetBudget): Holder => ({
  subject: { kind: 'team', id: team.id },
  facts: factsOfTeam(team, usual),
  period: team.budget.period,
})

export const holderOfKey = (key: KnownKey, context: KeyContext, usual: SetBudget): Holder => ({
  subject: { kind: 'key', id: key.id },
  facts: factsOfKey(key, context, usual),
  period: key.budget.period,
})

export const isOf = (subject: CounterSubject) => (one: { readonly subject: CounterSubject }) =>
  one.subject.kind === subject.kind && one.subject.id === subject.id

/** What has to be read to tell how they stand. */
export function countedOf({ subject, facts, period }: Holder, shards: Shards): readonly Counted[] {
  const budgets = budgetsOf(facts)
  const counted = budgets.map((one) => countedFor(one.subject, one.budget.period, shards))
  if (budgets.some(isOf(subject))) return counted
  return [...counted, countedFor(subject, period, shards)]
}

export function accountOf({ subject, facts, period }: Holder, spentOf: SpentOf, at: Instant): Account {
  const { standings, decisive } = outcomeOf(facts, spentOf, at)
  const own = standings.find(isOf(subject))
  const { start, end } = stretchOf(own?.budget.period ?? period, at)
  const spent = own?.spent ?? spentOf(subject, period)
  return {
    limit: own?.budget.limit ?? null,
    source: own?.source ?? 'unlimited',
    period: own?.budget.period ?? period,
    rules: own?.budget.rules ?? null,
    start,
    resetsAt: end,
    spent,
    percent: own === undefined ? null : percentOf(spent, own.budget.limit),
    status: statusOf(decisive),
    decidedBy: decisive?.subject.kind ?? null,
  }
}

/** Before a tenth of a period has passed, its pace says nothing about the rest: one long session of a morning would be a forecast. */
const SHARE_BEFORE_PROJECTION = 0.1

const NANO_PER_USD = 1_000_000_000

/** What will have been spent at the end of the period if it goes on like this, in US dollars of any size; `null` too early in it. */
export function projectedOf(
  { spent, start, resetsAt }: Pick<Account, 'spent' | 'start' | 'resetsAt'>,
  at: Instant,
): number | null {
  const share = (at - start) / (resetsAt - start)
  return share < SHARE_BEFORE_PROJECTION ? null : Math.round(spent / share) / NANO_PER_USD
}
