/** `/admin/notifications` and `/admin/budget/events` */
import type * as z from 'zod'
import * as contract from '../../contract/notifications.ts'
import { type Operation, operation } from '../http/operation.ts'
import { isoOf } from '../platform/instant.ts'
import { exactUsd } from '../platform/money.ts'
import type { Attempt } from './attempts.store.ts'
import type { Destination } from './destination.ts'
import type { Slot } from './destinations.store.ts'
import {
  attemptsOf,
  deadCount,
  type EventListTools,
  eventOfId,
  listEvents,
  newestAttempts,
  retryDead,
  retryEvent,
} from './list-events.flow.ts'
import {
  activateDraft,
  type DestinationTools,
  deactivate,
  discardDraft,
  saveDraft,
  setCategories,
  testDraft,
} from './manage-destinations.flow.ts'
import { categoryOf, EVENT_TYPES, payloadOf, sampleEvent, toldTypeOf } from './payload.ts'
import type { StoredEvent } from './stored-event.ts'

/** Who speaks to a destination, and from where. */
export interface Publisher {
  readonly roleArns: readonly string[]
  readonly region: string
  readonly accountId: string
}

type Tools = DestinationTools & EventListTools

export const notificationOperations = (tools: Tools, publisher: Publisher): readonly Operation[] => [
  ...destinationOperations(tools, publisher),
  // `/deliveries/retry` before `/deliveries/{id}`, which would take it for an id.
  ...deliveryOperations(tools),
]

type SampleType = z.output<(typeof contract.readNotificationSamples.responses)[200]>['samples'][number]['event_type']

function destinationOperations(tools: Tools, publisher: Publisher): readonly Operation[] {
  return [
    operation(contract.readNotifications)(async () => {
      const [{ active, draft }, history, dead] = await Promise.all([
        tools.destinations.load(),
        newestAttempts(tools),
        deadCount(tools),
      ])
      return {
        status: 200,
        body: {
          active: active && destinationRow('active', active),
          draft: draft && destinationRow('draft', draft),
          delivery_history: history.map(attemptRow),
          env_fallback: null,
          publisher: {
            role_arns: [...publisher.roleArns],
            region: publisher.region,
            account_id: publisher.accountId,
          },
          dead,
        },
      }
    }),
    operation(contract.saveNotifications)(async ({ body, ...request }) => {
      const wish = {
        type: body.destination_type,
        value: body.destination_value,
        categories: body.event_categories,
        rotateSecret: body.rotate_secret ?? false,
        rev: body.rev,
      }
      const { draft, signingSecret } = await saveDraft(wish, request, tools)
      return { status: 200, body: { ...destinationRow('draft', draft), signing_secret: signingSecret } }
    }),
    operation(contract.deactivateNotifications)(async (request) => ({
      status: 200,
      body: { active_deleted: await deactivate(request, tools) },
    })),
    operation(contract.discardNotificationDraft)(async (request) => ({
      status: 200,
      body: { draft_deleted: await discardDraft(request, tools) },
    })),
    operation(contract.testNotifications)(async ({ query, ...request }) => {
      const type = EVENT_TYPES.find((one) => toldTypeOf(one) === query.event_type) ?? 'notify'
      const { error, durationMs, rev, recorded } = await testDraft({ rev: query.rev, type }, request, tools)
      return { status: 200, body: { success: error === null, error, duration_ms: durationMs, rev, recorded } }
    }),
    operation(contract.activateNotifications)(async ({ query, ...request }) => ({
      status: 200,
      body: destinationRow('active', await activateDraft(query.rev, request, tools)),
    })),
    operation(contract.setNotificationCategories)(async ({ body, ...request }) => {
      await setCategories(body.event_categories, request, tools)
      return { status: 200, body: { updated: true } }
    }),
    operation(contract.readNotificationSamples)(async ({ at }) => ({
      status: 200,
      body: {
        samples: EVENT_TYPES.map((type) => ({
          event_type: toldTypeOf(type) as SampleType,
          category: categoryOf(type),
          payload: { ...payloadOf(sampleEvent(type, at)) },
        })),
      },
    })),
  ]
}

