/** Reads usage, stop reason and tool calls from the events of an answer as they pass. */
import type { MessageEvent } from '../bedrock/from-bedrock.ts'
import { type Contradiction, contradictionIn, estimateTokens, NO_USAGE, noteUsage, type Usage } from '../spend/usage.ts'

export interface Reading {
  /** Bedrock's own id of the answer: where its invocation log and our row meet. */
  readonly messageId: string | null
  readonly usage: Usage
  readonly stopReason: string | null
  readonly tools: readonly string[]
  /** `message_stop` has been seen: the usage is complete. */
  readonly complete: boolean
  /** What Bedrock counted beside it, where the two differ. */
  readonly contradicted: Contradiction | null
}

export interface Meter {
  see(event: MessageEvent): void
  read(): Reading
}

type Json = Readonly<Record<string, unknown>>
const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** What a text delta's JSON is made of besides the text: `{"type":"content_block_delta","index":0,"delta":{…}}`. */
const DELTA_ENVELOPE_BYTES = 80

const isToolCall = ({ type, name }: Json): boolean =>
  (type === 'tool_use' || type === 'server_tool_use') && typeof name === 'string'

export function createMeter(): Meter {
  let usage = NO_USAGE
  let messageId: string | null = null
  let stopReason: string | null = null
  let complete = false
  let metrics: unknown
  let textBytes = 0
  const tools: string[] = []

  const seeParsed = (type: string, event: Json): void => {
    if (type === 'message_start') {
      const message = objectOf(event.message)
      usage = noteUsage(usage, message.usage)
      messageId = textOrNull(message.id)
    }
    if (type === 'message_stop') {
      complete = true
      metrics = event['amazon-bedrock-invocationMetrics']
    }
    if (type === 'content_block_start') {
      const block = objectOf(event.content_block)
      if (isToolCall(block)) tools.push(String(block.name))
    }
    if (type === 'message_delta') {
      usage = noteUsage(usage, event.usage)
      stopReason = textOrNull(objectOf(event.delta).stop_reason) ?? stopReason
    }
  }

  return {
    see(event) {
      if (event.type === 'content_block_delta') textBytes += Math.max(0, event.json.length - DELTA_ENVELOPE_BYTES)
      if (event.parsed !== null) seeParsed(event.type, event.parsed)
    },
    read() {
      // The running total comes at the end only. Without it, what was generated is guessed from what passed.
      const outputTokens =
        stopReason === null ? Math.max(usage.outputTokens, estimateTokens(textBytes)) : usage.outputTokens
      const contradicted = contradictionIn(usage, metrics)
      return { messageId, usage: { ...usage, outputTokens }, stopReason, tools, complete, contradicted }
    },
  }
}

/** Of a whole answer (`stream: false`). */
export function readWhole(answer: Json): Reading {
  const content = Array.isArray(answer.content) ? answer.content.map(objectOf) : []
  return {
    messageId: textOrNull(answer.id),
    usage: noteUsage(NO_USAGE, answer.usage),
    stopReason: textOrNull(answer.stop_reason),
    tools: content.filter(isToolCall).map(({ name }) => String(name)),
    complete: true,
    // What Bedrock counts beside a whole answer stands in headers that the SDK keeps to itself.
    contradicted: null,
  }
}
