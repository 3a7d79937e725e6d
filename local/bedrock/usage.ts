/** What the simulated Bedrock bills: deterministic, by the bytes of the request, with a prompt cache that remembers prefixes. */
import { createHash } from 'node:crypto'
import { type BilledUsage, NOTHING_BILLED } from './tally.ts'
import type { Json } from './validation.ts'

const BYTES_PER_TOKEN = 4
export const tokensOf = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN)

export interface PromptCache {
  /** @param text The body as it came. */
  bill(modelId: string, text: string): BilledUsage
}

/** Prefixes remembered a model; the conversations of a test run reuse the last few of each. */
const REMEMBERED = 200

export function createPromptCache(): PromptCache {
  const remembered = new Map<string, Set<string>>()
  return {
    bill(modelId, text) {
      if (!text.includes('"cache_control"')) return { ...NOTHING_BILLED, inputTokens: tokensOf(text.length) }
      const known = remembered.get(modelId) ?? new Set()
      remembered.set(modelId, known)
      const { last, cached } = lookUp(prefixesOf(JSON.parse(text) as Json), known)
      const written = tokensOf(last - cached)
      const oneHour = text.includes('"ttl":"1h"')
      return {
        inputTokens: tokensOf(Math.max(0, text.length - last)),
        outputTokens: 0,
        cacheReadTokens: tokensOf(cached),
        cacheWrite5mTokens: oneHour ? 0 : written,
        cacheWrite1hTokens: oneHour ? written : 0,
      }
    },
  }
}

/** Remembers what is marked. @returns where the last mark stands, and how far the prompt was known up to there */
function lookUp(prefixes: readonly Prefix[], known: Set<string>): { readonly last: number; readonly cached: number } {
  const last = prefixes.findLast(({ isMarked }) => isMarked)?.length ?? 0
  const cached = prefixes.findLast(({ hash, length }) => length <= last && known.has(hash))?.length ?? 0
  for (const { hash, isMarked } of prefixes) if (isMarked) known.add(hash)
  for (const hash of [...known].slice(0, -REMEMBERED)) known.delete(hash)
  return { last, cached }
}

interface Prefix {
  readonly length: number
  readonly hash: string
  /** Something is marked where it ends. */
  readonly isMarked: boolean
}

/** The prompt up to the end of each block, as Bedrock reads it: tools, system, messages, whatever their order in the body. */
function prefixesOf(body: Json): readonly Prefix[] {
  const running = createHash('sha1')
  let length = 0
  const blocks = [body.tools, body.system, ...(body.messages as Json[]).map(({ content }) => content)].flatMap(blocksOf)
  return blocks.map((block, place) => {
    const marked = JSON.stringify(block)
    // A mark is no part of what is remembered: it moves on with the conversation.
    const text = JSON.stringify(block, (name, value: unknown) => (name === 'cache_control' ? undefined : value))
    running.update(text)
    length += text.length
    const isMarked = text !== marked || (place === blocks.length - 1 && body.cache_control !== undefined)
    return { length, hash: running.copy().digest('base64'), isMarked }
  })
}

const blocksOf = (content: unknown): readonly unknown[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : Array.isArray(content) ? content : []

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
