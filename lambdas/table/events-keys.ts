/**
 * The Events table: what happened and who has to hear of it. It has a stream (new and old images) to `outbox`.
 *
 * | item         | PK               | SK              | GSI1                                  |
 * |--------------|------------------|-----------------|---------------------------------------|
 * | audit entry  | AUDIT#<month>    | <iso time>#<id> | –                                     |
 * | notification | EVENT#<id>       | META            | OUTBOX#<0-3> / <next attempt, iso>#<id>, only while it is due |
 */
import { type Instant, isoOf, monthOf } from '../platform/instant.ts'
import type { TableKey } from './core-keys.ts'

export const auditKey = (id: string, at: Instant): TableKey => ({
  PK: `AUDIT#${monthOf(at)}`,
  SK: `${isoOf(at)}#${id}`,
})

/** Notifications are few (thresholds, health); four partitions let a drain read them side by side. */
export const OUTBOX_SHARDS = 4
export const notificationKey = (id: string): TableKey => ({ PK: `EVENT#${id}`, SK: 'META' })
export const outboxPartition = (shard: number): string => `OUTBOX#${shard}`
export const outboxSortKey = (nextAttemptAt: Instant, id: string): string => `${isoOf(nextAttemptAt)}#${id}`
