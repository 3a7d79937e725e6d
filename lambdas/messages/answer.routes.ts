/** A request for an answer or a count, from HTTP to its flow and back, in whichever format it came. */
import type { Context } from 'hono'
import type { Body } from '../http/body.ts'
import type { HttpEnvironment } from '../http/invocation.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import { describeError, type Log } from '../platform/log.ts'
import type { AnswerFormat } from './answer-format.ts'
import type { Counted, CountRequest } from './count-tokens.flow.ts'
import type { ModelInfo, ModelList } from './list-models.flow.ts'
import type { SaidInPath } from './message-request.ts'
import type { Incoming, Served } from './serve-message.flow.ts'
import { inClientsWords } from './transport-limit.ts'

export interface MessagesPorts {
  serveMessage(incoming: Incoming): Promise<Served>
  countTokens(request: CountRequest): Promise<Counted>
  listModels(headers: Headers, at: Instant): Promise<ModelList>
  findModel(headers: Headers, id: string, at: Instant): Promise<ModelInfo>
  /** Whether the database answers. Never rejects. */
  databaseAnswers(): Promise<boolean>
  newRequestId(): string
  /** Origins whose pages may call, beside Anthropic's own. */
  readonly allowedOrigins: readonly string[]
  readonly version: string
  readonly log: Log
}

type C = Context<HttpEnvironment>

export async function answerMessage(
  c: C,
  ports: MessagesPorts,
  format: AnswerFormat,
  inPath?: SaidInPath,
): Promise<Response> {
  // What is noted beside an answer is worth less than the answer.
  const tellFailure = (thrown: unknown): void =>
    ports.log.warn('note_failed', { requestId: c.get('requestId'), ...describeError(thrown) })
  const served = await ports.serveMessage({
    ...c.env,
    format,
    ...(inPath && { inPath }),
    requestId: c.get('requestId'),
    headers: c.req.raw.headers,
    readBody: () => readJsonBody(c),
    // Before there is an answer: a header that comes after it has it made anew.
    tell: (header, value) => c.header(header, value),
    waitUntil: (errand) => c.executionCtx.waitUntil(errand.catch(tellFailure)),
  })
  if (served.adjusted.length > 0) c.header(ADJUSTED_HEADER, adjustedText(served.adjusted))
  if (served.streamed)
    return c.body(served.body, 200, { 'content-type': format.contentType, 'cache-control': 'no-cache' })
  const body = served.body instanceof ReadableStream ? served.body : new Uint8Array(served.body)
  return c.body(body, 200, { 'content-type': 'application/json' })
}

/** What Bedrock does not take and was left out or said otherwise: nothing is dropped in silence. */
const ADJUSTED_HEADER = 'x-ccag-adjusted'

/** A header is not a report: some dozens of names are enough to see what is going on. */
const LONGEST_ADJUSTED = 1_000

/** Names of members may hold anything; a header is ASCII. */
const adjustedText = (adjusted: readonly string[]): string =>
  adjusted
    .join(', ')
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, LONGEST_ADJUSTED)

/** Beside the count, since clients cannot tell an estimate by looking at it. */
const COUNTED_BY_HEADER = 'x-ccag-token-count'

/** @returns what was counted; who counted is told in a header. */
export async function answerCount(
  c: C,
  ports: MessagesPorts,
  readBody: () => Promise<Body>,
  inPath?: SaidInPath,
): Promise<number> {
  const { tokens, by } = await ports.countTokens({
    ...c.env,
    ...(inPath && { inPath }),
    headers: c.req.raw.headers,
    readBody,
  })
  c.header(COUNTED_BY_HEADER, by)
  return tokens
}

/** Part of the body, so judged after the credential. A request that names no type is taken at its word. */
export async function readJsonBody(c: C): Promise<Body> {
  const type = c.req.header('content-type')
  if (type !== undefined && !/^application\/([\w.-]+\+)?json\b/i.test(type)) {
    throw new Fault(
      'unsupported_media_type',
      `content-type: "${type.slice(0, 100)}" is not understood, send application/json`,
    )
  }
  try {
    return await c.env.readBody()
  } catch (thrown) {
    throw inClientsWords(thrown)
  }
}
