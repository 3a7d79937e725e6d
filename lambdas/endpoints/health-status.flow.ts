/** How the endpoints are, with what happened there lately. */
import type { Instant } from '../platform/instant.ts'
import type { ConfigurationStore } from './configuration.store.ts'
import type { ConfiguredEndpoint } from './configuration.ts'
import type { EndpointFigures, Faults } from './figures.store.ts'
import type { KeptAnswers } from './kept-answers.flow.ts'

export interface HealthTools {
  readonly configuration: ConfigurationStore
  readonly figures: EndpointFigures
  readonly keptFigures: KeptAnswers<Figures>
}

/** By endpoint id. */
export interface Figures {
  readonly faults: ReadonlyMap<string, Faults>
  readonly requests: ReadonlyMap<string, number>
}

/** A page that is looked at asks again and again; half a minute is fresher than anybody can act on. */
export const FIGURES_KEPT_MS = 30_000

export interface EndpointState {
  readonly endpoint: ConfiguredEndpoint
  readonly isDefault: boolean
  readonly faults: Faults
  readonly requests: number
}

export interface GatewayHealth {
  readonly bedrock: 'ok' | 'unhealthy' | 'unknown'
  readonly lastCheck: Instant | null
  readonly endpoints: readonly EndpointState[]
}

export async function healthStatus(at: Instant, tools: HealthTools): Promise<GatewayHealth> {
  const { endpoints, defaultId } = await tools.configuration.load()
  const ids = endpoints.map(({ id }) => id)
  const { faults, requests } = await tools.keptFigures(ids.join(), at, () => readFigures(ids, at, tools.figures))
  const checks = endpoints.flatMap(({ health }) => health.checkedAt ?? [])
  return {
    bedrock: stateOf(endpoints.filter(({ enabled }) => enabled)),
    lastCheck: checks.length === 0 ? null : (Math.max(...checks) as Instant),
    endpoints: endpoints.map((endpoint) => ({
      endpoint,
      isDefault: endpoint.id === defaultId,
      faults: faults.get(endpoint.id) ?? { throttles: 0, errors: 0, denied: 0 },
      requests: requests.get(endpoint.id) ?? 0,
    })),
  }
}

async function readFigures(ids: readonly string[], at: Instant, figures: EndpointFigures): Promise<Figures> {
  const [requests, faults] = await Promise.all([
    figures.requests(at),
    Promise.all(ids.map(async (id) => [id, await figures.faultsOf(id, at)] as const)),
  ])
  return { requests, faults: new Map(faults) }
}

/** Well as long as one of them is. */
function stateOf(endpoints: readonly ConfiguredEndpoint[]): GatewayHealth['bedrock'] {
  if (endpoints.some(({ health }) => health.state === 'healthy')) return 'ok'
  if (endpoints.length > 0 && endpoints.every(({ health }) => health.state === 'unhealthy')) return 'unhealthy'
  return 'unknown'
}
