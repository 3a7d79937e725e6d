import { describe, expect, test } from 'vitest'
import { faultOf, isElsewherePossible, kindOfTrouble } from '../../../lambdas/bedrock/faults.ts'
import { anthropicErrorOf } from '../../../lambdas/messages/anthropic-error.ts'
import { Fault } from '../../../lambdas/platform/fault.ts'

const SAID = 'Zu viele Anfragen – bitte warten. 世界'
const fault = (name: string, status: number | undefined, more: { originalStatus?: number; message?: string } = {}) =>
  faultOf({ name, message: SAID, status, retryAfterSeconds: undefined, ...more }, 'claude-opus-5-5')

/** Name, status told by Bedrock → status and type for the client, trouble for the statistics, whether elsewhere may be tried. */
const TABLE: readonly [string, number | undefined, number, string, string | null, boolean][] = [
  ['ValidationException', 400, 400, 'invalid_request_error', null, false],
  ['AccessDeniedException', 403, 403, 'permission_error', 'denied', true],
  ['ResourceNotFoundException', 404, 400, 'policy_blocked', null, true],
  ['ThrottlingException', 429, 529, 'overloaded_error', 'throttle', true],
  ['ServiceQuotaExceededException', 400, 429, 'rate_limit_error', 'throttle', true],
  ['ModelNotReadyException', 429, 529, 'overloaded_error', 'error', true],
  ['ModelErrorException', 424, 500, 'api_error', 'error', true],
  ['ModelTimeoutException', 408, 504, 'timeout_error', 'error', true],
  ['ServiceUnavailableException', 503, 529, 'overloaded_error', 'error', true],
  ['InternalServerException', 500, 500, 'api_error', 'error', true],
  ['ExpiredTokenException', 403, 403, 'permission_error', 'denied', true],
  // In a stream, where Bedrock spells them with a small letter.
  ['throttlingException', 429, 529, 'overloaded_error', 'throttle', true],
  ['serviceUnavailableException', 503, 529, 'overloaded_error', 'error', true],
  ['modelTimeoutException', 408, 504, 'timeout_error', 'error', true],
  ['internalServerException', 500, 500, 'api_error', 'error', true],
  ['validationException', 400, 400, 'invalid_request_error', null, false],
  // Anthropic's own types.
  ['invalid_request_error', 400, 400, 'invalid_request_error', null, false],
  ['request_too_large', 413, 400, 'invalid_request_error', null, false],
  ['authentication_error', 401, 403, 'permission_error', 'denied', true],
  ['permission_error', 403, 403, 'permission_error', 'denied', true],
  ['billing_error', 402, 403, 'permission_error', 'denied', true],
  ['not_found_error', 404, 400, 'policy_blocked', null, true],
  ['rate_limit_error', 429, 529, 'overloaded_error', 'throttle', true],
  ['overloaded_error', 529, 529, 'overloaded_error', 'error', true],
  ['timeout_error', 504, 504, 'timeout_error', 'error', true],
  ['api_error', 500, 500, 'api_error', 'error', true],
  // What nobody has named yet goes by its status, and what has none by that.
  ['OfTomorrowException', 422, 400, 'invalid_request_error', null, false],
  ['OfTomorrowException', 429, 529, 'overloaded_error', 'throttle', true],
  ['OfTomorrowException', 502, 500, 'api_error', 'error', true],
  ['Error', undefined, 529, 'overloaded_error', 'error', true],
  ['TimeoutError', undefined, 529, 'overloaded_error', 'error', true],
  // Whoever called it off does not want it elsewhere.
  ['AbortError', undefined, 500, 'api_error', null, false],
]

test.each(TABLE)('%s (%s) is told as %s %s', (name, told, status, type, trouble, elsewhere) => {
  const thrown = fault(name, told)
  expect(anthropicErrorOf(thrown)).toMatchObject({ status, type })
  expect(kindOfTrouble(thrown)).toBe(trouble)
  expect(isElsewherePossible(thrown)).toBe(elsewhere)
})

test.each([
  [429, 529, 'throttle'],
  [503, 529, 'error'],
  [529, 529, 'error'],
  [400, 400, null],
  [408, 504, 'error'],
  [424, 500, 'error'],
  [undefined, 500, 'error'],
])('a model that breaks off with %s of its own is told as %s', (originalStatus, status, trouble) => {
  const thrown = fault('modelStreamErrorException', 424, originalStatus === undefined ? {} : { originalStatus })
  expect(anthropicErrorOf(thrown).status).toBe(status)
  expect(kindOfTrouble(thrown)).toBe(trouble)
})

describe('words', () => {
  test.each(['ValidationException', 'ThrottlingException', 'ServiceQuotaExceededException', 'InternalServerException'])(
    'of a %s arrive as they are',
    (name) => expect(fault(name, 400).message).toBe(SAID),
  )
  test.each([
    'prompt is too long: 210000 tokens > 200000 maximum',
    'Input is too long for requested model.',
    'input length and `max_tokens` exceed context limit: 190000 + 64000 > 200000',
    'messages.0.content: a model identifier is invalid here',
  ])('by which Claude Code heals itself arrive as they are: %s', (message) => {
    const thrown = fault('ValidationException', 400, { message })
    expect(thrown).toMatchObject({ code: 'upstream_rejected', message })
  })
  test('of a refused access stay in the log: they name accounts and roles', () => {
    const thrown = fault('AccessDeniedException', 403)
    expect(thrown.message).not.toContain(SAID)
    expect(thrown.detail.said).toBe(SAID)
  })
  test('an id that Bedrock does not know is a model that is not offered there', () => {
    const thrown = fault('ValidationException', 400, { message: 'The provided model identifier is invalid.' })
    expect(thrown).toMatchObject({ code: 'model_refused', message: expect.stringContaining('claude-opus-5-5') })
    expect(isElsewherePossible(thrown)).toBe(true)
  })
})

test('when to ask again: as Bedrock says, else soon for a throttle and late for a quota', () => {
  const busy = { name: 'ThrottlingException', message: '', status: 429 }
  expect(faultOf({ ...busy, retryAfterSeconds: 17 }, 'm').retryAfterSeconds).toBe(17)
  expect(fault('ThrottlingException', 429).retryAfterSeconds).toBe(5)
  expect(fault('ServiceQuotaExceededException', 400).retryAfterSeconds).toBe(60)
})

test('a refusal of our own says nothing about Bedrock', () => {
  const own = new Fault('model_refused', 'not for this team')
  expect(kindOfTrouble(own)).toBeNull()
  expect(isElsewherePossible(own)).toBe(false)
})
