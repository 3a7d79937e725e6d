/** The page about notifications: accessible, nothing cut off, nothing foreign. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { type Place, testLooks } from '../support/looks.ts'
import { activateWebhook, DAY, happen } from '../support/notified.ts'
import { gateway } from '../support/portal-stage.ts'
import { startWebhookSink, type WebhookSink } from '../support/webhook-sink.ts'

let sink: WebhookSink

beforeAll(async () => {
  sink = await startWebhookSink()
})
afterAll(async () => {
  await sink?.stop()
})

const LONG = 'a.person.whose.address.goes.on.and.on.for.longer.than.anybody.would.like@engineering.example.com'

/** Events in every state, of every kind of subject; a draft whose test has failed. */
async function fill(): Promise<void> {
  await happen(gateway, 20 * DAY)
  await gateway.tick('outbox')
  await activateWebhook(gateway, sink.url)
  await happen(gateway, 2 * DAY, { type: 'block', userEmail: 'grace@example.com' })
  await happen(gateway, 3_600_000, { type: 'team_shape', id: 'budget.team.one.weekly.2026-11-23.100' })
  await happen(gateway, 1_800_000, {
    type: 'rate_limit',
    id: 'rate.key.one.requests_per_minute.2026-11-27T10',
    keyId: 'one',
    keyName: 'platform-ci',
    detail: { limit: 'requests_per_minute', allowed: 60 },
  })
  await gateway.tick('outbox')
  sink.answer = 503
  await happen(gateway, 9 * DAY, { type: 'key_block', keyId: 'two', keyName: 'nightly evaluation' })
  await happen(gateway, 600_000, { userEmail: LONG })
  await gateway.tick('outbox')
  await happen(gateway, 60_000, { type: 'shape' })
  const draft = { destination_type: 'eventbridge', event_categories: ['budget', 'rate_limit'] }
  const destination_value = 'arn:aws:events:eu-west-1:902817465530:event-bus/claude-code-notifications-of-everybody'
  gateway.eventBridge?.fail('denied')
  await gateway.admin('PUT', '/admin/notifications/config', { ...draft, destination_value })
  await gateway.admin('POST', '/admin/notifications/test')
}

const filled = async (page: Page): Promise<void> => {
  await page.getByRole('heading', { name: 'Next destination' }).waitFor()
  await page
    .getByText('Failed just now')
    .or(page.getByText(/Failed \d+ min ago/))
    .first()
    .waitFor()
  await page.getByRole('rowheader', { name: 'Key budget: blocked' }).waitFor()
}

const PLACES: readonly Place[] = [
  { name: 'notifications', path: '/notifications', ready: filled },
  {
    name: 'notifications-deliveries',
    path: '/notifications',
    ready: async (page) => {
      await filled(page)
      await page.getByText('When a destination is down').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'notifications-dead',
    path: '/notifications?state=dead',
    ready: async (page) => {
      await page.getByRole('rowheader', { name: 'Key budget: blocked' }).waitFor()
      await page.getByRole('button', { name: 'Retry all 1' }).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'notifications-delivery',
    path: '/notifications?state=dead',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Key budget: blocked', exact: true }).click()
      await page.getByRole('dialog').getByText('Webhook returned 503').first().waitFor()
    },
  },
  {
    name: 'notifications-draft',
    path: '/notifications?draft=true',
    ready: async (page) => await page.getByRole('dialog', { name: 'Edit the draft' }).waitFor(),
  },
  {
    name: 'notifications-draft-policy',
    path: '/notifications?draft=true',
    ready: async (page) => {
      const form = page.getByRole('dialog', { name: 'Edit the draft' })
      await form.getByText('SNS topic', { exact: true }).click()
      await form.getByRole('figure', { name: 'Policy of the topic' }).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'notifications-draft-refused',
    path: '/notifications?draft=true',
    ready: async (page) => {
      const form = page.getByRole('dialog', { name: 'Edit the draft' })
      await form.getByText('Webhook', { exact: true }).click()
      await form.getByLabel('Webhook URL').fill('http://hooks.example.com/')
      await form.getByRole('button', { name: 'Save draft' }).click()
      await form.getByText('must start with https://').waitFor()
      // It is judged as it rests, not as it is pressed.
      await page.mouse.move(0, 0)
      await form.getByRole('button', { name: 'Save draft' }).and(page.locator(':enabled')).waitFor()
    },
  },
  {
    name: 'notifications-reference',
    path: '/notifications',
    ready: async (page) => {
      await filled(page)
      for (const title of ['Last attempts', 'What is sent', 'Verify the signature', 'When a destination is down'])
        await page.getByText(title, { exact: true }).click()
      await page.getByRole('figure', { name: 'Sample of Budget warning' }).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'notifications-deactivate',
    path: '/notifications',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Deactivate…' }).click()
      await page.getByRole('alertdialog').waitFor()
    },
  },
]

testLooks(PLACES, fill)
