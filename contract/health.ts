/** Whether what the gateway stands on answers. */
import * as z from 'zod'
import { route } from './route.ts'

const Checks = z.object({
  db: z.enum(['ok', 'unreachable']),
  bedrock: z.enum(['ok', 'unhealthy', 'unknown']),
  /** There is no cache of keys: every request is judged by the database. */
  key_cache_size: z.literal(0),
})

export const deepHealth = route({
  method: 'GET',
  path: '/health/deep',
  access: 'public',
  summary: 'Ask the database; no detail of a failure is told.',
  responses: {
    200: z.object({ status: z.literal('ok'), checks: Checks }),
    503: z.object({ status: z.literal('unhealthy'), checks: Checks }),
  },
})

export const healthRoutes = [deepHealth] as const
