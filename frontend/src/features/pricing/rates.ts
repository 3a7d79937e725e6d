/** The five rates, as the page names them. */
import type { PriceRow } from '../../api/pricing-types.ts'

export const RATES = [
  { name: 'input_rate', text: 'Input', short: 'Input' },
  { name: 'output_rate', text: 'Output', short: 'Output' },
  { name: 'cache_read_rate', text: 'Cache read', short: 'Cache read' },
  { name: 'cache_write_rate', text: 'Cache write, 5 minutes', short: 'Write 5 min' },
  { name: 'cache_write_1h_rate', text: 'Cache write, 1 hour', short: 'Write 1 h' },
] as const

export type RateName = (typeof RATES)[number]['name']
export type Rates = Readonly<Record<RateName, number>>

/** One turn of Claude Code in the middle of its work: nearly all of the prompt is in the cache by then. */
const TYPICAL = {
  input_rate: 2_000,
  output_rate: 600,
  cache_read_rate: 45_000,
  cache_write_rate: 3_000,
  cache_write_1h_rate: 0,
} as const satisfies Rates

export const TYPICAL_WORDS = '2,000 tokens in, 600 out, 45,000 read from the cache and 3,000 written to it'

const TYPICAL_TOKENS = TYPICAL.input_rate + TYPICAL.cache_read_rate + TYPICAL.cache_write_rate

interface Charged extends Rates {
  readonly long_prompt: (Rates & { readonly above_tokens: number }) | null
}

/** What a thousand of them cost, in dollars. */
export function typicalThousand({ long_prompt, ...rates }: Charged): number {
  const charged = long_prompt !== null && TYPICAL_TOKENS > long_prompt.above_tokens ? long_prompt : rates
  const each = RATES.reduce((sum, { name }) => sum + (charged[name] * TYPICAL[name]) / 1e6, 0)
  return 1_000 * each
}

export const sameRates = (one: Rates, other: Rates): boolean => RATES.every(({ name }) => one[name] === other[name])

const SOURCES: Readonly<Record<PriceRow['source'], string>> = {
  admin_manual: 'Set by hand',
  price_list_api: "AWS's list",
  seed: 'Release',
}
export const sourceName = (source: PriceRow['source']): string => SOURCES[source]

const TIERS: Readonly<Record<PriceRow['tier'], string>> = {
  default: 'Standard',
  priority: 'Priority',
  flex: 'Flex',
  reserved: 'Reserved',
}
export const TIER_NAMES = Object.entries(TIERS) as readonly (readonly [PriceRow['tier'], string])[]
export const tierName = (tier: PriceRow['tier']): string => TIERS[tier]

export const scopeName = (scope: PriceRow['scope']): string => (scope === 'global' ? 'Global' : 'Regional')

export const samePlace = (
  one: Pick<PriceRow, 'model_prefix' | 'scope' | 'tier'>,
  other: Pick<PriceRow, 'model_prefix' | 'scope' | 'tier'>,
): boolean => one.model_prefix === other.model_prefix && one.scope === other.scope && one.tier === other.tier
