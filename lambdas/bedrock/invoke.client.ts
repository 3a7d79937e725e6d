/**
 * InvokeModel, InvokeModelWithResponseStream and CountTokens through the AWS SDK. One try towards Bedrock (repeating is
 * routing's business), but for a connection that turns out dead before anything came back: an environment that was
 * frozen between two requests wakes up with sockets the other side has long closed, so that one is tried anew at once.
 */
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import {
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  type ResponseStream,
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { faultOf, type UpstreamFailure } from './faults.ts'

export interface InvokeRequest {
  readonly bedrockId: string
  /** The client's name of the model, for the words of a refusal. */
  readonly model: string
  readonly body: Uint8Array
}

export interface InvokeClient {
  /** Resolves with the first chunk in hand. @throws Fault, also from the iterator when the stream breaks. */
  stream(request: InvokeRequest, signal: AbortSignal): Promise<AsyncGenerator<Uint8Array, void>>
  /** The whole answer as JSON. @throws Fault */
  whole(request: InvokeRequest, signal: AbortSignal): Promise<Uint8Array>
  /** @throws Fault */
  countTokens(request: InvokeRequest): Promise<number>
}

/** A model may think for minutes before its next token; only a connection silent for longer than any request may run is dead. */
const LONGEST_SILENCE_MS = 900_000

/**
 * HTTP/1.1 with connections that are kept: over HTTP/2 the SDK opens a connection, with its TLS handshake, for each stream of
 * events. As many as there are requests; how many there may be is not the connection pool's to say.
 */
const AGENT = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }

export interface Runtime {
  readonly bedrock: BedrockRuntimeClient
  /** Where one idle connection turned out dead the others may be too: what is asked next gets a new one. */
  dropIdle(): void
}

/** @param where Tests name an endpoint here; deployed code uses `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`, which the SDK reads itself. */
export function openRuntime(where: BedrockRuntimeClientConfig = {}): Runtime {
  const agents = [new HttpAgent(AGENT), new HttpsAgent(AGENT)] as const
  const [httpAgent, httpsAgent] = agents
  return {
    bedrock: new BedrockRuntimeClient({
      ...where,
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler({ socketTimeout: LONGEST_SILENCE_MS, httpAgent, httpsAgent }),
    }),
    dropIdle() {
      for (const { freeSockets } of agents) {
        for (const socket of Object.values(freeSockets).flat()) socket?.destroy()
      }
    },
  }
}

export function openInvokeClient(runtime = openRuntime()): InvokeClient {
  const { bedrock } = runtime
  const onceMoreIfDead = <T>({ model }: InvokeRequest, send: () => Promise<T>) => sendOnceMore(runtime, model, send)
  return {
    async stream(request, signal) {
      const answer = await onceMoreIfDead(request, () =>
        bedrock.send(streamCommand(request, signal), { abortSignal: signal }),
      )
      const chunks = chunksOf(answer.body, request.model)
      const first = await chunks.next()
      if (first.done === true) throw faultOf(NOTHING_CAME, request.model)
      return startingWith(first.value, chunks)
    },
    async whole(request, signal) {
      const answer = await onceMoreIfDead(request, () =>
        bedrock.send(
          new InvokeModelCommand({
            modelId: request.bedrockId,
            contentType: 'application/json',
            accept: 'application/json',
            body: request.body,
          }),
          { abortSignal: signal },
        ),
      )
      return answer.body
    },
    async countTokens(request) {
      const answer = await onceMoreIfDead(request, () =>
        bedrock.send(
          new CountTokensCommand({ modelId: request.bedrockId, input: { invokeModel: { body: request.body } } }),
        ),
      )
      return answer.inputTokens ?? 0
    },
  }
}

/** The SDK listens to the signal until the headers are there; after them the connection itself has to be ended. */
function streamCommand({ bedrockId, body }: InvokeRequest, signal: AbortSignal): InvokeModelWithResponseStreamCommand {
  const command = new InvokeModelWithResponseStreamCommand({
    modelId: bedrockId,
    contentType: 'application/json',
    body,
  })
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const { body: connection } = result.response as { body?: { destroy?(): void } }
      signal.addEventListener('abort', () => connection?.destroy?.(), { once: true })
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'endOnAbort' },
  )
  return command
}

/** @throws Fault when Bedrock sends an exception instead of a chunk, or the connection breaks. */
async function* chunksOf(
  stream: AsyncIterable<ResponseStream> | undefined,
  model: string,
): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const member of stream ?? []) if (member.chunk?.bytes !== undefined) yield member.chunk.bytes
  } catch (thrown) {
    throw faultOf(failureOf(thrown), model)
  }
}

/** Told as an error while the status can still say so. */
const NOTHING_CAME: UpstreamFailure = {
  name: 'EmptyStream',
  message: 'Bedrock ended the answer before it began.',
  status: 503,
  retryAfterSeconds: undefined,
}

async function* startingWith(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  yield first
  yield* rest
}

async function sendOnceMore<T>({ dropIdle }: Runtime, model: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (first) {
    if (!isDeadConnection(first)) throw faultOf(failureOf(first), model)
  }
  dropIdle()
  try {
    return await send()
  } catch (second) {
    throw faultOf(failureOf(second), model)
  }
}

const DEAD = /^(ECONNRESET|EPIPE|ERR_HTTP2_.*|ETIMEDOUT)$/

function isDeadConnection(thrown: unknown): boolean {
  const error = thrown as { code?: unknown; name?: string; $metadata?: { httpStatusCode?: number } }
  return error.$metadata?.httpStatusCode === undefined && error.name !== 'AbortError' && DEAD.test(String(error.code))
}

function failureOf(thrown: unknown): UpstreamFailure {
  const error = thrown as {
    name?: string
    message?: string
    $metadata?: { httpStatusCode?: number }
    $fault?: string
    $response?: { headers?: Record<string, string> }
  }
  const retryAfter = Number(error.$response?.headers?.['retry-after'])
  return {
    name: error.name ?? 'Error',
    message: error.message ?? 'Bedrock failed without a reason.',
    // An exception inside a stream carries the status of its own, not the 200 of the stream it arrived in.
    status: error.$metadata?.httpStatusCode ?? (error.$fault === undefined ? undefined : 500),
    retryAfterSeconds: Number.isInteger(retryAfter) && retryAfter > 0 ? retryAfter : undefined,
  }
}
