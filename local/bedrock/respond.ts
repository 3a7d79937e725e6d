/** How the simulated Bedrock answers: AWS's form of a refusal, or Anthropic's where the native Messages API was asked. */
import type { Response } from './two-protocols.ts'
import type { Json, Refusal } from './validation.ts'

/** The two protocols' responses have the same methods with types that do not meet. */
const asHttp = (response: Response) => response as import('node:http').ServerResponse

export const write = (response: Response, bytes: Uint8Array): boolean => asHttp(response).write(bytes)

export function send(response: Response, status: number, headers: Readonly<Record<string, string>>): void {
  asHttp(response).writeHead(status, { 'x-amzn-requestid': crypto.randomUUID(), ...headers })
}

export function sendJson(response: Response, json: object, headers: Readonly<Record<string, string>> = {}): void {
  send(response, 200, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(json))
}

export function refuse(response: Response, refusal: Refusal, native = false): void {
  const { status, type, message, retryAfterSeconds } = refusal
  const retry = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  const name = native ? {} : { 'x-amzn-errortype': type }
  send(response, status, { 'content-type': 'application/json', ...name, ...retry })
  response.end(JSON.stringify(native ? errorJson(anthropicType(type, status), message) : { message }))
}

/** HTTP/1.1 loses its socket, HTTP/2 this one stream. */
export function destroy(response: Response): void {
  if ('stream' in response && response.stream) response.stream.close(2)
  else response.destroy()
}

/** Source: Claude API, "Errors". */
export const errorJson = (type: string, message: string): Json => ({ type: 'error', error: { type, message } })

const TYPE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

/** The status that each exception of a stream stands for. Source: Amazon Bedrock API reference, ResponseStream. */
const STATUS_OF_EXCEPTION: Readonly<Record<string, number>> = {
  throttlingException: 429,
  serviceUnavailableException: 503,
  modelTimeoutException: 408,
  validationException: 400,
}

/** @param type Of an exception, or Anthropic's own already. */
export function anthropicType(type: string, status = STATUS_OF_EXCEPTION[type] ?? 500): string {
  return type.endsWith('_error') ? type : (TYPE_OF_STATUS[status] ?? 'api_error')
}
