/** Whatever events Bedrock sends, in whatever pieces they travel on, the client gets the same ones. */
import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream.js'
import { EventStreamCodec } from '@smithy/eventstream-codec'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSseReader } from '../../lambdas/bedrock/sse-reader.ts'
import type { AnswerFormat } from '../../lambdas/messages/answer-format.ts'
import { BEDROCK_FRAMES } from '../../lambdas/messages/bedrock-frames.ts'
import { relayAnswer } from '../../lambdas/messages/relay.flow.ts'
import { SERVER_SENT_EVENTS } from '../../lambdas/messages/sse.ts'
import { NO_USAGE } from '../../lambdas/spend/usage.ts'
import { toldTime } from '../support/told-time.ts'

type Event = Readonly<Record<string, unknown>>

/** What a member nobody has heard of may hold; `-0` and a lone surrogate do not survive JSON itself. */
const anything = fc.jsonValue({ noUnicodeString: false }).filter((value) => !JSON.stringify(value).includes('\\ud'))
const extra = fc.dictionary(fc.stringMatching(/^x_[a-z]{1,8}$/), anything, { maxKeys: 2 })
const text = fc.string({ unit: 'binary', maxLength: 40 })

const textBlock = fc.record({ kind: fc.constant('text' as const), parts: fc.array(text, { maxLength: 4 }), extra })
const thinkingBlock = fc.record({
  kind: fc.constant('thinking' as const),
  parts: fc.array(text, { maxLength: 3 }),
  extra,
})
const toolBlock = fc.record({
  kind: fc.constant('tool_use' as const),
  input: fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 20 }), { maxKeys: 3 }),
  cut: fc.nat(40),
  extra,
})
const block = fc.oneof(textBlock, thinkingBlock, toolBlock)
const unheard = fc.record({ type: fc.constant('of_tomorrow'), payload: anything })

const answer = fc.record({
  blocks: fc.array(block, { minLength: 1, maxLength: 4 }),
  between: fc.array(unheard, { maxLength: 3 }),
  usage: fc.record({ input_tokens: fc.nat(1_000_000), cache_read_input_tokens: fc.nat(1_000_000) }),
  output: fc.nat(100_000),
  extra,
})
type Answer = typeof answer extends fc.Arbitrary<infer T> ? T : never

function* eventsOf({ blocks, between, usage, output, extra }: Answer): Generator<Event> {
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-real',
    content: [],
    stop_reason: null,
    stop_sequence: null,
  }
  yield { type: 'message_start', message: { ...message, usage: { ...usage, output_tokens: 1 }, ...extra } }
  yield* between
  for (const [index, one] of blocks.entries()) yield* eventsOfBlock(one, index)
  yield {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null, ...extra },
    usage: { output_tokens: output },
  }
  yield { type: 'message_stop' }
}

function* eventsOfBlock(one: Answer['blocks'][number], index: number): Generator<Event> {
  const delta = (inner: Event): Event => ({ type: 'content_block_delta', index, delta: inner })
  if (one.kind === 'text') {
    yield { type: 'content_block_start', index, content_block: { type: 'text', text: '', ...one.extra } }
    for (const part of one.parts) yield delta({ type: 'text_delta', text: part })
  } else if (one.kind === 'thinking') {
    yield {
      type: 'content_block_start',
      index,
      content_block: { type: 'thinking', thinking: '', signature: '', ...one.extra },
    }
    for (const part of one.parts) yield delta({ type: 'thinking_delta', thinking: part })
    yield delta({ type: 'signature_delta', signature: 'c2lnbmVk' })
  } else {
    const json = JSON.stringify(one.input)
    yield {
      type: 'content_block_start',
      index,
      content_block: { type: 'tool_use', id: `toolu_${index}`, name: 'T', input: {}, ...one.extra },
    }
    yield delta({ type: 'input_json_delta', partial_json: json.slice(0, one.cut) })
    yield delta({ type: 'input_json_delta', partial_json: json.slice(one.cut) })
  }
  yield { type: 'content_block_stop', index }
}

