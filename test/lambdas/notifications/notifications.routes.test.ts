import { createHmac } from 'node:crypto'
import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openEventWriter } from '../../../lambdas/notifications/event-writer.store.ts'
import { addMs, instant } from '../../../lambdas/platform/instant.ts'
import { eventKey } from '../../../lambdas/table/events-keys.ts'
import { startAws, type TestAws } from '../../support/aws.ts'
import { startControl, type TestControl } from '../../support/control.ts'
import { budgetEvent } from '../../support/outbox.ts'
import { startWebhookSink, type WebhookSink } from '../../support/webhook-sink.ts'

let aws: TestAws
let sink: WebhookSink
let control: TestControl
let token: string
beforeAll(async () => {
  aws = await startAws()
})
afterAll(() => aws.stop())
beforeEach(async () => {
  sink = await startWebhookSink()
  control = await startControl(aws)
  token = (await control.person({ role: 'admin' })).token
  aws.sns.refuse(null)
})
afterEach(async () => {
  await control.stop()
  await sink.stop()
})

const CONFIG = '/admin/notifications/config'
const TEST = '/admin/notifications/test'
const ACTIVATE = '/admin/notifications/activate'
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:budgets'
const BUS = 'arn:aws:events:us-east-1:123456789012:event-bus/gateway'

const ask = (method: string, path: string, body?: unknown) => control.ask(method, path, { token, body })
const save = (destination_type: string, destination_value?: string, rest: object = {}) =>
  ask('PUT', CONFIG, { destination_type, destination_value, ...rest })
const config = async () => (await ask('GET', CONFIG)).body
const activated = async () => {
  await save('webhook', sink.url)
  await ask('POST', TEST)
  return (await ask('POST', ACTIVATE)).body
}
async function stored(): Promise<string> {
  const read = async (table: string, PK: string) =>
    (
      await control.documents.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'PK = :pk',
          ExpressionAttributeValues: { ':pk': PK },
        }),
      )
    ).Items
  return JSON.stringify([
    await read(control.tables.core, 'NOTIFICATIONS'),
    await read(control.tables.events, 'AUDIT#2026-11'),
    await config(),
  ])
}
const audited = async () => {
  const { Items = [] } = await control.documents.send(
    new QueryCommand({
      TableName: control.tables.events,
      KeyConditionExpression: 'PK = :pk',
      ExpressionAttributeValues: { ':pk': 'AUDIT#2026-11' },
    }),
  )
  return Items.map(({ action }) => action).filter((action) => String(action).startsWith('notifications.'))
}

