/**
 * One turn of the model within an answer that has several: what the client hears of it, with block numbers that run on and calls of the
 * web's tools as those of a server; and what the model said, to be told to it again.
 */
import { isJsonObject, type Json, memberOf, parseObject } from '../json/json-path.ts'
import { serverIdOf } from './web-results.ts'

export interface Call {
  /** The model's. */
  readonly id: string
  readonly name: string
  readonly input: unknown
}

export interface Turn {
  /** What the model said, as it has to hear it again. */
  readonly content: readonly Json[]
  /** Of the web's tools. */
  readonly calls: readonly Call[]
  /** It calls a tool of the client's too. */
  readonly callsClient: boolean
  readonly stopReason: string | null
}

export interface StreamedTurn extends Turn {
  /** The event that ends it, as Bedrock sent it. */
  readonly delta: { readonly chunk: Uint8Array; readonly event: Json } | undefined
  readonly stop: Uint8Array | undefined
  /** How many blocks it has. */
  readonly blocks: number
}

export interface TurnReader {
  /** @param chunk An event as JSON in UTF-8. @returns what the client hears of it. */
  read(chunk: Uint8Array): Uint8Array | null
  end(): StreamedTurn
}

/** @param isWeb Whether a tool is one of the web's. @param before Blocks of the turns before. */
export function readTurn(isWeb: (name: string) => boolean, before: number): TurnReader {
  const blocks: OpenBlock[] = []
  const at = new Map<unknown, OpenBlock>()
  let delta: StreamedTurn['delta']
  let stop: Uint8Array | undefined
  const renumbered = (chunk: Uint8Array, event: Json): Uint8Array =>
    before === 0 ? chunk : bytesOf({ ...event, index: Number(event.index) + before })

  return {
    read(chunk) {
      const event = parseObject(chunk)
      if (event === null) return null
      switch (event.type) {
        case 'message_start':
          return before === 0 ? chunk : null
        case 'message_delta':
          delta = { chunk, event }
          return null
        case 'message_stop':
          stop = chunk
          return null
        case 'content_block_start': {
          const block = openBlock(event.content_block)
          blocks.push(block)
          at.set(event.index, block)
          const told = asClientHears(block.start, isWeb)
          return told === block.start
            ? renumbered(chunk, event)
            : bytesOf({ ...event, index: Number(event.index) + before, content_block: told })
        }
        case 'content_block_delta':
          at.get(event.index)?.add(event.delta)
          return renumbered(chunk, event)
        case 'content_block_stop':
          return renumbered(chunk, event)
        default:
          return chunk
      }
    },
    end() {
      const content = blocks.map((block) => block.whole())
      const stopReason = memberOf(memberOf(delta?.event, 'delta'), 'stop_reason')
      return { ...turnOf(content, stopReason, isWeb), delta, stop, blocks: blocks.length }
    },
  }
}

/** Of an answer in one piece. */
export function wholeTurn(answer: Json, isWeb: (name: string) => boolean): Turn {
  const content = Array.isArray(answer.content) ? answer.content.filter(isJsonObject) : []
  return turnOf(content, answer.stop_reason, isWeb)
}

function turnOf(content: readonly Json[], stopReason: unknown, isWeb: (name: string) => boolean): Turn {
  const all = content.filter(({ type }) => type === 'tool_use')
  const calls = all.filter(({ name }) => isWeb(String(name)))
  return {
    content,
    calls: calls.map(({ id, name, input }) => ({ id: String(id), name: String(name), input })),
    callsClient: calls.length < all.length,
    stopReason: typeof stopReason === 'string' ? stopReason : null,
  }
}

/** A call of the web's tools as that of a server's; every other block is the very same. */
export const asClientHears = (block: Json, isWeb: (name: string) => boolean): Json =>
  block.type === 'tool_use' && isWeb(String(block.name))
    ? { ...block, type: 'server_tool_use', id: serverIdOf(String(block.id)) }
    : block

interface OpenBlock {
  readonly start: Json
  add(delta: unknown): void
  whole(): Json
}

/** Source: Anthropic API reference, "Streaming messages", content block delta types. */
const TEXTS: Readonly<Record<string, string>> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'signature',
  compaction_delta: 'content',
}

function openBlock(started: unknown): OpenBlock {
  const start = isJsonObject(started) ? started : {}
  const texts = new Map<string, string[]>()
  const citations: unknown[] = []
  const add = (name: string, part: unknown): void => {
    if (typeof part !== 'string') return
    const parts = texts.get(name)
    if (parts === undefined) texts.set(name, [part])
    else parts.push(part)
  }
  return {
    start,
    add(delta) {
      const type = String(memberOf(delta, 'type'))
      const name = TEXTS[type]
      if (name !== undefined) add(name, memberOf(delta, name))
      if (type === 'input_json_delta') add('input', memberOf(delta, 'partial_json'))
      if (type === 'citations_delta') citations.push(memberOf(delta, 'citation'))
    },
    whole() {
      const block: Record<string, unknown> = { ...start }
      for (const [name, parts] of texts) {
        const text = parts.join('')
        const before = typeof start[name] === 'string' ? start[name] : ''
        block[name] = name === 'input' ? inputOf(text, start.input) : before + text
      }
      if (citations.length > 0) block.citations = citations
      return block
    },
  }
}

/** An answer that was cut short ends in the middle of it. */
const inputOf = (json: string, otherwise: unknown): unknown =>
  json === '' ? otherwise : (parseObject(Buffer.from(json)) ?? {})

export const bytesOf = (event: Json): Uint8Array => Buffer.from(JSON.stringify(event))
