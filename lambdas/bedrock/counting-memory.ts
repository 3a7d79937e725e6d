/**
 * Who counts tokens for which model at which endpoint. `/context` asks two dozen times at once, and a way that does not count
 * for a model must not be asked two dozen times, so while nothing is known one request asks and the others wait for it.
 */
import type { Endpoint } from '../endpoints/endpoint.ts'
import type { Instant } from '../platform/instant.ts'
import { createRecentlyUsed } from '../platform/recently-used.ts'

export type CountingWay = 'messages' | 'invoke'
/** `asking`: wait for it, then look again. */
export type Counting = 'counts' | 'does-not' | 'unknown' | { readonly asking: Promise<unknown> }

export interface CountingMemory {
  read(way: CountingWay, endpoint: Endpoint, modelId: string, at: Instant): Counting
  /** @param answer Settles when it is known; until then others wait for it. */
  noteAsking(way: CountingWay, endpoint: Endpoint, modelId: string, answer: Promise<unknown>): void
  /** `unknown`: it was asked and said nothing about itself, as when it is throttled. */
  note(
    way: CountingWay,
    endpoint: Endpoint,
    modelId: string,
    found: 'counts' | 'does-not' | 'unknown',
    at: Instant,
  ): void
}

/** A model that is counted one day was not the day before; within an hour that is noticed. */
const REMEMBERED_MS = 3_600_000
/** A few models at a few endpoints, each in two ways. */
const MOST_KNOWN = 256

export function createCountingMemory(): CountingMemory {
  const known = createRecentlyUsed<{ readonly counting: Counting; readonly until: number }>(MOST_KNOWN)
  const keyOf = (way: CountingWay, { id, rev }: Endpoint, modelId: string): string => `${way}#${id}#${rev}#${modelId}`
  return {
    read(way, endpoint, modelId, at) {
      const found = known.get(keyOf(way, endpoint, modelId))
      return found === undefined || found.until <= at ? 'unknown' : found.counting
    },
    noteAsking(way, endpoint, modelId, asking) {
      known.set(keyOf(way, endpoint, modelId), { counting: { asking }, until: Number.POSITIVE_INFINITY })
    },
    note(way, endpoint, modelId, counting, at) {
      known.set(keyOf(way, endpoint, modelId), { counting, until: at + REMEMBERED_MS })
    },
  }
}
