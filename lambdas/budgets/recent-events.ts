/** Where the newest events about a person come from. */
import type * as z from 'zod'
import type { BudgetEvent } from '../../contract/budget-routes.ts'

/** At most ten, the newest first. */
export type RecentEvents = (userId: string) => Promise<readonly z.input<typeof BudgetEvent>[]>
