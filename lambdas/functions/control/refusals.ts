/** How a fault looks on the web. Three forms of body, because three kinds of client read them. */
import { login, whoAmI } from '../../../contract/auth.ts'
import type { FaultCode } from '../../platform/fault.ts'

const STATUSES: Readonly<Record<FaultCode, number>> = {
  unauthenticated: 401,
  suspended: 403,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  unsupported_media_type: 415,
  invalid_request: 400,
  conflict: 409,
  model_refused: 400,
  no_endpoint: 503,
  over_budget: 402,
  spend_limit_exceeded: 429,
  rate_limited: 429,
  upstream_rejected: 502,
  upstream_forbidden: 502,
  upstream_busy: 503,
  upstream_timeout: 504,
  upstream_out_of_time: 504,
  upstream_failed: 502,
  database_unavailable: 503,
  settings_unreadable: 503,
}

export const statusOf = (code: FaultCode): number => STATUSES[code]

/** The forms are the reference's: the portal and its CLI read `error.message` in each. */
export function refusalBody(
  path: string,
  status: number,
  message: string,
  told: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  if (path === login.path) return { error: { message } }
  if (path === whoAmI.path && status === 403) return { error: { message } }
  const type = path === whoAmI.path && status === 401 ? 'authentication_error' : 'admin_error'
  return { type: 'error', error: { type, message, ...told } }
}
