/** Notifications: where they go, what became of them, and the events they tell of. */
import * as z from 'zod'
import { AdminError } from './errors.ts'
import { Id, Timestamp } from './fields.ts'
import { pageQuery } from './paging.ts'
import { route } from './route.ts'

const DestinationType = z.enum(['webhook', 'sns', 'eventbridge'], {
  error: ({ input }) => `Unknown destination type '${String(input)}'. Must be webhook, sns, or eventbridge`,
})

const CATEGORIES = ['budget', 'rate_limit'] as const
const Categories = z
  .array(
    z.enum(CATEGORIES, {
      error: ({ input }) =>
        typeof input === 'string'
          ? `invalid category '${input}', must be one of: ["budget", "rate_limit"]`
          : 'each category must be a string',
    }),
    { error: 'event_categories must be a JSON array' },
  )
  .min(1, 'event_categories must not be empty')

const Destination = z.object({
  id: Id,
  slot: z.enum(['active', 'draft']),
  destination_type: DestinationType,
  destination_value: z
    .string()
    .meta({ description: 'An ARN; of a webhook its origin alone, since its path may be all that protects it.' }),
  event_categories: Categories,
  rev: z.int().meta({ description: 'Counts the changes of it.' }),
  last_tested_at: z.nullable(Timestamp).meta({ description: 'null until this very revision was tested.' }),
  last_test_success: z.nullable(z.boolean()),
  last_test_error: z.nullable(z.string()),
  created_at: Timestamp,
  updated_at: Timestamp,
})

const SavedDestination = Destination.extend({
  signing_secret: z
    .nullable(z.string())
    .meta({ description: 'Of a webhook, the one time that it is new; never told again.' }),
})

const Payload = z.record(z.string(), z.unknown()).meta({ description: 'What the destination is sent.' })

const Attempt = z.object({
  id: z.string(),
  event_id: z.nullable(z.string()).meta({ description: 'null of a test.' }),
  destination_type: z.string(),
  destination_value: z.string(),
  event_type: z.string(),
  payload: Payload,
  status: z.enum(['success', 'failure']),
  error_message: z.nullable(z.string()),
  duration_ms: z.int(),
  created_at: Timestamp,
})

const State = z.enum(['pending', 'leased', 'delivered', 'dropped', 'dead'])
const Category = z.enum(CATEGORIES)
const Severity = z.enum(['warning', 'high', 'critical'])

const Delivery = z.object({
  id: z.string().meta({ description: 'Of the event; sent along as x-ccag-delivery.' }),
  event_type: z.string(),
  category: Category,
  severity: Severity,
  user_identity: z.nullable(z.string()),
  key_name: z.nullable(z.string()),
  team_id: z.nullable(z.string()),
  team_name: z.nullable(z.string()),
  state: State.meta({ description: '`dead`: given up after three days. `dropped`: not to be told, see drop_reason.' }),
  drop_reason: z.nullable(z.string()),
  attempts: z.int(),
  next_attempt_at: z.nullable(Timestamp),
  last_error: z.nullable(z.string()),
  created_at: Timestamp,
  finished_at: z.nullable(Timestamp),
  payload: Payload,
})

const EventType = z.enum([
  'notify',
  'shape',
  'block',
  'team_notify',
  'team_shape',
  'team_block',
  'key_notify',
  'key_shape',
  'key_block',
  'rate_limit',
])

export const ListedEvent = z.object({
  id: z.string(),
  user_identity: z.nullable(z.string()),
  key_id: z.nullable(z.string()),
  key_name: z.nullable(z.string()),
  team_id: z.nullable(z.string()),
  team_name: z.nullable(z.string()),
  event_type: EventType,
  threshold_percent: z.nullable(z.number()),
  spend_usd: z.nullable(z.number()),
  limit_usd: z.nullable(z.number()),
  percent: z.nullable(z.number()),
  period: z.nullable(z.enum(['daily', 'weekly', 'monthly'])),
  period_start: z.nullable(Timestamp),
  rate_limit: z
    .nullable(z.object({ limit: z.string(), allowed: z.int() }))
    .meta({ description: 'Of a rate limit that was met; the members of a budget are null then.' }),
  created_at: Timestamp,
  delivered_at: z.nullable(Timestamp),
  delivery_state: State,
})

const SampleType = z.enum([
  'budget_warning',
  'budget_shaped',
  'budget_blocked',
  'team_budget_warning',
  'team_budget_shaped',
  'team_budget_blocked',
  'key_budget_warning',
  'key_budget_shaped',
  'key_budget_blocked',
  'rate_limit_hit',
])

/** In the query, since the gateway we follow takes these calls without a body. */
const SeenRev = z.coerce
  .number()
  .int()
  .min(0)
  .optional()
  .meta({ description: 'The revision of the draft that was seen: 409 when it is not the last one.' })

export const readNotifications = route({
  method: 'GET',
  path: '/admin/notifications/config',
  access: 'admin',
  summary: 'Where notifications go, the draft of the next destination, and the last twenty attempts to tell one.',
  responses: {
    200: z.object({
      active: z.nullable(Destination),
      draft: z.nullable(Destination),
      delivery_history: z.array(Attempt),
      env_fallback: z.null().meta({ description: 'There is no destination outside of this configuration.' }),
      publisher: z
        .object({ role_arns: z.array(z.string()), region: z.string(), account_id: z.string() })
        .meta({ description: 'What the policy of a topic or bus of another account has to allow.' }),
      dead: z.int().meta({ description: 'Events that were given up and can be retried; counted up to 1,000.' }),
    }),
  },
})

