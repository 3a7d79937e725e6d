/**
 * The Events table: what happened and who has to hear of it. It has a stream (new and old images) to `outbox`.
 *
 * | item         | PK               | SK              | GSI1                                  | GSI2 | GSI3 |
 * |--------------|------------------|-----------------|---------------------------------------|------|------|
 * | audit entry  | AUDIT#<month>    | <iso time>#<id> | –                                     | –    | –    |
 * | event        | EVENT#<id>       | META            | OUTBOX#<0-3> or OUTBOX#DEAD / <next attempt, iso>#<id> | EVENTS#<USER, TEAM or KEY>#<id> / <created, iso>#<id> | EVENTS#<month> / <created, iso>#<id> |
 * | attempt to tell it | EVENT#<id> or TEST#<destination> | TRY#<iso time>#<id> | –                | –    | DELIVERIES / <iso time>#<id> |
 * | how a destination does | DESTINATION#<id> | META  | –                                     | –    | –    |
 *
 * An event has its place in GSI1 while it waits to be told, or was given up; told or dropped ones have none. Events, attempts and
 * destinations carry `expires_at` (epoch seconds, the table's TTL attribute).
 */
import { type Instant, isoOf, monthOf } from '../platform/instant.ts'
import type { TableKey } from './core-keys.ts'

export const auditKey = (id: string, at: Instant): TableKey => ({
  PK: `AUDIT#${monthOf(at)}`,
  SK: `${isoOf(at)}#${id}`,
})

/** Events are few (thresholds, limits); four partitions let a drain read them side by side. */
export const OUTBOX_SHARDS = 4
export const eventKey = (id: string): TableKey => ({ PK: `EVENT#${id}`, SK: 'META' })
/** Any even spread will do: FNV-1a over the id, since an event that is retried has to come back to where it was. */
export function outboxShardOf(id: string): number {
  let hash = 0x811c9dc5
  for (let place = 0; place < id.length; place++) hash = Math.imul(hash ^ id.charCodeAt(place), 0x01000193)
  return (hash >>> 0) % OUTBOX_SHARDS
}
export const outboxPartition = (shard: number): string => `OUTBOX#${shard}`
/** Given up, by when. */
export const DEAD_PARTITION = 'OUTBOX#DEAD'

/** Attempts to tell an event lie beside it; those of a test beside nothing. */
export const attemptKey = (
  of: { readonly event: string } | { readonly tested: string },
  at: Instant,
  id: string,
): TableKey => ({
  PK: 'event' in of ? eventKey(of.event).PK : `TEST#${of.tested}`,
  SK: `${ATTEMPT_PREFIX}${isoOf(at)}#${id}`,
})
export const ATTEMPT_PREFIX = 'TRY#'
/** Value of GSI3PK: all attempts. */
export const ATTEMPTS_LIST = 'DELIVERIES'

export const destinationStateKey = (destinationId: string): TableKey => ({
  PK: `DESTINATION#${destinationId}`,
  SK: 'META',
})

/** Values of GSI2PK. */
export const eventsOf = (subject: { readonly kind: 'user' | 'team' | 'key'; readonly id: string }): string =>
  `EVENTS#${subject.kind.toUpperCase()}#${subject.id}`
/** Values of GSI3PK. */
export const eventsOfMonth = (at: Instant): string => `EVENTS#${monthOf(at)}`

/** In every index: by the next attempt in the outbox, by when it was made elsewhere. */
export const timeSortKey = (at: Instant, id: string): string => `${isoOf(at)}#${id}`
