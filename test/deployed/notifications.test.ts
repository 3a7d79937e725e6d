/** Notifications as they are deployed: control sets the destination up, outbox tells it, each with the role it has. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEventWriter } from '../../lambdas/notifications/event-writer.store.ts'
import { addMs, type Instant, instant } from '../../lambdas/platform/instant.ts'
import { type Documents, openDocuments } from '../../lambdas/table/document.store.ts'
import { ask, type Deployed, deploy } from '../support/deployed.ts'
import { budgetEvent } from '../support/outbox.ts'
import { startWebhookSink, type WebhookSink } from '../support/webhook-sink.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const now = instant(Date.parse('2026-11-24T12:00:00Z'))

let sink: WebhookSink
let gateway: Deployed
let documents: Documents
beforeEach(async () => {
  sink = await startWebhookSink()
})
afterEach(async () => {
  documents?.destroy()
  await gateway?.stop()
  await sink.stop()
})

async function start(options: Parameters<typeof deploy>[0]): Promise<void> {
  gateway = await deploy(options)
  documents = openDocuments({ endpoint: gateway.databaseEndpoint })
}

async function activate(destination_type: string, destination_value: string): Promise<void> {
  const event_categories = ['budget', 'rate_limit']
  const wish = { destination_type, destination_value, event_categories }
  const saved = await gateway.admin('PUT', '/admin/notifications/config', wish)
  const tested = await gateway.admin('POST', '/admin/notifications/test')
  const active = await gateway.admin('POST', '/admin/notifications/activate')
  expect([saved.status, await tested.json(), active.status]).toMatchObject([200, { success: true, error: null }, 200])
}

async function write(count: number, at: Instant): Promise<string[]> {
  const writer = openEventWriter(documents, gateway.tables.get('events') ?? '')
  const events = Array.from({ length: count }, () => budgetEvent(at))
  for (const event of events) await writer.write(event)
  return events.map(({ id }) => id)
}

const states = async () => {
  const items = await gateway.items('events', 'EVENT#')
  return new Map(items.filter(({ SK }) => SK === 'META').map(({ id, state }) => [String(id), state]))
}

/** @returns what came to the sink, run by run. */
async function ticks(from: Instant, every: number, count: number): Promise<number[]> {
  const came: number[] = []
  for (let run = 0; run < count; run++) {
    const before = sink.received.length
    await gateway.tick('outbox', new Date(addMs(from, run * every)))
    came.push(sink.received.length - before)
  }
  return came
}

test('O20: a webhook that is down for a day gets every event once when it returns, in growing portions', async () => {
  await start({ faultProxy: true, maxEnvironments: 1 })
  await activate('webhook', sink.url)
  sink.received.splice(0)
  sink.answer = 503
  const ids = await write(25, now)
  const during = [...(await ticks(now, MINUTE, 20)), ...(await ticks(addMs(now, HOUR), 10 * MINUTE, 23 * 6))]
  expect(during.reduce((sum, one) => sum + one, 0)).toBeLessThan(170)
  expect(new Set((await states()).values())).toEqual(new Set(['pending']))
  sink.answer = 200
  sink.received.splice(0)
  const back = await ticks(addMs(now, 25 * HOUR), MINUTE, 61)
  expect(back.slice(0, 4)).toEqual([1, 2, 4, 8])
  expect(sink.received.map(({ delivery }) => delivery).sort()).toEqual(ids.sort())
  expect(new Set((await states()).values())).toEqual(new Set(['delivered']))
  // Neither function was kept from anything by its role.
  expect(gateway.logged.filter((line) => line.includes('is not authorized'))).toEqual([])
  expect(gateway.logged.join('\n')).not.toContain('secret-path')
}, 120_000)

test('O19: a topic and a bus are told, with the functions’ own credentials and addresses', async () => {
  await start({ faultProxy: true, maxEnvironments: 2 })
  await activate('sns', 'arn:aws:sns:eu-west-1:000000000000:budgets')
  await write(4, now)
  const at = new Date(now)
  await Promise.all([gateway.tick('outbox', at), gateway.tick('outbox', at)])
  expect(gateway.sns?.published().map(({ subject }) => subject)).toEqual([
    'budget_warning for test@example.com',
    ...Array.from({ length: 4 }, () => 'budget_warning for ada@example.com'),
  ])
  await activate('eventbridge', 'arn:aws:events:us-east-1:000000000000:event-bus/gateway')
  await write(1, now)
  await gateway.tick('outbox', at)
  expect(gateway.eventBridge?.events()).toHaveLength(2)
}, 60_000)

test('an event is told as soon as the table’s stream tells of it', async () => {
  await start({ schedules: 'automatic', maxEnvironments: 2 })
  await activate('webhook', sink.url)
  const arrived = new Promise<string>((resolve) => {
    sink.answer = ({ delivery }) => {
      resolve(delivery)
      return 200
    }
  })
  const [id] = await write(1, instant(Date.now()))
  expect(await arrived).toBe(id)
}, 60_000)

async function change(method: string, path: string, body: object): Promise<Record<string, string>> {
  const answer = await gateway.admin(method, path, body)
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Record<string, string>
}

test('what requests notice is told: a budget’s thresholds and a limit, each once, however many requests meet them', async () => {
  await start({ faultProxy: true, maxEnvironments: 2 })
  await activate('webhook', sink.url)
  sink.received.splice(0)
  const team = await change('POST', '/admin/teams', { name: 'Compilers' })
  const ada = await change('POST', '/admin/users', { email: 'ada@example.com', team_id: team.id })
  await change('PUT', `/admin/users/${ada.id}/spend-limit`, { limit_usd: 0.05 })
  const { key } = await gateway.makeKey({ user_id: ada.id, name: 'laptop' })
  const asking = async (by: string) => {
    const answer = await ask(gateway.messagesUrl, { key: by, stream: false })
    await answer.text()
    await gateway.settled()
    return answer.status
  }
  gateway.bedrock?.script.next({ kind: 'text', tokens: 2_400 })
  expect(await asking(key)).toBe(200)
  for (let again = 0; again < 3; again++) expect(await asking(key)).toBe(402)
  const grace = await change('POST', '/admin/users', { email: 'grace@example.com', team_id: team.id })
  const fast = await gateway.makeKey({ user_id: grace.id, name: 'ci', rate_limit_rpm: 1 })
  const statuses = [await asking(fast.key), await asking(fast.key), await asking(fast.key)]
  expect(statuses).toEqual([200, 429, 429])

  await gateway.tick('outbox', new Date(Date.now() + MINUTE))
  const told = sink.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
  const common = { source: 'ccag', version: '1', team_id: team.id, team_name: 'Compilers' }
  expect(told).toHaveLength(3)
  expect(told).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ ...common, event_type: 'budget_warning', user_identity: 'ada@example.com' }),
      expect.objectContaining({ ...common, event_type: 'budget_blocked', severity: 'critical' }),
      expect.objectContaining({
        ...common,
        event_type: 'rate_limit_hit',
        user_identity: 'grace@example.com',
        detail: expect.objectContaining({ limit: 'requests_per_minute', allowed: 1, key_name: 'ci', spend_usd: null }),
      }),
    ]),
  )
  const answer = await gateway.admin('GET', `/admin/budget/events?user=${ada.id}`)
  const listed = (await answer.json()) as { events: readonly Record<string, string>[] }
  expect(listed.events.map(({ event_type, delivery_state }) => [event_type, delivery_state]).sort()).toEqual([
    ['block', 'delivered'],
    ['notify', 'delivered'],
  ])
}, 60_000)
