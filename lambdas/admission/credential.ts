/**
 * The credential of a data-plane request. Order: `Authorization: Bearer`, `x-api-key`, `anthropic-api-key`; the first
 * that is present decides, even when it is bad, so that nobody is served under another name than the one he meant.
 * An `Authorization` of another scheme (a proxy's Basic, say) is none of ours and is passed over.
 */
import { createHash } from 'node:crypto'
import { Fault } from '../platform/fault.ts'

export interface Credential {
  /** SHA-256 of the raw credential, lower-case hex. The raw one goes no further. */
  readonly sha256: string
}

const VIRTUAL_KEY = /^sk-proxy-[0-9a-f]{64}$/

/** @throws Fault `unauthenticated` when there is none, or what there is cannot be a credential of ours. */
export function readCredential(headers: Headers): Credential {
  const raw = presented(headers)
  if (raw === undefined) {
    throw new Fault(
      'unauthenticated',
      'No API key was sent. Set ANTHROPIC_AUTH_TOKEN to a virtual key of this gateway.',
    )
  }
  if (!VIRTUAL_KEY.test(raw)) throw unknownCredential()
  return { sha256: createHash('sha256').update(raw).digest('hex') }
}

export const unknownCredential = (): Fault =>
  new Fault('unauthenticated', 'This API key is not valid. Ask the administrator of this gateway for a new one.')

function presented(headers: Headers): string | undefined {
  const authorization = headers.get('authorization')
  // `Headers` trims, so an empty bearer (a key helper that failed) arrives as the bare word.
  const bearer = authorization === null ? null : /^bearer(?: +(.*))?$/i.exec(authorization)
  if (bearer) return bearer[1] ?? ''
  return headers.get('x-api-key') ?? headers.get('anthropic-api-key') ?? undefined
}
