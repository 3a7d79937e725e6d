import { expect, test } from 'vitest'
import { readTurn, wholeTurn } from '../../../lambdas/web/turn.ts'

const isWeb = (name: string): boolean => name === 'web_search'
const chunk = (event: object): Uint8Array => Buffer.from(JSON.stringify(event))
const read = (bytes: Uint8Array | null): unknown => bytes && JSON.parse(Buffer.from(bytes).toString())

const start = (index: number, content_block: object) => ({ type: 'content_block_start', index, content_block })
const delta = (index: number, what: object) => ({ type: 'content_block_delta', index, delta: what })
const stop = (index: number) => ({ type: 'content_block_stop', index })
const tool = (id: string, name: string) => ({ type: 'tool_use', id, name, input: {} })
const END = [
  { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 5 } },
  { type: 'message_stop' },
]
const EVENTS = [
  { type: 'message_start', message: { id: 'msg_1' } },
  start(0, { type: 'thinking', thinking: '', signature: '' }),
  delta(0, { type: 'thinking_delta', thinking: 'I had ' }),
  delta(0, { type: 'thinking_delta', thinking: 'better look.' }),
  delta(0, { type: 'signature_delta', signature: 'c2ln' }),
  stop(0),
  start(1, { type: 'text', text: '' }),
  delta(1, { type: 'text_delta', text: 'Grüße' }),
  stop(1),
  start(2, tool('toolu_1', 'web_search')),
  delta(2, { type: 'input_json_delta', partial_json: '{"query":' }),
  delta(2, { type: 'input_json_delta', partial_json: '"q"}' }),
  stop(2),
  start(3, tool('toolu_2', 'Bash')),
  stop(3),
  ...END,
]

test('WS2: a turn gives back all that the model said, and which of its calls are the web’s', () => {
  const reader = readTurn(isWeb, 0)
  for (const event of EVENTS) reader.read(chunk(event))
  expect(reader.end()).toMatchObject({
    content: [
      { type: 'thinking', thinking: 'I had better look.', signature: 'c2ln' },
      { type: 'text', text: 'Grüße' },
      { type: 'tool_use', id: 'toolu_1', name: 'web_search', input: { query: 'q' } },
      { type: 'tool_use', id: 'toolu_2', name: 'Bash', input: {} },
    ],
    calls: [{ id: 'toolu_1', name: 'web_search', input: { query: 'q' } }],
    callsClient: true,
    stopReason: 'tool_use',
    blocks: 4,
  })
})

test('what is not the web’s passes byte for byte in the first turn, and with its number moved on in a later one', () => {
  const first = readTurn(isWeb, 0)
  const told = EVENTS.map((event) => read(first.read(chunk(event))))
  expect(told).toEqual(
    EVENTS.map((event, place) => {
      if (place >= EVENTS.length - END.length) return null
      return place === 9 ? start(2, { ...tool('srvtoolu_1', 'web_search'), type: 'server_tool_use' }) : event
    }),
  )
  const later = readTurn(isWeb, 7)
  const moved = EVENTS.map((event) => read(later.read(chunk(event)))) as ({ index: number } | null)[]
  expect(moved.flatMap((event) => event?.index ?? [])).toEqual([7, 7, 7, 7, 7, 8, 8, 8, 9, 9, 9, 9, 10, 10])
  expect(moved[0]).toBeNull()
})

test('an answer that breaks off in the middle of a call has no end, and an input that is none', () => {
  const reader = readTurn(isWeb, 0)
  for (const event of EVENTS.slice(0, 11)) reader.read(chunk(event))
  expect(reader.end()).toMatchObject({ stop: undefined, stopReason: null, calls: [{ input: {} }] })
})

test('an answer in one piece is read alike', () => {
  const answer = { content: [tool('toolu_1', 'web_search'), { type: 'text', text: 'x' }], stop_reason: 'tool_use' }
  expect(wholeTurn(answer, isWeb)).toMatchObject({ calls: [{ id: 'toolu_1' }], callsClient: false })
})
