import { expect, test } from 'vitest'
import { readEvent, readWholeAnswer } from '../../../lambdas/bedrock/from-bedrock.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const textOf = (json: Uint8Array | undefined) => new TextDecoder().decode(json)

test('a delta passes byte for byte, unread', () => {
  const chunk = bytes('{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"grüß  \\n dich"} }')
  const event = readEvent(chunk, 'm')
  expect(event).toMatchObject({ type: 'content_block_delta', parsed: null })
  expect(event?.json).toEqual(Buffer.from(chunk))
})

test('S4, W19: message_start names the model as the client did', () => {
  const event = readEvent(
    bytes('{"type":"message_start","message":{"id":"msg_1","model":"claude-x","usage":{"input_tokens":3}}}'),
    'claude-opus-5-5[1m]',
  )
  expect(JSON.parse(textOf(event?.json)).message).toEqual({
    id: 'msg_1',
    model: 'claude-opus-5-5[1m]',
    usage: { input_tokens: 3 },
  })
})

test("S7: message_stop loses Bedrock's own metrics", () => {
  const event = readEvent(
    bytes('{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":3}}'),
    'm',
  )
  expect(textOf(event?.json)).toBe('{"type":"message_stop"}')
})

test('S17, W31: message_delta passes unchanged, whatever it carries', () => {
  const text =
    '{"type":"message_delta","delta":{"stop_reason":"tool_use","safeguard_results":[{"type":"x"}]},"usage":{"output_tokens":9}}'
  expect(textOf(readEvent(bytes(text), 'm')?.json)).toBe(text)
})

test('an event of an unknown type passes under its own name', () => {
  expect(readEvent(bytes('{"index":0,"type":"brand_new"}'), 'm')).toMatchObject({ type: 'brand_new' })
})

test('JSON on several lines becomes one, so that it cannot break the frame', () => {
  const event = readEvent(bytes('{"type":"content_block_delta",\n "index":0}'), 'm')
  expect(textOf(event?.json)).toBe('{"type":"content_block_delta","index":0}')
})

test.each(['', 'not json', '[]', '{"no":"type"}', '{"type":7}'])(
  'a chunk that is no event (%s) is left out',
  (text) => {
    expect(readEvent(bytes(text), 'm')).toBeNull()
  },
)

test('a whole answer keeps its numbers, however large, and every byte that is not the model', () => {
  const said = (model: string) =>
    `{"id":"m", "model":${model}, "content":[{"type":"tool_use","input":{"n":12345678901234567890,"f":1.0,"h":1e400}}]}`
  expect(textOf(readWholeAnswer(bytes(said('"x"')), 'mine')?.json)).toBe(said('"mine"'))
  expect(textOf(readWholeAnswer(bytes('{"id":1.0}'), 'mine')?.json)).toBe('{"id":1.0,"model":"mine"}')
})

test('a whole answer keeps everything but the model', () => {
  const answer = { id: 'msg_1', model: 'x', usage: { input_tokens: 1, extra: true }, stop_reason: 'end_turn' }
  expect(JSON.parse(textOf(readWholeAnswer(bytes(JSON.stringify(answer)), 'mine')?.json))).toEqual({
    ...answer,
    model: 'mine',
  })
})
