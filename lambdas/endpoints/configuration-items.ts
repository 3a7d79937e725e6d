/**
 * What routing goes by, and its items in the partition `ENDPOINTS` of Core (`table/core-keys.ts`). The data plane reads them, the
 * administrator's side reads and writes them; both by this page.
 */
import * as z from 'zod/mini'
import { type Instant, instant, isoOf } from '../platform/instant.ts'
import {
  aipOverrideKey,
  betaOverrideKey,
  defaultEndpointKey,
  endpointKey,
  routingStampKey,
  translationRulesKey,
} from '../table/core-keys.ts'
import { optionAttributes, optionsOf, writtenOptions } from './bedrock-options.ts'
import { type Endpoint, FIRST_ENDPOINT_ID, NO_OPTIONS, ROUTING_PREFIXES } from './endpoint.ts'
import type {
  AipOverride,
  BetaOverride,
  ConfiguredEndpoint,
  EndpointHealth,
  HomePlace,
  OfferedProfiles,
  RoutingConfiguration,
  Said,
} from './routing.ts'
import { readRules } from './rules-item.ts'

export type Item = Readonly<Record<string, unknown>>

const orNull = <T extends z.ZodMiniType>(schema: T) => z._default(z.nullable(schema), null)
const text = orNull(z.string())

const EndpointItem = z.object({
  id: z.string(),
  name: z.string(),
  region: z.string(),
  routing_prefix: z.enum(ROUTING_PREFIXES),
  role_arn: text,
  external_id: text,
  inference_profile_arn: text,
  priority: z._default(z.number(), 0),
  enabled: z._default(z.boolean(), true),
  upstream: z._default(z.enum(['invoke', 'messages']), 'invoke'),
  ...optionAttributes,
  created_at: z.string(),
  rev: z._default(z.number(), 1),
})

export function endpointItem(endpoint: ConfiguredEndpoint): Item {
  return {
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
  }
}

const at = (iso: string): Instant => instant(Date.parse(iso))

type Facets = Pick<ConfiguredEndpoint, 'health' | 'offered' | 'aipOverrides' | 'betaOverrides'>

function readEndpoint(item: Item, facets: Facets): ConfiguredEndpoint {
  const read = EndpointItem.parse(item)
  return {
    id: read.id,
    name: read.name,
    region: read.region,
    routingPrefix: read.routing_prefix,
    roleArn: read.role_arn,
    externalId: read.external_id,
    legacyProfileArn: read.inference_profile_arn,
    priority: read.priority,
    enabled: read.enabled,
    upstream: read.upstream,
    options: optionsOf(read),
    createdAt: at(read.created_at),
    rev: read.rev,
    ...facets,
  }
}

/** Nobody wrote it down, so it has no time of its own. */
const firstEndpoint = ({ region, routingPrefix }: HomePlace, facets: Facets): ConfiguredEndpoint => ({
  id: FIRST_ENDPOINT_ID,
  name: 'Default',
  region,
  routingPrefix,
  roleArn: null,
  externalId: null,
  legacyProfileArn: null,
  priority: 0,
  enabled: true,
  upstream: 'invoke',
  options: NO_OPTIONS,
  createdAt: instant(0),
  rev: 1,
  ...facets,
})

const HealthItem = z.object({ healthy: z.boolean(), reason: text, checked_at: z.string() })
const ModelsItem = z.object({ profiles: z._default(z.array(z.string()), []), discovered_at: z.string() })
const said = { set_at: z.string(), set_by: z._default(z.string(), ''), reason: text }
const AipItem = z.object({ model_id: z.string(), aip_arn: z.string(), ...said })
const BetaItem = z.object({ profile_id: z.string(), beta_name: z.string(), supported: z.boolean(), ...said })

const saidOf = (read: { set_at: string; set_by: string; reason: string | null }): Said => ({
  setAt: at(read.set_at),
  setBy: read.set_by,
  reason: read.reason,
})
const saidItem = ({ setAt, setBy, reason }: Said): Item => ({ set_at: isoOf(setAt), set_by: setBy, reason })

