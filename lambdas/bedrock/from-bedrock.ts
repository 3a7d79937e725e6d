/**
 * Bedrock's chunks as Messages events. A chunk passes byte for byte, but for two: `message_start` names the model as the
 * client did, and `message_stop` loses Bedrock's own metrics, which Anthropic's API does not have.
 */
import { JsonEdit } from '../json/json-edit.ts'
import { isJsonObject, type Json, parseObject } from '../json/json-path.ts'

export interface MessageEvent {
  readonly type: string
  /** JSON on one line, UTF-8. */
  readonly json: Uint8Array
  /** The event, parsed, where somebody needs a look inside; the many text deltas are never parsed. */
  readonly parsed: Readonly<Record<string, unknown>> | null
}

/** The part of a chunk in which its type is told: Bedrock writes it first, and no type is longer. */
const TYPE_AT_START = /^\{"type":"([a-z_]{1,40})"/
const NEEDS_NO_LOOK: ReadonlySet<string> = new Set(['content_block_delta', 'content_block_stop', 'ping'])
const NEWLINE = 0x0a
const METRICS = 'amazon-bedrock-invocationMetrics'

/**
 * @param keepsMetrics The client is one of Bedrock's and reads them.
 * @returns `null` for a chunk that is no event: it is left out, the stream goes on.
 */
export function readEvent(chunk: Uint8Array, model: string, keepsMetrics = false): MessageEvent | null {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  const type = TYPE_AT_START.exec(bytes.toString('latin1', 0, 64))?.[1]
  if (type !== undefined && NEEDS_NO_LOOK.has(type) && !bytes.includes(NEWLINE))
    return { type, json: bytes, parsed: null }
  const parsed = parseObject(bytes)
  if (parsed === null || typeof parsed.type !== 'string') return null
  const told = asClientKnows(parsed, model, keepsMetrics)
  const unchanged = told === parsed && !bytes.includes(NEWLINE)
  return { type: parsed.type, json: unchanged ? bytes : Buffer.from(JSON.stringify(told)), parsed }
}

function asClientKnows(event: Json, model: string, keepsMetrics: boolean): Json {
  if (event.type === 'message_start' && isJsonObject(event.message))
    return { ...event, message: { ...event.message, model } }
  if (!keepsMetrics && event.type === 'message_stop' && METRICS in event) {
    const { [METRICS]: _metrics, ...rest } = event
    return rest
  }
  return event
}

/** A whole answer (`stream: false`), as it came but for the model, which it names as the client did. @returns `null` when it is no JSON object. */
export function readWholeAnswer(
  bytes: Uint8Array,
  model: string,
): { readonly json: Uint8Array; readonly parsed: Json } | null {
  const parsed = parseObject(bytes)
  if (parsed === null) return null
  const edit = new JsonEdit(bytes)
  const name = JSON.stringify(model)
  if (Object.hasOwn(parsed, 'model')) edit.replace(['model'], name)
  else edit.append([], [`"model":${name}`])
  return { json: edit.bytes(), parsed }
}
