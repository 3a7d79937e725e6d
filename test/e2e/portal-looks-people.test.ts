/** The pages about people: accessible, nothing cut off, nothing foreign. */
import type { Page } from 'playwright-core'
import { ask } from '../support/deployed.ts'
import { type Place, testLooks } from '../support/looks.ts'
import { gateway } from '../support/portal-stage.ts'

/** People of every kind: with and without name, team and limit, limits hardly and wholly used, suspended, of long names. */
async function fill(): Promise<void> {
  const post = async (path: string, body: object): Promise<string> => {
    const answer = await gateway.admin('POST', path, body)
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
    return ((await answer.json()) as { id: string }).id
  }
  const platform = await post('/admin/teams', { name: 'Platform' })
  const mobile = await post('/admin/teams', { name: 'Mobile and everything that has ever been carried in a pocket' })
  const person = async (email: string, wish: object = {}): Promise<string> =>
    await post('/admin/users', { email, ...wish })
  const limit = async (id: string, limit_usd: number, budget_period: string): Promise<void> =>
    void (await gateway.admin('PUT', `/admin/users/${id}/spend-limit`, { limit_usd, budget_period }))
  const maya = await person('maya.okafor@example.com', {
    display_name: 'Maya Okafor',
    team_id: platform,
    role: 'admin',
  })
  const jonas = await person('jonas.lindqvist@example.com', { display_name: 'Jonas Lindqvist', team_id: mobile })
  const priya = await person('priya.raman@example.com', { display_name: 'Priya Raman', team_id: platform })
  await person('somebody-with-an-address-that-never-ends-and-a-name-to-match@subsidiary.example.com', {
    display_name: 'Wolfeschlegelsteinhausenbergerdorff, who has the longest name of all',
  })
  const gone = await person('former.colleague@example.com')
  await limit(maya, 200, 'monthly')
  await limit(jonas, 0.0, 'daily')
  await limit(priya, 0.02, 'weekly')
  await gateway.admin('PUT', `/admin/users/${gone}`, { active: false })
  const { key } = await gateway.makeKey({ name: 'claude-cli laptop', user_id: priya })
  await gateway.makeKey({ name: 'dev container', user_id: maya })
  await gateway.makeKey({
    name: 'platform-ci',
    user_id: null,
    team_id: platform,
    rate_limit_rpm: 60,
    rate_limit_tpm: 100_000,
    allowed_models: ['claude-haiku-4-5', 'claude-sonnet-4-6'],
    budget: { amount_usd: 250, period: 'weekly', policy: 'shaped' },
    expires_at: new Date(Date.now() + 6.5 * 86_400_000).toISOString(),
  })
  const old = await gateway.makeKey({ name: 'old laptop' })
  await gateway.admin('POST', `/admin/keys/${old.id}/rotate`, { overlap_hours: 0 })
  const model = 'claude-sonnet-5-5'
  for (let i = 0; i < 3; i++)
    await (await ask(gateway.messagesUrl, { key, model, content: 'How? '.repeat(400) })).text()
  await gateway.settled()
}

const act = (name: string, item: string) => async (page: Page) => {
  await page.getByRole('button', { name: `Actions for ${name}` }).click()
  await page.getByRole('menuitem', { name: item }).click()
  await page.getByRole('dialog').or(page.getByRole('alertdialog')).waitFor()
}

const PLACES: readonly Place[] = [
  {
    name: 'members',
    path: '/members',
    ready: async (page) => await page.getByRole('rowheader', { name: 'Priya Raman' }).waitFor(),
  },
  {
    name: 'members-none',
    path: '/members?q=nobody',
    ready: async (page) => await page.getByText('Nobody matches').waitFor(),
  },
  {
    name: 'members-menu',
    path: '/members',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Actions for Priya Raman' }).click()
      await page.getByRole('menuitem', { name: 'Remove…' }).waitFor()
    },
  },
  {
    name: 'members-add',
    path: '/members?add=true',
    ready: async (page) => {
      const form = page.getByRole('dialog', { name: 'Add member' })
      await form.getByLabel('E-mail').fill('maya')
      await form.getByRole('button', { name: 'Add member' }).click()
      await form.getByText('must be an e-mail address').waitFor()
    },
  },
  {
    name: 'members-limits',
    path: '/members',
    ready: async (page) => {
      await act('Priya Raman', 'Limits…')(page)
      await page.getByLabel('Requests a minute').fill('many')
      await page.getByRole('button', { name: 'Save limits' }).click()
      await page.getByText('Enter a whole number').waitFor()
    },
  },
  {
    name: 'members-move',
    path: '/members',
    ready: async (page) => {
      await act('Priya Raman', 'Move to a team…')(page)
      await page.getByRole('dialog').getByLabel('Team').selectOption({ index: 1 })
      await page.getByRole('list', { name: 'What changes' }).waitFor()
    },
  },
  {
    name: 'keys-limits',
    path: '/keys?status=all&sort=name&order=asc',
    ready: async (page) => await page.getByRole('rowheader', { name: 'platform-ci' }).waitFor(),
  },
  {
    name: 'keys-edit',
    path: '/keys',
    ready: async (page) => {
      await act('platform-ci', 'Edit…')(page)
      await page.getByLabel('Amount').fill('a lot')
      await page.getByRole('button', { name: 'Save key' }).click()
      await page.getByText('Enter dollars and cents').waitFor()
    },
  },
  { name: 'keys-rotate', path: '/keys', ready: act('dev container', 'Rotate…') },
  { name: 'members-remove', path: '/members', ready: act('Priya Raman', 'Remove…') },
]

testLooks(PLACES, fill)
