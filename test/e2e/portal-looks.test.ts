/** The pages that everybody has: accessible, nothing cut off, nothing foreign, and small. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { ask } from '../support/deployed.ts'
import { type Place, testLooks } from '../support/looks.ts'
import { compressedBytes, enter, visit } from '../support/portal.ts'
import { browser, gateway } from '../support/portal-stage.ts'

/** Enough of everything: models, tools, a team, keys in every state, names that are long. */
async function fill(): Promise<void> {
  const team = (await (await gateway.admin('POST', '/admin/teams', { name: 'Platform' })).json()) as { id: string }
  const { key } = await gateway.makeKey({ name: 'claude-cli laptop' })
  await gateway.makeKey({ name: 'platform-ci', user_id: null, team_id: team.id })
  await gateway.makeKey({
    name: 'a name that nobody will ever read to its end because it is a hundred characters long, see',
  })
  const { id } = await gateway.makeKey({ name: 'old laptop' })
  await gateway.admin('POST', `/admin/keys/${id}/revoke`, {})
  for (const model of ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5']) {
    await (await ask(gateway.messagesUrl, { key, model, content: 'How are you? '.repeat(400) })).text()
  }
  await gateway.settled()
}

const heading = (name: string) => async (page: Page) => await page.getByRole('heading', { name, level: 1 }).waitFor()

const PLACES: readonly Place[] = [
  {
    name: 'sign-in',
    path: '/sign-in',
    isSignedOut: true,
    ready: async (page) => await page.getByLabel('Username').waitFor(),
  },
  {
    name: 'dashboard',
    path: '/dashboard',
    ready: async (page) => await page.getByRole('img', { name: /^Cost by model from/ }).waitFor(),
  },
  {
    name: 'keys',
    path: '/keys?status=all',
    ready: async (page) => await page.getByRole('rowheader').first().waitFor(),
  },
  {
    name: 'keys-none',
    path: '/keys?q=plattform',
    ready: async (page) => await page.getByText('No key matches').waitFor(),
  },
  {
    name: 'keys-create',
    path: '/keys?create=true',
    ready: async (page) => await page.getByRole('dialog', { name: 'Create virtual key' }).waitFor(),
  },
  {
    name: 'keys-menu',
    path: '/keys',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Actions for claude-cli laptop' }).click()
      await page.getByRole('menu').waitFor()
    },
  },
  {
    name: 'keys-revoke',
    path: '/keys',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Actions for claude-cli laptop' }).click()
      await page.getByRole('menuitem', { name: 'Revoke…' }).click()
      await page.getByRole('alertdialog').waitFor()
    },
  },
  { name: 'connect', path: '/connect', ready: heading('Connect Claude Code') },
  {
    name: 'connect-command',
    path: '/connect',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Make the command' }).click()
      await page.getByRole('figure', { name: 'Setup command' }).waitFor()
    },
  },
  {
    name: 'connect-script',
    path: '/connect',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Read the script first' }).click()
      await page.getByRole('figure', { name: 'Script' }).waitFor()
    },
  },
  { name: 'connect-ci', path: '/connect?target=ci', ready: heading('Connect Claude Code') },
  { name: 'connect-client', path: '/connect?target=client&os=powershell', ready: heading('Connect Claude Code') },
  {
    name: 'not-found',
    path: '/nowhere',
    ready: async (page) => await page.getByText('There is no such page').waitFor(),
  },
]

testLooks(PLACES, fill)

/** A connection of 1.6 Mbit/s brings it in a second. */
const LARGEST_FIRST_LOAD = 200_000

test('the first load of the portal has at most 200 kB, compressed', async () => {
  const { page, context, loaded } = await visit(browser, gateway)
  await page.goto(`${gateway.gatewayUrl}/portal/`)
  await page.getByLabel('Username').waitFor()
  await page.evaluate('document.fonts.ready')
  expect(loaded.length).toBeGreaterThan(5)
  expect(await compressedBytes(loaded)).toBeLessThanOrEqual(LARGEST_FIRST_LOAD)
  await context.close()
})

test('the theme that was chosen is there before the first paint, also after a reload', async () => {
  const { page, context } = await visit(browser, gateway, { theme: 'light' })
  await enter({ page, context }, gateway, '/keys')
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Dark theme' }).click()
  const ground = (): Promise<string> =>
    page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')
  const dark = await ground()
  await page.reload()
  expect(await ground()).toBe(dark)
  expect(await page.evaluate<string>('document.documentElement.dataset.theme')).toBe('dark')
  await context.close()
})
