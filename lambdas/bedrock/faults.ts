/**
 * Bedrock's refusals as faults of ours, from the type that it names. Its own words are kept where they tell the client how to
 * heal itself. Sources: Amazon Bedrock API reference, errors of InvokeModel and the exceptions of ResponseStream; Anthropic
 * API reference, "Errors".
 */
import { Fault, type FaultCode } from '../platform/fault.ts'

/** What is known of a failed call, whatever threw it. */
export interface UpstreamFailure {
  /**
   * The exception's name, e.g. `ThrottlingException`; in a stream its member's name, e.g. `throttlingException`; or
   * `error.type` of Anthropic's own envelope, e.g. `overloaded_error`.
   */
  readonly name: string
  readonly message: string
  /** Absent when no answer came at all. */
  readonly status: number | undefined
  readonly retryAfterSeconds: number | undefined
  /** The model's own status behind a `ModelStreamErrorException`. */
  readonly originalStatus?: number | undefined
}

/** For the statistics of an endpoint. */
export type Trouble = 'throttle' | 'error' | 'denied'

interface Kind {
  readonly code: FaultCode
  readonly trouble: Trouble | null
}

const THROTTLED: Kind = { code: 'upstream_busy', trouble: 'throttle' }
/** A quota is for a day or for ever; throttles pass. */
const USED_UP: Kind = { code: 'rate_limited', trouble: 'throttle' }
const BUSY: Kind = { code: 'upstream_busy', trouble: 'error' }
const FAILED: Kind = { code: 'upstream_failed', trouble: 'error' }
const LATE: Kind = { code: 'upstream_timeout', trouble: 'error' }
const DENIED: Kind = { code: 'upstream_forbidden', trouble: 'denied' }
const REJECTED: Kind = { code: 'upstream_rejected', trouble: null }
const NOT_OFFERED: Kind = { code: 'model_refused', trouble: null }
const CALLED_OFF: Kind = { code: 'upstream_failed', trouble: null }

const KINDS: Readonly<Record<string, Kind>> = {
  validationexception: REJECTED,
  accessdeniedexception: DENIED,
  unrecognizedclientexception: DENIED,
  expiredtokenexception: DENIED,
  invalidsignatureexception: DENIED,
  resourcenotfoundexception: NOT_OFFERED,
  throttlingexception: THROTTLED,
  toomanyrequestsexception: THROTTLED,
  servicequotaexceededexception: USED_UP,
  modelnotreadyexception: BUSY,
  serviceunavailableexception: BUSY,
  modeltimeoutexception: LATE,
  modelerrorexception: FAILED,
  internalserverexception: FAILED,
  aborterror: CALLED_OFF,
  invalid_request_error: REJECTED,
  request_too_large: REJECTED,
  authentication_error: DENIED,
  permission_error: DENIED,
  billing_error: DENIED,
  not_found_error: NOT_OFFERED,
  rate_limit_error: THROTTLED,
  overloaded_error: BUSY,
  timeout_error: LATE,
  api_error: FAILED,
}

/** Long enough for a throttle to pass, short enough that Claude Code waits instead of giving up (it gives up above 60). */
const BUSY_RETRY_SECONDS = 5
/** The longest that Claude Code waits. */
const USED_UP_RETRY_SECONDS = 60

/** @param model The client's name for it. */
export const modelNotOffered = (model: string, detail: Readonly<Record<string, unknown>>): Fault =>
  new Fault(
    'model_refused',
    `Bedrock does not offer the model "${model}" to this gateway. Choose another one with /model.`,
    { detail },
  )

/** An answer to a question for a count, without a count in it. */
export const nothingCounted = (model: string): Fault =>
  faultOf({ name: 'EmptyCount', message: 'Bedrock did not count.', status: 500, retryAfterSeconds: undefined }, model)

/** @param model The client's name for it, told when Bedrock does not know the one it was called with. */
export function faultOf(failure: UpstreamFailure, model: string): Fault {
  const { code, trouble } = kindOf(failure)
  const detail = { upstream: failure.name, status: failure.status, trouble }
  const { message, retryAfterSeconds } = failure
  switch (code) {
    case 'model_refused':
      return modelNotOffered(model, detail)
    case 'upstream_forbidden':
      // Bedrock's own words name accounts and roles.
      return new Fault(
        code,
        'Bedrock refuses this gateway access to the model. Its administrator has to enable it in the AWS account.',
        { detail: { ...detail, said: message } },
      )
    case 'upstream_busy': {
      const told = failure.status === undefined ? 'Bedrock cannot be reached at the moment.' : message
      return new Fault(code, told, { detail, retryAfterSeconds: retryAfterSeconds ?? BUSY_RETRY_SECONDS })
    }
    case 'rate_limited':
      return new Fault(code, message, { detail, retryAfterSeconds: retryAfterSeconds ?? USED_UP_RETRY_SECONDS })
    default:
      return new Fault(code, message, { detail })
  }
}

function kindOf(failure: UpstreamFailure): Kind {
  const name = failure.name.toLowerCase()
  if (name === 'modelstreamerrorexception') return kindOfStatus(failure.originalStatus ?? 500)
  const known = KINDS[name]
  if (known === REJECTED && isUnknownModel(failure.message)) return NOT_OFFERED
  if (known !== undefined) return known
  return failure.status === undefined ? BUSY : kindOfStatus(failure.status)
}

function kindOfStatus(status: number): Kind {
  if (status === 400 || status === 413 || status === 422) return REJECTED
  if (status === 401 || status === 403) return DENIED
  if (status === 404 || status === 501) return NOT_OFFERED
  if (status === 429) return THROTTLED
  if (status === 408 || status === 504) return LATE
  if (status === 503 || status === 529) return BUSY
  return FAILED
}

/** Bedrock has no type for this: an id it does not know is a ValidationException like a wrong body, and only its words differ. */
const isUnknownModel = (message: string): boolean => /^the provided model identifier is invalid/i.test(message)

/** `null`: it says nothing about the endpoint. */
export const kindOfTrouble = ({ detail }: Fault): Trouble | null => (detail.trouble as Trouble | undefined) ?? null

/** Whether another endpoint may have a better answer. A request that is wrong is wrong everywhere. */
export const isElsewherePossible = (fault: Fault): boolean =>
  kindOfTrouble(fault) !== null || (fault.code === 'model_refused' && 'upstream' in fault.detail)
