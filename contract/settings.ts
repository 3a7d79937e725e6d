/** What holds for the gateway as a whole, in one view. */
import * as z from 'zod'
import { route } from './route.ts'

export const readSettings = route({
  method: 'GET',
  path: '/admin/settings',
  access: 'admin',
  summary: 'The settings in force.',
  responses: {
    200: z.object({
      virtual_keys_enabled: z.boolean(),
      admin_login_enabled: z.boolean(),
      session_token_ttl_hours: z.int(),
      websearch_mode: z.enum(['enabled', 'disabled', 'global']),
    }),
  },
})

export const settingsRoutes = [readSettings] as const
