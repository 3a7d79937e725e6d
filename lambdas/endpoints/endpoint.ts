/** An endpoint: an AWS account and region in which Claude is called, and how. */
import type { Instant } from '../platform/instant.ts'

/** `invoke`: InvokeModel and InvokeModelWithResponseStream. `messages`: Bedrock's own `/anthropic/v1/messages`. */
export type UpstreamKind = 'invoke' | 'messages'

/** First part of the ids of system-defined inference profiles: where a request may be answered. */
export const ROUTING_PREFIXES = ['global', 'us', 'eu', 'jp', 'apac', 'au', 'us-gov'] as const
export type RoutingPrefix = (typeof ROUTING_PREFIXES)[number]

export const SERVICE_TIERS = ['default', 'priority', 'flex', 'reserved'] as const
export type ServiceTier = (typeof SERVICE_TIERS)[number]

/** What Bedrock is told beside the request. `null` members are left to Bedrock. A team's wins over its endpoint's, member by member. */
export interface BedrockOptions {
  readonly guardrail: { readonly id: string; readonly version: string } | null
  readonly serviceTier: ServiceTier | null
  readonly latency: 'standard' | 'optimized' | null
}

export const NO_OPTIONS: BedrockOptions = { guardrail: null, serviceTier: null, latency: null }

export interface Endpoint {
  readonly id: string
  readonly name: string
  readonly region: string
  readonly routingPrefix: RoutingPrefix
  /** A role in another account that is assumed; `null` is the gateway's own account. */
  readonly roleArn: string | null
  readonly externalId: string | null
  /** The lower, the earlier. */
  readonly priority: number
  readonly enabled: boolean
  readonly upstream: UpstreamKind
  readonly options: BedrockOptions
  readonly createdAt: Instant
  /** Grows with every change; a writer names the one he has seen. */
  readonly rev: number
}

/**
 * The endpoint that a deployment brings: its own account and region. Its id is the same in every deployment; it is written down as soon
 * as anything about endpoints is, and until then it is there all the same.
 */
export const FIRST_ENDPOINT_ID = '00000000-0000-4000-8000-000000000002'
