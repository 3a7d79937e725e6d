/** An HTTP request as the event a function URL makes of it (payload format 2.0). Source: AWS Lambda developer guide, "Invoking Lambda function URLs". */
import type { IncomingHttpHeaders } from 'node:http'

export interface HttpRequest {
  readonly method: string
  /** Path and query as they came, not decoded. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface EventContext {
  readonly requestId: string
  readonly domainName: string
  readonly sourceIp: string
  readonly now: Date
}

/** Lambda's limit for the event of a synchronous invocation, in bytes of JSON. Source: AWS Lambda quotas. */
export const EVENT_LIMIT_BYTES = 6_291_556

/** What is passed as text; everything else, and whatever is compressed, is passed in base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded)|[^;]*\+(json|xml))/i

/** @returns the event's JSON. */
export function functionUrlEvent(request: HttpRequest, context: EventContext): string {
  const [path = '/', query = ''] = splitOnce(request.url, '?')
  const { cookie, ...rest } = request.headers
  const parameters = queryParameters(query)
  return JSON.stringify({
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    ...(cookie && { cookies: cookie.split('; ') }),
    headers: { ...joined(rest), 'x-amzn-trace-id': `Root=1-${context.requestId.replaceAll('-', '').slice(0, 24)}` },
    ...(parameters && { queryStringParameters: parameters }),
    requestContext: requestContext(request, path, context),
    ...bodyMembers(request),
  })
}

function requestContext(request: HttpRequest, path: string, { requestId, domainName, sourceIp, now }: EventContext) {
  return {
    accountId: 'anonymous',
    apiId: domainName.split('.')[0],
    domainName,
    domainPrefix: domainName.split('.')[0],
    http: {
      method: request.method,
      path,
      protocol: 'HTTP/1.1',
      sourceIp,
      userAgent: request.headers['user-agent'] ?? '',
    },
    requestId,
    routeKey: '$default',
    stage: '$default',
    time: now.toUTCString(),
    timeEpoch: now.getTime(),
  }
}

function bodyMembers({ headers, body }: HttpRequest): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false }
  const isText = headers['content-encoding'] === undefined && TEXT.test(headers['content-type'] ?? '')
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText }
}

function joined(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(',') : value
  return flat
}

function queryParameters(query: string): Record<string, string> | undefined {
  if (query === '') return undefined
  const parameters: Record<string, string> = {}
  for (const [name, value] of new URLSearchParams(query)) {
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value
  }
  return parameters
}

function splitOnce(text: string, by: string): [string, string] {
  const at = text.indexOf(by)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
