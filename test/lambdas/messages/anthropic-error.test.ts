import { expect, test } from 'vitest'
import { anthropicErrorOf, errorBody } from '../../../lambdas/messages/anthropic-error.ts'
import { Fault, type FaultCode } from '../../../lambdas/platform/fault.ts'

/** What the client repeats by itself, up to ten times over three minutes, unless it is told not to. */
const isRepeated = (status: number): boolean => [401, 408, 409, 429].includes(status) || status >= 500

test.each<[FaultCode, number, string]>([
  ['unauthenticated', 401, 'authentication_error'],
  ['suspended', 401, 'authentication_error'],
  ['forbidden', 403, 'permission_error'],
  ['not_found', 404, 'not_found_error'],
  ['method_not_allowed', 405, 'invalid_request_error'],
  ['unsupported_media_type', 415, 'invalid_request_error'],
  ['invalid_request', 400, 'invalid_request_error'],
  ['conflict', 409, 'invalid_request_error'],
  ['model_refused', 400, 'policy_blocked'],
  ['over_budget', 402, 'billing_error'],
  ['upstream_rejected', 400, 'invalid_request_error'],
  ['upstream_forbidden', 403, 'permission_error'],
  ['upstream_out_of_time', 504, 'timeout_error'],
  ['settings_unreadable', 503, 'api_error'],
])('%s, which no repetition mends, is asked once: %i %s', (code, status, type) => {
  const form = anthropicErrorOf(new Fault(code, 'No.'))
  expect(form).toMatchObject({ status, type })
  expect(!isRepeated(form.status) || form.headers['x-should-retry'] === 'false').toBe(true)
})

test.each<[FaultCode, number, string]>([
  ['rate_limited', 429, 'rate_limit_error'],
  ['upstream_busy', 529, 'overloaded_error'],
  ['upstream_timeout', 504, 'timeout_error'],
  ['upstream_failed', 500, 'api_error'],
  ['database_unavailable', 503, 'api_error'],
])('%s, which passes by, may be asked again, when we say: %i %s', (code, status, type) => {
  const form = anthropicErrorOf(new Fault(code, 'Not now.', { retryAfterSeconds: 7 }))
  expect(form).toMatchObject({ status, type, headers: { 'retry-after': '7' } })
  expect(isRepeated(form.status)).toBe(true)
  expect(form.headers['x-should-retry']).toBeUndefined()
})

test('the envelope names the request', () => {
  expect(errorBody('api_error', 'No.', 'req_1')).toEqual({
    type: 'error',
    error: { type: 'api_error', message: 'No.' },
    request_id: 'req_1',
  })
})
