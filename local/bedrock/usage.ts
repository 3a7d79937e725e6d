/** What the simulated Bedrock bills: deterministic, by the bytes of the request, with a prompt cache that remembers prefixes. */
import { createHash } from 'node:crypto'
import { type BilledUsage, NOTHING_BILLED } from './tally.ts'

const BYTES_PER_TOKEN = 4
export const tokensOf = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN)

export interface PromptCache {
  /** @param text The body as it came. */
  bill(modelId: string, text: string): BilledUsage
}

/** Prefixes remembered a model; a conversation reuses the last few. */
const REMEMBERED = 16

export function createPromptCache(): PromptCache {
  const prefixes = new Map<string, { readonly length: number; readonly hash: string }[]>()
  return {
    bill(modelId, text) {
      const mark = text.lastIndexOf('"cache_control"')
      if (mark < 0) return { ...NOTHING_BILLED, inputTokens: tokensOf(text.length) }
      const known = prefixes.get(modelId) ?? []
      const hit = known.filter(({ length, hash }) => length <= mark && hashOf(text, length) === hash)
      const cached = Math.max(0, ...hit.map(({ length }) => length))
      if (cached < mark)
        prefixes.set(modelId, [...known, { length: mark, hash: hashOf(text, mark) }].slice(-REMEMBERED))
      const written = tokensOf(mark - cached)
      const oneHour = text.includes('"ttl":"1h"')
      return {
        inputTokens: tokensOf(text.length - mark),
        outputTokens: 0,
        cacheReadTokens: tokensOf(cached),
        cacheWrite5mTokens: oneHour ? 0 : written,
        cacheWrite1hTokens: oneHour ? written : 0,
      }
    },
  }
}

const hashOf = (text: string, length: number): string =>
  createHash('sha1').update(text.slice(0, length)).digest('base64')

/** As Anthropic's API tells it. */
export const usageJson = (usage: BilledUsage, outputTokens: number): Record<string, unknown> => ({
  input_tokens: usage.inputTokens,
  cache_creation_input_tokens: usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
  cache_read_input_tokens: usage.cacheReadTokens,
  cache_creation: {
    ephemeral_5m_input_tokens: usage.cacheWrite5mTokens,
    ephemeral_1h_input_tokens: usage.cacheWrite1hTokens,
  },
  output_tokens: outputTokens,
})

/** As the last `message_delta` repeats it: the totals, without the split of the cache writes. */
export function finalUsageJson(usage: BilledUsage, outputTokens: number): Record<string, unknown> {
  const { cache_creation: _split, ...totals } = usageJson(usage, outputTokens)
  return totals
}