export const saveNotifications = route({
  method: 'PUT',
  path: '/admin/notifications/config',
  access: 'admin',
  summary: 'Save the draft. It has to be tested before it can be activated; the active destination is not touched.',
  body: z.strictObject({
    destination_type: DestinationType,
    destination_value: z
      .string()
      .trim()
      .max(2048, 'must have at most 2,048 characters')
      .optional()
      .meta({ description: 'Absent, or as it was shown: the address of the draft, else of the active destination.' }),
    event_categories: Categories.default(['budget']),
    rotate_secret: z.boolean().optional().meta({ description: 'Makes a new signing secret for a webhook.' }),
    rev: z
      .int()
      .min(0)
      .optional()
      .meta({ description: 'The revision that was seen: 409 when it is not the last one.' }),
  }),
  responses: { 200: SavedDestination, 409: AdminError },
})

export const deactivateNotifications = route({
  method: 'DELETE',
  path: '/admin/notifications/config',
  access: 'admin',
  summary: 'Tell nobody any more. Events are recorded, and not told later.',
  responses: { 200: z.object({ active_deleted: z.boolean() }) },
})

export const discardNotificationDraft = route({
  method: 'DELETE',
  path: '/admin/notifications/draft',
  access: 'admin',
  summary: 'Discard the draft.',
  responses: { 200: z.object({ draft_deleted: z.boolean() }) },
})

export const testNotifications = route({
  method: 'POST',
  path: '/admin/notifications/test',
  access: 'admin',
  summary: 'Send the draft an event that did not happen. The result is that of the revision that was tested.',
  query: z.strictObject({
    rev: SeenRev,
    event_type: SampleType.optional().meta({ description: 'Absent: budget_warning.' }),
  }),
  responses: {
    200: z.object({
      success: z.boolean(),
      error: z.nullable(z.string()),
      duration_ms: z.int(),
      rev: z.int().meta({ description: 'What was tested.' }),
      recorded: z.boolean().meta({ description: 'false where the draft was changed meanwhile: it is untested.' }),
    }),
    409: AdminError,
  },
})

export const activateNotifications = route({
  method: 'POST',
  path: '/admin/notifications/activate',
  access: 'admin',
  summary: 'Make the draft the active destination, in place of what was.',
  query: z.strictObject({ rev: SeenRev }),
  responses: { 200: Destination, 409: AdminError },
})

export const setNotificationCategories = route({
  method: 'PUT',
  path: '/admin/notifications/categories',
  access: 'admin',
  summary: 'Choose of what the active destination is told.',
  body: z.strictObject({ event_categories: Categories }),
  responses: { 200: z.object({ updated: z.literal(true) }), 404: AdminError },
})

export const readNotificationSamples = route({
  method: 'GET',
  path: '/admin/notifications/samples',
  access: 'admin',
  summary: 'What a destination is sent, for each type of event.',
  responses: {
    200: z.object({ samples: z.array(z.object({ event_type: SampleType, category: Category, payload: Payload })) }),
  },
})

/** No `#` and no slash: it stands in keys and paths. */
/** As they are built: what it is about, whom, and when. */
const EventId = z.string().regex(/^(?:budget|rate)\.[\w.:-]{1,300}$/, 'must be the id of an event')

export const listDeliveries = route({
  method: 'GET',
  path: '/admin/notifications/deliveries',
  access: 'admin',
  summary: 'Events of the last thirteen months and how telling them goes, newest first.',
  query: z.strictObject({ state: State.optional(), ...pageQuery }),
  responses: { 200: z.object({ deliveries: z.array(Delivery), next_cursor: z.nullable(z.string()) }) },
})

export const readDelivery = route({
  method: 'GET',
  path: '/admin/notifications/deliveries/{id}',
  access: 'admin',
  summary: 'An event with the attempts to tell it in the last ninety days, newest first, at most a hundred.',
  params: z.object({ id: EventId }),
  responses: { 200: Delivery.extend({ history: z.array(Attempt) }), 404: AdminError },
})

export const retryDelivery = route({
  method: 'POST',
  path: '/admin/notifications/deliveries/{id}/retry',
  access: 'admin',
  summary: 'Try an event again that was given up, or now one that waits. It has three days again.',
  params: z.object({ id: EventId }),
  responses: { 200: z.object({ retried: z.literal(true) }), 404: AdminError, 409: AdminError },
})

export const retryDeadDeliveries = route({
  method: 'POST',
  path: '/admin/notifications/deliveries/retry',
  access: 'admin',
  summary: 'Try all again that were given up, up to 1,000 at once, spread over some minutes.',
  responses: { 200: z.object({ retried: z.int(), left: z.boolean() }) },
})

export const listBudgetEvents = route({
  method: 'GET',
  path: '/admin/budget/events',
  access: 'any',
  summary: 'Thresholds that were passed and limits that were met, newest first. Members see their own.',
  query: z.strictObject({
    team: Id.optional(),
    user: Id.optional().meta({ description: 'Events of a person and of their keys.' }),
    type: EventType.optional(),
    ...pageQuery,
  }),
  responses: { 200: z.object({ events: z.array(ListedEvent), next_cursor: z.nullable(z.string()) }) },
})

export const notificationRoutes = [
  readNotifications,
  saveNotifications,
  deactivateNotifications,
  discardNotificationDraft,
  testNotifications,
  activateNotifications,
  setNotificationCategories,
  readNotificationSamples,
  listDeliveries,
  retryDeadDeliveries,
  readDelivery,
  retryDelivery,
  listBudgetEvents,
] as const
