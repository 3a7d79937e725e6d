/**
 * Which way an endpoint is spoken to. One that is set to Bedrock's Messages API and turns out not to have it is spoken to
 * with InvokeModel for a while; the words differ, so whoever translates has to know before it calls.
 */
import type { Endpoint, UpstreamKind } from '../endpoints/endpoint.ts'
import type { Instant } from '../platform/instant.ts'

/** Thrown instead of a fault: this endpoint does not know the operation at all, so nothing is known of the request. */
export class UpstreamAbsent extends Error {
  override name = 'UpstreamAbsent'
  constructor() {
    super('Bedrock does not offer its Messages API here.')
  }
}

export interface Kinds {
  kindOf(endpoint: Endpoint, at: Instant): UpstreamKind
  noteAbsent(endpoint: Endpoint, at: Instant): void
}

/** Long enough that hardly a request pays for the question, short enough that a region that gets it is noticed. */
const ABSENT_MS = 10 * 60_000

export function createKinds(): Kinds {
  const absentUntil = new Map<string, number>()
  // A changed endpoint may be in another region.
  const keyOf = ({ id, rev }: Endpoint): string => `${id}#${rev}`
  return {
    kindOf(endpoint, at) {
      if (endpoint.upstream === 'invoke') return 'invoke'
      return (absentUntil.get(keyOf(endpoint)) ?? 0) > at ? 'invoke' : 'messages'
    },
    noteAbsent(endpoint, at) {
      for (const [key, until] of absentUntil) if (until <= at) absentUntil.delete(key)
      absentUntil.set(keyOf(endpoint), at + ABSENT_MS)
    },
  }
}
