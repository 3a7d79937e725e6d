/** The items of the endpoints' partition as one value. Read with defaults: an older or newer version may have written them. */
import * as z from 'zod/mini'
import { SEED_RULES } from '../bedrock/seed-rules.ts'
import { instant } from '../platform/instant.ts'
import { defaultEndpointKey, endpointsStampKey, translationRulesKey } from '../table/core-keys.ts'
import {
  type BedrockOptions,
  type Endpoint,
  FIRST_ENDPOINT_ID,
  NO_OPTIONS,
  ROUTING_PREFIXES,
  type RoutingPrefix,
  SERVICE_TIERS,
} from './endpoint.ts'
import {
  type BetaOverride,
  ROUTING_STRATEGIES,
  type RoutedEndpoint,
  type Routing,
  type TeamRouting,
} from './routing.ts'
import { readRules } from './rules-item.ts'

/** Where this deployment itself is. */
export interface OwnPlace {
  readonly region: string
  readonly routingPrefix: RoutingPrefix
}

type Item = Readonly<Record<string, unknown>>

const text = z.catch(z._default(z.nullable(z.string()), null), null)

/** Attributes of the same names stand on an endpoint and on a team. */
const OptionItem = z.object({
  guardrail_id: text,
  guardrail_version: text,
  service_tier: z.catch(z._default(z.nullable(z.enum(SERVICE_TIERS)), null), null),
  latency: z.catch(z._default(z.nullable(z.enum(['standard', 'optimized'])), null), null),
})

function optionsOf(item: unknown): BedrockOptions {
  const read = OptionItem.safeParse(item)
  if (!read.success) return NO_OPTIONS
  const { guardrail_id, guardrail_version, service_tier, latency } = read.data
  return {
    guardrail: guardrail_id === null ? null : { id: guardrail_id, version: guardrail_version ?? 'DRAFT' },
    serviceTier: service_tier,
    latency,
  }
}

const EndpointItem = z.object({
  id: z.string(),
  name: z.string(),
  region: z.string(),
  routing_prefix: z.enum(ROUTING_PREFIXES),
  role_arn: text,
  external_id: text,
  priority: z.catch(z._default(z.int(), 0), 0),
  enabled: z.catch(z._default(z.boolean(), true), true),
  upstream: z.catch(z._default(z.enum(['invoke', 'messages']), 'invoke'), 'invoke'),
  created_at: z.catch(z._default(z.string(), ''), ''),
  rev: z.catch(z._default(z.int(), 1), 1),
})

/** @throws when it is none: an endpoint that cannot be read must not quietly be left out of a team's list. */
export function endpointOf(item: Item): Endpoint {
  const read = EndpointItem.parse(item)
  return {
    id: read.id,
    name: read.name,
    region: read.region,
    routingPrefix: read.routing_prefix,
    roleArn: read.role_arn,
    externalId: read.external_id,
    priority: read.priority,
    enabled: read.enabled,
    upstream: read.upstream,
    options: optionsOf(item),
    createdAt: instant(Date.parse(read.created_at) || 0),
    rev: read.rev,
  }
}

export const firstEndpoint = ({ region, routingPrefix }: OwnPlace): Endpoint => ({
  id: FIRST_ENDPOINT_ID,
  name: 'Default',
  region,
  routingPrefix,
  roleArn: null,
  externalId: null,
  priority: 0,
  enabled: true,
  upstream: 'invoke',
  options: NO_OPTIONS,
  createdAt: instant(0),
  rev: 0,
})

const HealthItem = z.object({
  state: z.catch(z._default(z.enum(['unknown', 'healthy', 'unhealthy']), 'unknown'), 'unknown'),
})
const ModelsItem = z.object({ profiles: z.array(z.string()) })
const ProfileItem = z.object({ model_id: z.string(), aip_arn: z.string() })
const BetaItem = z.object({ profile_id: z.string(), beta_name: z.string(), supported: z.boolean() })
const StampItem = z.object({ endpoints: z._default(z.int(), 0) })
const DefaultItem = z.object({ endpoint_id: z.string() })

const withKey = (items: readonly Item[], { SK }: { readonly SK: string }): Item | undefined =>
  items.find((item) => item.SK === SK)

/** 0 while nothing has been written about endpoints. */
export function versionOf(items: readonly Item[]): number {
  const stamp = withKey(items, endpointsStampKey)
  return stamp === undefined ? 0 : StampItem.parse(stamp).endpoints
}

/** While nothing has been written about endpoints, there is the one that the deployment brings. */
export function routingOf(items: readonly Item[], own: OwnPlace): Routing {
  const written = items.filter(({ SK }) => String(SK).endsWith('#META')).map(endpointOf)
  const isUntouched = withKey(items, endpointsStampKey) === undefined
  const endpoints = isUntouched ? [firstEndpoint(own)] : written
  const standing = DefaultItem.safeParse(withKey(items, defaultEndpointKey))
  return {
    endpoints: endpoints.map((endpoint) => routed(endpoint, items)),
    defaultId: isUntouched ? FIRST_ENDPOINT_ID : (standing.data?.endpoint_id ?? null),
    rules: rulesOf(withKey(items, translationRulesKey)),
  }
}

const rulesOf = (item: Item | undefined) => (item && readRules(item)?.rules) ?? SEED_RULES

function routed(endpoint: Endpoint, items: readonly Item[]): RoutedEndpoint {
  const own = items.filter(({ SK }) => String(SK).startsWith(`${endpoint.id}#`))
  const part = (name: string): Item | undefined => own.find(({ SK }) => SK === `${endpoint.id}#${name}`)
  const starting = (name: string): readonly Item[] =>
    own.filter(({ SK }) => String(SK).startsWith(`${endpoint.id}#${name}#`))
  const models = ModelsItem.safeParse(part('MODELS'))
  return {
    ...endpoint,
    health: HealthItem.parse(part('HEALTH') ?? {}).state,
    profiles: models.success ? models.data.profiles : null,
    applicationProfiles: new Map(
      starting('AIP').flatMap((item): [string, string][] => {
        const read = ProfileItem.safeParse(item)
        return read.success ? [[read.data.model_id, read.data.aip_arn]] : []
      }),
    ),
    betaOverrides: starting('BETA').flatMap((item): BetaOverride[] => {
      const read = BetaItem.safeParse(item)
      return read.success
        ? [{ profile: read.data.profile_id, beta: read.data.beta_name, supported: read.data.supported }]
        : []
    }),
  }
}

const TeamItem = z.object({
  routing_strategy: z.catch(z._default(z.enum(ROUTING_STRATEGIES), 'sticky_user'), 'primary_fallback'),
  endpoints: z._default(z.array(z.object({ id: z.string(), priority: z._default(z.int(), 0) })), []),
  bedrock_options: z.optional(z.unknown()),
})

/** @throws when its list cannot be read: its requests would go to the default endpoint instead. */
export function teamRoutingOf(item: Item): TeamRouting {
  const read = TeamItem.parse(item)
  return { strategy: read.routing_strategy, endpoints: read.endpoints, options: optionsOf(read.bedrock_options) }
}
