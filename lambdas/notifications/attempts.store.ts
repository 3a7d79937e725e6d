/** The log of attempts, in the Events table: what went where, and how that ended. Never what a receiver answered. */
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { addMs, type Instant, instant, isoOf } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { ATTEMPT_PREFIX, ATTEMPTS_LIST, attemptKey, eventKey, timeSortKey } from '../table/events-keys.ts'

export interface Attempt {
  readonly id: string
  /** `null` of a test. */
  readonly eventId: string | null
  readonly destination: { readonly id: string; readonly type: string; readonly value: string }
  /** As the payload names it; `test` of a test. */
  readonly eventType: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly error: string | null
  readonly durationMs: number
  readonly at: Instant
}

export interface AttemptLog {
  note(attempt: Attempt): Promise<void>
}

export interface AttemptReader {
  /** Newest first, as the index has them. */
  newest(count: number): Promise<readonly Attempt[]>
  /** Of one event, newest first. */
  ofEvent(eventId: string, count: number): Promise<readonly Attempt[]>
}

/** A quarter: whoever asks what became of a warning asks within it. */
const KEPT_MS = 90 * 86_400_000

export function openAttemptLog(documents: Documents, eventsTable: string): AttemptLog {
  return {
    async note(attempt) {
      const { id, eventId, destination, at } = attempt
      const place = timeSortKey(at, id)
      await documents.send(
        new PutCommand({
          TableName: eventsTable,
          Item: {
            ...attemptKey(eventId === null ? { tested: destination.id } : { event: eventId }, at, id),
            GSI3PK: ATTEMPTS_LIST,
            GSI3SK: place,
            attempt_id: id,
            event_id: eventId,
            destination_id: destination.id,
            destination_type: destination.type,
            destination_value: destination.value,
            event_type: attempt.eventType,
            payload: attempt.payload,
            error_message: attempt.error,
            duration_ms: attempt.durationMs,
            created_at: isoOf(at),
            expires_at: Math.floor(addMs(at, KEPT_MS) / 1000),
          },
        }),
      )
    },
  }
}

const Item = z.object({
  attempt_id: z.string(),
  event_id: z.nullable(z.string()),
  destination_id: z.string(),
  destination_type: z.string(),
  destination_value: z.string(),
  event_type: z.string(),
  payload: z.record(z.string(), z.unknown()),
  error_message: z.nullable(z.string()),
  duration_ms: z.number(),
  created_at: z.string(),
})

function readAttempt(raw: Record<string, unknown>): Attempt {
  const item = Item.parse(raw)
  return {
    id: item.attempt_id,
    eventId: item.event_id,
    destination: { id: item.destination_id, type: item.destination_type, value: item.destination_value },
    eventType: item.event_type,
    payload: item.payload,
    error: item.error_message,
    durationMs: item.duration_ms,
    at: instant(Date.parse(item.created_at)),
  }
}

export function openAttemptReader(documents: Documents, eventsTable: string): AttemptReader {
  return {
    async newest(count) {
      const { Items = [] } = await documents.send(
        new QueryCommand({
          TableName: eventsTable,
          IndexName: 'GSI3',
          KeyConditionExpression: 'GSI3PK = :list',
          ExpressionAttributeValues: { ':list': ATTEMPTS_LIST },
          ScanIndexForward: false,
          Limit: count,
        }),
      )
      return Items.map(readAttempt)
    },
    async ofEvent(eventId, count) {
      const { Items = [] } = await documents.send(
        new QueryCommand({
          TableName: eventsTable,
          KeyConditionExpression: 'PK = :event AND begins_with(SK, :attempt)',
          ExpressionAttributeValues: { ':event': eventKey(eventId).PK, ':attempt': ATTEMPT_PREFIX },
          ScanIndexForward: false,
          Limit: count,
        }),
      )
      return Items.map(readAttempt)
    },
  }
}
