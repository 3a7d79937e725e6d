/** Every route of the control plane. */
import { analyticsRoutes } from './analytics.ts'
import { authRoutes } from './auth.ts'
import { budgetRoutes } from './budget-routes.ts'
import { endpointRoutes } from './endpoints.ts'
import { healthRoutes } from './health.ts'
import { keyRoutes } from './keys.ts'
import { notificationRoutes } from './notifications.ts'
import { openApi } from './openapi.ts'
import { orgAnalyticsRoutes } from './org-analytics.ts'
import { pricingRoutes } from './pricing.ts'
import type { Route } from './route.ts'
import { settingsRoutes } from './settings.ts'
import { setupRoutes } from './setup.ts'
import { teamRoutes } from './teams.ts'
import { userRoutes } from './users.ts'
import { webSearchRoutes } from './web-search.ts'

export const controlRoutes: readonly Route[] = [
  ...authRoutes,
  ...keyRoutes,
  ...setupRoutes,
  ...teamRoutes,
  ...userRoutes,
  ...budgetRoutes,
  ...endpointRoutes,
  ...pricingRoutes,
  ...analyticsRoutes,
  ...notificationRoutes,
  ...orgAnalyticsRoutes,
  ...webSearchRoutes,
  ...settingsRoutes,
  ...healthRoutes,
  openApi,
]
