/**
 * Bedrock's refusals as faults of ours. Its own words are kept where they tell the client how to heal itself.
 * Source: Amazon Bedrock API reference, errors of InvokeModel and the exceptions of ResponseStream.
 */
import { Fault, type FaultCode } from '../platform/fault.ts'

/** What is known of a failed call, whatever threw it. */
export interface UpstreamFailure {
  /** The exception's name, e.g. `ThrottlingException`; in a stream its member's name, e.g. `throttlingException`. */
  readonly name: string
  readonly message: string
  /** Absent when no answer came at all. */
  readonly status: number | undefined
  readonly retryAfterSeconds: number | undefined
}

const CODES: Readonly<Record<string, FaultCode>> = {
  validationexception: 'upstream_rejected',
  accessdeniedexception: 'upstream_forbidden',
  unrecognizedclientexception: 'upstream_forbidden',
  expiredtokenexception: 'upstream_forbidden',
  resourcenotfoundexception: 'model_refused',
  throttlingexception: 'upstream_busy',
  servicequotaexceededexception: 'upstream_busy',
  modelnotreadyexception: 'upstream_busy',
  serviceunavailableexception: 'upstream_busy',
  modeltimeoutexception: 'upstream_timeout',
  modelerrorexception: 'upstream_failed',
  modelstreamerrorexception: 'upstream_failed',
  internalserverexception: 'upstream_failed',
}

/** Long enough for a throttle to pass, short enough that Claude Code waits instead of giving up (it gives up above 60). */
const BUSY_RETRY_SECONDS = 5

/** @param model The client's name for it, told when Bedrock does not know the one it was called with. */
export function faultOf(failure: UpstreamFailure, model: string): Fault {
  const code = codeOf(failure)
  const detail = { upstream: failure.name, status: failure.status }
  if (
    code === 'model_refused' ||
    (code === 'upstream_rejected' && /model identifier is invalid/i.test(failure.message))
  ) {
    return new Fault(
      'model_refused',
      `Bedrock does not offer the model "${model}" to this gateway. Choose another one with /model.`,
      { detail },
    )
  }
  if (code === 'upstream_forbidden') {
    return new Fault(
      code,
      'Bedrock refuses this gateway access to the model. Its administrator has to enable it in the AWS account.',
      {
        detail: { ...detail, said: failure.message },
      },
    )
  }
  if (code === 'upstream_busy') {
    const told = failure.status === undefined ? 'Bedrock cannot be reached at the moment.' : failure.message
    return new Fault(code, told, { detail, retryAfterSeconds: failure.retryAfterSeconds ?? BUSY_RETRY_SECONDS })
  }
  return new Fault(code, failure.message, { detail })
}

function codeOf({ name, status }: UpstreamFailure): FaultCode {
  const known = CODES[name.toLowerCase()]
  if (known !== undefined) return known
  if (status === undefined) return 'upstream_busy'
  if (status === 400 || status === 413 || status === 422) return 'upstream_rejected'
  if (status === 401 || status === 403) return 'upstream_forbidden'
  if (status === 429 || status === 503) return 'upstream_busy'
  return 'upstream_failed'
}
