/** The outbox in the Events table: what is due, and how it ended. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { addMs, type Instant, instant, isoOf } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { eventKey, outboxPartition, timeSortKey } from '../table/events-keys.ts'
import { queryAll } from '../table/query-all.store.ts'
import type { WaitingNotification } from './notification.ts'

export interface Outbox {
  /** What is due at `now` on one of the shards, the longest waiting first. The index may lag by a moment. */
  dueOf(shard: number, now: Instant): Promise<readonly WaitingNotification[]>
  /** Finishes it undelivered. False when somebody else has finished it or put it off meanwhile. */
  drop(notification: WaitingNotification, reason: string, now: Instant): Promise<boolean>
}

const OutboxItem = z.object({ id: z.string(), GSI1SK: z.string() })

const ISO_LENGTH = '2026-11-24T12:00:00.000Z'.length

export function openOutbox(documents: Documents, eventsTable: string): Outbox {
  return {
    async dueOf(shard, now) {
      const due = await queryAll(
        documents,
        (ExclusiveStartKey) =>
          new QueryCommand({
            TableName: eventsTable,
            IndexName: 'GSI1',
            KeyConditionExpression: 'GSI1PK = :shard AND GSI1SK < :after',
            // The first key of the next millisecond: everything due at `now` itself comes before it.
            ExpressionAttributeValues: { ':shard': outboxPartition(shard), ':after': timeSortKey(addMs(now, 1), '') },
            ExclusiveStartKey,
          }),
      )
      return due.map(readItem)
    },
    async drop(notification, reason, now) {
      try {
        await documents.send(
          new UpdateCommand({
            TableName: eventsTable,
            Key: eventKey(notification.id),
            UpdateExpression: 'SET #state = :dropped, drop_reason = :reason, finished_at = :now REMOVE GSI1PK, GSI1SK',
            ConditionExpression: 'GSI1SK = :place',
            ExpressionAttributeNames: { '#state': 'state' },
            ExpressionAttributeValues: {
              ':dropped': 'dropped',
              ':reason': reason,
              ':now': isoOf(now),
              ':place': notification.outboxSortKey,
            },
          }),
        )
        return true
      } catch (thrown) {
        if (thrown instanceof ConditionalCheckFailedException) return false
        throw thrown
      }
    },
  }
}

function readItem(raw: Record<string, unknown>): WaitingNotification {
  const item = OutboxItem.parse(raw)
  return {
    id: item.id,
    nextAttemptAt: instant(Date.parse(item.GSI1SK.slice(0, ISO_LENGTH))),
    outboxSortKey: item.GSI1SK,
  }
}
