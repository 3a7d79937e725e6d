/** How events travel: AWS's event stream with its two CRCs, or server-sent events. */
import { EventStreamCodec } from '@smithy/eventstream-codec'
import type { Json } from './validation.ts'

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
)

const text = (value: string) => ({ type: 'string' as const, value })

/** Real chunks carry padding of varying length, so that their size tells nothing of their content. */
const PADDING = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const paddingAt = (place: number): string => PADDING.slice(0, 1 + ((place * 7) % PADDING.length))

export function chunkFrame(event: Json, place: number): Uint8Array {
  const bytes = Buffer.from(JSON.stringify(event)).toString('base64')
  return codec.encode({
    headers: {
      ':event-type': text('chunk'),
      ':content-type': text('application/json'),
      ':message-type': text('event'),
    },
    body: Buffer.from(JSON.stringify({ bytes, p: paddingAt(place) })),
  })
}

/** An event of ConverseStream: named in the header, its members in the payload as they are. */
export function namedFrame(name: string, payload: Json, place: number): Uint8Array {
  return codec.encode({
    headers: {
      ':event-type': text(name),
      ':content-type': text('application/json'),
      ':message-type': text('event'),
    },
    body: Buffer.from(JSON.stringify({ ...payload, p: paddingAt(place) })),
  })
}

/** @param more Members beside the message, e.g. `originalStatusCode`. */
export function exceptionFrame(type: string, message: string, more: Json = {}): Uint8Array {
  return codec.encode({
    headers: {
      ':exception-type': text(type),
      ':content-type': text('application/json'),
      ':message-type': text('exception'),
    },
    body: Buffer.from(JSON.stringify({ message, ...more })),
  })
}

export const sseFrame = (event: Json): Uint8Array =>
  Buffer.from(`event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`)
