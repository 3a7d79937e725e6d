/**
 * Bedrock's Messages API: `/anthropic/v1/messages` on Bedrock Runtime, in Anthropic's own words both ways, server-sent events
 * out. The SDK does not know it, so it is signed and sent here, over the same connections.
 * Sources: Amazon Bedrock user guide, "Inference using Anthropic Messages API"; IAM user guide, "Signature Version 4".
 */
import { type ClientRequest, type IncomingMessage, request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import { SignatureV4 } from '@smithy/signature-v4'
import { bedrockHeaders } from './bedrock-headers.ts'
import { CONNECT_MS, LONGEST_SILENCE_MS, onceMoreIfDead } from './connections.client.ts'
import { countedBody } from './counted-body.ts'
import { faultOf, nothingCounted, type UpstreamFailure } from './faults.ts'
import { withFirstInHand } from './first-chunk.client.ts'
import { UpstreamAbsent } from './kinds.ts'
import { errorOf, isAbsence, refusalOf } from './messages-refusal.ts'
import { NodeSha256 } from './node-sha256.ts'
import type { Runtime, Runtimes } from './runtimes.client.ts'
import { createSseReader } from './sse-reader.ts'
import type { Upstream, UpstreamCall } from './upstream.ts'

const MESSAGES = 'anthropic/v1/messages'
const COUNT_TOKENS = 'anthropic/v1/messages/count_tokens'

/** What every version of Anthropic's API has understood so far. */
const ANTHROPIC_VERSION = '2023-06-01'

/** Each call throws `UpstreamAbsent` where the endpoint does not know the operation. */
export function openMessagesUpstream(runtimes: Runtimes): Upstream {
  const post = async (call: UpstreamCall, path: string, accept: string, signal?: AbortSignal) => {
    const runtime = await runtimes.of(call)
    const answer = await trying(call, signal, () =>
      onceMoreIfDead(runtimes.connections, async () => {
        const headers = await signed(call, runtime, path, accept, runtimes.now())
        const agent = runtimes.connections.agentFor(runtime.url.protocol)
        return await send({ url: urlOf(runtime, path), headers, agent, body: call.body, signal })
      }),
    )
    if (answer.statusCode === 200) return answer
    const refusal = refusalOf(answer.statusCode ?? 0, answer.headers, await trying(call, signal, () => textOf(answer)))
    throw isAbsence(refusal) ? new UpstreamAbsent() : faultOf(refusal, call.model)
  }
  return {
    async stream(call, signal) {
      const answer = await post(call, MESSAGES, 'text/event-stream', signal)
      return await withFirstInHand(eventsOf(answer, call.model, signal), call.model)
    },
    async whole(call, signal) {
      const answer = await post(call, MESSAGES, 'application/json', signal)
      return await trying(call, signal, () => bytesOf(answer))
    },
    async countTokens(call) {
      const answer = await post({ ...call, body: countedBody(call.body) }, COUNT_TOKENS, 'application/json')
      const counted = inputTokensOf(await trying(call, undefined, () => textOf(answer)))
      if (counted === undefined) throw nothingCounted(call.model)
      return counted
    },
  }
}

/** @throws Fault for what the network throws */
async function trying<T>({ model }: UpstreamCall, signal: AbortSignal | undefined, what: () => Promise<T>): Promise<T> {
  try {
    return await what()
  } catch (thrown) {
    throw faultOf(failureOf(thrown, signal), model)
  }
}

const urlOf = ({ url }: Runtime, path: string): URL => new URL(path, url.href.endsWith('/') ? url : `${url.href}/`)

type Headers = Record<string, string>

async function signed(
  call: UpstreamCall,
  runtime: Runtime,
  path: string,
  accept: string,
  at: number,
): Promise<Headers> {
  const url = urlOf(runtime, path)
  const signer = new SignatureV4({
    service: 'bedrock',
    region: runtime.region,
    credentials: await runtime.identity(),
    sha256: NodeSha256,
  })
  const { headers } = await signer.sign(
    {
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      headers: {
        host: url.host,
        accept,
        'content-type': 'application/json',
        'content-length': String(call.body.length),
        'anthropic-version': call.anthropicVersion ?? ANTHROPIC_VERSION,
        ...(call.betas.length > 0 && { 'anthropic-beta': call.betas.join(',') }),
        ...bedrockHeaders(call.options, call.attribution),
      },
      body: call.body,
    },
    { signingDate: new Date(at) },
  )
  return headers
}

interface Sending {
  readonly url: URL
  readonly headers: Headers
  readonly agent: ReturnType<Runtimes['connections']['agentFor']>
  readonly body: Uint8Array
  readonly signal: AbortSignal | undefined
}

/** Resolves with the headers. An abort ends the connection, also after that. */
function send({ url, headers, agent, body, signal }: Sending): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:'
    const options = { method: 'POST', headers, agent, ...(signal !== undefined && { signal }) }
    const request = (secure ? overHttps : overHttp)(url, options, resolve)
    request.on('error', reject)
    limitSilence(request)
    request.end(body)
  })
}