function deliveryOperations(tools: Tools): readonly Operation[] {
  return [
    operation(contract.listDeliveries)(async ({ query: { state, ...paging }, ...request }) => {
      const { events, nextCursor } = await listEvents('deliveries', { state }, paging, request, tools)
      return { status: 200, body: { deliveries: events.map(deliveryRow), next_cursor: nextCursor } }
    }),
    operation(contract.retryDeadDeliveries)(async ({ at }) => ({ status: 200, body: await retryDead(at, tools) })),
    operation(contract.readDelivery)(async ({ params }) => {
      const [event, history] = await Promise.all([eventOfId(params.id, tools), attemptsOf(params.id, tools)])
      return { status: 200, body: { ...deliveryRow(event), history: history.map(attemptRow) } }
    }),
    operation(contract.retryDelivery)(async ({ params, at }) => {
      await retryEvent(params.id, at, tools)
      return { status: 200, body: { retried: true } }
    }),
    operation(contract.listBudgetEvents)(async ({ query: { team, user, type, ...paging }, ...request }) => {
      const { caller } = request
      // A member's list is their own, whomever they ask for.
      const userId = caller.role === 'admin' ? user : caller.userId
      const { events, nextCursor } = await listEvents('events', { userId, teamId: team, type }, paging, request, tools)
      return { status: 200, body: { events: events.map(eventRow), next_cursor: nextCursor } }
    }),
  ]
}

const destinationRow = (slot: Slot, one: Destination) => ({
  id: one.id,
  slot,
  destination_type: one.type,
  destination_value: one.value,
  event_categories: [...one.categories],
  rev: one.rev,
  last_tested_at: one.test === null ? null : isoOf(one.test.at),
  last_test_success: one.test?.ok ?? null,
  last_test_error: one.test?.error ?? null,
  created_at: isoOf(one.createdAt),
  updated_at: isoOf(one.updatedAt),
})

const attemptRow = (one: Attempt) => ({
  id: one.id,
  event_id: one.eventId,
  destination_type: one.destination.type,
  destination_value: one.destination.value,
  event_type: one.eventType,
  payload: { ...one.payload },
  status: one.error === null ? ('success' as const) : ('failure' as const),
  error_message: one.error,
  duration_ms: one.durationMs,
  created_at: isoOf(one.at),
})

function deliveryRow(stored: StoredEvent) {
  const payload = payloadOf(stored.event)
  return {
    id: stored.event.id,
    event_type: payload.event_type,
    category: payload.category,
    severity: payload.severity,
    user_identity: payload.user_identity,
    key_name: stored.event.keyName,
    team_id: payload.team_id,
    team_name: payload.team_name,
    state: stored.state,
    drop_reason: stored.dropReason,
    attempts: stored.attempts,
    next_attempt_at: stored.nextAttemptAt === null ? null : isoOf(stored.nextAttemptAt),
    last_error: stored.lastError,
    created_at: isoOf(stored.event.createdAt),
    finished_at: stored.finishedAt === null ? null : isoOf(stored.finishedAt),
    payload: { ...payload },
  }
}

function eventRow({ event, state, finishedAt }: StoredEvent): z.input<typeof contract.ListedEvent> {
  const { detail } = event
  const budget = 'allowed' in detail ? null : detail
  return {
    id: event.id,
    user_identity: event.userEmail,
    key_id: event.keyId,
    key_name: event.keyName,
    team_id: event.teamId,
    team_name: event.teamName,
    event_type: event.type,
    threshold_percent: budget?.thresholdPercent ?? null,
    spend_usd: budget && exactUsd(budget.spend),
    limit_usd: budget && exactUsd(budget.limit),
    percent: budget?.percent ?? null,
    period: budget?.period ?? null,
    period_start: budget && isoOf(budget.periodStart),
    rate_limit: 'allowed' in detail ? { limit: detail.limit, allowed: detail.allowed } : null,
    created_at: isoOf(event.createdAt),
    delivered_at: state === 'delivered' && finishedAt !== null ? isoOf(finishedAt) : null,
    delivery_state: state,
  }
}
