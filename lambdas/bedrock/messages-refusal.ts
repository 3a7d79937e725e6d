/**
 * What Bedrock's Messages API says when it says no: in Anthropic's envelope, or in AWS's way where the request does not get as
 * far as the model. Sources: Anthropic API reference, "Errors"; AWS JSON 1.1 protocol, "Operation error serialization".
 */
import { isJsonObject, type Json } from '../json/json-path.ts'
import type { UpstreamFailure } from './faults.ts'
import { wholeSeconds } from './retry-after.ts'

export interface Refusal extends UpstreamFailure {
  readonly status: number
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

export function refusalOf(status: number, headers: Headers, body: string): Refusal {
  const json = parsed(body)
  const inEnvelope = envelopeOf(json)
  const header = headers['x-amzn-errortype']
  const name = inEnvelope?.type ?? exceptionName(typeof header === 'string' ? header : typeOf(json))
  const retryAfter = headers['retry-after']
  return {
    name: name ?? UNNAMED,
    message: inEnvelope?.message ?? messageOf(json) ?? `Bedrock answered with status ${status}.`,
    status,
    retryAfterSeconds: wholeSeconds(typeof retryAfter === 'string' ? retryAfter : undefined),
  }
}

/** An answer that names no type: a proxy's page, or nothing at all. */
const UNNAMED = 'UnnamedError'

/**
 * The operation is not there at all. AWS's front answers a path that it does not know with one of these types or with a bare
 * 404; a model that is not there is a 404 that names its type.
 */
export const isAbsence = ({ name, status }: Refusal): boolean =>
  ABSENT.has(name) || (name === UNNAMED && (status === 404 || status === 405))

const ABSENT: ReadonlySet<string> = new Set([
  'UnknownOperationException',
  'MissingAuthenticationTokenException',
  'MissingAuthenticationToken',
])

/** Statuses of Anthropic's types, for an error that comes when the status has long been 200. */
const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  timeout_error: 504,
  overloaded_error: 529,
}

/** @returns `null` for an event that is none. An `error` event without an envelope is an error all the same. */
export function errorOf(name: string | null, data: Uint8Array): Refusal | null {
  if (name !== 'error' && !isErrorAtStart(data)) return null
  const error = envelopeOf(parsed(Buffer.from(data).toString('utf8')))
  if (error === null && name !== 'error') return null
  const type = error?.type ?? 'api_error'
  return {
    name: type,
    message: error?.message ?? 'Bedrock failed without a reason.',
    status: STATUSES[type] ?? 500,
    retryAfterSeconds: undefined,
  }
}

/** As much as says the type, where it comes first; where no event is named, it does. */
const isErrorAtStart = (data: Uint8Array): boolean =>
  /^\s*\{\s*"type"\s*:\s*"error"/.test(Buffer.from(data.subarray(0, 64)).toString('latin1'))

function parsed(text: string): Json {
  try {
    const json: unknown = JSON.parse(text)
    return isJsonObject(json) ? json : {}
  } catch {
    return {}
  }
}

function envelopeOf({ error }: Json): { readonly type: string; readonly message: string | undefined } | null {
  if (!isJsonObject(error) || typeof error.type !== 'string') return null
  return { type: error.type, message: typeof error.message === 'string' ? error.message : undefined }
}

/** `__type`, in the body or, in the oldest form, in its `Output`. */
function typeOf({ __type, Output }: Json): string | undefined {
  const type = __type ?? (isJsonObject(Output) ? Output.__type : undefined)
  return typeof type === 'string' ? type : undefined
}

/** `com.amazon.coral.service#UnknownOperationException`, `ValidationException:http://internal.amazon.com/…` */
const exceptionName = (type: string | undefined): string | undefined =>
  type === undefined || type === '' ? undefined : type.replace(/^.*#/, '').replace(/:.*$/s, '')

function messageOf({ message, Message }: Json): string | undefined {
  const told = message ?? Message
  return typeof told === 'string' ? told : undefined
}