/** A connection that comes about is given time; one that does not is given up. */
function limitSilence(request: ClientRequest): void {
  request.on('timeout', () => request.destroy(timeout()))
  request.once('socket', (socket) => {
    if (!socket.connecting) {
      request.setTimeout(LONGEST_SILENCE_MS)
      return
    }
    request.setTimeout(CONNECT_MS)
    socket.once('connect', () => request.setTimeout(LONGEST_SILENCE_MS))
  })
}

const timeout = (): Error => Object.assign(new Error('the connection is silent'), { name: 'TimeoutError' })

/** The JSON of each event as it came. @throws Fault for an `error` event and for a connection that breaks */
async function* eventsOf(
  answer: IncomingMessage,
  model: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const reader = createSseReader()
  let hasBegun = false
  for await (const piece of piecesOf(answer, model, signal)) {
    for (const { name, data } of read(reader, piece, model)) {
      const error = errorOf(name, data)
      if (error !== null) throw faultOf(error, model)
      // Before the first event a ping says nothing, and would hide a refusal behind it.
      if (!hasBegun && isPing(data)) continue
      hasBegun = true
      yield data
    }
  }
}

async function* piecesOf(
  answer: IncomingMessage,
  model: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const piece of answer) yield piece as Uint8Array
  } catch (thrown) {
    throw faultOf(failureOf(thrown, signal), model)
  }
}

function read(reader: ReturnType<typeof createSseReader>, piece: Uint8Array, model: string) {
  try {
    return reader.push(piece)
  } catch (thrown) {
    throw faultOf({ ...failureOf(thrown), status: 502 }, model)
  }
}

const PING = /^\{\s*"type"\s*:\s*"ping"/

const isPing = (data: Uint8Array): boolean => PING.test(Buffer.from(data.subarray(0, 32)).toString('latin1'))

async function bytesOf(answer: IncomingMessage): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of answer) pieces.push(piece as Uint8Array)
  return Buffer.concat(pieces)
}

/** A refusal is a sentence, a count a number; whatever else comes is not read to its end. */
const LONGEST_TEXT = 256 * 1024

async function textOf(answer: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of answer) {
    pieces.push(piece as Uint8Array)
    bytes += (piece as Uint8Array).length
    if (bytes > LONGEST_TEXT) break
  }
  return Buffer.concat(pieces).toString('utf8')
}

function inputTokensOf(text: string): number | undefined {
  try {
    const { input_tokens } = JSON.parse(text) as { input_tokens?: unknown }
    return typeof input_tokens === 'number' && Number.isInteger(input_tokens) ? input_tokens : undefined
  } catch {
    return undefined
  }
}

function failureOf(thrown: unknown, signal?: AbortSignal): UpstreamFailure {
  const { name, message } = (signal?.aborted ? signal.reason : thrown) as { name?: string; message?: string }
  return {
    name: name ?? 'Error',
    message: message ?? 'Bedrock failed without a reason.',
    status: undefined,
    retryAfterSeconds: undefined,
  }
}
