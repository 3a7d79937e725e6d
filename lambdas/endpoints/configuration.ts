/** The endpoints as an administrator knows them: with who said what, and how they were found. */
import type { TranslationRules } from '../bedrock/translation-rules.ts'
import type { Instant } from '../platform/instant.ts'
import type { Endpoint } from './endpoint.ts'
import type { Health } from './health.ts'

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
export interface SaidOfBeta extends Said {
  /** What Bedrock is called with. */
  readonly profile: string
  readonly beta: string
  readonly supported: boolean
}

/** An endpoint with all that is said and known of it. */
export interface ConfiguredEndpoint extends Endpoint {
  /** A profile of a configuration that comes from elsewhere, which is no override yet. */
  readonly legacyProfileArn: string | null
  readonly health: Omit<Health, 'against'>
  /** Ids of the inference profiles that it offers; `null` before anybody looked. */
  readonly profiles: readonly string[] | null
  readonly aipOverrides: readonly AipOverride[]
  readonly betaOverrides: readonly SaidOfBeta[]
}

/** Rules that somebody set in place of the built-in ones. */
export interface KeptRules {
  readonly rules: TranslationRules
  readonly setAt: Instant
  readonly setBy: string
  readonly rev: number
}

export interface Configuration {
  /** `null`: nothing was ever written about endpoints. */
  readonly stamp: number | null
  readonly defaultId: string | null
  /** By priority, then name. */
  readonly endpoints: readonly ConfiguredEndpoint[]
  /** `null`: the built-in ones hold. */
  readonly rules: KeptRules | null
}
