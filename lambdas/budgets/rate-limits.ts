/** How much a key or a person may ask for in a minute. */
import * as z from 'zod/mini'

export interface RateLimits {
  /** Requests a minute, 1 or more; `null`: as many as they like. */
  readonly rpm: number | null
  /** Tokens a minute: input, cache writes and output. Cache reads are free. */
  readonly tpm: number | null
}

export const NO_RATE_LIMITS: RateLimits = { rpm: null, tpm: null }

const limit = z.optional(z.nullable(z.int().check(z.positive())))
const RateAttributes = z.object({ rate_limit_rpm: limit, rate_limit_tpm: limit })

export const rateAttributes = ({ rpm, tpm }: RateLimits): Record<string, unknown> => ({
  rate_limit_rpm: rpm,
  rate_limit_tpm: tpm,
})

export function readRateLimits(item: Readonly<Record<string, unknown>>): RateLimits {
  const { rate_limit_rpm, rate_limit_tpm } = RateAttributes.parse(item)
  return { rpm: rate_limit_rpm ?? null, tpm: rate_limit_tpm ?? null }
}
