import * as z from 'zod/mini'

/** What the `outbox` function reads from its environment. */
export const OutboxEnv = z.object({
  EVENTS_TABLE: z.string(),
})
