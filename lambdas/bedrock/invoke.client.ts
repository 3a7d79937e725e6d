/**
 * InvokeModel, InvokeModelWithResponseStream and CountTokens through the AWS SDK. Over HTTP/1.1 an abort ends the connection whenever it
 * comes, also in the middle of a stream.
 */
import {
  CountTokensCommand,
  InvokeModelCommand,
  type InvokeModelCommandInput,
  InvokeModelWithResponseStreamCommand,
  type ResponseStream,
} from '@aws-sdk/client-bedrock-runtime'
import { requestMetadata } from './bedrock-headers.ts'
import { onceMoreIfDead } from './connections.client.ts'
import { faultOf, nothingCounted, type UpstreamFailure } from './faults.ts'
import { withFirstInHand } from './first-chunk.client.ts'
import { wholeSeconds } from './retry-after.ts'
import type { Runtime, Runtimes } from './runtimes.client.ts'
import type { Upstream, UpstreamCall } from './upstream.ts'

export function openInvokeUpstream(runtimes: Runtimes): Upstream {
  const send = async <T>(call: UpstreamCall, ask: (runtime: Runtime) => Promise<T>): Promise<T> => {
    const runtime = await runtimes.of(call)
    try {
      return await onceMoreIfDead(runtimes.connections, () => ask(runtime))
    } catch (thrown) {
      throw faultOf(failureOf(thrown), call.model)
    }
  }
  return {
    async stream(call, signal) {
      // Whoever reads no further says so to his iterator, which the SDK's does not tell the connection.
      const left = new AbortController()
      const answer = await send(call, ({ bedrock }) =>
        bedrock.send(new InvokeModelWithResponseStreamCommand(inputOf(call)), {
          abortSignal: AbortSignal.any([signal, left.signal]),
        }),
      )
      const chunks = chunksOf(answer.body, call.model, signal)
      return await withFirstInHand(
        endingWith(chunks, () => left.abort()),
        call.model,
      )
    },
    async whole(call, signal) {
      const answer = await send(call, ({ bedrock }) =>
        bedrock.send(new InvokeModelCommand({ ...inputOf(call), accept: 'application/json' }), { abortSignal: signal }),
      )
      return answer.body
    },
    async countTokens(call) {
      const answer = await send(call, ({ bedrock }) =>
        bedrock.send(
          new CountTokensCommand({ modelId: countedAs(call.modelId), input: { invokeModel: { body: call.body } } }),
        ),
      )
      if (answer.inputTokens === undefined) throw nothingCounted(call.model)
      return answer.inputTokens
    },
  }
}

function inputOf({ modelId, body, options, attribution }: UpstreamCall): InvokeModelCommandInput {
  const { guardrail, serviceTier, latency } = options
  return {
    modelId,
    contentType: 'application/json',
    body,
    requestMetadata: requestMetadata(attribution),
    ...(guardrail !== null && { guardrailIdentifier: guardrail.id, guardrailVersion: guardrail.version }),
    ...(serviceTier !== null && { serviceTier }),
    ...(latency !== null && { performanceConfigLatency: latency }),
  }
}

/**
 * Tokens are counted under the model's own id; that of a cross-region profile is refused. What is behind an application
 * inference profile its ARN does not say. Source: Amazon Bedrock user guide, "Count tokens".
 */
const countedAs = (modelId: string): string => modelId.replace(/^[a-z-]+\.(?=anthropic\.)/, '')

/** @throws Fault when Bedrock sends an exception instead of a chunk, or the connection breaks. */
async function* chunksOf(
  stream: AsyncIterable<ResponseStream> | undefined,
  model: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const member of stream ?? []) if (member.chunk?.bytes !== undefined) yield member.chunk.bytes
  } catch (thrown) {
    throw faultOf(failureOf(signal.aborted ? signal.reason : thrown), model)
  }
}

async function* endingWith(
  chunks: AsyncGenerator<Uint8Array, void>,
  leave: () => void,
): AsyncGenerator<Uint8Array, void> {
  let isOver = false
  try {
    yield* chunks
    isOver = true
  } finally {
    if (!isOver) leave()
  }
}

function failureOf(thrown: unknown): UpstreamFailure {
  const error = thrown as {
    name?: string
    message?: string
    originalStatusCode?: number
    $metadata?: { httpStatusCode?: number }
    $fault?: string
    $response?: { headers?: Record<string, string> }
  }
  return {
    name: error.name ?? 'Error',
    message: error.message ?? 'Bedrock failed without a reason.',
    // An exception inside a stream carries the status of its own, not the 200 of the stream it arrived in.
    status: error.$metadata?.httpStatusCode ?? (error.$fault === undefined ? undefined : 500),
    retryAfterSeconds: wholeSeconds(error.$response?.headers?.['retry-after']),
    originalStatus: error.originalStatusCode,
  }
}
