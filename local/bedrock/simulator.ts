/**
 * Amazon Bedrock on this machine: Runtime and control plane on one port, in their true wire formats. The model behind it is
 * a few deterministic rules; what it is good for is that it can be told to fail, and that it keeps books of its own.
 */
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { converseEventOf, converseMessage, refusalOfConverse } from './converse.ts'
import { answerTo, eventsOf, type GeneratedEvent, outputTokensOf, wholeMessage } from './model.ts'
import { PROFILE_IDS, profileOf } from './models.ts'
import { type Behaviour, createScript, type Script } from './script.ts'
import { NOTHING_BILLED, type Operation, type UpstreamCall } from './tally.ts'
import { listen, type Request, type Response } from './two-protocols.ts'
import { createPromptCache, tokensOf } from './usage.ts'
import {
  type Caller,
  callerOf,
  isRefusal,
  type Json,
  type Refusal,
  refusalOf,
  refusalOfMessages,
} from './validation.ts'
import { chunkFrame, exceptionFrame, namedFrame, sseFrame } from './wire.ts'

export interface SimulatorOptions {
  /** 0 or absent: any free one. */
  readonly port?: number
  readonly seed?: number
  /** Keeps what was asked, for tests that look into it. */
  readonly keepBodies?: boolean
  /** Answers without a look at what was asked, for measuring: its own work would hide a gateway's. Needs a script. */
  readonly unread?: boolean
}

export interface BedrockSimulator {
  readonly url: string
  readonly script: Script
  /** Every call of the Runtime so far, in order. */
  tally(): readonly UpstreamCall[]
  stop(): Promise<void>
}

export async function startBedrockSimulator(options: SimulatorOptions = {}): Promise<BedrockSimulator> {
  const script = createScript()
  const calls: UpstreamCall[] = []
  const cache = createPromptCache()
  const desk: Desk = {
    seed: options.seed ?? 1,
    keepBodies: options.keepBodies ?? false,
    unread: options.unread ?? false,
    take: () => script.take(),
    bill: (modelId, body) => cache.bill(modelId, body),
    enter: (call) => {
      calls.push(call)
      return calls.length
    },
    entered: () => calls.length,
  }
  const listener = await listen(options.port ?? 0, (request, response) => {
    route(request, response, desk).catch(() => destroy(response))
  })
  return { url: listener.url, script, tally: () => calls, stop: () => listener.stop() }
}

/** What one call needs of the simulator. */
interface Desk {
  readonly seed: number
  readonly keepBodies: boolean
  readonly unread: boolean
  take(): Behaviour | undefined
  bill(modelId: string, body: string): UpstreamCall['usage']
  enter(call: UpstreamCall): number
  entered(): number
}

const MODEL_PATH = /^\/model\/(.+)\/(invoke|invoke-with-response-stream|count-tokens|converse|converse-stream)$/

async function route(request: Request, response: Response, desk: Desk): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://bedrock')
  const body = desk.unread ? await passedOver(request) : await text(request)
  const caller = callerOf(request.headers.authorization)
  if (isRefusal(caller)) return refuse(response, caller)
  const [, id, operation] = MODEL_PATH.exec(url.pathname) ?? []
  if (request.method === 'POST' && id !== undefined) {
    return runtime(response, desk, {
      operation: operation as Operation,
      modelId: decodeURIComponent(id),
      text: body,
      caller,
    })
  }
  if (request.method === 'POST' && url.pathname === '/anthropic/v1/messages') {
    return runtime(response, desk, { operation: 'messages', modelId: '', text: body, caller })
  }
  if (request.method === 'GET' && url.pathname === '/inference-profiles') return listProfiles(response, url, caller)
  if (request.method === 'GET' && url.pathname.startsWith('/inference-profiles/'))
    return getProfile(response, url, caller)
  refuse(response, {
    status: 404,
    type: 'UnknownOperationException',
    message: `${request.method} ${url.pathname} is not known to Bedrock`,
  })
}