/** As JSON has it, which knows no `-0`. */
const sent = (said: Answer): readonly Event[] => JSON.parse(JSON.stringify([...eventsOf(said)])) as Event[]

const utf8 = (event: Event): Uint8Array => Buffer.from(JSON.stringify(event))

async function relayed(events: readonly Event[], format: AnswerFormat): Promise<Buffer> {
  const { timers } = toldTime()
  const relay = await relayAnswer(
    {
      requestId: 'req_1',
      model: 'mine',
      format,
      estimate: NO_USAGE,
      open: async () => chunks(events),
      elapsedMs: () => 0,
      remainingMs: () => 900_000,
    },
    { timers, onHangUp: 'drain' },
  )
  return Buffer.from(await new Response(relay.body).arrayBuffer())
}

async function* chunks(events: readonly Event[]): AsyncGenerator<Uint8Array, void> {
  for (const event of events) yield utf8(event)
}

/** Cut at the given places, as a network may. */
function piecesOf(bytes: Buffer, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}

function readSse(bytes: Buffer, sizes: readonly number[]): { readonly name: string | null; readonly event: Event }[] {
  const reader = createSseReader()
  return piecesOf(bytes, sizes)
    .flatMap((piece) => reader.push(piece))
    .map(({ name, data }) => ({ name, event: JSON.parse(Buffer.from(data).toString('utf8')) as Event }))
}

const asMine = (event: Event): Event =>
  event.type === 'message_start' ? { ...event, message: { ...(event.message as Event), model: 'mine' } } : event

const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 })

test('as server-sent events: every event, known or not, with every member, in order, its name on a line of its own', async () => {
  await fc.assert(
    fc.asyncProperty(answer, sizes, async (said, cuts) => {
      const events = sent(said)
      const got = readSse(await relayed(events, SERVER_SENT_EVENTS), cuts)
      expect(got.map(({ event }) => event)).toEqual(events.map(asMine))
      expect(got.map(({ name }) => name)).toEqual(events.map(({ type }) => type))
    }),
    { numRuns: 200 },
  )
})

test('as frames of Bedrock’s event stream: the same', async () => {
  const codec = new EventStreamCodec(
    (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
    (told) => Buffer.from(told, 'utf8'),
  )
  await fc.assert(
    fc.asyncProperty(answer, async (said) => {
      const events = sent(said)
      const got: Event[] = []
      for (let bytes = await relayed(events, BEDROCK_FRAMES); bytes.length > 0; ) {
        const length = bytes.readUInt32BE(0)
        const { body } = codec.decode(bytes.subarray(0, length))
        const { bytes: base64 } = JSON.parse(Buffer.from(body).toString('utf8')) as { bytes: string }
        got.push(JSON.parse(Buffer.from(base64, 'base64').toString('utf8')) as Event)
        bytes = bytes.subarray(length)
      }
      expect(got).toEqual(events.map(asMine))
    }),
    { numRuns: 100 },
  )
})

/** The SDK's own accumulator over events as lines of JSON. */
async function accumulated(events: readonly Event[]): Promise<unknown> {
  const lines = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const event of events) controller.enqueue(Buffer.from(`${JSON.stringify(event)}\n`))
      controller.close()
    },
  })
  return await MessageStream.fromReadableStream(lines).finalMessage()
}

test('the client’s accumulator makes the same message of what we relay as of what Bedrock sent', async () => {
  await fc.assert(
    fc.asyncProperty(answer, sizes, async (said, cuts) => {
      // An event of tomorrow is not for today's accumulator.
      const events = sent({ ...said, between: [] })
      const got = readSse(await relayed(events, SERVER_SENT_EVENTS), cuts)
      expect(await accumulated(got.map(({ event }) => event))).toEqual(await accumulated(events.map(asMine)))
    }),
    { numRuns: 100 },
  )
})
