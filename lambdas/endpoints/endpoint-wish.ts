/** What an administrator wants an endpoint to be, and whether it can be that. */
import type * as z from 'zod'
import type { BedrockOptionsWish, changeEndpoint } from '../../contract/endpoints.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { ConfiguredEndpoint } from './configuration.ts'
import { type BedrockOptions, NO_OPTIONS, type RoutingPrefix } from './endpoint.ts'
import { NEVER_LOOKED } from './health.ts'

/** As it is sent: an absent member is left as it is, `null` takes it away. */
export type EndpointWish = Omit<z.output<(typeof changeEndpoint)['body']>, 'rev'>
type OptionsWish = z.output<typeof BedrockOptionsWish>

/** Before anything is said of it. */
export const blankEndpoint = (id: string, at: Instant): ConfiguredEndpoint => ({
  id,
  name: '',
  region: '',
  routingPrefix: 'global',
  roleArn: null,
  externalId: null,
  legacyProfileArn: null,
  priority: 0,
  enabled: true,
  upstream: 'invoke',
  options: NO_OPTIONS,
  createdAt: at,
  rev: 1,
  health: NEVER_LOOKED,
  profiles: null,
  aipOverrides: [],
  betaOverrides: [],
})

const kept = <T>(wish: T | undefined, before: T): T => (wish === undefined ? before : wish)

/** @throws Fault `invalid_request` where it cannot be; the message names the field. */
export function wished(before: ConfiguredEndpoint, wish: EndpointWish): ConfiguredEndpoint {
  const roleArn = kept(wish.role_arn, before.roleArn)
  const after: ConfiguredEndpoint = {
    ...before,
    name: kept(wish.name, before.name),
    region: kept(wish.region, before.region),
    routingPrefix: kept(wish.routing_prefix, before.routingPrefix),
    roleArn,
    // Without a role there is nobody to tell it to.
    externalId: kept(wish.external_id, roleArn === null ? null : before.externalId),
    legacyProfileArn: kept(wish.inference_profile_arn, before.legacyProfileArn),
    priority: kept(wish.priority, before.priority),
    enabled: kept(wish.enabled, before.enabled),
    upstream: kept(wish.upstream, before.upstream),
    options: wishedOptions(before.options, wish),
  }
  if (after.roleArn === null && after.externalId !== null) throw wrong('external_id', 'goes with role_arn only')
  refuseForeignRegion(after)
  return after
}

/** @throws Fault `invalid_request` for half a guardrail. */
export function wishedOptions(before: BedrockOptions, wish: OptionsWish): BedrockOptions {
  const id = kept(wish.guardrail_id, before.guardrail?.id ?? null)
  // A guardrail that is taken away takes its version along.
  const version = kept(wish.guardrail_version, id === null ? null : (before.guardrail?.version ?? null))
  if (id !== null && version === null) throw wrong('guardrail_version', 'must be told along with guardrail_id')
  if (id === null && version !== null) throw wrong('guardrail_id', 'must be told along with guardrail_version')
  return {
    guardrail: id === null || version === null ? null : { id, version },
    serviceTier: kept(wish.service_tier, before.serviceTier),
    latency: kept(wish.latency, before.latency),
  }
}

/**
 * Regions from which the profiles of a scope can be called, and one of them for the sentence.
 * Source: Amazon Bedrock user guide, "Supported Regions and models for inference profiles".
 */
const REGIONS: Readonly<Record<RoutingPrefix, readonly [RegExp, string]>> = {
  global: [/^/, 'any region'],
  us: [/^(?:us|ca)-(?!gov-|iso)/, 'us-* and ca-*, such as us-east-1'],
  eu: [/^eu-/, 'eu-*, such as eu-west-1'],
  jp: [/^ap-northeast-/, 'ap-northeast-*, such as ap-northeast-1'],
  apac: [/^(?:ap|me)-/, 'ap-* and me-*, such as ap-southeast-1'],
  au: [/^ap-southeast-[246]$/, 'ap-southeast-2, -4 and -6'],
  'us-gov': [/^us-gov-/, 'us-gov-*, such as us-gov-west-1'],
}

function refuseForeignRegion({ region, routingPrefix, roleArn }: ConfiguredEndpoint): void {
  const [pattern, words] = REGIONS[routingPrefix]
  if (!pattern.test(region)) {
    throw wrong('region', `${region} is outside the scope ${routingPrefix}, which can be called from ${words}`)
  }
  // Accounts of the two partitions do not know each other.
  if (roleArn !== null && roleArn.startsWith('arn:aws-us-gov:') !== region.startsWith('us-gov-')) {
    throw wrong('role_arn', `is of another partition of AWS than ${region}`)
  }
}

const wrong = (field: string, what: string): Fault => new Fault('invalid_request', `${field}: ${what}`)

/** What was found out of the one is true of the other: same account, same region, same scope. */
export const isSamePlace = (one: ConfiguredEndpoint, other: ConfiguredEndpoint): boolean =>
  one.region === other.region &&
  one.routingPrefix === other.routingPrefix &&
  one.roleArn === other.roleArn &&
  one.externalId === other.externalId