export const aipOverrideItem = (endpointId: string, override: AipOverride): Item => ({
  ...aipOverrideKey(endpointId, override.model),
  model_id: override.model,
  aip_arn: override.arn,
  ...saidItem(override),
})

export const betaOverrideItem = (endpointId: string, override: BetaOverride): Item => ({
  ...betaOverrideKey(endpointId, override.profile, override.beta),
  profile_id: override.profile,
  beta_name: override.beta,
  supported: override.supported,
  ...saidItem(override),
})

const StampItem = z.object({ endpoints: z.number() })
const DefaultItem = z.object({ endpoint_id: z.string() })
export const defaultItem = (endpointId: string): Item => ({ ...defaultEndpointKey, endpoint_id: endpointId })

/**
 * @param items The whole partition. What belongs to an endpoint that is gone is passed over.
 * @param home Where the endpoint is that there is as long as nothing was written.
 */
export function readRouting(items: readonly Item[], home: HomePlace): RoutingConfiguration {
  const bySortKey = new Map(items.map((item) => [String(item.SK), item]))
  const stampItem = bySortKey.get(routingStampKey.SK)
  const stamp = stampItem === undefined ? null : StampItem.parse(stampItem).endpoints
  const defaultOne = bySortKey.get(defaultEndpointKey.SK)
  const rules = bySortKey.get(translationRulesKey.SK)
  const facets = facetsOf(items)
  const endpoints = [...facets.values()].flatMap(({ meta, ...rest }) =>
    meta === undefined ? [] : [readEndpoint(meta, rest)],
  )
  if (stamp === null) endpoints.push(firstEndpoint(home, facets.get(FIRST_ENDPOINT_ID) ?? NOTHING_KNOWN))
  return {
    stamp,
    defaultEndpointId:
      stamp === null ? FIRST_ENDPOINT_ID : defaultOne === undefined ? null : DefaultItem.parse(defaultOne).endpoint_id,
    endpoints: endpoints.sort(inOrder),
    rules: rules === undefined ? null : readRules(rules),
  }
}

const inOrder = (one: Endpoint, other: Endpoint): number =>
  one.priority - other.priority || (one.name < other.name ? -1 : one.name > other.name ? 1 : 0)

interface Collected {
  meta: Item | undefined
  health: EndpointHealth | null
  offered: OfferedProfiles | null
  readonly aipOverrides: AipOverride[]
  readonly betaOverrides: BetaOverride[]
}

const NOTHING_KNOWN: Facets = { health: null, offered: null, aipOverrides: [], betaOverrides: [] }

function facetsOf(items: readonly Item[]): Map<string, Collected> {
  const found = new Map<string, Collected>()
  for (const item of items) {
    const [id = '', facet] = String(item.SK).split('#')
    if (facet === undefined) continue
    const collected = found.get(id) ?? {
      meta: undefined,
      health: null,
      offered: null,
      aipOverrides: [],
      betaOverrides: [],
    }
    found.set(id, collected)
    collect(facet, item, collected)
  }
  return found
}

function collect(facet: string, item: Item, into: Collected): void {
  if (facet === 'META') into.meta = item
  if (facet === 'HEALTH') {
    const { healthy, reason, checked_at } = HealthItem.parse(item)
    into.health = { healthy, reason, checkedAt: at(checked_at) }
  }
  if (facet === 'MODELS') {
    const { profiles, discovered_at } = ModelsItem.parse(item)
    into.offered = { profiles, discoveredAt: at(discovered_at) }
  }
  if (facet === 'AIP') {
    const read = AipItem.parse(item)
    into.aipOverrides.push({ model: read.model_id, arn: read.aip_arn, ...saidOf(read) })
  }
  if (facet === 'BETA') {
    const read = BetaItem.parse(item)
    const { profile_id: profile, beta_name: beta, supported } = read
    into.betaOverrides.push({ profile, beta, supported, ...saidOf(read) })
  }
}
