/**
 * A function URL takes a request as one JSON event of at most 6,291,556 bytes, in which the body stands as an escaped
 * string (source: AWS Lambda quotas, "Invocation payload"). Beyond that the platform answers before us, in words that
 * end a session; just below it we refuse in the words that make the client compact its conversation and go on.
 */
import { BodyTooLarge, LONGEST_BODY_BYTES } from '../http/body.ts'
import { Fault } from '../platform/fault.ts'
import { BYTES_PER_TOKEN } from '../spend/usage.ts'

/** The rest of the event, headers and context, stays well below the 391,556 bytes left. */
export const EVENT_BODY_LIMIT = 5_900_000

/** Quotes and newlines take two bytes escaped, so a body below half the limit cannot pass it (control characters aside). */
const SURELY_SMALL = EVENT_BODY_LIMIT / 2

/** @throws Fault `invalid_request` in the words of Anthropic's own refusal; both numbers by the same rough measure. */
export function refuseOversized(text: string, bytes: number): void {
  if (bytes < SURELY_SMALL) return
  const escaped = Buffer.byteLength(JSON.stringify(text))
  if (escaped <= EVENT_BODY_LIMIT) return
  throw promptTooLong(escaped, EVENT_BODY_LIMIT)
}

/** A body that was not read to its end, in the same words. */
export const inClientsWords = (thrown: unknown): unknown =>
  thrown instanceof BodyTooLarge ? promptTooLong(thrown.bytes, LONGEST_BODY_BYTES) : thrown

function promptTooLong(bytes: number, most: number): Fault {
  const [tokens, maximum] = [bytes, most].map((size) => Math.ceil(size / BYTES_PER_TOKEN))
  return new Fault('invalid_request', `prompt is too long: ${tokens} tokens > ${maximum} maximum`)
}
