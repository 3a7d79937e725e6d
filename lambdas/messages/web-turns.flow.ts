/**
 * An answer in which the model uses the web: a turn of the model, what came of its calls, the next turn, until it has said what it had to
 * say. The client gets all of it as one message, live; each turn is metered for itself, and billed whatever becomes of the next.
 */
import { isJsonObject, type Json, listOf, parseObject } from '../json/json-path.ts'
import { Fault } from '../platform/fault.ts'
import { type Instant, isoOf } from '../platform/instant.ts'
import type { RequestEnd, WebUsed } from '../spend/request-record.ts'
import type { Usage } from '../spend/usage.ts'
import { nextTurn, type Written } from '../web/rewritten.ts'
import {
  asClientHears,
  bytesOf,
  readTurn,
  type StreamedTurn,
  type Turn,
  type TurnReader,
  wholeTurn,
} from '../web/turn.ts'
import { createWebUser, type WebUse } from '../web/use-web.flow.ts'
import type { WebSettings } from '../web/web.ts'
import type { WebTool } from '../web/web-tools.ts'
import { keepTurns, type Pricing, type TurnBooks } from './turn-books.ts'

export interface WebTalk {
  /** As Bedrock takes it. */
  readonly written: Written
  /** The tools that the model may call. */
  readonly offered: readonly WebTool[]
  readonly settings: WebSettings
  /** The model as the client named it. */
  readonly model: string
  askStream(written: Written, signal: AbortSignal): Promise<AsyncGenerator<Uint8Array, void>>
  askWhole(written: Written, signal: AbortSignal): Promise<Uint8Array>
  /** By what the turn that was asked for last is priced. */
  lastAsked(): Pricing
  /** After so many the answer pauses, and the client may go on with it. */
  readonly mostTurns: number
  now(): Instant
}

export interface WebTurns {
  /** Resolves with the first chunk of the first turn in hand. @throws Fault, also from the iterator */
  stream(signal: AbortSignal): Promise<AsyncGenerator<Uint8Array, void>>
  /** @throws Fault */
  whole(signal: AbortSignal): Promise<Uint8Array>
  /** What the request will have used with the turn that is being asked for; `undefined` where it is the first. */
  expected(): Usage | undefined
  /** The end of the request, with what all turns used. */
  summed(end: RequestEnd): RequestEnd
}

export function webTurns(talk: WebTalk, web: WebUse): WebTurns {
  const isWeb = (name: string): boolean => talk.offered.some((tool) => tool.name === name)
  const user = createWebUser(talk.offered, talk.settings, web)
  const books = keepTurns(talk.model, () => talk.lastAsked())

  /** @returns the blocks for the client, and the next request, or why there is none. */
  const goOn = async (turn: Turn, written: Written, number: number, signal: AbortSignal): Promise<Step> => {
    if (turn.calls.length === 0 || turn.stopReason !== 'tool_use') return { blocks: [], stops: turn.stopReason }
    const { blocks, results } = await user.answer(turn.calls, {
      messages: listOf(written.body, 'messages'),
      now: isoOf(talk.now()),
      signal,
    })
    // Nobody waits any more: the next turn is not asked for.
    signal.throwIfAborted()
    if (turn.callsClient) return { blocks, stops: 'tool_use' }
    if (number >= talk.mostTurns) return { blocks, stops: 'pause_turn' }
    const choice = user.isExhausted() && hasOnlyWeb(written, isWeb) ? 'none' : 'free'
    return { blocks, next: nextTurn(written, turn.content, results, choice) }
  }

  async function* stream(first: AsyncGenerator<Uint8Array, void>, signal: AbortSignal) {
    let written = talk.written
    let chunks = first
    for (let number = 1, before = 0; ; number++) {
      const reader = readTurn(isWeb, before)
      yield* heard(chunks, reader, books)
      const turn = reader.end()
      // Broken off: nothing ends the message, and whoever reads on will say so.
      if (turn.stop === undefined) return
      const step = await goOn(turn, written, number, signal)
      before += turn.blocks
      for (const block of step.blocks) yield* blockEvents(block, before++)
      if (!('next' in step)) return yield* ending(turn, step.stops, number, books.usage(), user.used())
      written = step.next
      books.begin(written.utf8.length)
      chunks = await talk.askStream(written, signal)
    }
  }

  return {
    async stream(signal) {
      books.begin(talk.written.utf8.length)
      return stream(await talk.askStream(talk.written, signal), signal)
    },
    async whole(signal) {
      let written = talk.written
      const content: Json[] = []
      let id: unknown
      for (let number = 1; ; number++) {
        books.begin(written.utf8.length)
        const bytes = await talk.askWhole(written, signal)
        const answer = parseObject(bytes)
        if (answer === null)
          throw new Fault('upstream_failed', 'Bedrock answered with something that is not a message.')
        id ??= answer.id
        books.seeWhole(answer)
        const turn = wholeTurn(answer, isWeb)
        const step = await goOn(turn, written, number, signal)
        content.push(...turn.content.map((block) => asClientHears(block, isWeb)), ...step.blocks)
        if (!('next' in step))
          return wholeEnding(bytes, { ...answer, id }, turn, {
            content,
            number,
            step,
            used: user.used(),
            usage: books.usage(),
          })
        written = step.next
      }
    },
    expected: () => books.expected(),
    summed: (end) => books.summed(end, user.used()),
  }
}

