/**
 * Converse and ConverseStream, which our gateway never calls: they are what others translate to, and what the bench measures
 * them against. Source: Amazon Bedrock API reference, ConverseStreamOutput.
 */
import type { Answer, Block } from './model.ts'
import type { BilledUsage } from './tally.ts'
import type { Json } from './validation.ts'

/** An event of the stream: its name stands in the frame's `:event-type`, not in the payload. */
export interface ConverseEvent {
  readonly name: string
  readonly payload: Json
}

/** One event of InvokeModel's stream in Converse's words; `null` where Converse has none. */
export function converseEventOf(event: Json, usage: BilledUsage): ConverseEvent | null {
  const contentBlockIndex = event.index
  switch (event.type) {
    case 'message_start':
      return { name: 'messageStart', payload: { role: 'assistant' } }
    case 'content_block_start':
      return startOf(event.content_block as Json, contentBlockIndex)
    case 'content_block_delta':
      return { name: 'contentBlockDelta', payload: { contentBlockIndex, delta: deltaOf(event.delta as Json) } }
    case 'content_block_stop':
      return { name: 'contentBlockStop', payload: { contentBlockIndex } }
    case 'message_delta':
      return { name: 'messageStop', payload: { stopReason: (event.delta as Json).stop_reason } }
    case 'message_stop':
      return { name: 'metadata', payload: { metrics: { latencyMs: 1 }, usage: usageOf(usage) } }
    default:
      return null
  }
}

/** Text and reasoning begin with their first delta. */
function startOf(block: Json, contentBlockIndex: unknown): ConverseEvent | null {
  if (block.type !== 'tool_use') return null
  const start = { toolUse: { toolUseId: block.id, name: block.name } }
  return { name: 'contentBlockStart', payload: { contentBlockIndex, start } }
}

function deltaOf(delta: Json): Json {
  if (delta.type === 'input_json_delta') return { toolUse: { input: delta.partial_json } }
  if (delta.type === 'thinking_delta') return { reasoningContent: { text: delta.thinking } }
  if (delta.type === 'signature_delta') return { reasoningContent: { signature: delta.signature } }
  return { text: delta.text }
}

const usageOf = (usage: BilledUsage): Json => ({
  inputTokens: usage.inputTokens,
  outputTokens: usage.outputTokens,
  totalTokens: usage.inputTokens + usage.outputTokens,
  cacheReadInputTokens: usage.cacheReadTokens,
  cacheWriteInputTokens: usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
})

export const converseMessage = (answer: Answer, usage: BilledUsage): Json => ({
  output: { message: { role: 'assistant', content: answer.blocks.map(blockOf) } },
  stopReason: answer.stopReason,
  metrics: { latencyMs: 1 },
  usage: usageOf(usage),
})

function blockOf(block: Block): Json {
  if (block.type === 'tool_use') return { toolUse: { toolUseId: block.id, name: block.name, input: block.input } }
  if (block.type === 'thinking')
    return { reasoningContent: { reasoningText: { text: block.thinking, signature: block.signature } } }
  return { text: block.text }
}