/** Takes the body off the connection. @returns what stands for it */
async function passedOver(request: Request): Promise<string> {
  request.resume()
  await once(request, 'end')
  return '{"messages":[]}'
}

function getProfile(response: Response, url: URL, caller: Caller): void {
  const id = decodeURIComponent(url.pathname.slice('/inference-profiles/'.length))
  if (PROFILE_IDS.includes(id)) sendJson(response, profileOf(id, caller.region))
  else {
    const message = `The inference profile ${id} does not exist.`
    refuse(response, { status: 404, type: 'ResourceNotFoundException', message })
  }
}

/** Bedrock's own default. */
const DEFAULT_PAGE = 10

function listProfiles(response: Response, url: URL, caller: Caller): void {
  const from = Number(url.searchParams.get('nextToken') ?? 0)
  const until = from + Number(url.searchParams.get('maxResults') ?? DEFAULT_PAGE)
  const page = PROFILE_IDS.slice(from, until).map((id) => profileOf(id, caller.region))
  sendJson(response, {
    inferenceProfileSummaries: page,
    ...(until < PROFILE_IDS.length && { nextToken: String(until) }),
  })
}

interface Asked {
  readonly operation: Operation
  readonly modelId: string
  readonly text: string
  readonly caller: Caller
}

async function runtime(response: Response, desk: Desk, asked: Asked): Promise<void> {
  const body = parse(asked.text)
  if (body === undefined)
    return refuse(response, {
      status: 400,
      type: 'ValidationException',
      message: 'Malformed input request, please reformat your input and try again.',
    })
  const id = `msg_sim_${String(desk.entered() + 1).padStart(8, '0')}`
  const modelId = asked.operation === 'messages' ? String(body.model) : asked.modelId
  const call: UpstreamCall = {
    id,
    operation: asked.operation,
    modelId,
    region: asked.caller.region,
    accessKeyId: asked.caller.accessKeyId,
    requestBytes: Buffer.byteLength(asked.text),
    betas: Array.isArray(body.anthropic_beta) ? body.anthropic_beta.map(String) : [],
    ...(desk.keepBodies && { body }),
    outcome: 'running',
    usage: NOTHING_BILLED,
    eventsSent: 0,
  }
  desk.enter(call)
  if (asked.operation === 'count-tokens') return countTokens(response, call, body)
  const behaviour = desk.take()
  const refusal = desk.unread ? undefined : refusalFor(asked.operation, modelId, body, behaviour)
  if (refusal !== undefined) {
    call.outcome = 'error'
    return refuse(response, refusal)
  }
  await answer(response, call, {
    behaviour,
    body,
    seed: desk.seed + desk.entered(),
    prompt: desk.bill(modelId, asked.text),
  })
}

function parse(json: string): Json | undefined {
  try {
    const parsed: unknown = JSON.parse(json)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Json) : undefined
  } catch {
    return undefined
  }
}

function refusalFor(
  operation: Operation,
  modelId: string,
  body: Json,
  behaviour: Behaviour | undefined,
): Refusal | undefined {
  if (behaviour?.kind === 'error') return behaviour
  if (operation === 'converse' || operation === 'converse-stream') return refusalOfConverse(modelId, body)
  return operation === 'messages' ? refusalOfMessages(body.messages) : refusalOf(modelId, body)
}

function countTokens(response: Response, call: UpstreamCall, body: Json): void {
  const inner = Buffer.from(
    String(((body.input as Json | undefined)?.invokeModel as Json | undefined)?.body ?? ''),
    'base64',
  )
  call.outcome = 'completed'
  sendJson(response, { inputTokens: tokensOf(inner.length) })
}

interface Task {
  readonly behaviour: Behaviour | undefined
  readonly body: Json
  readonly seed: number
  readonly prompt: UpstreamCall['usage']
}

