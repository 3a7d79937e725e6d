/** What routing goes by: the endpoints with all that is said and known of them, which is the default, and the translation rules. */
import type { TranslationRules } from '../bedrock/translation-rules.ts'
import type { Instant } from '../platform/instant.ts'
import type { Endpoint, RoutingPrefix } from './endpoint.ts'

/** Who said so, when, and why. */
export interface Said {
  readonly setAt: Instant
  readonly setBy: string
  readonly reason: string | null
}

/** A model is called by this application inference profile there. */
export interface AipOverride extends Said {
  /** Anthropic's undated name. */
  readonly model: string
  readonly arn: string
}

/** A profile takes a beta flag there, or does not. */
export interface BetaOverride extends Said {
  /** What Bedrock is called with. */
  readonly profile: string
  readonly beta: string
  readonly supported: boolean
}

export interface EndpointHealth {
  readonly healthy: boolean
  readonly reason: string | null
  readonly checkedAt: Instant
}

/** What an endpoint may call. */
export interface OfferedProfiles {
  readonly profiles: readonly string[]
  readonly discoveredAt: Instant
}

/** An endpoint with all that is said and known of it. */
export interface ConfiguredEndpoint extends Endpoint {
  /** Of a configuration that comes from elsewhere: a profile that is not an override yet. */
  readonly legacyProfileArn: string | null
  /** `null`: not looked at so far. */
  readonly health: EndpointHealth | null
  readonly offered: OfferedProfiles | null
  readonly aipOverrides: readonly AipOverride[]
  readonly betaOverrides: readonly BetaOverride[]
}

/** Rules that somebody set in place of the built-in ones. */
export interface KeptRules {
  readonly rules: TranslationRules
  readonly setAt: Instant
  readonly setBy: string
  readonly rev: number
}

export interface RoutingConfiguration {
  /** `null`: nothing was ever written about endpoints. */
  readonly stamp: number | null
  readonly defaultEndpointId: string | null
  /** By priority, then name. */
  readonly endpoints: readonly ConfiguredEndpoint[]
  /** `null`: the built-in ones hold. */
  readonly rules: KeptRules | null
}

/** Where the gateway itself runs: the account and region of the endpoint that it brings. */
export interface HomePlace {
  readonly region: string
  readonly routingPrefix: RoutingPrefix
}
