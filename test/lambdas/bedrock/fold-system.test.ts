import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldSystemMessages, hasSystemMessage } from '../../../lambdas/bedrock/fold-system.ts'

type Json = Record<string, unknown>

function textOf(json: string): string {
  const folded = foldSystemMessages({ utf8: Buffer.from(json), body: JSON.parse(json) })
  const text = Buffer.from(folded.utf8).toString('utf8')
  expect(folded.body).toEqual(JSON.parse(text))
  return text
}
const messagesOf = (...messages: unknown[]): unknown => JSON.parse(textOf(JSON.stringify({ messages }))).messages

const told = (text: string, more: Json = {}) => ({
  type: 'text',
  text: `<system-reminder>\n${text}\n</system-reminder>`,
  ...more,
})
const text = (said: string, more: Json = {}) => ({ type: 'text', text: said, ...more })
const user = (content: unknown) => ({ role: 'user', content })
const assistant = (content: unknown) => ({ role: 'assistant', content })
const system = (content: unknown, more: Json = {}) => ({ role: 'system', content, ...more })
const mark = { cache_control: { type: 'ephemeral' } }
const call = { type: 'tool_use', id: 't', name: 'a', input: {} }
const result = { type: 'tool_result', tool_use_id: 't', content: 'r' }

describe("a system message goes to the user's turn", () => {
  test('before it: at its end, told apart, its mark kept', () => {
    expect(messagesOf(user([text('q')]), system([text('s', mark), text('t')]), assistant('a'))).toEqual([
      user([text('q'), told('s', mark), told('t')]),
      assistant('a'),
    ])
  })
  test('words alone become blocks', () => {
    expect(messagesOf(user('q'), system('s'))).toEqual([user([text('q'), told('s')])])
    expect(messagesOf(user(''), system('s'))).toEqual([user([told('s')])])
  })
  test('behind it, where none is before: at its beginning', () => {
    expect(messagesOf(system('s'), user([text('q')]))).toEqual([user([told('s'), text('q')])])
    expect(messagesOf(system('s'), user('q'))).toEqual([user([told('s'), text('q')])])
    expect(messagesOf(user('p'), assistant('a'), system('s'), user('q'))).toEqual([
      user('p'),
      assistant('a'),
      user([told('s'), text('q')]),
    ])
  })
  test('several in a row stay in their order', () => {
    expect(messagesOf(user('q'), system('s'), system([text('t')]), system(''), assistant('a'), system('u'))).toEqual([
      user([text('q'), told('s'), told('t')]),
      assistant('a'),
      user([told('u')]),
    ])
    expect(messagesOf(system('s'), user([]), system('t'))).toEqual([user([told('s'), told('t')])])
  })
  test('between a call of a tool and its result it follows the result, so the pair stays whole', () => {
    expect(messagesOf(user('q'), assistant([call]), system('s'), user([result, text('more')]))).toEqual([
      user('q'),
      assistant([call]),
      user([result, told('s'), text('more')]),
    ])
  })
  test('behind a result it stands at the end', () => {
    expect(messagesOf(assistant([call]), user([result]), system('s'), assistant('a'))).toEqual([
      assistant([call]),
      user([result, told('s')]),
      assistant('a'),
    ])
  })
  test("where there is none, it is one of the user's", () => {
    expect(messagesOf(system('s'), system('t'), assistant('a'))).toEqual([user([told('s'), told('t')]), assistant('a')])
    expect(messagesOf(system('s'))).toEqual([user([told('s')])])
    expect(messagesOf(assistant('a'), system('s'))).toEqual([assistant('a'), user([told('s')])])
  })
  test('a mark of the message is a mark of its last block, unless that has its own', () => {
    expect(messagesOf(user('q'), system('s', mark))).toEqual([user([text('q'), told('s', mark)])])
    const own = { cache_control: { type: 'ephemeral', ttl: '1h' } }
    expect(messagesOf(user('q'), system([text('s'), text('t', own)], mark))).toEqual([
      user([text('q'), told('s'), told('t', own)]),
    ])
  })
})

test('escapes, numbers and white space are those of the client', () => {
  const json =
    '{"messages": [ {"role":"user","content":"\\u00e9\\ud800"}, {"role":"system","content":[ {"text" : "\\u0041\\"","n":1e400,"type":"text"} ]} ] , "seed":12345678901234567890}'
  expect(textOf(json)).toBe(
    '{"messages": [ {"role":"user","content":[{"type":"text","text":"\\u00e9\\ud800"},{"text" : "<system-reminder>\\n\\u0041\\"\\n</system-reminder>","n":1e400,"type":"text"}]}] , "seed":12345678901234567890}',
  )
})

test('a longer conversation begins as the shorter one did, so that what was cached is found', () => {
  const turn = fc.oneof(
    fc.constant([user('q'), assistant('a')]),
    fc.constant([user('q'), system('s'), assistant([call]), user([result]), system('t'), assistant('a')]),
    fc.constant([user('q'), assistant([call]), system('s'), user([result]), assistant('a')]),
  )
  fc.assert(
    fc.property(fc.array(turn, { minLength: 2, maxLength: 5 }), (turns) => {
      const shorter = messagesOf(...turns.slice(0, -1).flat()) as unknown[]
      const longer = messagesOf(...turns.flat()) as unknown[]
      expect(longer.slice(0, shorter.length)).toEqual(shorter)
    }),
  )
})

test('whatever the conversation, no system message is left and nothing that was said is lost', () => {
  const content = fc.oneof(
    fc.constant('said'),
    fc.array(fc.constantFrom(text('said'), text('more', mark)), { maxLength: 3 }),
  )
  const message = fc.record({ role: fc.constantFrom('user', 'assistant', 'system'), content })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), (messages) => {
      const folded = messagesOf(...messages)
      expect(hasSystemMessage({ messages: folded })).toBe(false)
      const words = (value: unknown) => JSON.stringify(value).match(/said|more/g) ?? []
      expect(words(folded).sort()).toEqual(words(messages).sort())
    }),
    { numRuns: 300 },
  )
})

test('what is no message is left where it is', () => {
  expect(messagesOf(7, null, system(9), { role: 'system' }, user(7))).toEqual([7, null, user([]), user(7)])
})
