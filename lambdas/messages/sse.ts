/** Server-sent events as Anthropic's API writes them: an `event:` line, one `data:` line, an empty line. */
import type { AnswerFormat } from './answer-format.ts'
import { anthropicErrorOf, errorBody } from './anthropic-error.ts'

const DATA = Buffer.from('\ndata: ')
const END = Buffer.from('\n\n')
const EVENT = 'event: '

function frameOf(type: string, json: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(EVENT.length + type.length + DATA.length + json.length + END.length)
  let at = frame.write(EVENT, 0, 'latin1')
  at += frame.write(type, at, 'latin1')
  at += DATA.copy(frame, at)
  frame.set(json, at)
  END.copy(frame, at + json.length)
  return frame
}

export const SERVER_SENT_EVENTS: AnswerFormat = {
  contentType: 'text/event-stream; charset=utf-8',
  keepsMetrics: false,
  event: frameOf,
  ping: frameOf('ping', Buffer.from('{"type":"ping"}')),
  // After a finished block the client keeps its text when the type is `overloaded_error`.
  error: (fault, requestId) =>
    frameOf('error', Buffer.from(JSON.stringify(errorBody(anthropicErrorOf(fault).type, fault.message, requestId)))),
}