describe('L25: the destination', () => {
  test('O1: there is none to begin with', async () => {
    expect(await config()).toEqual({
      active: null,
      draft: null,
      delivery_history: [],
      env_fallback: null,
      publisher: {
        role_arns: ['arn:aws:iam::000000000000:role/outbox', 'arn:aws:iam::000000000000:role/control'],
        region: 'us-east-1',
        account_id: '000000000000',
      },
      dead: 0,
    })
  })

  test.each([
    ['webhook', 'https://hooks.example.com/services/T0/B0?x=1', 'https://hooks.example.com/…'],
    ['sns', TOPIC, TOPIC],
    ['sns', 'arn:aws-cn:sns:cn-north-1:123456789012:b', 'arn:aws-cn:sns:cn-north-1:123456789012:b'],
    [
      'sns',
      'arn:aws-us-gov:sns:us-gov-west-1:123456789012:b.fifo',
      'arn:aws-us-gov:sns:us-gov-west-1:123456789012:b.fifo',
    ],
    ['eventbridge', BUS, BUS],
  ])('O2: a draft of %s %s is saved', async (type, value, shown) => {
    const { status, body } = await save(type, value)
    expect([status, body]).toMatchObject([
      200,
      {
        slot: 'draft',
        destination_type: type,
        destination_value: shown,
        event_categories: ['budget'],
        rev: 1,
        last_tested_at: null,
        last_test_success: null,
        last_test_error: null,
      },
    ])
  })

  test.each([
    [
      'pager',
      'https://hooks.example.com/',
      "destination_type: Unknown destination type 'pager'. Must be webhook, sns, or eventbridge",
    ],
    ['webhook', 'http://hooks.example.com/', 'destination_value: Webhook URL must start with https://'],
    ['webhook', 'hooks.example.com', 'destination_value: Webhook URL must be a URL'],
    ['webhook', undefined, 'destination_value: Webhook URL must start with https://'],
    ['webhook', 'https://hooks.example.com/…', 'destination_value: Webhook URL is what is shown of one'],
    ['webhook', 'https://hooks.example.com/%E2%80%A6?x=1', 'destination_value: Webhook URL is what is shown of one'],
    ['webhook', 'https://user:pw@hooks.example.com/', 'destination_value: Webhook URL must not hold a user name'],
    ['webhook', 'https://169.254.169.254/', 'destination_value: Webhook URL 169.254.169.254 is not an address'],
    ['sns', 'arn:aws:sqs:us-east-1:123456789012:b', 'destination_value: Invalid SNS topic ARN format'],
    ['sns', 'arn:aws:sns:us-east-1:1234:b', 'destination_value: Invalid SNS topic ARN format'],
    ['sns', 'arn:aws-iso:sns:us-iso-east-1:123456789012:b', 'destination_value: Invalid SNS topic ARN format'],
    ['eventbridge', TOPIC, 'destination_value: Invalid EventBridge event bus ARN format'],
    ['eventbridge', 'arn:aws:events:us-east-1:123456789012:rule/b', 'Invalid EventBridge event bus ARN format'],
  ])('O3, O22: %s %s is refused, and the field named', async (type, value, message) => {
    const { status, body } = await save(type, value)
    expect([status, body.error.message]).toEqual([400, expect.stringContaining(message)])
  })

  test('O3: an address that is short as it is typed, and longer than KMS seals as it is sent, is refused as too long', async () => {
    const { status, body } = await save('webhook', `https://hooks.example.com/${'ü'.repeat(1000)}`)
    const message = 'destination_value: Webhook URL must be a URL of at most 2048 characters'
    expect([status, body.error?.message]).toEqual([400, expect.stringContaining(message)])
  })

  test.each([
    ['budget', 'event_categories must be a JSON array'],
    [[], 'event_categories must not be empty'],
    [[1], 'event_categories.0: each category must be a string'],
    [['budget', 'health'], `event_categories.1: invalid category 'health', must be one of: ["budget", "rate_limit"]`],
  ])('O3: categories %j are refused', async (event_categories, message) => {
    const { status, body } = await save('sns', TOPIC, { event_categories })
    expect([status, body.error.message]).toEqual([400, expect.stringContaining(message)])
  })

  test('O4: the draft that is saved again is the same row, with new values', async () => {
    const first = (await save('sns', TOPIC)).body
    const second = (await save('eventbridge', BUS, { event_categories: ['rate_limit'] })).body
    expect(second).toMatchObject({ id: first.id, rev: 2, destination_value: BUS, event_categories: ['rate_limit'] })
  })

  test('O5, O8, O11: a draft never alters what is active; activated it takes its place and keeps its id', async () => {
    const active = await activated()
    expect(active).toMatchObject({ slot: 'active', last_test_success: true })
    expect(await config()).toMatchObject({ active: { id: active.id }, draft: null })
    const draft = (await save('sns', TOPIC)).body
    expect(draft.id).not.toBe(active.id)
    expect(await config()).toMatchObject({ active: { id: active.id, rev: 1 }, draft: { id: draft.id } })
    expect((await ask('DELETE', '/admin/notifications/draft')).body).toEqual({ draft_deleted: true })
    expect((await ask('DELETE', '/admin/notifications/draft')).body).toEqual({ draft_deleted: false })
    expect(await config()).toMatchObject({ active: { id: active.id }, draft: null })
    const other = (await save('sns', TOPIC)).body
    await ask('POST', TEST)
    expect((await ask('POST', ACTIVATE)).status).toBe(200)
    expect(await config()).toMatchObject({ active: { id: other.id, destination_value: TOPIC }, draft: null })
    const changes = [
      'activated',
      'activated',
      'draft_discarded',
      'draft_saved',
      'draft_saved',
      'draft_saved',
      'tested',
      'tested',
    ]
    expect((await audited()).sort()).toEqual(changes.map((action) => `notifications.${action}`))
  })

  test('O6: a test sends what did not happen, and its result is kept', async () => {
    const { signing_secret } = (await save('webhook', sink.url)).body
    expect((await ask('POST', TEST)).body).toEqual({
      success: true,
      error: null,
      duration_ms: expect.any(Number),
      rev: 1,
      recorded: true,
    })
    const [hook] = sink.received
    expect(JSON.parse(hook?.body ?? '')).toEqual({
      source: 'ccag',
      version: '1',
      category: 'budget',
      event_type: 'budget_warning',
      severity: 'warning',
      user_identity: 'test@example.com',
      team_id: null,
      team_name: 'test-team',
      detail: {
        threshold_percent: 80,
        spend_usd: 40,
        limit_usd: 50,
        percent: 80,
        period: 'weekly',
        period_start: '2026-11-24T12:30:00.000Z',
      },
      timestamp: '2026-11-24T12:30:00.000Z',
    })
    const signed = `${hook?.headers['x-ccag-timestamp']}.${hook?.body}`
    const sum = createHmac('sha256', signing_secret).update(signed).digest('hex')
    expect(hook?.headers['x-ccag-signature']).toBe(`v1=${sum}`)
    expect(await config()).toMatchObject({
      draft: { last_test_success: true, last_test_error: null, last_tested_at: '2026-11-24T12:30:00.000Z' },
      delivery_history: [{ event_id: null, event_type: 'test', status: 'success', error_message: null }],
    })
  })

  test('O7, O9: one that fails is told as it is, and cannot be activated', async () => {
    await save('webhook', sink.url)
    expect((await ask('POST', ACTIVATE)).body.error.message).toBe(
      'Draft must pass a test before activation. Use POST /admin/notifications/test first.',
    )
    sink.answer = 500
    const { status, body } = await ask('POST', TEST)
    expect([status, body]).toMatchObject([200, { success: false, error: 'Webhook returned 500' }])
    expect((await config()).draft).toMatchObject({ last_test_success: false, last_test_error: 'Webhook returned 500' })
    expect((await ask('POST', ACTIVATE)).status).toBe(400)
    await ask('DELETE', '/admin/notifications/draft')
    expect((await ask('POST', TEST)).body.error.message).toBe('No draft config to test')
    expect((await ask('POST', ACTIVATE)).body.error.message).toBe('No draft config to activate')
  })

  test('a test may be of any type of event, and of a topic or a bus', async () => {
    await save('eventbridge', BUS)
    expect((await ask('POST', `${TEST}?event_type=key_budget_blocked`)).body.success).toBe(true)
    expect(aws.eventBridge.events().at(-1)).toMatchObject({ bus: BUS, detailType: 'key_budget_blocked' })
    await save('sns', TOPIC)
    expect((await ask('POST', `${TEST}?event_type=rate_limit_hit`)).body.success).toBe(true)
    expect(aws.sns.published().at(-1)?.subject).toBe('rate_limit_hit for test@example.com')
    aws.sns.refuse({ status: 403, code: 'AuthorizationError', message: 'not authorized to perform: SNS:Publish' })
    expect((await ask('POST', TEST)).body.error).toContain('not authorized to perform: SNS:Publish')
    expect((await ask('POST', `${TEST}?event_type=made_up`)).status).toBe(400)
  })

  test('O21, W45: a draft that is changed while its test runs is untested, and the test says so', async () => {
    await save('webhook', sink.url)
    let changed: Promise<unknown> = Promise.resolve()
    let arrived = (): void => {}
    const there = new Promise<void>((resolve) => {
      arrived = resolve
    })
    sink.answer = () => {
      arrived()
      return 'hang'
    }
    const testing = ask('POST', TEST)
    await there
    changed = save('webhook', `${sink.url}?other`)
    await changed
    await sink.stop()
    expect((await testing).body).toMatchObject({ success: false, rev: 1, recorded: false })
    expect((await config()).draft).toMatchObject({ rev: 2, last_test_success: null })
    sink = await startWebhookSink()
  })

  test('O21: whoever has seen another draft than there is tests and activates nothing', async () => {
    await save('sns', TOPIC)
    await save('sns', TOPIC, { event_categories: ['budget', 'rate_limit'], rev: 1 })
    for (const [method, path, body] of [
      ['POST', `${TEST}?rev=1`],
      ['POST', `${ACTIVATE}?rev=1`],
      ['PUT', CONFIG, { destination_type: 'sns', destination_value: TOPIC, rev: 1 }],
    ] as const) {
      const answer = await ask(method, path, body)
      expect([path, answer.status, answer.body.error?.message]).toEqual([path, 409, expect.stringContaining('rev: ')])
    }
    expect((await ask('POST', `${TEST}?rev=2`)).status).toBe(200)
    expect((await ask('POST', `${ACTIVATE}?rev=2`)).status).toBe(200)
  })

  test('O10, O12: categories of what is active are set; deactivated it is gone', async () => {
    expect((await ask('PUT', '/admin/notifications/categories', { event_categories: ['budget'] })).status).toBe(404)
    await activated()
    const set = await ask('PUT', '/admin/notifications/categories', { event_categories: ['budget', 'rate_limit'] })
    expect(set.body).toEqual({ updated: true })
    expect((await config()).active.event_categories).toEqual(['budget', 'rate_limit'])
    expect((await ask('PUT', '/admin/notifications/categories', { event_categories: [] })).status).toBe(400)
    expect((await ask('DELETE', CONFIG)).body).toEqual({ active_deleted: true })
    expect((await ask('DELETE', CONFIG)).body).toEqual({ active_deleted: false })
    expect((await config()).active).toBeNull()
  })

  test('O13: members are told nothing and change nothing', async () => {
    const member = (await control.person()).token
    for (const [method, path, body] of [
      ['GET', CONFIG],
      ['PUT', CONFIG, { destination_type: 'sns', destination_value: TOPIC }],
      ['DELETE', CONFIG],
      ['DELETE', '/admin/notifications/draft'],
      ['POST', TEST],
      ['POST', ACTIVATE],
      ['PUT', '/admin/notifications/categories', { event_categories: ['budget'] }],
      ['GET', '/admin/notifications/deliveries'],
      ['POST', '/admin/notifications/deliveries/retry'],
      ['GET', '/admin/notifications/samples'],
    ] as const)
      expect([path, (await control.ask(method, path, { token: member, body })).status]).toEqual([path, 403])
  })
})

