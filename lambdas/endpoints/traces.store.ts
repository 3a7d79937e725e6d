/** What requests leave behind of the endpoints they went to: trouble, counted by the minute, and where a session was answered. */
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Trouble } from '../bedrock/faults.ts'
import { addMs, type Instant } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { affinityKey, FAULT_SHARDS, faultsKey } from '../table/ephemeral-keys.ts'
import { AFFINITY_KEPT_MS } from './affinity.ts'

export interface Traces {
  /** @param gaveUp This environment has given the endpoint up for a while. */
  noteTrouble(endpointId: string, trouble: Trouble, gaveUp: boolean, at: Instant): Promise<void>
  noteAffinity(affinity: Affinity, at: Instant): Promise<void>
}

export interface Affinity {
  readonly identity: string
  /** Empty where the client names no session. */
  readonly session: string
  readonly model: string
  readonly endpointId: string
}

/** The portal shows the last hour; another one keeps a slow reader from finding half of it. */
const TROUBLE_KEPT_MS = 2 * 3_600_000

const COUNTED = { throttle: 'throttles', error: 'errors', denied: 'denied' } as const satisfies Record<Trouble, string>

const seconds = (at: Instant): number => Math.floor(at / 1000)

/** @param chance 0 up to 1; spreads the writers. */
export function openTraces(documents: Documents, table: string, chance: () => number): Traces {
  return {
    async noteTrouble(endpointId, trouble, gaveUp, at) {
      const shard = Math.floor(chance() * FAULT_SHARDS)
      await documents.send(
        new UpdateCommand({
          TableName: table,
          Key: { ...faultsKey(endpointId, at, shard) },
          UpdateExpression: 'ADD #kind :one, given_up :gaveUp SET expires_at = :end',
          ExpressionAttributeNames: { '#kind': COUNTED[trouble] },
          ExpressionAttributeValues: {
            ':one': 1,
            ':gaveUp': gaveUp ? 1 : 0,
            ':end': seconds(addMs(at, TROUBLE_KEPT_MS)),
          },
        }),
      )
    },
    async noteAffinity({ identity, session, model, endpointId }, at) {
      const expires_at = seconds(addMs(at, AFFINITY_KEPT_MS))
      await documents.send(
        new PutCommand({
          TableName: table,
          Item: { ...affinityKey(identity, session, model), endpoint_id: endpointId, expires_at },
        }),
      )
    },
  }
}
