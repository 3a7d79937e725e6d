/** What a model consumed, as Anthropic's `usage` tells it. Shapes: Anthropic Messages API, "Streaming messages" and "Prompt caching". */
import * as z from 'zod/mini'

/** Tokens. The five kinds have five prices. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWrite5mTokens: number
  readonly cacheWrite1hTokens: number
}

export const NO_USAGE: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
}

const tokens = z.catch(z.optional(z.nullable(z.int().check(z.nonnegative()))), undefined)

/** Every member may be absent or null; one that is no token count is taken for absent, so that it cannot poison a bill. */
const ReportedUsage = z.object({
  input_tokens: tokens,
  output_tokens: tokens,
  cache_read_input_tokens: tokens,
  cache_creation_input_tokens: tokens,
  cache_creation: z.catch(
    z.optional(z.nullable(z.object({ ephemeral_5m_input_tokens: tokens, ephemeral_1h_input_tokens: tokens }))),
    undefined,
  ),
  iterations: z.catch(z.optional(z.array(z.unknown())), undefined),
})
type ReportedUsage = z.output<typeof ReportedUsage>

/**
 * `message_start` reports the prompt, `message_delta` the running total of the answer and, with some models, the prompt
 * again. All counts only grow within a message, so the larger of two reports is the later one; a report that leaves
 * a count out, or sets it to zero, takes nothing back.
 *
 * Where the model first made the conversation shorter (compaction), the totals leave that out, and what is billed is the sum of all
 * `iterations`. Source: Anthropic's guide to compaction, "Understanding usage".
 */
export function noteUsage(soFar: Usage, reported: unknown): Usage {
  const read = ReportedUsage.safeParse(reported)
  if (!read.success) return soFar
  const { iterations = [] } = read.data
  const inAll = iterations.map((one) => noteUsage(NO_USAGE, one)).reduce(addUsage, NO_USAGE)
  return larger(noteTotals(soFar, read.data), inAll)
}

function noteTotals(soFar: Usage, reported: ReportedUsage): Usage {
  const { input_tokens, output_tokens, cache_read_input_tokens } = reported
  return {
    inputTokens: Math.max(soFar.inputTokens, input_tokens ?? 0),
    outputTokens: Math.max(soFar.outputTokens, output_tokens ?? 0),
    cacheReadTokens: Math.max(soFar.cacheReadTokens, cache_read_input_tokens ?? 0),
    ...cacheWritesOf(soFar, reported),
  }
}

/** The split of cache writes is told by one of them alone, maybe; their total by both. */
function larger(one: Usage, other: Usage): Usage {
  const writes = ({ cacheWrite5mTokens, cacheWrite1hTokens }: Usage): number => cacheWrite5mTokens + cacheWrite1hTokens
  const cacheWrite1hTokens = Math.max(one.cacheWrite1hTokens, other.cacheWrite1hTokens)
  return {
    inputTokens: Math.max(one.inputTokens, other.inputTokens),
    outputTokens: Math.max(one.outputTokens, other.outputTokens),
    cacheReadTokens: Math.max(one.cacheReadTokens, other.cacheReadTokens),
    cacheWrite5mTokens: Math.max(writes(one), writes(other)) - cacheWrite1hTokens,
    cacheWrite1hTokens,
  }
}

export const addUsage = (one: Usage, other: Usage): Usage => ({
  inputTokens: one.inputTokens + other.inputTokens,
  outputTokens: one.outputTokens + other.outputTokens,
  cacheReadTokens: one.cacheReadTokens + other.cacheReadTokens,
  cacheWrite5mTokens: one.cacheWrite5mTokens + other.cacheWrite5mTokens,
  cacheWrite1hTokens: one.cacheWrite1hTokens + other.cacheWrite1hTokens,
})

/**
 * `message_delta` tells the total without the split that `message_start` told (`MessageDeltaUsage` has none), so total and
 * one-hour writes are followed, and what is left of the total is taken for the ordinary five-minute cache.
 */
function cacheWritesOf(
  soFar: Usage,
  { cache_creation_input_tokens, cache_creation }: ReportedUsage,
): Pick<Usage, 'cacheWrite5mTokens' | 'cacheWrite1hTokens'> {
  const oneHour = cache_creation?.ephemeral_1h_input_tokens ?? 0
  const split = oneHour + (cache_creation?.ephemeral_5m_input_tokens ?? 0)
  const total = Math.max(soFar.cacheWrite5mTokens + soFar.cacheWrite1hTokens, split, cache_creation_input_tokens ?? 0)
  const cacheWrite1hTokens = Math.max(soFar.cacheWrite1hTokens, oneHour)
  return { cacheWrite5mTokens: total - cacheWrite1hTokens, cacheWrite1hTokens }
}

/** Bedrock's own count, by the kind that differs. */
export type Contradiction = Readonly<Partial<Record<'input' | 'output' | 'cacheRead' | 'cacheWrite', number>>>

const InvocationMetrics = z.object({
  inputTokenCount: tokens,
  outputTokenCount: tokens,
  cacheReadInputTokenCount: tokens,
  cacheWriteInputTokenCount: tokens,
})

/**
 * What Bedrock counted beside the answer (`amazon-bedrock-invocationMetrics`), where it is not what the answer itself reported. The bill goes by
 * the answer, and is told to be doubted. @returns `null` where they agree, or nothing was counted.
 */
export function contradictionIn(usage: Usage, metrics: unknown): Contradiction | null {
  const read = InvocationMetrics.safeParse(metrics)
  if (!read.success) return null
  const { inputTokenCount, outputTokenCount, cacheReadInputTokenCount, cacheWriteInputTokenCount } = read.data
  const pairs = [
    ['input', inputTokenCount, usage.inputTokens],
    ['output', outputTokenCount, usage.outputTokens],
    ['cacheRead', cacheReadInputTokenCount, usage.cacheReadTokens],
    ['cacheWrite', cacheWriteInputTokenCount, usage.cacheWrite5mTokens + usage.cacheWrite1hTokens],
  ] as const
  const differing = pairs.flatMap(([kind, counted, reported]) =>
    counted == null || counted === reported ? [] : [[kind, counted] as const],
  )
  return differing.length === 0 ? null : Object.fromEntries(differing)
}

/** Bytes of English text or code a token, roughly; the measure of every estimate, never of a bill that can be exact. */
export const BYTES_PER_TOKEN = 4

export const estimateTokens = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN)
