/** How a budget stands: what has been spent of it, and what its policy says to that. */
import type { Instant } from '../platform/instant.ts'
import { cappedUsd, type NanoUsd } from '../platform/money.ts'
import { type CounterSubject, countedIn, counterKey } from '../table/usage-keys.ts'
import type { Budget, SubjectBudget } from './budget.ts'
import { monthsOf, spentAttribute, stretchOf } from './period.ts'
import { type Decision, decide, isStricter } from './policy.ts'

export interface Standing extends SubjectBudget {
  readonly spent: NanoUsd
  /** Of the limit; of a limit of zero, 100. */
  readonly percent: number
  readonly start: Instant
  readonly resetsAt: Instant
  readonly decision: Decision
}

export function standingOf(of: SubjectBudget, spent: NanoUsd, at: Instant): Standing {
  const { limit, period, rules } = of.budget
  const { start, end } = stretchOf(period, at)
  return { ...of, spent, percent: percentOf(spent, limit), start, resetsAt: end, decision: decide(rules, spent, limit) }
}

export const percentOf = (spent: NanoUsd, limit: NanoUsd): number => (limit <= 0 ? 100 : (spent / limit) * 100)

/** What a period's counters add up to, wherever a week begins. @param counters Those of one subject; others do no harm to a day or month. */
export function spentIn(
  counters: readonly Readonly<Record<string, unknown>>[],
  { subject, budget }: { readonly subject: CounterSubject; readonly budget: Pick<Budget, 'period'> },
  at: Instant,
): NanoUsd {
  const attribute = spentAttribute(budget.period, at)
  const months = monthsOf(budget.period, at).map((month) => counterKey(subject, month, 0))
  const isOfPeriod = ({ PK, SK }: Readonly<Record<string, unknown>>): boolean =>
    months.some((key) => PK === key.PK && String(SK).startsWith(key.SK.slice(0, MONTH_LENGTH)))
  return cappedUsd(counters.filter(isOfPeriod).reduce((sum, counter) => sum + countedIn(counter[attribute]), 0))
}

/** `2026-11#` */
const MONTH_LENGTH = 8

/** Who decides where several budgets hold: the strictest, and of those the one that is used up furthest. */
export const decisive = (standings: readonly Standing[]): Standing | undefined =>
  standings.reduce<Standing | undefined>((most, one) => {
    if (most === undefined || isStricter(one.decision, most.decision)) return one
    return isStricter(most.decision, one.decision) || most.percent >= one.percent ? most : one
  }, undefined)
