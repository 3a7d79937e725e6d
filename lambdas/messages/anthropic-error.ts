/**
 * A fault in Anthropic's words: status, type and the headers Claude Code goes by. Each form is chosen so that a refusal
 * costs one request and shows our sentence: the client repeats a plain 401 or 429 eleven times and hides a 404's message.
 * Source: Anthropic API reference, "Errors"; the client's behaviour was measured.
 */
import type { Fault, FaultCode } from '../platform/fault.ts'

export interface AnthropicError {
  readonly status: number
  readonly type: string
  readonly headers: Readonly<Record<string, string>>
}

const FINAL = { 'x-should-retry': 'false' }

const FORMS: Readonly<Record<FaultCode, AnthropicError>> = {
  unauthenticated: { status: 401, type: 'authentication_error', headers: FINAL },
  suspended: { status: 401, type: 'authentication_error', headers: FINAL },
  forbidden: { status: 403, type: 'permission_error', headers: FINAL },
  not_found: { status: 404, type: 'not_found_error', headers: {} },
  method_not_allowed: { status: 405, type: 'invalid_request_error', headers: {} },
  unsupported_media_type: { status: 415, type: 'invalid_request_error', headers: {} },
  invalid_request: { status: 400, type: 'invalid_request_error', headers: {} },
  conflict: { status: 409, type: 'invalid_request_error', headers: FINAL },
  // 404 would hide the reason, 403 reads as a failed sign-in; with this type the client asks once and shows it.
  model_refused: { status: 400, type: 'policy_blocked', headers: {} },
  // The administrator may be at it this very minute.
  no_endpoint: { status: 529, type: 'overloaded_error', headers: {} },
  over_budget: { status: 402, type: 'billing_error', headers: {} },
  // The client would repeat a 429 eleven times.
  spend_limit_exceeded: { status: 429, type: 'spend_limit_exceeded', headers: FINAL },
  rate_limited: { status: 429, type: 'rate_limit_error', headers: {} },
  upstream_rejected: { status: 400, type: 'invalid_request_error', headers: {} },
  upstream_forbidden: { status: 403, type: 'permission_error', headers: FINAL },
  // 529 is repeated three times, 503 eleven times.
  upstream_busy: { status: 529, type: 'overloaded_error', headers: {} },
  upstream_timeout: { status: 504, type: 'timeout_error', headers: {} },
  // The next one would take as long, and is paid for each time.
  upstream_out_of_time: { status: 504, type: 'timeout_error', headers: FINAL },
  upstream_failed: { status: 500, type: 'api_error', headers: {} },
  database_unavailable: { status: 503, type: 'api_error', headers: {} },
  // An administrator has to act first.
  settings_unreadable: { status: 503, type: 'api_error', headers: FINAL },
}

export function anthropicErrorOf(fault: Fault): AnthropicError {
  const form = FORMS[fault.code]
  if (fault.retryAfterSeconds === undefined) return form
  return { ...form, headers: { ...form.headers, 'retry-after': String(fault.retryAfterSeconds) } }
}

export const errorBody = (type: string, message: string, requestId: string): Record<string, unknown> => ({
  type: 'error',
  error: { type, message },
  request_id: requestId,
})