async function* heard(chunks: AsyncGenerator<Uint8Array, void>, reader: TurnReader, books: TurnBooks) {
  for await (const chunk of chunks) {
    books.see(chunk)
    const told = reader.read(chunk)
    if (told !== null) yield told
  }
}

type Step =
  | { readonly blocks: readonly Json[]; readonly stops: string | null }
  | { readonly blocks: readonly Json[]; readonly next: Written }

const hasOnlyWeb = ({ body }: Written, isWeb: (name: string) => boolean): boolean =>
  Array.isArray(body.tools) && body.tools.every((tool: Json) => isWeb(String(tool.name)))

function* blockEvents(block: Json, index: number): Generator<Uint8Array> {
  yield bytesOf({ type: 'content_block_start', index, content_block: block })
  yield bytesOf({ type: 'content_block_stop', index })
}

/** An answer that never used the web ends as Bedrock ended it. */
function* ending(
  { delta, stop, calls }: StreamedTurn,
  stops: string | null,
  number: number,
  usage: Usage,
  used: WebUsed,
): Generator<Uint8Array> {
  if (delta !== undefined && number === 1 && calls.length === 0) yield delta.chunk
  else if (delta !== undefined) {
    const { event } = delta
    const said = isJsonObject(event.delta) ? event.delta : {}
    yield bytesOf({ ...event, delta: { ...said, stop_reason: stops }, usage: usageJson(event.usage, usage, used) })
  }
  if (stop !== undefined) yield number === 1 ? stop : bytesOf({ type: 'message_stop' })
}

interface WholeEnding {
  readonly content: readonly Json[]
  readonly number: number
  readonly step: Step
  readonly usage: Usage
  readonly used: WebUsed
}

/** The last answer, with all that was said before it. */
function wholeEnding(
  bytes: Uint8Array,
  answer: Json,
  { calls }: Turn,
  { content, number, step, usage, used }: WholeEnding,
): Uint8Array {
  if (number === 1 && calls.length === 0) return bytes
  const stops = 'stops' in step ? step.stops : null
  return bytesOf({ ...answer, content, stop_reason: stops, usage: usageJson(answer.usage, usage, used) })
}

/** Source: Anthropic API reference, "Messages", `usage`. */
const usageJson = (last: unknown, usage: Usage, { searches, pages }: WebUsed): Json => ({
  ...(isJsonObject(last) ? withoutDetails(last) : {}),
  input_tokens: usage.inputTokens,
  cache_creation_input_tokens: usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
  cache_read_input_tokens: usage.cacheReadTokens,
  output_tokens: usage.outputTokens,
  server_tool_use: { web_search_requests: searches, web_fetch_requests: pages },
})

/** Of the last turn alone they would stand beside the sum of all. */
function withoutDetails({ iterations: _, cache_creation: __, output_tokens_details: ___, ...rest }: Json): Json {
  return rest
}
