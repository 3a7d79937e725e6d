/** A budget as it lies in the table, beside whatever else an item holds. */
import * as z from 'zod/mini'
import { type NanoUsd, nanoUsd } from '../platform/money.ts'
import type { SetBudget } from './budget.ts'
import { PERIODS } from './period.ts'
import { ACTIONS } from './policy.ts'

const nano = z.optional(z.nullable(z.int().check(z.nonnegative())))

/** A policy that cannot be read is an error, and the request is refused: taking the usual one for it could let through what it forbids. */
const BudgetAttributes = z.object({
  budget_nano: nano,
  budget_period: z._default(z.enum(PERIODS), 'monthly'),
  budget_policy: z.optional(
    z.nullable(
      z
        .array(z.object({ at_percent: z.int(), action: z.enum(ACTIONS), shaped_rpm: z.optional(z.int()) }))
        .check(z.minLength(1)),
    ),
  ),
})

export const budgetAttributes = ({ limit, period, rules }: SetBudget): Record<string, unknown> => ({
  budget_nano: limit,
  budget_period: period,
  budget_policy: rules,
})

export function readBudget(item: Readonly<Record<string, unknown>>): SetBudget {
  const { budget_nano, budget_period, budget_policy } = BudgetAttributes.parse(item)
  return { limit: nanoOrNull(budget_nano), period: budget_period, rules: budget_policy ?? null }
}

export const nanoOrNull = (amount: number | null | undefined): NanoUsd | null =>
  amount === null || amount === undefined ? null : nanoUsd(amount)
