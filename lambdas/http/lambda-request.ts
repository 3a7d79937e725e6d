/** A function URL's event (payload 2.0) as the web's own Request, and a web Response as the reply middy streams out. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { type Body, bodyOfBytes, bodyOfText } from './body.ts'

/** The request without its body: a body of megabytes is read from the event itself, not copied through a stream. */
export function requestOf(event: APIGatewayProxyEventV2): Request {
  const query = event.rawQueryString ? `?${event.rawQueryString}` : ''
  const headers = new Headers()
  for (const [name, value] of Object.entries(event.headers)) if (value !== undefined) headers.set(name, value)
  if (event.cookies) headers.set('cookie', event.cookies.join('; '))
  return new Request(`https://${event.requestContext.domainName}${event.rawPath}${query}`, {
    method: event.requestContext.http.method,
    headers,
  })
}

export function bodyOf(event: APIGatewayProxyEventV2): Body {
  const body = event.body ?? ''
  return event.isBase64Encoded ? bodyOfBytes(Buffer.from(body, 'base64')) : bodyOfText(body)
}

export interface StreamedReply {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly cookies: string[]
  readonly body: ReadableStream<Uint8Array> | ''
}

export function replyOf(response: Response): StreamedReply {
  const headers: Record<string, string> = {}
  for (const [name, value] of response.headers) if (name !== 'set-cookie') headers[name] = value
  return {
    statusCode: response.status,
    headers,
    cookies: response.headers.getSetCookie(),
    body: response.body ?? '',
  }
}
