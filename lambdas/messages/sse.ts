/** Server-sent events as Anthropic's API writes them: an `event:` line, one `data:` line, an empty line. */
import type { Fault } from '../platform/fault.ts'
import { anthropicErrorOf, errorBody } from './anthropic-error.ts'

const DATA = Buffer.from('\ndata: ')
const END = Buffer.from('\n\n')
const EVENT = 'event: '

/** @param json One line of JSON, UTF-8. */
export function frameOf(type: string, json: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(EVENT.length + type.length + DATA.length + json.length + END.length)
  let at = frame.write(EVENT, 0, 'latin1')
  at += frame.write(type, at, 'latin1')
  at += DATA.copy(frame, at)
  frame.set(json, at)
  END.copy(frame, at + json.length)
  return frame
}

export const PING: Uint8Array = frameOf('ping', Buffer.from('{"type":"ping"}'))

/** The last event of a stream that cannot go on. After a finished block the client keeps its text when the type is `overloaded_error`. */
export function errorFrame(fault: Fault, requestId: string): Uint8Array {
  const { type } = anthropicErrorOf(fault)
  return frameOf('error', Buffer.from(JSON.stringify(errorBody(type, fault.message, requestId))))
}
