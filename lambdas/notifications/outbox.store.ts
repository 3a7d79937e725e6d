/**
 * The outbox in the Events table: what is due, and how it ended. Whoever takes an event up moves its place in the index to when the lease
 * ends, on the condition that it is where it was seen: so one of many gets it, and it is due again by itself should that one die.
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { QueryCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { addMs, type Instant, instant, isoOf } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { DEAD_PARTITION, eventKey, outboxPartition, timeSortKey } from '../table/events-keys.ts'
import type { WaitingEvent } from './waiting-event.ts'

/** An event that is nobody else's until the lease ends. */
export interface LeasedEvent {
  readonly id: string
  /** Its place in the index: tells whether the lease is still ours. */
  readonly place: string
  /** This one included. */
  readonly attempts: number
  readonly item: Record<string, unknown>
}

/** How an attempt ended; each takes effect only as long as the lease is the caller's. */
export type AttemptEnd =
  | { readonly state: 'delivered' }
  | { readonly state: 'pending'; readonly nextAttemptAt: Instant; readonly error: string }
  | { readonly state: 'dead'; readonly error: string }

export interface Outbox {
  /** What is due at `now` on one of the shards, the longest waiting first, at most `limit`. The index may lag by a moment. */
  dueOf(shard: number, now: Instant, limit: number): Promise<readonly WaitingEvent[]>
  /** `undefined` when somebody else has it, or has finished it. */
  lease(event: WaitingEvent, now: Instant, until: Instant): Promise<LeasedEvent | undefined>
  /** False when the lease has ended, and somebody else has taken the event up. */
  finish(leased: LeasedEvent, end: AttemptEnd, now: Instant): Promise<boolean>
  /** Finishes one that nobody has taken up. False when somebody else has it. */
  drop(event: WaitingEvent, reason: string, now: Instant): Promise<boolean>
  /** Gives one up that nobody has taken up. False when somebody else has it. @param error Where no attempt has told another. */
  giveUp(event: WaitingEvent, error: string, now: Instant): Promise<boolean>
}

const Indexed = z.object({ id: z.string(), GSI1SK: z.string(), give_up_at: z.optional(z.string()) })
const Leased = z.object({ attempts: z.number() })

const ISO_LENGTH = '2026-11-24T12:00:00.000Z'.length

export function openOutbox(documents: Documents, eventsTable: string): Outbox {
  const update = async (id: string, place: string, change: Change): Promise<Record<string, unknown> | undefined> => {
    try {
      const { Attributes } = await documents.send(
        new UpdateCommand({
          TableName: eventsTable,
          Key: { ...eventKey(id) },
          ReturnValues: 'ALL_NEW',
          UpdateExpression: change.expression,
          // What was given up at this very moment is in the same place.
          ConditionExpression: 'GSI1SK = :place AND GSI1PK <> :gone',
          ExpressionAttributeNames: { '#state': 'state' },
          ExpressionAttributeValues: { ...change.values, ':place': place, ':gone': DEAD_PARTITION },
        }),
      )
      return Attributes ?? {}
    } catch (thrown) {
      if (thrown instanceof ConditionalCheckFailedException) return undefined
      throw thrown
    }
  }
  return {
    async dueOf(shard, now, limit) {
      const { Items = [] } = await documents.send(
        new QueryCommand({
          TableName: eventsTable,
          IndexName: 'GSI1',
          KeyConditionExpression: 'GSI1PK = :shard AND GSI1SK < :after',
          // The first key of the next millisecond: everything due at `now` itself comes before it.
          ExpressionAttributeValues: { ':shard': outboxPartition(shard), ':after': timeSortKey(addMs(now, 1), '') },
          Limit: limit,
        }),
      )
      return Items.map(readIndexed)
    },
    async lease({ id, place }, now, until) {
      const attributes = await update(id, place, {
        expression: 'SET #state = :leased, GSI1SK = :next, last_attempt_at = :now ADD attempts :one',
        values: {
          ':leased': 'leased',
          ':next': timeSortKey(until, id),
          ':now': isoOf(now),
          ':one': 1,
        },
      })
      if (attributes === undefined) return undefined
      return { id, place: timeSortKey(until, id), attempts: Leased.parse(attributes).attempts, item: attributes }
    },
    finish: async ({ id, place }, end, now) => (await update(id, place, changeOf(id, end, now))) !== undefined,
    drop: async ({ id, place }, reason, now) =>
      (await update(id, place, {
        expression: 'SET #state = :dropped, drop_reason = :reason, finished_at = :now REMOVE GSI1PK, GSI1SK',
        values: { ':dropped': 'dropped', ':reason': reason, ':now': isoOf(now) },
      })) !== undefined,
    giveUp: async ({ id, place }, error, now) =>
      (await update(id, place, changeOf(id, { state: 'dead', error }, now, 'if_not_exists(last_error, :error)'))) !==
      undefined,
  }
}

interface Change {
  readonly expression: string
  readonly values: NonNullable<UpdateCommandInput['ExpressionAttributeValues']>
}

function changeOf(id: string, end: AttemptEnd, now: Instant, error = ':error'): Change {
  if (end.state === 'delivered') {
    return {
      expression: 'SET #state = :state, finished_at = :now REMOVE GSI1PK, GSI1SK, last_error',
      values: { ':state': end.state, ':now': isoOf(now) },
    }
  }
  if (end.state === 'dead') {
    return {
      expression: `SET #state = :state, finished_at = :now, last_error = ${error}, GSI1PK = :gone, GSI1SK = :next`,
      values: {
        ':state': end.state,
        ':now': isoOf(now),
        ':error': end.error,
        ':next': timeSortKey(now, id),
      },
    }
  }
  return {
    expression: 'SET #state = :state, last_error = :error, GSI1SK = :next',
    values: {
      ':state': end.state,
      ':error': end.error,
      ':next': timeSortKey(end.nextAttemptAt, id),
    },
  }
}

function readIndexed(raw: Record<string, unknown>): WaitingEvent {
  const { id, GSI1SK: place, give_up_at } = Indexed.parse(raw)
  return {
    id,
    dueAt: instant(Date.parse(place.slice(0, ISO_LENGTH))),
    giveUpAt: give_up_at === undefined ? null : instant(Date.parse(give_up_at)),
    place,
  }
}
