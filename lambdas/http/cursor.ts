/**
 * A cursor says where a list goes on. It is signed together with what was asked and by whom, so that nobody can make one
 * up, and one list's cursor is refused by another.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** Of 32 bytes; half of them leave 128 bits, more than anybody tries. */
const SIGNATURE_BYTES = 16

/** @param scope Whose list and which query. */
export function signCursor(key: Uint8Array, scope: string, place: string): string {
  const text = Buffer.from(place)
  return Buffer.concat([signatureOf(key, scope, text), text]).toString('base64url')
}

/** `undefined` for whatever is not a cursor of this list. */
export function readCursor(key: Uint8Array, scope: string, cursor: string): string | undefined {
  const bytes = Buffer.from(cursor, 'base64url')
  if (bytes.length < SIGNATURE_BYTES) return undefined
  const place = bytes.subarray(SIGNATURE_BYTES)
  const given = bytes.subarray(0, SIGNATURE_BYTES)
  return timingSafeEqual(given, signatureOf(key, scope, place)) ? place.toString() : undefined
}

function signatureOf(key: Uint8Array, scope: string, place: Buffer): Buffer {
  const sum = createHmac('sha256', key).update(`${scope.length}:${scope}`).update(place).digest()
  return sum.subarray(0, SIGNATURE_BYTES)
}
