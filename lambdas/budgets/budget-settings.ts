/** What holds for the whole gateway: the budget of people without a team, and how a spent budget is told. */
import * as z from 'zod/mini'
import { NO_BUDGET, type SetBudget } from './budget.ts'
import { budgetAttributes, readBudget } from './budget-attributes.ts'

/**
 * 402 is shown to the person word for word and asked once. 429 is what clients of the gateway that this one replaces go by;
 * it is told not to be repeated.
 */
export type RefusalStatus = 402 | 429

export interface BudgetSettings {
  readonly usual: SetBudget
  /** Who hears of the default budget's thresholds. */
  readonly notifyRecipients: 'both' | 'user' | 'admin'
  readonly refusalStatus: RefusalStatus
}

/** Where nothing has been set. */
export const NO_BUDGET_SETTINGS: BudgetSettings = { usual: NO_BUDGET, notifyRecipients: 'both', refusalStatus: 402 }

const SettingsItem = z.object({
  notify_recipients: z._default(z.enum(['both', 'user', 'admin']), 'both'),
  refusal_status: z._default(z.union([z.literal(402), z.literal(429)]), 402),
})

export function readBudgetSettings(item: Readonly<Record<string, unknown>> | undefined): BudgetSettings {
  if (item === undefined) return NO_BUDGET_SETTINGS
  const { notify_recipients, refusal_status } = SettingsItem.parse(item)
  return { usual: readBudget(item), notifyRecipients: notify_recipients, refusalStatus: refusal_status }
}

export const budgetSettingsAttributes = (settings: BudgetSettings): Record<string, unknown> => ({
  ...budgetAttributes(settings.usual),
  notify_recipients: settings.notifyRecipients,
  refusal_status: settings.refusalStatus,
})
