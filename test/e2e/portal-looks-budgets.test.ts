/** The pages about teams and budgets: accessible, nothing cut off, nothing foreign. */
import type { Page } from 'playwright-core'
import { BOOTSTRAP_ADMIN_ID } from '../../lambdas/people/user.ts'
import { nanoUsd } from '../../lambdas/platform/money.ts'
import { newSpender, newTeam, spendNow } from '../support/budgets.ts'
import { type Place, testLooks } from '../support/looks.ts'
import { gateway } from '../support/portal-stage.ts'

/** Ids by name. */
const made = new Map<string, string>()

/** Teams in every state, people with limits of every source, a key without owner, names that are long. */
async function fill(): Promise<void> {
  const team = async (name: string, budget?: object): Promise<string> => {
    const id = await newTeam(gateway, name, budget)
    made.set(name, id)
    return id
  }
  const platform = await team('Platform', { budget_amount_usd: 4000, default_user_budget_usd: 200 })
  const mobile = await team('Mobile', { budget_amount_usd: 1200, budget_policy: 'shaped', budget_period: 'weekly' })
  const science = await team('Data science, with a name that goes on and on for longer than anybody would like', {
    budget_amount_usd: 750,
    budget_policy: 'soft',
  })
  await team('Finance', { budget_amount_usd: 0 })
  await team('Design')
  for (const [email, usd, teamId, wish] of [
    ['maya.okafor@example.com', 164.2, platform, { displayName: 'Maya Okafor' }],
    ['ivo.novak@example.com', 241.55, platform, { displayName: 'Ivo Novak' }],
    ['tomas.herrera@example.com', 183.1, platform, {}],
    ['noor.haddad@example.com', 2744, platform, { spendLimit: nanoUsd(5_000_000_000_000) }],
    ['jonas.lindqvist@example.com', 1284.1, mobile, {}],
    ['somebody.whose.address.is.longer.than.any.column@subsidiary.example.com', 402.75, science, {}],
    ['newcomer@example.com', 44.5, null, {}],
    ['visitor@example.com', 0, null, {}],
  ] as const) {
    await newSpender(gateway, usd, { email, teamId, ...wish })
  }
  const { id } = await gateway.makeKey({ name: 'platform-ci', user_id: null, team_id: platform })
  await spendNow(gateway, { usd: 12.4, keyId: id, teamId: platform })
  await gateway.admin('PUT', '/admin/settings/default-budget', { budget_amount_usd: 50, budget_policy: 'shaped' })
  await spendNow(gateway, { usd: 41.2, userId: BOOTSTRAP_ADMIN_ID })
}

const seen = (text: string) => async (page: Page) => await page.getByText(text).first().waitFor()

/** The address is known once the team is made, so it is walked to. */
const tab =
  (team: string, name: string, ready: (page: Page) => Promise<unknown>) =>
  async (page: Page): Promise<void> => {
    await page.goto(`${gateway.gatewayUrl}/portal/teams/${made.get(team)}/${name}`)
    await page.getByRole('heading', { name: team, level: 1 }).waitFor()
    await ready(page)
  }

const outlook = (page: Page) => page.getByRole('status', { name: 'Outlook' })

const PLACES: readonly Place[] = [
  { name: 'teams', path: '/teams', ready: async (page) => await page.getByRole('rowheader').first().waitFor() },
  {
    name: 'teams-create',
    path: '/teams?create=true',
    ready: async (page) => {
      const dialog = page.getByRole('dialog', { name: 'Create team' })
      await dialog.getByRole('button', { name: 'Create team' }).click()
      await dialog.getByText('Enter a name').waitFor()
    },
  },
  {
    name: 'teams-delete',
    path: '/teams',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Actions for Platform' }).click()
      await page.getByRole('menuitem', { name: 'Delete…' }).click()
      await page.getByRole('alertdialog').waitFor()
    },
  },
  {
    name: 'teams-rename',
    path: '/teams',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Actions for Platform' }).click()
      await page.getByRole('menuitem', { name: 'Rename…' }).click()
      await page.getByRole('dialog', { name: 'Rename Platform' }).waitFor()
    },
  },
  {
    name: 'team-budget',
    path: '/teams',
    ready: tab(
      'Platform',
      'budget',
      async (page) =>
        await outlook(page).getByText('Ivo Novak').or(outlook(page).getByText('ivo.novak@example.com')).waitFor(),
    ),
  },
  {
    name: 'team-budget-lowered',
    path: '/teams',
    ready: tab('Platform', 'budget', async (page) => {
      await page.getByLabel('Amount').fill('3000')
      await page.getByText('Custom', { exact: true }).click()
      await page.getByRole('button', { name: 'Add rule' }).click()
      await page.getByLabel('Rule 2: what happens').selectOption('shape')
      await page.getByLabel('Rule 2: requests a minute').fill('5')
      await outlook(page).getByText('$3,000.00', { exact: true }).waitFor()
    }),
  },
  {
    name: 'team-budget-wrong',
    path: '/teams',
    ready: tab('Mobile', 'budget', async (page) => {
      await page.getByLabel('Amount').fill('lots')
      await page.getByText('Custom', { exact: true }).click()
      await page.getByLabel('Rule 1: percent').fill('120')
      await page.getByLabel('Rule 2: requests a minute').fill('')
      await page.getByLabel('Rule 3: what happens').selectOption('notify')
      await page.getByLabel('Rule 2: what happens').selectOption('block')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Enter 0 to 1,000,000 dollars').waitFor()
    }),
  },
  {
    name: 'team-budget-confirm',
    path: '/teams',
    ready: tab('Platform', 'budget', async (page) => {
      await page.getByLabel('Amount').fill('3000')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('alertdialog').waitFor()
    }),
  },
  {
    name: 'team-budget-zero',
    path: '/teams',
    ready: tab('Finance', 'budget', async (page) => await outlook(page).getByText('Nothing may be spent').waitFor()),
  },
  {
    name: 'team-budget-none',
    path: '/teams',
    ready: tab('Design', 'budget', async (page) => await outlook(page).getByText('No limit for the team').waitFor()),
  },
  { name: 'team-members', path: '/teams', ready: tab('Platform', 'members', seen('Ivo Novak')) },
  { name: 'team-routing', path: '/teams', ready: tab('Platform', 'routing', seen('Each person stays')) },
  { name: 'team-keys', path: '/teams', ready: tab('Platform', 'keys', seen('platform-ci')) },
  {
    name: 'budgets',
    path: '/budgets',
    ready: async (page) => {
      await page.getByRole('rowheader').first().waitFor()
      await page.getByText('for each person without a team').waitFor()
    },
  },
  {
    name: 'budgets-none',
    path: '/budgets?q=nobody',
    ready: async (page) => await page.getByText('Nobody fits this search').waitFor(),
  },
  {
    name: 'budgets-default',
    path: '/budgets/default',
    ready: async (page) => await outlook(page).getByText('newcomer@example.com').waitFor(),
  },
  {
    name: 'dashboard-budget',
    path: '/dashboard',
    ready: async (page) => await page.getByText('the default of this gateway').waitFor(),
  },
]

testLooks(PLACES, fill)
