/** Tokens of requests for which no price was known, from hourly aggregates. */
import type { HourlyAggregate } from '../spend/analytics.ts'

/**
 * An aggregate counts its unpriced requests, not their tokens. Within one hour, model and endpoint all requests have a price or none has
 * (prices change rarely), so the tokens are those of all its requests; in the hour of a change they are shared out by number.
 */
export const unpricedTokensIn = (aggregates: readonly HourlyAggregate[]): number =>
  aggregates.reduce((sum, one) => sum + (one.unpriced === 0 ? 0 : Math.round(tokensOf(one) * shareOf(one))), 0)

const shareOf = ({ unpriced, requests }: HourlyAggregate): number => unpriced / Math.max(requests, unpriced)

const tokensOf = ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: HourlyAggregate): number =>
  inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens
