/** Teams and budgets in a real browser, against the deployed bundles behind the distribution. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { newSpender, newTeam, setBudget } from '../support/budgets.ts'
import { ask } from '../support/deployed.ts'
import { newMember } from '../support/member.ts'
import { enter, signIn, visit } from '../support/portal.ts'
import { browser, gateway, now, openPortal } from '../support/portal-stage.ts'

openPortal()

interface TeamRow {
  readonly team_id: string
  readonly team_name: string
  readonly [member: string]: unknown
}

async function teams(): Promise<readonly TeamRow[]> {
  const answer = await gateway.admin('GET', '/admin/analytics/overview')
  return ((await answer.json()) as { teams: readonly TeamRow[] }).teams
}
const teamOf = async (id: string) => (await teams()).find(({ team_id }) => team_id === id)

const outlook = (page: Page) => page.getByRole('status', { name: 'Outlook' })
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true })

async function openBudget(team: string): Promise<Page> {
  await enter(now, gateway, `/teams/${team}/budget`)
  await outlook(now.page).waitFor()
  return now.page
}

describe('teams', () => {
  test('one is created, is led to its budget, and is deleted again', async () => {
    const { page } = now
    await enter(now, gateway, '/teams')
    await page.getByRole('button', { name: 'Create team' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'Create team' })
    await dialog.getByRole('button', { name: 'Create team' }).click()
    await dialog.getByText('Enter a name in up to 100 characters.').waitFor()
    await dialog.getByLabel('Name').fill('Short-lived')
    await dialog.getByRole('button', { name: 'Create team' }).click()
    await page.getByRole('heading', { name: 'Short-lived', level: 1 }).waitFor()
    expect(new URL(page.url()).pathname).toMatch(/^\/portal\/teams\/[0-9a-f-]{36}\/budget$/)
    await page.getByRole('button', { name: 'Actions for Short-lived' }).click()
    await page.getByRole('menuitem', { name: 'Delete…' }).click()
    const asks = page.getByRole('alertdialog', { name: 'Delete team Short-lived?' })
    await asks.getByRole('button', { name: 'Delete team' }).click()
    await page.getByText('Team Short-lived is deleted').waitFor()
    expect((await teams()).map(({ team_name }) => team_name)).not.toContain('Short-lived')
    expect(new URL(page.url()).pathname).toBe('/portal/teams')
  })

  test('a name that is taken is told at its field', async () => {
    const { page } = now
    await newTeam(gateway, 'Taken')
    await enter(now, gateway, '/teams?create=true')
    const dialog = page.getByRole('dialog', { name: 'Create team' })
    await dialog.getByLabel('Name').fill('TAKEN')
    await dialog.getByRole('button', { name: 'Create team' }).click()
    await dialog.getByText('there is a team of this name already').waitFor()
  })

  test('one is renamed, and keeps all it has', async () => {
    const { page } = now
    const id = await newTeam(gateway, 'Old name', { budget_amount_usd: 12 })
    await enter(now, gateway, '/teams?q=old')
    await page.getByRole('button', { name: 'Actions for Old name' }).click()
    await page.getByRole('menuitem', { name: 'Rename…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Rename Old name' })
    await dialog.getByLabel('Name').fill('')
    await dialog.getByRole('button', { name: 'Rename team' }).click()
    await dialog.getByText('Enter a name in up to 100 characters.').waitFor()
    await dialog.getByLabel('Name').fill('New name')
    await dialog.getByRole('button', { name: 'Rename team' }).click()
    await page.getByText('Old name is called New name now').waitFor()
    expect(await teamOf(id)).toMatchObject({ team_name: 'New name', budget_amount_usd: 12 })
  })

  test('one with members and keys is deleted only along with what becomes of them, and by its name', async () => {
    const { page } = now
    const [id, other] = [await newTeam(gateway, 'Busy'), await newTeam(gateway, 'Elsewhere')]
    await newSpender(gateway, 0, { teamId: id })
    await gateway.makeKey({ user_id: null, team_id: id })
    await enter(now, gateway, '/teams?q=busy')
    await page.getByRole('button', { name: 'Actions for Busy' }).click()
    await page.getByRole('menuitem', { name: 'Delete…' }).click()
    const asks = page.getByRole('alertdialog', { name: 'Delete team Busy?' })
    await asks.getByText('It still has 1 member and 1 active key.').waitFor()
    const deletes = asks.getByRole('button', { name: 'Delete team' })
    await asks.getByLabel('Its members go to').selectOption('Elsewhere')
    await asks.getByLabel('Type Busy to confirm').fill('Busy')
    expect(await deletes.isDisabled()).toBe(true)
    await asks.getByText('Revoke its 1 key').click()
    await asks.getByLabel('Type Busy to confirm').fill('busy')
    expect(await deletes.isDisabled()).toBe(true)
    await asks.getByLabel('Type Busy to confirm').fill('Busy')
    await deletes.click()
    await page.getByText('1 member moved. 1 key revoked.').waitFor()
    expect(await teamOf(id)).toBeUndefined()
    expect(await teamOf(other)).toMatchObject({ user_count: 1 })
  })

  test('what each may spend, has spent and how it stands is in its row; routing and members are a step away', async () => {
    const { page } = now
    const id = await newTeam(gateway, 'Looked at', { budget_amount_usd: 100, budget_period: 'daily' })
    const spender = await newSpender(gateway, 85, { teamId: id })
    await enter(now, gateway, '/teams?q=looked')
    const row = page.getByRole('row').filter({ hasText: 'Looked at' })
    for (const text of ['$85.00', '$100.00 / day', '85.0%', 'Warned'])
      await row.getByText(text).filter({ visible: true }).first().waitFor()
    await page.getByRole('link', { name: 'Looked at' }).click()
    const tabs = page.getByRole('navigation', { name: 'Of the team' })
    await tabs.getByRole('link', { name: 'Members' }).click()
    await page.getByRole('rowheader', { name: spender.email }).waitFor()
    const toMembers = page.getByRole('link', { name: 'Add, move or remove members' })
    expect(await toMembers.getAttribute('href')).toBe(`/portal/members?team=${id}`)
    await tabs.getByRole('link', { name: 'Routing' }).click()
    await page.getByRole('button', { name: 'Look at the endpoints' }).click()
    await page.getByRole('dialog', { name: 'Routing of Looked at' }).waitFor()
  })

  test('S-A5: whoever follows a link to a team and has to sign in is led to that very tab', async () => {
    const id = await newTeam(gateway, 'Linked')
    await signIn(now, gateway, `/teams/${id}/keys`)
    await now.page.getByText('No key pays by Linked').waitFor()
    await now.page.goto(`${gateway.gatewayUrl}/portal/teams/${id}`)
    await now.page.getByRole('heading', { name: 'Linked', level: 1 }).waitFor()
    expect(new URL(now.page.url()).pathname).toBe(`/portal/teams/${id}/budget`)
    await now.page.goto(`${gateway.gatewayUrl}/portal/teams/00000000-0000-4000-8000-00000000dead/budget`)
    await now.page.getByText('There is no such team').waitFor()
  })
})

describe('the budget of a team', () => {
  test('is set with a preset, and stored as its rules', async () => {
    const id = await newTeam(gateway, 'First budget')
    const page = await openBudget(id)
    await page.getByLabel('Amount').fill('1,000.50')
    await page.getByText('Week', { exact: true }).click()
    await page.getByText('Shaped', { exact: true }).click()
    await page.getByLabel('Limit for each member').fill('75')
    await outlook(page).getByText('$1,500.75').waitFor()
    await page.getByText('Not saved: amount, period, rules, limit for each member').waitFor()
    await save(page).click()
    await page.getByText('The budget of First budget is saved').waitFor()
    expect(await teamOf(id)).toMatchObject({
      budget_amount_usd: 1000.5,
      budget_period: 'weekly',
      budget_policy: [
        { at_percent: 80, action: 'notify' },
        { at_percent: 100, action: 'shape', shaped_rpm: 5 },
        { at_percent: 150, action: 'block' },
      ],
      default_user_budget_usd: 75,
    })
    await page.getByText('Everything is saved').waitFor()
  })

  test('a policy of its own and who is told survive a change of the amount', async () => {
    const policy = [
      { at_percent: 60, action: 'notify' },
      { at_percent: 110, action: 'block' },
    ]
    const id = await newTeam(gateway, 'Custom', {
      budget_amount_usd: 5,
      budget_policy: policy,
      notify_recipients: 'admin',
    })
    const page = await openBudget(id)
    await page.getByLabel('Amount').fill('6')
    await save(page).click()
    await page.getByText('The budget of Custom is saved').waitFor()
    expect(await teamOf(id)).toMatchObject({ budget_amount_usd: 6, budget_policy: policy, notify_recipients: 'admin' })
  })

  test('S-A8: who would be blocked at once is named before, asked back with their number, and refused after', async () => {
    const id = await newTeam(gateway, 'Overspent', { budget_amount_usd: 1000 })
    const [ada, bob] = [
      await newSpender(gateway, 300, { teamId: id, email: 'ada@example.com' }),
      await newSpender(gateway, 150, { teamId: id, email: 'bob@example.com' }),
    ]
    const page = await openBudget(id)
    await page.getByLabel('Amount').fill('400')
    for (const text of ['The team as a whole', ada.email, bob.email]) await outlook(page).getByText(text).waitFor()
    await save(page).click()
    const asks = page.getByRole('alertdialog', { name: 'Block the team and 2 people at once?' })
    await asks.getByRole('button', { name: 'Keep editing' }).click()
    expect(await teamOf(id)).toMatchObject({ budget_amount_usd: 1000 })
    await save(page).click()
    await asks.getByRole('button', { name: 'Save and block 3' }).click()
    await page.getByText('The budget of Overspent is saved').waitFor()
    expect(await teamOf(id)).toMatchObject({ budget_amount_usd: 400, status: 'blocked' })
    const { key } = await gateway.makeKey({ user_id: ada.id })
    expect((await ask(gateway.messagesUrl, { key })).status).toBe(402)

    // And so they read it themselves.
    const theirs = await visit(browser, gateway)
    await enter(theirs, gateway, '/dashboard', ada.token)
    await theirs.page.getByText('Your requests are refused').waitFor()
    await theirs.page.getByText('The budget of Overspent is used up.').waitFor()
    await theirs.page.getByText('no limit of your own').waitFor()
    expect(theirs.wrongs).toEqual([])
    await theirs.context.close()
  })

  test('taking a limit away asks back, naming who would have none', async () => {
    const id = await newTeam(gateway, 'Set free', { default_user_budget_usd: 20 })
    await newSpender(gateway, 1, { teamId: id, email: 'eve@example.com' })
    const page = await openBudget(id)
    await page.getByLabel('Limit for each member').fill('')
    await outlook(page).getByText('eve@example.com has a limit now and would have none.').waitFor()
    await save(page).click()
    const asks = page.getByRole('alertdialog', { name: 'Take the limit from 1 person?' })
    await asks.getByText('eve@example.com has a limit by the budget of Set free now').waitFor()
    await asks.getByRole('button', { name: 'Save without a limit' }).click()
    await page.getByText('The budget of Set free is saved').waitFor()
    expect(await teamOf(id)).toMatchObject({ default_user_budget_usd: null })
  })

  test('zero is taken, and it is said what it means', async () => {
    const id = await newTeam(gateway, 'Closed')
    const page = await openBudget(id)
    await page.getByLabel('Amount').fill('0')
    await page.getByText('Zero: nothing may be spent, every request is refused.').waitFor()
    await outlook(page).getByText('A limit of zero refuses every request').waitFor()
    await save(page).click()
    await page
      .getByRole('alertdialog', { name: 'Block the team at once?' })
      .getByRole('button', { name: 'Save and block 1' })
      .click()
    await page.getByText('The budget of Closed is saved').waitFor()
    expect(await teamOf(id)).toMatchObject({ budget_amount_usd: 0, status: 'blocked' })
  })

  test('what is wrong is told at its row, before anybody is asked, and the first of it has the focus', async () => {
    const id = await newTeam(gateway, 'Wrong', { budget_amount_usd: 10 })
    const page = await openBudget(id)
    const asked: string[] = []
    page.on('request', (request) => void (request.method() === 'PUT' && asked.push(request.url())))
    await page.getByText('Custom', { exact: true }).click()
    await page.getByLabel('Rule 1: percent').fill('100')
    await page.getByLabel('Rule 2: what happens').selectOption('shape')
    await save(page).click()
    await page.getByText('Has to be more than in the rule before. Enter 1 to 999 requests a minute.').waitFor()
    expect(await page.evaluate<string>("document.activeElement.getAttribute('aria-label')")).toBe('Rule 2: percent')
    await page.getByLabel('Rule 1: percent').fill('50')
    await page.getByLabel('Rule 2: requests a minute').fill('3')
    await outlook(page).getByText('No rule blocks').waitFor()
    expect(asked).toEqual([])
    await save(page).click()
    await page.getByText('The budget of Wrong is saved').waitFor()
    expect(await teamOf(id)).toMatchObject({
      budget_policy: [
        { at_percent: 50, action: 'notify' },
        { at_percent: 100, action: 'shape', shaped_rpm: 3 },
      ],
    })
  })

  test('S-X9: of two who change it at once the second is told, and may take theirs or keep their own', async () => {
    const id = await newTeam(gateway, 'Contested', { budget_amount_usd: 10 })
    const page = await openBudget(id)
    await page.getByLabel('Amount').fill('30')
    await setBudget(gateway, id, { budget_amount_usd: 20, budget_period: 'daily' })
    await save(page).click()
    await page.getByText('Theirs: $20.00 / day, standard policy').waitFor()
    expect(await teamOf(id)).toMatchObject({ budget_amount_usd: 20 })
    await page.getByRole('button', { name: 'Keep mine' }).click()
    await save(page).click()
    await page.getByText('The budget of Contested is saved').waitFor()
    expect(await teamOf(id)).toMatchObject({ budget_amount_usd: 30, budget_period: 'monthly' })

    await page.getByLabel('Amount').fill('50')
    await setBudget(gateway, id, { budget_amount_usd: 40 })
    await save(page).click()
    await page.getByRole('button', { name: 'Take theirs' }).click()
    await expect.poll(() => page.getByLabel('Amount').inputValue()).toBe('40')
    expect(await teamOf(id)).toMatchObject({ budget_amount_usd: 40 })
  })

  test('it is set by the keyboard alone', async () => {
    const id = await newTeam(gateway, 'By keyboard', { budget_amount_usd: 10 })
    const page = await openBudget(id)
    await page.getByLabel('Amount').focus()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('25')
    // Period, then the limit for each member, then the policy.
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.getByLabel('Amount').press('Enter')
    await page.getByText('The budget of By keyboard is saved').waitFor()
    expect(await teamOf(id)).toMatchObject({ budget_amount_usd: 25, budget_period: 'weekly' })
  })
})

describe('budgets', () => {
  test('the default is set for people without a team, and tells how many that are', async () => {
    const { page } = now
    const loner = await newSpender(gateway, 60, { email: 'loner@example.com' })
    await enter(now, gateway, '/budgets')
    await page.getByText('None: people without a team spend without a limit').waitFor()
    await page.getByRole('link', { name: 'Edit the default budget' }).click()
    await page.getByLabel('Amount').fill('50')
    await outlook(page).getByText('loner@example.com').waitFor()
    await page.getByLabel('A refused request answers').selectOption('429')
    await save(page).click()
    await page
      .getByRole('alertdialog')
      .getByRole('button', { name: /^Save and block/ })
      .click()
    await page.getByText('The default budget is saved').waitFor()
    const set = await (await gateway.admin('GET', '/admin/settings/default-budget')).json()
    expect(set).toMatchObject({ budget_amount_usd: 50, refusal_status: 429 })

    await page.getByRole('link', { name: 'Budgets' }).first().click()
    await page.getByText('$50.00 per month, for each person without a team').waitFor()
    const row = page.getByRole('row').filter({ hasText: loner.email })
    for (const text of ['$60.00', '$50.00 / month', 'Default', '120%', 'Blocked'])
      await row.getByText(text).filter({ visible: true }).first().waitFor()
    expect((await gateway.admin('PUT', '/admin/settings/default-budget', {})).status).toBe(200)
  })

  test('who has which limit is found and sorted, and the address says how', async () => {
    const { page } = now
    const id = await newTeam(gateway, 'Listed', { default_user_budget_usd: 10 })
    for (const [name, usd] of [
      ['list-a', 9],
      ['list-b', 12],
      ['list-c', 1],
    ] as const) {
      await newSpender(gateway, usd, { teamId: id, email: `${name}@example.com` })
    }
    await enter(now, gateway, '/budgets?q=list-')
    const names = () =>
      page.getByRole('rowheader').evaluateAll((cells) => cells.map((cell) => cell.textContent.slice(0, 6)))
    await expect.poll(names).toEqual(['list-b', 'list-a', 'list-c'])
    await page.getByRole('button', { name: 'Who' }).click()
    await expect.poll(names).toEqual(['list-a', 'list-b', 'list-c'])
    expect(new URL(page.url()).search).toBe('?q=list-&sort=name&order=asc')
    await page.getByRole('button', { name: 'Any state' }).click()
    await page.getByRole('menuitem', { name: 'Blocked' }).click()
    await expect.poll(names).toEqual(['list-b'])
    await page.getByText('Teams', { exact: true }).last().click()
    await page.getByText('Nobody fits this search').waitFor()
  })

  test('S-H1: names that are markup stay names', async () => {
    const { page } = now
    const name = '<img src=x onerror=alert(1)>'
    const id = await newTeam(gateway, name, { budget_amount_usd: 1 })
    await enter(now, gateway, `/budgets?q=${encodeURIComponent('<img')}`)
    await page.getByRole('rowheader', { name }).waitFor()
    await page.goto(`${gateway.gatewayUrl}/portal/teams/${id}/budget`)
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    await page.getByLabel('Amount').fill('0')
    await save(page).click()
    await page.getByRole('alertdialog').getByText(`Team ${name}`).waitFor()
    expect(await page.locator('img').count()).toBe(0)
  })

  test('S-M2: a member is told who may come here, and nothing is asked for them; their own budget they see', async () => {
    const { page } = now
    const id = await newTeam(gateway, 'Of a member', { budget_amount_usd: 500, default_user_budget_usd: 40 })
    const { token } = await newMember(gateway, { teamId: id })
    const asked: string[] = []
    page.on('request', (request) => void asked.push(new URL(request.url()).pathname))
    for (const path of ['/teams', `/teams/${id}/budget`, '/budgets', '/budgets/default']) {
      await enter(now, gateway, path, token)
      await page.getByText('You need the admin role for this page').waitFor()
    }
    expect(asked.filter((path) => path.startsWith('/admin/'))).toEqual([])
    await enter(now, gateway, '/dashboard', token)
    await page.getByText('what Of a member gives each member').waitFor()
    await page.getByText('of $40.00 / month').waitFor()
    await page.getByText('Notify at 80%, block at 100%.').waitFor()
    await page.getByText('$0.00 of $500.00 / month').waitFor()
  })
})
