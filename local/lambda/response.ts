/** A function's response as it comes in from its runtime: the prelude first, then the bytes, then perhaps an error in the trailers. */
import type { IncomingMessage } from 'node:http'
import { FunctionError } from './function-error.ts'
import type { Prelude } from './runtime-api.ts'

export interface StreamedResponse {
  /** `null` for a handler that returned a value instead of streaming. */
  readonly prelude: Prelude | null
  /** Read it to its end, whoever is listening: the function waits for that. @throws FunctionError */
  readonly body: AsyncGenerator<Uint8Array, void>
}

const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response'
const DELIMITER = Buffer.alloc(8)

/** Lambda's own limit for the prelude is not published; ours only keeps a broken handler from filling the memory. */
const LONGEST_PRELUDE = 1_048_576

/** @throws FunctionError when the runtime fails before the prelude is complete. */
export async function readResponse(request: IncomingMessage): Promise<StreamedResponse> {
  const chunks = chunksOf(request)
  if (request.headers['content-type'] !== PRELUDE_TYPE) return { prelude: null, body: chunks }
  let head: Buffer = Buffer.alloc(0)
  for (;;) {
    const end = head.indexOf(DELIMITER)
    if (end >= 0) {
      return {
        prelude: readPrelude(head.subarray(0, end)),
        body: startingWith(head.subarray(end + DELIMITER.length), chunks),
      }
    }
    const next = await chunks.next()
    if (next.done === true || head.length > LONGEST_PRELUDE) {
      throw new FunctionError('Runtime.InvalidPrelude', 'the response ended before its prelude was complete')
    }
    head = Buffer.concat([head, next.value])
  }
}

function readPrelude(json: Buffer): Prelude {
  const { statusCode, headers, cookies } = JSON.parse(json.toString()) as Partial<Prelude>
  return { statusCode: statusCode ?? 200, headers: headers ?? {}, cookies: cookies ?? [] }
}

async function* startingWith(first: Buffer, rest: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array, void> {
  if (first.length > 0) yield first
  yield* rest
}

async function* chunksOf(request: IncomingMessage): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const chunk of request) yield chunk as Buffer
  } catch {
    throw new FunctionError('Runtime.ExitError', 'the environment ended in the middle of its response')
  }
  const type = request.trailers['lambda-runtime-function-error-type']
  if (type === undefined) return
  const told = request.trailers['lambda-runtime-function-error-body'] ?? ''
  throw new FunctionError(type, messageOf(Buffer.from(told, 'base64').toString()))
}

function messageOf(json: string): string {
  try {
    return String((JSON.parse(json) as { errorMessage?: unknown }).errorMessage)
  } catch {
    return 'the handler failed'
  }
}
