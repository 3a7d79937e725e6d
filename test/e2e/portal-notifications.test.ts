/** Notifications in a real browser, against the deployed bundles behind the distribution. */
import { spawnSync } from 'node:child_process'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memberToken } from '../support/member.ts'
import { activateWebhook, DAY, happen } from '../support/notified.ts'
import { enter } from '../support/portal.ts'
import { gateway, now, openPortal } from '../support/portal-stage.ts'
import { startWebhookSink, type WebhookSink } from '../support/webhook-sink.ts'

let sink: WebhookSink

openPortal()
beforeEach(async () => {
  sink = await startWebhookSink()
  gateway.eventBridge?.fail(null)
  await gateway.admin('DELETE', '/admin/notifications/config')
  await gateway.admin('DELETE', '/admin/notifications/draft')
})
afterEach(async () => {
  await sink.stop()
})

const config = async () => (await gateway.admin('GET', '/admin/notifications/config')).json()
const step = (page: Page, title: string) => page.getByRole('listitem').filter({ hasText: title })

describe('a destination', () => {
  test('is drafted, tested and activated; its secret is shown once, and verifies what comes', async () => {
    const { page } = now
    await enter(now, gateway, '/notifications')
    await page.getByText('No destination is active').waitFor()
    await page.getByRole('button', { name: 'Set up a destination' }).click()
    const form = page.getByRole('dialog', { name: 'Draft a destination' })
    await form.getByRole('button', { name: 'Save draft' }).click()
    await form.getByText('Enter an address that begins with https://.').waitFor()
    await form.getByLabel('Webhook URL').fill(sink.url)
    await form.getByLabel('Rate limits').check()
    await form.getByRole('button', { name: 'Save draft' }).click()

    const storing = page.getByRole('dialog', { name: 'Store the signing secret now' })
    await storing.getByRole('button', { name: 'Reveal' }).click()
    const secret = (await storing.getByRole('figure', { name: 'Signing secret' }).locator('code').textContent()) ?? ''
    expect(secret).toMatch(/^whsec_[0-9a-f]{64}$/)
    const snippet = await storing.getByRole('figure', { name: 'Verification in Node.js' }).locator('code').textContent()
    await page.keyboard.press('Escape')
    await storing.getByLabel('I have stored it').check()
    await storing.getByRole('button', { name: 'Done' }).click()

    await page.getByRole('button', { name: 'Activate', exact: true }).isDisabled()
    await page.getByRole('button', { name: 'Send test' }).click()
    await step(page, 'Test').getByText('Passed just now').waitFor()
    await page.getByRole('button', { name: 'Activate', exact: true }).click()
    await page.getByText('The Webhook is active').waitFor()
    await page.getByText('Active since').waitFor()
    expect(await page.getByText(secret).count()).toBe(0)
    expect(await page.content()).not.toContain('secret-path')
    expect(await config()).toMatchObject({
      active: { destination_type: 'webhook', event_categories: ['budget', 'rate_limit'] },
      draft: null,
    })
    // What is shown to whoever writes a receiver works.
    const [hook] = sink.received
    const headers = Object.fromEntries(
      Object.entries(hook?.headers ?? {}).filter(([name]) => name.startsWith('x-ccag')),
    )
    const asked = [headers, hook?.body, secret].map((one) => JSON.stringify(one)).join(', ')
    const program = `${snippet}\nconsole.log(isFromGateway(${asked}), isFromGateway(${asked.replace('whsec_', 'other_')}))`
    const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
    expect(ran.stdout.trim()).toBe('true false')
  })

  test('whose test fails says why, and is changed and tested again', async () => {
    const { page } = now
    gateway.eventBridge?.fail('denied')
    await enter(now, gateway, '/notifications?draft=true')
    const form = page.getByRole('dialog', { name: 'Draft a destination' })
    await form.getByText('EventBridge bus', { exact: true }).click()
    const policy = form.getByRole('figure', { name: 'Policy of the bus' })
    expect(JSON.parse((await policy.locator('code').textContent()) ?? '')).toMatchObject({
      Statement: [
        {
          Action: 'events:PutEvents',
          Principal: { AWS: [expect.stringMatching(/^arn:aws:iam::/), expect.anything()] },
        },
      ],
    })
    await form.getByLabel('Event bus ARN').fill('arn:aws:events:eu-west-1:111122223333:event-bus/claude')
    await form.getByText('This bus is of another account').waitFor()
    expect(await policy.locator('code').textContent()).toContain(
      'arn:aws:events:eu-west-1:111122223333:event-bus/claude',
    )
    await form.getByRole('button', { name: 'Save draft' }).click()
    await page.getByRole('button', { name: 'Send test' }).click()
    await step(page, 'Test').getByText('not authorized to perform: events:PutEvents').waitFor()
    expect(await page.getByRole('button', { name: 'Activate', exact: true }).isDisabled()).toBe(true)
    gateway.eventBridge?.fail(null)
    await page.getByLabel('Event to send').selectOption('Rate limit met')
    await page.getByRole('button', { name: 'Test again' }).click()
    await step(page, 'Test').getByText('Passed just now').waitFor()
    expect(gateway.eventBridge?.events().at(-1)?.detailType).toBe('rate_limit_hit')
    // A change makes it untested.
    await page.getByRole('button', { name: 'Edit draft…' }).click()
    await page.getByRole('dialog', { name: 'Edit the draft' }).getByRole('button', { name: 'Save draft' }).click()
    await page.getByText('Revision 2').waitFor()
    expect(await page.getByRole('button', { name: 'Activate', exact: true }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Discard draft' }).click()
    await page.getByText('The draft is discarded').waitFor()
    expect(await config()).toMatchObject({ draft: null })
  })

  test('is not changed over somebody else’s change', async () => {
    const { page } = now
    await enter(now, gateway, '/notifications?draft=true')
    const form = page.getByRole('dialog', { name: 'Draft a destination' })
    await form.getByText('SNS topic', { exact: true }).click()
    await form.getByLabel('SNS topic ARN').fill('arn:aws:sns:us-east-1:000000000000:mine')
    const theirs = { destination_type: 'sns', destination_value: 'arn:aws:sns:us-east-1:000000000000:theirs' }
    await gateway.admin('PUT', '/admin/notifications/config', theirs)
    await form.getByRole('button', { name: 'Save draft' }).click()
    await form.getByText('somebody else has changed the draft').waitFor()
    expect(await config()).toMatchObject({ draft: { destination_value: theirs.destination_value, rev: 1 } })
  })

  test('keeps its address and its secret when the rest of it is changed', async () => {
    const { page } = now
    await activateWebhook(gateway, sink.url)
    await enter(now, gateway, '/notifications')
    await page.getByRole('button', { name: 'Draft a change…' }).click()
    const form = page.getByRole('dialog', { name: 'Draft a destination' })
    await form.getByText('Empty: it stays as it is').waitFor()
    await form.getByLabel('Rate limits').uncheck()
    await form.getByRole('button', { name: 'Save draft' }).click()
    await page.getByRole('button', { name: 'Send test' }).click()
    await step(page, 'Test').getByText('Passed just now').waitFor()
    expect(sink.received.at(-1)?.path).toBe('/hooks/secret-path')
  })

  test('is told of more or less at once, but of something; deactivated, nobody is told', async () => {
    const { page } = now
    await activateWebhook(gateway, sink.url)
    await enter(now, gateway, '/notifications')
    await page.getByRole('switch', { name: 'Rate limits' }).click()
    await page.getByText('Categories are set').first().waitFor()
    expect(await config()).toMatchObject({ active: { event_categories: ['budget'] } })
    await page.getByRole('switch', { name: 'Budgets' }).click()
    await page.getByText('One category has to stay').waitFor()
    expect(await page.getByRole('switch', { name: 'Budgets' }).isChecked()).toBe(true)
    await page.getByRole('button', { name: 'Deactivate…' }).click()
    const asking = page.getByRole('alertdialog')
    await asking.getByRole('button', { name: 'Keep it active' }).click()
    expect(await config()).toMatchObject({ active: { destination_type: 'webhook' } })
    await page.getByRole('button', { name: 'Deactivate…' }).click()
    await asking.getByRole('button', { name: 'Deactivate' }).click()
    await page.getByText('No destination is active').waitFor()
    expect(await config()).toMatchObject({ active: null })
  })
})

describe('deliveries', () => {
  test('are told apart by their state, shown with what was sent, and tried again', async () => {
    const { page } = now
    await activateWebhook(gateway, sink.url)
    await happen(gateway, 60_000, { userEmail: 'ada@example.com' })
    await gateway.tick('outbox')
    sink.answer = 503
    for (const name of ['nightly', 'weekly', 'hourly'])
      await happen(gateway, 9 * DAY, { type: 'key_block', id: `budget.key.${name}`, keyId: name, keyName: name })
    await gateway.tick('outbox')
    await enter(now, gateway, '/notifications')
    const rows = page.getByRole('rowheader')
    await rows.filter({ hasText: 'Budget warning' }).first().waitFor()
    await page.getByText('Given up 3').click()
    await rows.filter({ hasText: 'nightly' }).waitFor()
    await rows.filter({ hasText: 'Budget warning' }).first().waitFor({ state: 'detached' })
    expect(await rows.count()).toBe(3)
    expect(new URL(page.url()).search).toBe('?state=dead')

    await page.getByRole('button', { name: 'Actions for Key budget: blocked, nightly' }).click()
    await page.getByRole('menuitem', { name: 'Payload and attempts' }).click()
    const one = page.getByRole('dialog', { name: 'Key budget: blocked' })
    await one.getByText('"key_name": "nightly"').waitFor()
    await one.getByRole('listitem').filter({ hasText: 'Webhook returned 503' }).waitFor()
    await one.getByRole('button', { name: 'Retry now' }).click()
    await page.getByText('It is tried again').waitFor()
    await one.getByRole('button', { name: 'Close' }).last().click()
    await page.getByRole('button', { name: 'Retry all 2' }).click()
    await page.getByText('2 events are tried again').waitFor()
    await page.getByText('Nothing is given up').waitFor()
    sink.answer = 200
    for (let run = 0; run < 3; run++) await gateway.tick('outbox', new Date(Date.now() + (run + 1) * 60_000))
    await page.getByText('Delivered', { exact: true }).first().click()
    await rows.filter({ hasText: 'hourly' }).waitFor()
    expect(sink.received.map(({ delivery }) => delivery)).toEqual(
      expect.arrayContaining(['budget.key.nightly', 'budget.key.weekly', 'budget.key.hourly']),
    )
  })

  test('are many pages, each with an address', async () => {
    const { page } = now
    for (let minute = 0; minute < 30; minute++) await happen(gateway, 30 * DAY + minute * 60_000)
    await enter(now, gateway, '/notifications')
    await page.getByRole('rowheader').first().waitFor()
    expect(await page.getByRole('rowheader').count()).toBe(25)
    await page.getByRole('button', { name: 'Next page' }).click()
    await page.waitForURL(/cursor=/)
    await page.getByRole('button', { name: 'First page' }).click()
    await page.waitForURL((url) => url.search === '')
  })
})

test('a member is not led there', async () => {
  const { page } = now
  const token = await memberToken(gateway)
  await enter(now, gateway, '/notifications', token)
  await page.getByText('You need the admin role for this page').waitFor()
  expect(await page.getByRole('link', { name: 'Notifications' }).count()).toBe(0)
})
