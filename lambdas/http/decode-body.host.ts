/** A body as it was before its sender compressed it, never larger than we take one that was not compressed. */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { Fault } from '../platform/fault.ts'
import { type Body, BodyTooLarge, bodyOfBytes, LONGEST_BODY_BYTES } from './body.ts'

const inflate = promisify(gunzip)

/** `x-gzip` means the same (RFC 9110, 8.4.1.3). */
const GZIP = /^(?:x-)?gzip$/i
const NONE = /^(?:identity)?$/i

/**
 * @param encoding The request's `content-encoding`.
 * @throws Fault `unsupported_media_type`, `invalid_request`; BodyTooLarge
 */
export async function decodeBody(body: Body, encoding: string | undefined): Promise<Body> {
  const named = encoding?.trim() ?? ''
  if (NONE.test(named)) return body
  if (!GZIP.test(named)) {
    throw new Fault(
      'unsupported_media_type',
      `content-encoding: "${named.slice(0, 100)}" is not understood, send gzip or none`,
    )
  }
  const compressed = body.raw
  try {
    return bodyOfBytes(await inflate(compressed, { maxOutputLength: LONGEST_BODY_BYTES }))
  } catch (thrown) {
    if (isTooLarge(thrown)) throw new BodyTooLarge(Math.max(toldLength(compressed), LONGEST_BODY_BYTES + 1))
    throw new Fault('invalid_request', 'body: is not the gzip that content-encoding says', { cause: thrown })
  }
}

const isTooLarge = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_BUFFER_TOO_LARGE'

/** The sender's own word, in the last four bytes (RFC 1952, ISIZE): only told, nothing is made by it. */
const toldLength = (gzip: Uint8Array): number =>
  gzip.length < 4 ? 0 : Buffer.from(gzip.buffer, gzip.byteOffset, gzip.byteLength).readUInt32LE(gzip.length - 4)
