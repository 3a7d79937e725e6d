/** An answer of the simulated model on its way: whole or as a stream, and every way in which it can go wrong. */
import { once } from 'node:events'
import { setImmediate as breath, setTimeout as sleep } from 'node:timers/promises'
import { converseEventOf, converseMessage } from './converse.ts'
import { answerTo, eventsOf, type GeneratedEvent, outputTokensOf, wholeMessage } from './model.ts'
import { anthropicType, destroy, errorJson, send, sendJson, write } from './respond.ts'
import type { Behaviour } from './script.ts'
import type { BilledUsage, Operation, UpstreamCall } from './tally.ts'
import type { Response } from './two-protocols.ts'
import type { Json } from './validation.ts'
import { chunkFrame, exceptionFrame, namedFrame, sseFrame } from './wire.ts'

export interface Task {
  readonly behaviour: Behaviour | undefined
  readonly body: Json
  readonly seed: number
  readonly prompt: BilledUsage
}

export async function answer(response: Response, call: UpstreamCall, task: Task): Promise<void> {
  const { behaviour } = task
  if (behaviour?.kind === 'reset' && behaviour.afterEvents === 0) {
    call.outcome = 'broken'
    return destroy(response)
  }
  if (behaviour?.kind === 'hang' && (behaviour.afterEvents ?? 0) === 0) return hang(response, call)
  if (behaviour?.kind === 'silence' && behaviour.beforeMs !== undefined) await sleep(behaviour.beforeMs)
  const reply = answerTo(task.body, behaviour, { id: call.id, modelId: call.modelId, seed: task.seed })
  if (!streams(call.operation, task.body)) {
    call.usage = { ...task.prompt, outputTokens: outputTokensOf(reply.blocks) }
    call.outcome = 'completed'
    const whole = call.operation === 'converse' ? converseMessage(reply, call.usage) : wholeMessage(reply, task.prompt)
    return sendJson(response, whole, { ...countHeaders(call), ...optionHeaders(call) })
  }
  const type = call.operation === 'messages' ? 'text/event-stream' : 'application/vnd.amazon.eventstream'
  send(response, 200, { 'content-type': type, ...optionHeaders(call) })
  const events = eventsOf(reply, task.prompt, behaviour?.kind === 'large' ? behaviour.bytes : 0)
  await stream(response, call, events, task)
}

const streams = (operation: Operation, body: Json): boolean =>
  operation === 'invoke-with-response-stream' ||
  operation === 'converse-stream' ||
  (operation === 'messages' && body.stream === true)

/** What InvokeModel tells beside the body. */
function countHeaders({ operation, usage }: UpstreamCall): Readonly<Record<string, string>> {
  if (operation !== 'invoke') return {}
  return {
    'x-amzn-bedrock-input-token-count': String(usage.inputTokens),
    'x-amzn-bedrock-output-token-count': String(usage.outputTokens),
    'x-amzn-bedrock-cache-read-input-token-count': String(usage.cacheReadTokens),
    'x-amzn-bedrock-cache-write-input-token-count': String(usage.cacheWrite5mTokens + usage.cacheWrite1hTokens),
    'x-amzn-bedrock-invocation-latency': '1',
  }
}

/** Tier and latency that were asked for are told back. */
const optionHeaders = ({ serviceTier, latency }: UpstreamCall): Readonly<Record<string, string>> => ({
  ...(serviceTier !== undefined && { 'x-amzn-bedrock-service-tier': serviceTier }),
  ...(latency !== undefined && { 'x-amzn-bedrock-performanceconfig-latency': latency }),
})

/** The connection stands and nothing comes, until the client gives up. */
async function hang(response: Response, call: UpstreamCall): Promise<void> {
  await once(response, 'close')
  call.outcome = 'client-gone'
}

/** As the operation says it; `null` where it has no word for it. */
function frameOf(call: UpstreamCall, event: Json): Uint8Array | null {
  if (call.operation === 'messages') return sseFrame(withoutMetrics(event))
  if (call.operation !== 'converse-stream') return chunkFrame(event, call.eventsSent)
  const said = converseEventOf(event, call.usage)
  return said && namedFrame(said.name, said.payload, call.eventsSent)
}

