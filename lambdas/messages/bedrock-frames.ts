/**
 * Frames of AWS's event stream, as InvokeModelWithResponseStream sends them: each event of the answer as a chunk in base64, what
 * breaks an answer off as an exception. Source: Amazon Bedrock API reference, ResponseStream; Smithy, "Event stream message format".
 */
import { EventStreamCodec } from '@smithy/eventstream-codec'
import type { Fault } from '../platform/fault.ts'
import type { AnswerFormat } from './answer-format.ts'
import { bedrockErrorOf } from './bedrock-error.ts'

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
)

const text = (value: string) => ({ type: 'string' as const, value })

function chunkOf(json: Uint8Array): Uint8Array {
  const base64 = Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('base64')
  return codec.encode({
    headers: {
      ':event-type': text('chunk'),
      ':content-type': text('application/json'),
      ':message-type': text('event'),
    },
    body: Buffer.from(`{"bytes":"${base64}"}`),
  })
}

/** What an event stream may break off with; everything else is told as the gateway's failure. */
const IN_STREAMS: ReadonlySet<string> = new Set([
  'InternalServerException',
  'ModelStreamErrorException',
  'ModelTimeoutException',
  'ServiceUnavailableException',
  'ThrottlingException',
  'ValidationException',
])

function exceptionOf(fault: Fault): Uint8Array {
  const named = bedrockErrorOf(fault)
  const exception = IN_STREAMS.has(named) ? named : 'InternalServerException'
  return codec.encode({
    headers: {
      ':exception-type': text(exception.charAt(0).toLowerCase() + exception.slice(1)),
      ':content-type': text('application/json'),
      ':message-type': text('exception'),
    },
    body: Buffer.from(JSON.stringify({ message: fault.message })),
  })
}

export const BEDROCK_FRAMES: AnswerFormat = {
  contentType: 'application/vnd.amazon.eventstream',
  keepsMetrics: true,
  event: (_type, json) => chunkOf(json),
  ping: chunkOf(Buffer.from('{"type":"ping"}')),
  error: exceptionOf,
}
