/** A budget as somebody wants it, put into the form in which it is stored. */
import type * as z from 'zod/mini'
import type { AmountUsd, BudgetPolicyWish, BudgetWish } from '../../contract/budgets.ts'
import { type NanoUsd, nanoUsd } from '../platform/money.ts'
import type { SetBudget } from './budget.ts'
import { type PolicyRule, PRESETS } from './policy.ts'

const NANO_PER_CENT = 10_000_000

/** Exact: an amount has at most two decimals, and a hundred times it is off by less than half a cent. */
export const nanoOfUsd = (amount: z.output<typeof AmountUsd>): NanoUsd =>
  nanoUsd(Math.round(amount * 100) * NANO_PER_CENT)

/** Presets as their rules; `null`: the usual ones. */
export function rulesOf(wish: z.output<typeof BudgetPolicyWish> | undefined): readonly PolicyRule[] | null {
  if (wish === null || wish === undefined) return null
  if (typeof wish === 'string') return PRESETS[wish]
  return wish.map(({ at_percent, action, shaped_rpm }) => ({
    at_percent,
    action,
    ...(typeof shaped_rpm === 'number' && { shaped_rpm }),
  }))
}

export const budgetOf = ({ amount_usd, period, policy }: z.output<typeof BudgetWish>): SetBudget => ({
  limit: nanoOfUsd(amount_usd),
  period,
  rules: rulesOf(policy),
})
