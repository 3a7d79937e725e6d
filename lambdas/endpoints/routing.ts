/** The endpoints as the data plane knows them: their settings, what they offer, and how they are. One read gives it all. */
import type { TranslationRules } from '../bedrock/translation-rules.ts'
import { type Json, memberOf } from '../json/json-path.ts'
import type { ModelsThere } from '../models/model-names.ts'
import type { BedrockOptions, Endpoint } from './endpoint.ts'

export type HealthState = 'unknown' | 'healthy' | 'unhealthy'

/** What an administrator says about a beta flag; it holds until he takes it back. */
export interface BetaOverride {
  /** Anthropic's undated name, or what Bedrock is called with. */
  readonly profile: string
  readonly beta: string
  readonly supported: boolean
}

export interface RoutedEndpoint extends Endpoint, ModelsThere {
  readonly health: HealthState
  readonly betaOverrides: readonly BetaOverride[]
}

export interface Routing {
  readonly endpoints: readonly RoutedEndpoint[]
  /** Where requests go whose team has no endpoints of its own. */
  readonly defaultId: string | null
  readonly rules: TranslationRules
}

export const ROUTING_STRATEGIES = ['sticky_user', 'primary_fallback', 'round_robin'] as const
export type RoutingStrategy = (typeof ROUTING_STRATEGIES)[number]

/** How a team's requests are routed; it stands in the team's own item. */
export interface TeamRouting {
  readonly strategy: RoutingStrategy
  /** None: the default endpoint. */
  readonly endpoints: readonly { readonly id: string; readonly priority: number }[]
  readonly options: BedrockOptions
}

/** What is asked for and by whom, as far as it says how Bedrock is asked. */
export interface Optioned {
  readonly asked: { readonly body: Json }
  readonly teamOptions: BedrockOptions | null
}

/**
 * A team's options over its endpoint's, member by member. A client may forgo the tier that costs more, in Anthropic's words
 * (API reference, "Service tiers"), and choose none: what is reserved is paid for, and `flex` costs less.
 */
export function optionsFor({ asked, teamOptions: team }: Optioned, endpoint: BedrockOptions): BedrockOptions {
  const serviceTier = team?.serviceTier ?? endpoint.serviceTier
  const isForgone = serviceTier === 'priority' && memberOf(asked.body, 'service_tier') === 'standard_only'
  return {
    guardrail: team?.guardrail ?? endpoint.guardrail,
    serviceTier: isForgone ? null : serviceTier,
    latency: team?.latency ?? endpoint.latency,
  }
}
