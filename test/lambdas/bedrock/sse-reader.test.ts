import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSseReader } from '../../../lambdas/bedrock/sse-reader.ts'

const utf8 = new TextEncoder()
const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

const readIn = (pieces: readonly Uint8Array[]) => {
  const reader = createSseReader()
  return pieces.flatMap((piece) => reader.push(piece)).map(({ name, data }) => [name, textOf(data)])
}
const piecesOf = (bytes: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, place) => bytes.subarray(place * size, (place + 1) * size))

const STREAM = [
  ': a comment, which some send to keep a connection',
  'event: message_start',
  'data: {"type":"message_start","message":{"id":"msg_1"}}',
  '',
  'event: ping',
  'data:{"type": "ping"}',
  '',
  'data: {"type":"content_block_delta","delta":{"text":"Grüße, 世界 🦊"}}',
  'id: 7',
  'retry: 10',
  'unheard',
  '',
  '',
  'event: of_tomorrow',
  'data: {"type":"of_tomorrow",',
  'data:  "on":"two lines"}',
  '',
  'event: named_but_empty',
  '',
  'data: {"type":"message_stop"}',
  '',
  'data: {"type":"never_completed"}',
]
const EVENTS = [
  ['message_start', '{"type":"message_start","message":{"id":"msg_1"}}'],
  ['ping', '{"type": "ping"}'],
  [null, '{"type":"content_block_delta","delta":{"text":"Grüße, 世界 🦊"}}'],
  ['of_tomorrow', '{"type":"of_tomorrow",\n "on":"two lines"}'],
  [null, '{"type":"message_stop"}'],
]

describe.each([
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
])('lines that end with %s', (_, end) => {
  const bytes = utf8.encode(`${STREAM.join(end)}${end}`)
  test('cut at any one byte, the events are the same', () => {
    for (let at = 0; at <= bytes.length; at++)
      expect(readIn([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(EVENTS)
  })
  test('in pieces of one byte, and of any other size, too', () => {
    for (let size = 1; size < 40; size++) expect(readIn(piecesOf(bytes, size))).toEqual(EVENTS)
  })
})

test('however lines end and the network cuts, what was sent arrives', () => {
  const ends = fc.constantFrom('\n', '\r\n', '\r')
  const texts = fc.string({ unit: 'grapheme' }).map((one) => one.replace(/[\r\n]/g, ''))
  const cuts = fc.array(fc.nat(300))
  fc.assert(
    fc.property(fc.array(fc.tuple(texts, ends, ends), { maxLength: 6 }), cuts, (sent, places) => {
      // What stands between two events is a line of either kind; a CR before an LF would be one line and not two.
      const bytes = utf8.encode(sent.map(([text, one, two]) => `data: ${text}${one}${joinsTo(one, two)}`).join(''))
      const sorted = [0, ...places.map((at) => at % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
      const pieces = sorted.slice(1).map((end, place) => bytes.subarray(sorted[place], end))
      expect(readIn(pieces)).toEqual(sent.map(([text]) => [null, text]))
    }),
  )
})
const joinsTo = (one: string, two: string): string => (one === '\r' && two === '\n' ? '\n\n' : two)

test('a byte order mark is no part of the first line', () => {
  expect(readIn(piecesOf(utf8.encode('\ufeffdata: 1\n\ndata: \ufeff2\n\n'), 1))).toEqual([
    [null, '1'],
    [null, '\ufeff2'],
  ])
})

test('a line, or an event of many lines, that never ends is given up', () => {
  const reader = createSseReader(1000)
  expect(() => {
    for (;;) reader.push(utf8.encode('x'.repeat(100)))
  }).toThrow(RangeError)
  const patient = createSseReader(1000)
  expect(() => {
    for (;;) patient.push(utf8.encode(`data: ${'x'.repeat(100)}\n`))
  }).toThrow(RangeError)
})
