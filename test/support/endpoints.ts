/** Endpoints as the data plane knows them, for tests that need some. */

import { SEED_RULES } from '../../lambdas/bedrock/seed-rules.ts'
import { NO_OPTIONS } from '../../lambdas/endpoints/endpoint.ts'
import type { RoutedEndpoint, Routing, TeamRouting } from '../../lambdas/endpoints/routing.ts'
import { instant } from '../../lambdas/platform/instant.ts'

export const routedEndpoint = (id: string, but: Partial<RoutedEndpoint> = {}): RoutedEndpoint => ({
  id,
  name: id,
  region: 'us-east-1',
  routingPrefix: 'us',
  roleArn: null,
  externalId: null,
  priority: 0,
  enabled: true,
  upstream: 'invoke',
  options: NO_OPTIONS,
  createdAt: instant(0),
  rev: 1,
  health: 'healthy',
  profiles: null,
  applicationProfiles: new Map(),
  betaOverrides: [],
  ...but,
})

export const routingOfAll = (endpoints: readonly RoutedEndpoint[], defaultId: string | null = null): Routing => ({
  endpoints,
  defaultId,
  rules: SEED_RULES,
})

/** @param ids In the team's own order; or each with its priority. */
export const teamWith = (
  strategy: TeamRouting['strategy'],
  ids: readonly (string | readonly [string, number])[],
): TeamRouting => ({
  strategy,
  endpoints: ids.map((one, place) =>
    typeof one === 'string' ? { id: one, priority: place } : { id: one[0], priority: one[1] },
  ),
  options: NO_OPTIONS,
})
