import * as z from 'zod/mini'

/** What the `watch` function reads from its environment. */
export const WatchEnv = z.object({
  CORE_TABLE: z.string(),
  USAGE_TABLE: z.string(),
})
