/** Budgets: what may be spent in which period, and what happens as it is used up. */
import * as z from 'zod'

export const BudgetPeriod = z.enum(['daily', 'weekly', 'monthly'])

/** From which percentage on something happens. */
export const PolicyRule = z.object({
  at_percent: z.int(),
  action: z.enum(['notify', 'shape', 'block']),
  shaped_rpm: z.int().optional(),
})
