/** Puts an event into the Events table, once: it is recorded there, and due to be told at once. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { addMs, type Instant, isoOf } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { eventKey, eventsOf, eventsOfMonth, outboxPartition, outboxShardOf, timeSortKey } from '../table/events-keys.ts'
import type { BudgetEventDetail, GatewayEvent, RateEventDetail } from './event.ts'
import { TRIED_MS } from './retry.ts'

export interface EventWriter {
  /** False when it was there already. Never twice. */
  write(event: GatewayEvent): Promise<boolean>
}

/** A year back can be looked at on any day of the next month. */
const KEPT_MS = 396 * 86_400_000

const seconds = (at: Instant): number => Math.floor(at / 1000)

export function openEventWriter(documents: Documents, eventsTable: string): EventWriter {
  return {
    async write(event) {
      try {
        await documents.send(
          new PutCommand({
            TableName: eventsTable,
            Item: itemOf(event),
            ConditionExpression: 'attribute_not_exists(PK)',
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

function itemOf(event: GatewayEvent): Record<string, unknown> {
  const { id, createdAt } = event
  const placed = timeSortKey(createdAt, id)
  return {
    ...eventKey(id),
    GSI1PK: outboxPartition(outboxShardOf(id)),
    GSI1SK: timeSortKey(createdAt, id),
    GSI2PK: eventsOf(subjectOf(event)),
    GSI2SK: placed,
    GSI3PK: eventsOfMonth(createdAt),
    GSI3SK: placed,
    id,
    type: event.type,
    user_id: event.userId,
    user_email: event.userEmail,
    key_id: event.keyId,
    key_name: event.keyName,
    team_id: event.teamId,
    team_name: event.teamName,
    detail: detailOf(event.detail),
    created_at: isoOf(createdAt),
    state: 'pending',
    attempts: 0,
    give_up_at: isoOf(addMs(createdAt, TRIED_MS)),
    expires_at: seconds(addMs(createdAt, KEPT_MS)),
  }
}

/** Whose list it stands in: a team's own events in the team's, others in that of the user, or of the key without an owner. */
function subjectOf({ type, userId, teamId, keyId }: GatewayEvent): Parameters<typeof eventsOf>[0] {
  if (type.startsWith('team_') || (userId === null && keyId === null)) return { kind: 'team', id: teamId ?? 'none' }
  return userId === null ? { kind: 'key', id: keyId ?? 'none' } : { kind: 'user', id: userId }
}

function detailOf(detail: BudgetEventDetail | RateEventDetail): Record<string, unknown> {
  if ('allowed' in detail) return { limit: detail.limit, allowed: detail.allowed }
  return {
    threshold_percent: detail.thresholdPercent,
    spend_nano_usd: detail.spend,
    limit_nano_usd: detail.limit,
    percent: detail.percent,
    period: detail.period,
    period_start: isoOf(detail.periodStart),
  }
}
