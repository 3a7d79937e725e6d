/**
 * Empties the outbox: each minute by the schedule, and at once when the table's stream tells of something new. There is
 * no way to configure a destination, so what is due is written off as such, and never delivered twice or lost unseen.
 */
import type { Instant } from '../platform/instant.ts'
import { describeError, type Log } from '../platform/log.ts'
import { notificationOf, type StreamedChange, timeOfChange, type WaitingNotification } from './notification.ts'
import type { Outbox } from './outbox.store.ts'

export interface DrainTools {
  readonly outbox: Outbox
  readonly log: Log
  /** How many partitions the index has. */
  readonly shards: number
}

const NO_DESTINATION = 'no destination'

/** @returns how many notifications were finished. */
export async function drainDue(now: Instant, tools: DrainTools): Promise<number> {
  const shards = Array.from({ length: tools.shards }, (_, shard) => shard)
  const finished = await Promise.all(shards.map((shard) => drainShard(shard, now, tools)))
  return finished.reduce((sum, one) => sum + one, 0)
}

async function drainShard(shard: number, now: Instant, tools: DrainTools): Promise<number> {
  let finished = 0
  const due = await tools.outbox.dueOf(shard, now)
  tellOldest(due[0], now, tools.log)
  for (const notification of due) {
    if (await finish(notification, now, tools)) finished++
  }
  return finished
}

/** The longest waiting comes first. The stream has usually been faster, so that there is nothing to tell. */
function tellOldest(oldest: WaitingNotification | undefined, now: Instant, log: Log): void {
  if (oldest === undefined) return
  const seconds = Math.round((now - oldest.nextAttemptAt) / 1000)
  log.info('outbox.waiting', { notification: oldest.id }, [{ name: 'OldestPendingSeconds', value: seconds }])
}

async function finish(notification: WaitingNotification, now: Instant, tools: DrainTools): Promise<boolean> {
  const mine = await tools.outbox.drop(notification, NO_DESTINATION, now)
  if (mine) {
    const facts = { notification: notification.id, reason: NO_DESTINATION }
    tools.log.warn('notification.dropped', facts, [{ name: 'NotificationsGivenUp', value: 1 }])
  }
  return mine
}

export interface NumberedChange extends StreamedChange {
  readonly sequenceNumber: string
}

/**
 * In the order of the stream, up to the first that fails.
 * @returns its sequence number, from which on Lambda shows the changes again; `undefined` when all are done.
 */
export async function drainChanges(changes: readonly NumberedChange[], tools: DrainTools): Promise<string | undefined> {
  for (const change of changes) {
    try {
      const notification = notificationOf(change)
      const now = timeOfChange(change)
      if (notification !== undefined && notification.nextAttemptAt <= now) await finish(notification, now, tools)
    } catch (thrown) {
      tools.log.error('outbox.change_failed', { sequenceNumber: change.sequenceNumber, ...describeError(thrown) })
      return change.sequenceNumber
    }
  }
  return undefined
}
