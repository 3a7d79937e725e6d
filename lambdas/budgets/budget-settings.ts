/** What holds for the whole gateway: the budget of people without a team, and how a spent budget is told. */
import * as z from 'zod/mini'
import { Fault } from '../platform/fault.ts'
import { NO_BUDGET, type SetBudget } from './budget.ts'
import { budgetAttributes, readBudget } from './budget-attributes.ts'

/**
 * 402 is shown to the person word for word and asked once. 429 is what clients of the gateway that this one replaces go by;
 * it is told not to be repeated.
 */
export type RefusalStatus = 402 | 429

export interface BudgetSettings {
  /** `unreadable`: a newer version wrote it. It is not to be taken for none: what it forbids is not known. */
  readonly usual: SetBudget | 'unreadable'
  /** Who hears of the default budget's thresholds. */
  readonly notifyRecipients: 'both' | 'user' | 'admin'
  readonly refusalStatus: RefusalStatus
}

export type WrittenSettings = BudgetSettings & { readonly usual: SetBudget }

/** Where nothing has been set. */
export const NO_BUDGET_SETTINGS: BudgetSettings = { usual: NO_BUDGET, notifyRecipients: 'both', refusalStatus: 402 }

/** Neither says what may be spent, so a value of a newer version counts as none. */
const SettingsItem = z.object({
  notify_recipients: z.catch(z._default(z.enum(['both', 'user', 'admin']), 'both'), 'both'),
  refusal_status: z.catch(z._default(z.union([z.literal(402), z.literal(429)]), 402), 402),
})

export function readBudgetSettings(item: Readonly<Record<string, unknown>> | undefined): BudgetSettings {
  if (item === undefined) return NO_BUDGET_SETTINGS
  const { notify_recipients, refusal_status } = SettingsItem.parse(item)
  return { usual: usualIn(item), notifyRecipients: notify_recipients, refusalStatus: refusal_status }
}

function usualIn(item: Readonly<Record<string, unknown>>): BudgetSettings['usual'] {
  try {
    return readBudget(item)
  } catch {
    return 'unreadable'
  }
}

export const settingsUnreadable = (): Fault =>
  new Fault(
    'settings_unreadable',
    'The default budget of this gateway, which holds for people without a team, cannot be read. An administrator has to set it again (PUT /admin/settings/default-budget), or to bring back the version of the gateway that wrote it.',
  )

/** For whom it holds, or may hold. @throws Fault `settings_unreadable` */
export function usualOf({ usual }: Pick<BudgetSettings, 'usual'>): SetBudget {
  if (usual === 'unreadable') throw settingsUnreadable()
  return usual
}

export const budgetSettingsAttributes = (settings: WrittenSettings): Record<string, unknown> => ({
  ...budgetAttributes(settings.usual),
  notify_recipients: settings.notifyRecipients,
  refusal_status: settings.refusalStatus,
})
