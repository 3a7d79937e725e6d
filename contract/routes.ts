/** Every route of the control plane. */
import { analyticsRoutes } from './analytics.ts'
import { authRoutes } from './auth.ts'
import { endpointRoutes } from './endpoints.ts'
import { healthRoutes } from './health.ts'
import { keyRoutes } from './keys.ts'
import { notificationRoutes } from './notifications.ts'
import { openApi } from './openapi.ts'
import type { Route } from './route.ts'
import { setupRoutes } from './setup.ts'
import { teamRoutes } from './teams.ts'

export const controlRoutes: readonly Route[] = [
  ...authRoutes,
  ...keyRoutes,
  ...setupRoutes,
  ...teamRoutes,
  ...endpointRoutes,
  ...analyticsRoutes,
  ...notificationRoutes,
  ...healthRoutes,
  openApi,
]