async function answer(response: Response, call: UpstreamCall, task: Task): Promise<void> {
  const { behaviour } = task
  if (behaviour?.kind === 'reset' && behaviour.afterEvents === 0) {
    call.outcome = 'broken'
    return destroy(response)
  }
  if (behaviour?.kind === 'silence' && behaviour.beforeMs !== undefined) await sleep(behaviour.beforeMs)
  const reply = answerTo(task.body, behaviour, { id: call.id, modelId: call.modelId, seed: task.seed })
  if (!streams(call.operation, task.body)) {
    call.usage = { ...task.prompt, outputTokens: outputTokensOf(reply.blocks) }
    call.outcome = 'completed'
    const whole = call.operation === 'converse' ? converseMessage(reply, call.usage) : wholeMessage(reply, task.prompt)
    return sendJson(response, whole)
  }
  const sse = call.operation === 'messages'
  send(response, 200, { 'content-type': sse ? 'text/event-stream' : 'application/vnd.amazon.eventstream' })
  const events = eventsOf(reply, task.prompt, behaviour?.kind === 'large' ? behaviour.bytes : 0)
  await stream(response, call, events, task)
}

const streams = (operation: Operation, body: Json): boolean =>
  operation === 'invoke-with-response-stream' ||
  operation === 'converse-stream' ||
  (operation === 'messages' && body.stream === true)

/** As the operation says it; `null` where it has no word for it. */
function frameOf(call: UpstreamCall, event: Json): Uint8Array | null {
  if (call.operation === 'messages') return sseFrame(event)
  if (call.operation !== 'converse-stream') return chunkFrame(event, call.eventsSent)
  const said = converseEventOf(event, call.usage)
  return said && namedFrame(said.name, said.payload, call.eventsSent)
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
    await pause(behaviour)
    call.usage = { ...task.prompt, outputTokens: tokens }
    const frame = frameOf(call, event)
    if (frame === null) continue
    await write(response, frame, behaviour, () => gone)
    call.eventsSent++
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
    response.end(exceptionFrame(behaviour.type, behaviour.message))
  } else if (behaviour?.kind === 'reset' && call.eventsSent === behaviour.afterEvents) {
    destroy(response)
  } else if (behaviour?.kind === 'early-end' && call.eventsSent === behaviour.afterEvents) {
    response.end()
  } else if (behaviour?.kind === 'truncated-frame' && call.eventsSent === 2) {
    response.end(chunkFrame({ type: 'content_block_stop', index: 0 }, 0).subarray(0, 40))
  } else {
    return false
  }
  call.outcome = 'broken'
  return true
}

/** Small enough to cut every header and payload somewhere. */
const SMALL_PIECE = 7

async function write(
  response: Response,
  frame: Uint8Array,
  behaviour: Behaviour | undefined,
  isGone: () => boolean,
): Promise<void> {
  if (behaviour?.kind !== 'slow-frames') {
    // Nobody drains what a client that is gone left behind.
    if (!writeTo(response, frame) && !isGone()) await drained(response)
    return
  }
  for (let at = 0; at < frame.length; at += SMALL_PIECE) {
    writeTo(response, frame.subarray(at, at + SMALL_PIECE))
    await sleep(0)
  }
}

/** The two protocols' responses have the same methods with types that do not meet. */
const writeTo = (response: Response, bytes: Uint8Array): boolean =>
  (response as import('node:http').ServerResponse).write(bytes)

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

function send(response: Response, status: number, headers: Record<string, string>): void {
  ;(response as import('node:http').ServerResponse).writeHead(status, {
    'x-amzn-requestid': crypto.randomUUID(),
    ...headers,
  })
}

function sendJson(response: Response, json: object): void {
  send(response, 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(json))
}

function refuse(response: Response, { status, type, message, retryAfterSeconds }: Refusal): void {
  const retry = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  send(response, status, { 'content-type': 'application/json', 'x-amzn-errortype': type, ...retry })
  response.end(JSON.stringify({ message }))
}

/** HTTP/1.1 loses its socket, HTTP/2 this one stream. */
function destroy(response: Response): void {
  if ('stream' in response && response.stream) response.stream.close(2)
  else response.destroy()
}
