import * as z from 'zod/mini'
import { ROUTING_PREFIXES } from '../../endpoints/endpoint.ts'

/** What the `watch` function reads from its environment. */
export const WatchEnv = z.object({
  CORE_TABLE: z.string(),
  USAGE_TABLE: z.string(),
  EVENTS_TABLE: z.string(),
  EPHEMERAL_TABLE: z.string(),
  /** Of the endpoint that a deployment brings. */
  INFERENCE_PROFILE_PREFIX: z._default(z.enum(ROUTING_PREFIXES), 'global'),
})
