import * as z from 'zod/mini'

/** What the `prices` function reads from its environment. */
export const PricesEnv = z.object({
  CORE_TABLE: z.string(),
  EVENTS_TABLE: z.string(),
})
