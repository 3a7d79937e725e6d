/**
 * Which budgets a request falls under. One resolver for the verdict and for whoever shows a budget, so that the two agree.
 *
 * A person's limit is the first of: their own, that of their team for each member, the gateway's default for people without a team.
 * Beside it stand that of the team that pays and that of the key; the strictest decides.
 */
import type { NanoUsd } from '../platform/money.ts'
import type { CounterSubject } from '../table/usage-keys.ts'
import type { Period } from './period.ts'
import { type PolicyRule, STANDARD } from './policy.ts'

export interface Budget {
  /** Zero: nothing may be spent. */
  readonly limit: NanoUsd
  readonly period: Period
  readonly rules: readonly PolicyRule[]
}

/** Whose word a limit is: that of whoever it is about, of their team, or of the whole gateway. */
export type LimitSource = 'explicit' | 'team' | 'default'

export interface SubjectBudget {
  readonly subject: CounterSubject
  readonly budget: Budget
  readonly source: LimitSource
}

/** A limit as it was set; the policy may be left to others. */
export interface SetBudget {
  readonly limit: NanoUsd | null
  readonly period: Period
  /** `null`: the usual ones. */
  readonly rules: readonly PolicyRule[] | null
}

export const NO_BUDGET: SetBudget = { limit: null, period: 'monthly', rules: null }

export interface BudgetedTeam {
  readonly id: string
  readonly budget: SetBudget
  /** For each member who has none of their own. */
  readonly memberLimit: NanoUsd | null
}

export interface BudgetedUser {
  readonly id: string
  readonly limit: NanoUsd | null
  /** Of the limit of their own. */
  readonly period: Period
}

export interface BudgetFacts {
  readonly key: { readonly id: string; readonly budget: SetBudget } | null
  readonly user: BudgetedUser | null
  /** The person's own, which is not the one that pays where a key says otherwise. */
  readonly usersTeam: BudgetedTeam | null
  readonly payingTeam: BudgetedTeam | null
  /** For people without a team. */
  readonly usual: SetBudget
}

/** In the order key, person, team. */
export function budgetsOf({ key, user, usersTeam, payingTeam, usual }: BudgetFacts): readonly SubjectBudget[] {
  return [
    ...(key === null ? [] : own({ kind: 'key', id: key.id }, key.budget)),
    ...(user === null ? [] : personalBudget(user, usersTeam, usual)),
    ...(payingTeam === null ? [] : own({ kind: 'team', id: payingTeam.id }, payingTeam.budget)),
  ]
}

function own(subject: CounterSubject, { limit, period, rules }: SetBudget): SubjectBudget[] {
  return limit === null ? [] : [{ subject, budget: { limit, period, rules: rules ?? STANDARD }, source: 'explicit' }]
}

/** At most one. A limit of one's own is enforced by the policy of the team, or that of the default where there is no team. */
export function personalBudget(user: BudgetedUser, team: BudgetedTeam | null, usual: SetBudget): SubjectBudget[] {
  const subject = { kind: 'user' as const, id: user.id }
  const rules = (team === null ? usual.rules : team.budget.rules) ?? STANDARD
  const of = (limit: NanoUsd, period: Period, source: LimitSource): SubjectBudget[] => [
    { subject, budget: { limit, period, rules }, source },
  ]
  if (user.limit !== null) return of(user.limit, user.period, 'explicit')
  if (team !== null) return team.memberLimit === null ? [] : of(team.memberLimit, team.budget.period, 'team')
  return usual.limit === null ? [] : of(usual.limit, usual.period, 'default')
}