/** They are InvokeModel's own. */
function withoutMetrics({ 'amazon-bedrock-invocationMetrics': _metrics, ...event }: Json): Json {
  return event
}

async function stream(
  response: Response,
  call: UpstreamCall,
  events: Iterable<GeneratedEvent>,
  task: Task,
): Promise<void> {
  const { behaviour } = task
  let gone = false
  response.on('close', () => {
    gone = !response.writableEnded
  })
  for (const { event, tokens } of events) {
    if (gone) break
    if (breaksOff(response, call, behaviour)) return
    if (behaviour?.kind === 'hang' && call.eventsSent === behaviour.afterEvents) return hang(response, call)
    await pause(behaviour)
    call.usage = { ...task.prompt, outputTokens: tokens }
    const frame = frameOf(call, event)
    if (frame === null) continue
    await pass(response, frame, behaviour, () => gone)
    call.eventsSent++
    if (behaviour?.kind === 'unknown-event' && call.eventsSent === 1) write(response, unknownFrame(call, behaviour.in))
  }
  call.outcome = gone ? 'client-gone' : 'completed'
  response.end()
}

async function pause(behaviour: Behaviour | undefined): Promise<void> {
  const ms =
    behaviour?.kind === 'text'
      ? behaviour.chunkDelayMs
      : behaviour?.kind === 'silence'
        ? behaviour.betweenMs
        : undefined
  if (ms !== undefined) await sleep(ms)
}

/** The ways in which a stream goes wrong on Bedrock's side. @returns whether it has. */
function breaksOff(response: Response, call: UpstreamCall, behaviour: Behaviour | undefined): boolean {
  if (behaviour?.kind === 'exception-mid-stream' && call.eventsSent === behaviour.afterEvents) {
    response.end(exceptionOf(call, behaviour))
  } else if (behaviour?.kind === 'reset' && call.eventsSent === behaviour.afterEvents) {
    destroy(response)
  } else if (behaviour?.kind === 'early-end' && call.eventsSent === behaviour.afterEvents) {
    response.end()
  } else if (behaviour?.kind === 'truncated-frame' && call.eventsSent === 2) {
    response.end((frameOf(call, { type: 'content_block_stop', index: 0 }) ?? Buffer.alloc(0)).subarray(0, CUT))
  } else {
    return false
  }
  call.outcome = 'broken'
  return true
}

/** Inside every frame, whichever way it travels. */
const CUT = 40

function exceptionOf(
  { operation }: UpstreamCall,
  said: Extract<Behaviour, { readonly kind: 'exception-mid-stream' }>,
): Uint8Array {
  const { type, message, originalStatusCode, originalMessage } = said
  if (operation === 'messages') return sseFrame(errorJson(anthropicType(type, originalStatusCode), message))
  return exceptionFrame(type, message, {
    ...(originalStatusCode !== undefined && { originalStatusCode }),
    ...(originalMessage !== undefined && { originalMessage }),
  })
}

const NOVELTY = 'novelty'

const unknownFrame = (call: UpstreamCall, where: 'frame' | 'chunk'): Uint8Array =>
  where === 'frame' && call.operation !== 'messages'
    ? namedFrame(NOVELTY, { any: 'thing' }, call.eventsSent)
    : (frameOf(call, { type: NOVELTY, any: 'thing' }) ?? namedFrame(NOVELTY, {}, call.eventsSent))

/** Small enough to cut every header and payload somewhere. */
const SMALL_PIECE = 7

async function pass(
  response: Response,
  frame: Uint8Array,
  behaviour: Behaviour | undefined,
  isGone: () => boolean,
): Promise<void> {
  if (behaviour?.kind !== 'slow-frames') {
    // Nobody drains what a client that is gone left behind.
    if (!write(response, frame) && !isGone()) await drained(response)
    // What was sent before a break is to arrive.
    if (behaviour?.kind === 'reset') await breath()
    return
  }
  const size = behaviour.bytes ?? SMALL_PIECE
  for (let at = 0; at < frame.length && !isGone(); at += size) {
    write(response, frame.subarray(at, at + size))
    await breath()
  }
}

function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })
}
