/** Events one by one: those that were given up, and those that are tried again. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { addMs, type Instant, isoOf } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { DEAD_PARTITION, eventKey, outboxPartition, outboxShardOf, timeSortKey } from '../table/events-keys.ts'
import { TRIED_MS } from './retry.ts'
import { readEvent, type StoredEvent } from './stored-event.ts'

export interface EventRetries {
  /** Strongly consistent. */
  find(id: string): Promise<StoredEvent | undefined>
  /** Of those that were given up, the longest ago first. */
  dead(limit: number): Promise<readonly string[]>
  /** How many were given up, up to `limit`. */
  countDead(limit: number): Promise<number>
  /** Makes it due, with three days before it. False where it is not one that waits or was given up. */
  retry(id: string, dueAt: Instant): Promise<boolean>
}

export function openEventRetries(documents: Documents, eventsTable: string): EventRetries {
  const dead = async (limit: number): Promise<string[]> => {
    const ids: string[] = []
    let from: Record<string, unknown> | undefined
    do {
      const { Items = [], LastEvaluatedKey } = await documents.send(
        new QueryCommand({
          TableName: eventsTable,
          IndexName: 'GSI1',
          KeyConditionExpression: 'GSI1PK = :dead',
          ExpressionAttributeValues: { ':dead': DEAD_PARTITION },
          ProjectionExpression: 'id',
          Limit: limit - ids.length,
          ExclusiveStartKey: from,
        }),
      )
      ids.push(...Items.map((item) => z.object({ id: z.string() }).parse(item).id))
      // A page ends at a megabyte too, before the limit.
      from = LastEvaluatedKey
    } while (from !== undefined && ids.length < limit)
    return ids
  }
  return {
    async find(id) {
      const { Item } = await documents.send(
        new GetCommand({ TableName: eventsTable, Key: { ...eventKey(id) }, ConsistentRead: true }),
      )
      return Item && readEvent(Item)
    },
    dead,
    countDead: async (limit) => (await dead(limit)).length,
    async retry(id, dueAt) {
      try {
        await documents.send(
          new UpdateCommand({
            TableName: eventsTable,
            Key: { ...eventKey(id) },
            UpdateExpression:
              'SET #state = :pending, attempts = :none, GSI1PK = :shard, GSI1SK = :next, give_up_at = :end REMOVE finished_at',
            ConditionExpression: '#state IN (:dead, :pending)',
            ExpressionAttributeNames: { '#state': 'state' },
            ExpressionAttributeValues: {
              ':pending': 'pending',
              ':dead': 'dead',
              ':none': 0,
              ':shard': outboxPartition(outboxShardOf(id)),
              ':next': timeSortKey(dueAt, id),
              ':end': isoOf(addMs(dueAt, TRIED_MS)),
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