describe('the secrets of a webhook', () => {
  test('are told once, and stand nowhere in the clear', async () => {
    const { body } = await save('webhook', sink.url)
    expect(body.signing_secret).toMatch(/^whsec_[0-9a-f]{64}$/)
    await ask('POST', TEST)
    await ask('POST', ACTIVATE)
    expect(await stored()).not.toMatch(new RegExp(`${body.signing_secret}|secret-path`))
    expect(control.logged.join('\n')).not.toMatch(new RegExp(`${body.signing_secret}|secret-path`))
  })

  test('stay what they are when the rest is changed, the address too, until a new one is asked for', async () => {
    const first = (await save('webhook', sink.url)).body
    const same = (await save('webhook', first.destination_value, { event_categories: ['rate_limit'] })).body
    expect(same).toMatchObject({ signing_secret: null, rev: 2, destination_value: first.destination_value })
    await ask('POST', TEST)
    expect(sink.received.at(-1)?.path).toBe('/hooks/secret-path')
    await ask('POST', ACTIVATE)
    // What is active is the beginning of the next draft.
    const next = (await save('webhook')).body
    expect(next).toMatchObject({ signing_secret: null, destination_value: first.destination_value })
    const rotated = (await save('webhook', undefined, { rotate_secret: true })).body
    expect(rotated.signing_secret).toMatch(/^whsec_/)
    expect(rotated.signing_secret).not.toBe(first.signing_secret)
    await ask('POST', TEST)
    const hook = sink.received.at(-1)
    const signed = `${hook?.headers['x-ccag-timestamp']}.${hook?.body}`
    const sum = createHmac('sha256', rotated.signing_secret).update(signed).digest('hex')
    expect(hook?.headers['x-ccag-signature']).toBe(`v1=${sum}`)
  })

  test('of what is active are meant by its shown address, whatever the draft is', async () => {
    const { signing_secret, destination_value: shown } = (await save('webhook', sink.url)).body
    await ask('POST', TEST)
    await ask('POST', ACTIVATE)
    const other = (await save('webhook', 'https://hooks.example.com/services/T0/B0')).body
    expect(other.destination_value).not.toBe(shown)
    expect((await save('webhook', shown, { event_categories: ['rate_limit'] })).body).toMatchObject({
      id: other.id,
      destination_value: shown,
      signing_secret: null,
    })
    expect((await ask('POST', TEST)).body.success).toBe(true)
    const hook = sink.received.at(-1)
    expect(hook?.path).toBe('/hooks/secret-path')
    const signed = `${hook?.headers['x-ccag-timestamp']}.${hook?.body}`
    const sum = createHmac('sha256', signing_secret).update(signed).digest('hex')
    expect(hook?.headers['x-ccag-signature']).toBe(`v1=${sum}`)
  })
})

