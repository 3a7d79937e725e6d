/** The items of the endpoints' partition as the administrator's side reads and writes them. */
import * as z from 'zod/mini'
import { type Instant, instant, isoOf } from '../platform/instant.ts'
import {
  applicationProfileKey,
  betaOverrideKey,
  defaultEndpointKey,
  endpointKey,
  endpointModelsKey,
  endpointsStampKey,
  translationRulesKey,
} from '../table/core-keys.ts'
import type { AipOverride, Configuration, ConfiguredEndpoint, Said, SaidOfBeta } from './configuration.ts'
import { type BedrockOptions, FIRST_ENDPOINT_ID } from './endpoint.ts'
import { NEVER_LOOKED } from './health.ts'
import { endpointOf, firstEndpoint, type OwnPlace } from './read-routing.ts'
import { readRules } from './rules-item.ts'

export type Item = Readonly<Record<string, unknown>>

const text = z._default(z.nullable(z.string()), null)

/** Attributes of the same names stand on an endpoint and on a team; the contract has them too. */
export const writtenOptions = ({ guardrail, serviceTier, latency }: BedrockOptions) => ({
  guardrail_id: guardrail?.id ?? null,
  guardrail_version: guardrail?.version ?? null,
  service_tier: serviceTier,
  latency,
})

export const endpointItem = (endpoint: ConfiguredEndpoint): Item => ({
  ...endpointKey(endpoint.id),
  id: endpoint.id,
  name: endpoint.name,
  region: endpoint.region,
  routing_prefix: endpoint.routingPrefix,
  role_arn: endpoint.roleArn,
  external_id: endpoint.externalId,
  inference_profile_arn: endpoint.legacyProfileArn,
  priority: endpoint.priority,
  enabled: endpoint.enabled,
  upstream: endpoint.upstream,
  ...writtenOptions(endpoint.options),
  created_at: isoOf(endpoint.createdAt),
  rev: endpoint.rev,
})

export const defaultItem = (endpointId: string): Item => ({ ...defaultEndpointKey, endpoint_id: endpointId })

export const modelsItem = (endpointId: string, profiles: readonly string[], at: Instant): Item => ({
  ...endpointModelsKey(endpointId),
  profiles,
  discovered_at: isoOf(at),
})

const saidItem = ({ setAt, setBy, reason }: Said): Item => ({ set_at: isoOf(setAt), set_by: setBy, reason })

export const aipOverrideItem = (endpointId: string, override: AipOverride): Item => ({
  ...applicationProfileKey(endpointId, override.model),
  model_id: override.model,
  aip_arn: override.arn,
  ...saidItem(override),
})

export const betaOverrideItem = (endpointId: string, override: SaidOfBeta): Item => ({
  ...betaOverrideKey(endpointId, override.profile, override.beta),
  profile_id: override.profile,
  beta_name: override.beta,
  supported: override.supported,
  ...saidItem(override),
})

const StampItem = z.object({ endpoints: z.number() })
const DefaultItem = z.object({ endpoint_id: z.string() })

/**
 * @param items The whole partition. What belongs to an endpoint that is gone is passed over.
 * @param own Where the endpoint is that there is as long as nothing was written.
 */
export function readConfiguration(items: readonly Item[], own: OwnPlace): Configuration {
  const single = ({ SK }: { readonly SK: string }): Item | undefined => items.find((item) => item.SK === SK)
  const stamp = single(endpointsStampKey)
  const standing = single(defaultEndpointKey)
  const rules = single(translationRulesKey)
  const ofEndpoints = Map.groupBy(items, ({ SK }) => String(SK).split('#')[0])
  const metas = items.filter(({ SK }) => String(SK).endsWith('#META'))
  const written = metas.map((meta) => {
    const endpoint = endpointOf(meta)
    const legacyProfileArn = LegacyItem.parse(meta).inference_profile_arn
    return { ...endpoint, legacyProfileArn, ...facetsOf(ofEndpoints.get(endpoint.id) ?? []) }
  })
  const first = () => ({
    ...firstEndpoint(own),
    legacyProfileArn: null,
    ...facetsOf(ofEndpoints.get(FIRST_ENDPOINT_ID) ?? []),
  })
  const kept = { endpoints: written.sort(inOrder), rules: rules === undefined ? null : readRules(rules) }
  if (stamp === undefined) return { ...kept, stamp: null, defaultId: FIRST_ENDPOINT_ID, endpoints: [first()] }
  return {
    ...kept,
    stamp: StampItem.parse(stamp).endpoints,
    defaultId: standing === undefined ? null : DefaultItem.parse(standing).endpoint_id,
  }
}

const inOrder = (one: ConfiguredEndpoint, other: ConfiguredEndpoint): number =>
  one.priority - other.priority || (one.name < other.name ? -1 : one.name > other.name ? 1 : 0)

const LegacyItem = z.object({ inference_profile_arn: text })
const state = z.enum(['unknown', 'healthy', 'unhealthy'])
const HealthItem = z.object({
  state: z.catch(state, 'unknown'),
  history: z.catch(z.array(z.object({ at: z.string(), state })), []),
  reason: text,
  checked_at: text,
})
const ModelsItem = z.object({ profiles: z.array(z.string()) })
const said = { set_at: z.string(), set_by: z._default(z.string(), ''), reason: text }
const AipItem = z.object({ model_id: z.string(), aip_arn: z.string(), ...said })
const BetaItem = z.object({ profile_id: z.string(), beta_name: z.string(), supported: z.boolean(), ...said })

const at = (iso: string): Instant => instant(Date.parse(iso))
const saidOf = (read: { set_at: string; set_by: string; reason: string | null }): Said => ({
  setAt: at(read.set_at),
  setBy: read.set_by,
  reason: read.reason,
})

type Facets = Pick<ConfiguredEndpoint, 'health' | 'profiles' | 'aipOverrides' | 'betaOverrides'>

/** @param items Of one endpoint. */
function facetsOf(items: readonly Item[]): Facets {
  const called = (facet: string): readonly Item[] => items.filter(({ SK }) => String(SK).split('#')[1] === facet)
  const health = HealthItem.safeParse(called('HEALTH')[0])
  const models = ModelsItem.safeParse(called('MODELS')[0])
  return {
    health: health.success
      ? {
          state: health.data.state,
          reason: health.data.reason,
          checkedAt: health.data.checked_at === null ? null : at(health.data.checked_at),
          history: health.data.history,
        }
      : NEVER_LOOKED,
    profiles: models.success ? models.data.profiles : null,
    aipOverrides: called('AIP').map((item) => {
      const read = AipItem.parse(item)
      return { model: read.model_id, arn: read.aip_arn, ...saidOf(read) }
    }),
    betaOverrides: called('BETA').map((item) => {
      const read = BetaItem.parse(item)
      return { profile: read.profile_id, beta: read.beta_name, supported: read.supported, ...saidOf(read) }
    }),
  }
}
