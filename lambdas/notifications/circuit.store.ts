/** How a destination does, in the Events table. Of two runs that end at once the last one's word holds: it is an estimate. */
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { addMs, type Instant, instant, isoOf } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { destinationStateKey } from '../table/events-keys.ts'
import { type Circuit, HEALTHY } from './circuit.ts'

export interface Circuits {
  load(destinationId: string): Promise<Circuit>
  save(destinationId: string, circuit: Circuit, now: Instant): Promise<void>
}

export interface CircuitReset {
  /** Somebody says that it is well again: it is asked in the next run. */
  askSoon(destinationId: string, now: Instant): Promise<void>
}

/** A destination that nothing went to for so long begins anew. */
const KEPT_MS = 30 * 86_400_000

const Item = z.object({
  failures: z.number(),
  failed: z._default(z.array(z.string()), []),
  probe_at: z.nullable(z.string()),
  portion: z.nullable(z.number()),
})

export function openCircuits(documents: Documents, eventsTable: string): Circuits {
  return {
    async load(destinationId) {
      const { Item: raw } = await documents.send(
        new GetCommand({
          TableName: eventsTable,
          Key: { ...destinationStateKey(destinationId) },
          ConsistentRead: true,
        }),
      )
      if (raw === undefined) return HEALTHY
      const { failures, failed, probe_at, portion } = Item.parse(raw)
      return { failures, failed, probeAt: probe_at === null ? null : instant(Date.parse(probe_at)), portion }
    },
    async save(destinationId, { failures, failed, probeAt, portion }, now) {
      await documents.send(
        new PutCommand({
          TableName: eventsTable,
          Item: {
            ...destinationStateKey(destinationId),
            failures,
            failed,
            probe_at: probeAt === null ? null : isoOf(probeAt),
            portion,
            expires_at: Math.floor(addMs(now, KEPT_MS) / 1000),
          },
        }),
      )
    },
  }
}

export function openCircuitReset(documents: Documents, eventsTable: string): CircuitReset {
  return {
    async askSoon(destinationId, now) {
      await documents
        .send(
          new UpdateCommand({
            TableName: eventsTable,
            Key: { ...destinationStateKey(destinationId) },
            UpdateExpression: 'SET probe_at = :now',
            ConditionExpression: 'probe_at > :now',
            ExpressionAttributeValues: { ':now': isoOf(now) },
          }),
        )
        .catch((thrown: unknown) => {
          // It does not fail, or nothing ever went there.
          if (!(thrown instanceof Error) || thrown.name !== 'ConditionalCheckFailedException') throw thrown
        })
    },
  }
}
