import { expect, test } from 'vitest'
import { bodyOfText } from '../../../lambdas/http/body.ts'
import { readMessageRequest } from '../../../lambdas/messages/message-request.ts'

const GOOD = { model: 'claude-opus-5-5', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }
const read = (body: unknown, headers = {}) => readMessageRequest(bodyOfText(JSON.stringify(body)), new Headers(headers))

test('what is not judged passes untouched, known or not', () => {
  const body = { ...GOOD, metadata: { user_id: 'u' }, of_next_year: [1, { a: null }] }
  expect(read(body).body).toEqual(body)
})

test.each([
  [[], 'body: must be a JSON object'],
  [null, 'body: must be a JSON object'],
  [{ ...GOOD, model: undefined }, 'model: must be the name of a model'],
  [{ ...GOOD, model: '' }, 'model: must be the name of a model'],
  [{ ...GOOD, messages: 'hi' }, 'messages: must be a list of messages'],
  [{ ...GOOD, stream: 'yes' }, 'stream: must be true or false'],
  [{ ...GOOD, max_tokens: -5 }, 'max_tokens: must be a whole number above 0'],
  [{ ...GOOD, max_tokens: 1.5 }, 'max_tokens: must be a whole number above 0'],
])('of %j it is told which field is wrong, and what it must be', (body, message) => {
  expect(() => read(body)).toThrow(expect.objectContaining({ code: 'invalid_request', message }))
})

test('a body that is no JSON is told so, and not quoted', () => {
  expect(() => readMessageRequest(bodyOfText('{"secret'), new Headers())).toThrow('body: not valid JSON')
})

test.each([
  [{}, false],
  [{ stream: null, max_tokens: null }, false],
  [{ stream: true }, true],
])('%j means streaming: %j', (more, stream) => {
  expect(read({ ...GOOD, ...more }).stream).toBe(stream)
})