test('there is a sample of each type of event', async () => {
  const { samples } = (await ask('GET', '/admin/notifications/samples')).body
  expect(samples).toHaveLength(10)
  for (const { event_type, category, payload } of samples) expect(payload).toMatchObject({ event_type, category })
})

describe('events', () => {
  const at = instant(Date.UTC(2026, 10, 24, 12, 0, 0))
  const ada = '33333333-3333-4333-8333-333333333333'
  const grace = '44444444-4444-4444-8444-444444444444'
  const writer = () => openEventWriter(control.documents, control.tables.events)
  /** One a day back over months, of two people and a team. */
  async function some(count: number) {
    const ids: string[] = []
    for (let day = 0; day < count; day++) {
      const event = budgetEvent(addMs(at, -day * 86_400_000), {
        userId: day % 2 === 0 ? ada : grace,
        ...(day % 5 === 4 && { type: 'block' as const }),
      })
      await writer().write(event)
      ids.push(event.id)
    }
    return ids
  }
  async function pages(path: string, member: string, limit: number, who = token) {
    const found: string[] = []
    let cursor: string | null = null
    do {
      const at = `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`
      const { status, body } = await control.ask('GET', at, { token: who })
      expect(status).toBe(200)
      expect(body[member].length).toBeLessThanOrEqual(limit)
      found.push(...body[member].map(({ id }: { id: string }) => id))
      cursor = body.next_cursor
    } while (cursor !== null)
    return found
  }

  test('API+ 7: are listed newest first, over months, page by page, each once', async () => {
    const ids = await some(70)
    expect(await pages('/admin/budget/events', 'events', 9)).toEqual(ids)
    expect(await pages('/admin/budget/events?type=block', 'events', 3)).toEqual(ids.filter((_, day) => day % 5 === 4))
    expect(await pages(`/admin/budget/events?user=${ada}`, 'events', 10)).toEqual(ids.filter((_, day) => day % 2 === 0))
    expect(await pages('/admin/budget/events?team=22222222-2222-4222-8222-222222222222', 'events', 200)).toEqual(ids)
    expect(await pages('/admin/budget/events?team=55555555-5555-4555-8555-555555555555', 'events', 200)).toEqual([])
    const { body } = await ask('GET', '/admin/budget/events?limit=1')
    expect(body.events[0]).toEqual({
      id: ids[0],
      user_identity: 'ada@example.com',
      key_id: null,
      key_name: null,
      team_id: '22222222-2222-4222-8222-222222222222',
      team_name: 'Compilers',
      event_type: 'notify',
      threshold_percent: 80,
      spend_usd: 41.2,
      limit_usd: 50,
      percent: 82.4,
      period: 'weekly',
      period_start: '2026-11-24T00:00:00.000Z',
      rate_limit: null,
      created_at: '2026-11-24T12:00:00.000Z',
      delivered_at: null,
      delivery_state: 'pending',
    })
  })

  test('L12: a member sees their own, whomever they ask for', async () => {
    const ids = await some(6)
    const member = (await control.person({ id: grace })).token
    const own = ids.filter((_, day) => day % 2 === 1)
    expect(await pages('/admin/budget/events', 'events', 2, member)).toEqual(own)
    expect(await pages(`/admin/budget/events?user=${ada}`, 'events', 2, member)).toEqual(own)
  })

  test('the ten newest of a person’s budgets stand beside them; rate limits do not, however many there are', async () => {
    for (let hour = 0; hour < 60; hour++)
      await writer().write(
        budgetEvent(addMs(at, -hour * 60_000), {
          userId: grace,
          id: `rate.user.${grace}.${hour}`,
          type: 'rate_limit',
          detail: { limit: 'shaped_requests_per_minute', allowed: 5 },
        }),
      )
    const budget = [...Array(12).keys()].map((day) =>
      budgetEvent(addMs(at, -(day + 1) * 86_400_000), { userId: grace }),
    )
    for (const event of budget) await writer().write(event)
    const member = (await control.person({ id: grace })).token
    const { status, body } = await control.ask('GET', '/admin/budget/status', { token: member })
    expect(status).toBe(200)
    expect(body.recent_events.map(({ id }: { id: string }) => id)).toEqual(budget.slice(0, 10).map(({ id }) => id))
    expect(body.recent_events[0]).toEqual({
      id: budget[0]?.id,
      user_identity: 'ada@example.com',
      team_id: '22222222-2222-4222-8222-222222222222',
      event_type: 'notify',
      threshold_percent: 80,
      spend_usd: 41.2,
      limit_usd: 50,
      percent: 82.4,
      period: 'weekly',
      period_start: '2026-11-23T00:00:00.000Z',
      created_at: '2026-11-23T12:00:00.000Z',
      delivered_at: null,
    })
  })

  test('a cursor of another list, of another person or made up is refused', async () => {
    await some(5)
    const { next_cursor } = (await ask('GET', '/admin/budget/events?limit=2')).body
    const other = (await control.person({ role: 'admin' })).token
    const asking = encodeURIComponent(next_cursor)
    for (const [path, who] of [
      [`/admin/notifications/deliveries?limit=2&cursor=${asking}`, token],
      [`/admin/budget/events?limit=2&type=block&cursor=${asking}`, token],
      [`/admin/budget/events?limit=2&cursor=${asking}`, other],
      ['/admin/budget/events?limit=2&cursor=MjAyNi0xMQ', token],
    ] as const) {
      const { status, body } = await control.ask('GET', path, { token: who })
      expect([path, status, body.error?.message]).toEqual([path, 400, expect.stringContaining('cursor: ')])
    }
  })

  test('API+ 14: deliveries are found by their state; one is told with its attempts', async () => {
    const [first = '', second = ''] = await some(8)
    await kill(first)
    const deliveries = async (query: string) =>
      (await ask('GET', `/admin/notifications/deliveries${query}`)).body.deliveries
    expect((await deliveries('?state=dead')).map(({ id }: { id: string }) => id)).toEqual([first])
    expect(await deliveries('?state=pending')).toHaveLength(7)
    expect(await deliveries('?state=delivered')).toEqual([])
    expect((await ask('GET', `/admin/notifications/deliveries/${second}`)).body).toMatchObject({
      id: second,
      event_type: 'budget_warning',
      state: 'pending',
      attempts: 0,
      next_attempt_at: '2026-11-23T12:00:00.000Z',
      payload: { source: 'ccag', event_type: 'budget_warning' },
      history: [],
    })
    expect((await ask('GET', '/admin/notifications/deliveries/budget.nothing.like.it')).status).toBe(404)
    expect((await config()).dead).toBe(1)
  })

  const kill = (id: string, error = 'Webhook returned 500') =>
    control.documents.send(
      new UpdateCommand({
        TableName: control.tables.events,
        Key: eventKey(id),
        UpdateExpression: 'SET #s = :dead, GSI1PK = :place, last_error = :error, attempts = :many',
        ExpressionAttributeNames: { '#s': 'state' },
        ExpressionAttributeValues: {
          ':dead': 'dead',
          ':place': 'OUTBOX#DEAD',
          ':error': error,
          ':many': 70,
        },
      }),
    )

  test('what was given up is tried again, alone or all at once, and has three days again', async () => {
    const ids = await some(3)
    for (const id of ids) await kill(id)
    const retry = (id: string) => ask('POST', `/admin/notifications/deliveries/${id}/retry`)
    expect((await retry(ids[0] ?? '')).body).toEqual({ retried: true })
    expect((await ask('GET', `/admin/notifications/deliveries/${ids[0]}`)).body).toMatchObject({
      state: 'pending',
      attempts: 0,
      next_attempt_at: '2026-11-24T12:30:00.000Z',
      last_error: 'Webhook returned 500',
    })
    expect((await ask('POST', '/admin/notifications/deliveries/retry')).body).toEqual({ retried: 2, left: false })
    expect((await ask('POST', '/admin/notifications/deliveries/retry')).body).toEqual({ retried: 0, left: false })
    expect((await config()).dead).toBe(0)
    expect((await retry('budget.nothing.like.it')).status).toBe(404)
  })

  test('what was given up is counted and tried again as a whole, also where the database has it in several pages', async () => {
    // A page ends at a megabyte.
    for (const id of await some(7)) await kill(id, 'x'.repeat(300_000))
    expect((await config()).dead).toBe(7)
    expect((await ask('POST', '/admin/notifications/deliveries/retry')).body).toEqual({ retried: 7, left: false })
    expect((await config()).dead).toBe(0)
  })

  test('what was told or dropped is not told again', async () => {
    const [id = ''] = await some(1)
    await control.documents.send(
      new UpdateCommand({
        TableName: control.tables.events,
        Key: eventKey(id),
        UpdateExpression: 'SET #s = :dropped REMOVE GSI1PK, GSI1SK',
        ExpressionAttributeNames: { '#s': 'state' },
        ExpressionAttributeValues: { ':dropped': 'dropped' },
      }),
    )
    const { status, body } = await ask('POST', `/admin/notifications/deliveries/${id}/retry`)
    expect([status, body.error.message]).toEqual([409, expect.stringContaining('This event is dropped')])
  })

  test('O14: the newest twenty attempts are told, newest first, with how they ended; old ones end by themselves', async () => {
    await save('webhook', sink.url)
    for (let attempt = 0; attempt < 21; attempt++) {
      sink.answer = attempt === 20 ? 500 : 200
      control.advance(1000)
      await ask('POST', TEST)
    }
    const { delivery_history: history } = await config()
    expect(history).toHaveLength(20)
    expect(history.slice(0, 2)).toMatchObject([
      { status: 'failure', error_message: 'Webhook returned 500' },
      { status: 'success', error_message: null },
    ])
    const { Items = [] } = await control.documents.send(
      new QueryCommand({
        TableName: control.tables.events,
        IndexName: 'GSI3',
        KeyConditionExpression: 'GSI3PK = :list',
        ExpressionAttributeValues: { ':list': 'DELIVERIES' },
      }),
    )
    expect(Items.map(({ expires_at }) => expires_at)).toEqual(
      Items.map(({ created_at }) => Math.floor(Date.parse(created_at) / 1000) + 90 * 86_400),
    )
  })
})
