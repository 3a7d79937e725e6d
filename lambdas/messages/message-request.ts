/**
 * What is judged or changed of a Messages request; everything else passes untouched. Loose on purpose: the client
 * changes several times a week, and a field we do not know is Bedrock's business.
 */
import * as z from 'zod/mini'
import { detailsOf, type RequestDetails } from '../detection/request-details.ts'
import { sessionIdOf } from '../detection/session-id.ts'
import type { Body } from '../http/body.ts'
import { Fault } from '../platform/fault.ts'

export interface MessageRequest {
  readonly model: string
  readonly stream: boolean
  /** Claude Code's session, where it tells one. */
  readonly sessionId: string | null
  /** What the books keep beside its cost; looked up when it is first asked for, which a token count never does. */
  details(): RequestDetails
  /** The body as it came. */
  readonly text: string
  /** The same as bytes. */
  readonly utf8: Uint8Array
  /** The same, parsed. */
  readonly body: Readonly<Record<string, unknown>>
  /** Of the UTF-8. */
  readonly bytes: number
}

const MODEL = 'must be the name of a model'
const MAX_TOKENS = 'must be a whole number above 0'
const judged = {
  messages: z.array(z.unknown(), 'must be a list of messages'),
  stream: z.optional(z.nullable(z.boolean('must be true or false'))),
  max_tokens: z.optional(z.nullable(z.int(MAX_TOKENS).check(z.positive(MAX_TOKENS)))),
}
const OBJECT = 'must be a JSON object'
const Judged = z.looseObject({ model: z.string(MODEL).check(z.minLength(1, MODEL)), ...judged }, OBJECT)
const JudgedWithoutModel = z.looseObject(judged, OBJECT)

/** What Bedrock's own format says in the path instead of the body. */
export interface SaidInPath {
  readonly model: string
  readonly stream: boolean
}

/** @throws Fault `invalid_request`, naming the field. */
export function readMessageRequest({ text, utf8 }: Body, headers: Headers, inPath?: SaidInPath): MessageRequest {
  const body = readJson(text)
  const read = (inPath === undefined ? Judged : JudgedWithoutModel).safeParse(body)
  if (!read.success) {
    const [issue] = read.error.issues
    const field = issue?.path.join('.') || 'body'
    throw new Fault('invalid_request', `${field}: ${issue?.message ?? 'is not valid'}`)
  }
  // As it was parsed: what the check hands back is a copy, and not of every name.
  const said = body as Readonly<Record<string, unknown>>
  let details: RequestDetails | undefined
  return {
    model: inPath?.model ?? String(read.data.model),
    stream: inPath?.stream ?? read.data.stream === true,
    sessionId: sessionIdOf(said, headers),
    details: () => {
      details ??= detailsOf(said, headers)
      return details
    },
    text,
    utf8,
    body: said,
    bytes: utf8.length,
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Fault('invalid_request', 'body: not valid JSON')
  }
}
