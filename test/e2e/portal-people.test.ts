/** People, and what keys are held to, in a real browser, against the deployed bundles behind the distribution. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { ask } from '../support/deployed.ts'
import { memberToken } from '../support/member.ts'
import { enter } from '../support/portal.ts'
import { gateway, now, openPortal } from '../support/portal-stage.ts'

openPortal()

interface Row {
  readonly id: string
  readonly [member: string]: unknown
}

async function post(path: string, body: object): Promise<string> {
  const answer = await gateway.admin('POST', path, body)
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
  return ((await answer.json()) as { id: string }).id
}
const person = (name: string, wish: object = {}): Promise<string> =>
  post('/admin/users', { email: `${name.toLowerCase()}@example.com`, display_name: name, ...wish })
const team = (name: string): Promise<string> => post('/admin/teams', { name })

async function users(): Promise<readonly Row[]> {
  return ((await (await gateway.admin('GET', '/admin/users')).json()) as { users: Row[] }).users
}
const read = async (id: string): Promise<Row | undefined> => (await users()).find((row) => row.id === id)
async function keyOf(id: string): Promise<Row | undefined> {
  return ((await (await gateway.admin('GET', '/admin/keys')).json()) as { keys: Row[] }).keys.find(
    (row) => row.id === id,
  )
}
const served = async (key: string): Promise<number> => {
  const answer = await ask(gateway.messagesUrl, { key, model: 'claude-sonnet-5-5', content: 'How are you?' })
  await answer.text()
  return answer.status
}

const menu = async (page: Page, name: string, item: string): Promise<void> => {
  await page.getByRole('button', { name: `Actions for ${name}` }).click()
  await page.getByRole('menuitem', { name: item }).click()
}
/** What stands in a row and is to be seen at this width. */
const inRow = (page: Page, name: string, text: string | RegExp) =>
  page.getByRole('row').filter({ hasText: name }).getByText(text).filter({ visible: true }).first()

describe('members', () => {
  test('somebody is added with team and role; an address that is taken is told at its field', async () => {
    const { page } = now
    await team('Adders')
    await enter(now, gateway, '/members?add=true')
    const form = page.getByRole('dialog', { name: 'Add member' })
    await form.getByRole('button', { name: 'Add member' }).click()
    await form.getByText('Enter their e-mail address.').waitFor()
    await form.getByLabel('E-mail').fill('ADMIN')
    await form.getByRole('button', { name: 'Add member' }).click()
    await form.getByText('must be an e-mail address').waitFor()
    await form.getByLabel('E-mail').fill('added@example.com')
    await form.getByLabel('Name').fill('Added Person')
    await form.getByLabel('Team').selectOption({ label: 'Adders' })
    await form.getByRole('button', { name: 'Add member' }).click()
    await page.getByText('Added Person is added').waitFor()
    await inRow(page, 'Added Person', 'Adders').waitFor()
    expect(new URL(page.url()).search).toBe('')
    await page.getByRole('button', { name: 'Add member' }).click()
    await form.getByLabel('E-mail').fill('Added@Example.com')
    await form.getByRole('button', { name: 'Add member' }).click()
    await form.getByText('there is a person with this address already').waitFor()
  })

  test('the last administrator cannot be demoted, and is told why; another makes it possible', async () => {
    const { page } = now
    const id = await person('Second')
    await enter(now, gateway, '/members')
    await menu(page, gateway.adminUser, 'Make member…')
    const demotes = page.getByRole('alertdialog', { name: `Make ${gateway.adminUser} a member?` })
    await demotes.getByText('You lose the pages of administrators').waitFor()
    await demotes.getByRole('button', { name: 'Make member' }).click()
    await demotes.getByText('This is the last active administrator').waitFor()
    await demotes.getByRole('button', { name: 'Keep as administrator' }).click()
    await menu(page, 'Second', 'Make administrator…')
    const promotes = page.getByRole('alertdialog', { name: 'Make Second an administrator?' })
    await promotes.getByRole('button', { name: 'Make administrator' }).click()
    await inRow(page, 'Second', /^Admin$/).waitFor()
    expect(await read(id)).toMatchObject({ role: 'admin' })
    await menu(page, 'Second', 'Make member…')
    await page.getByRole('button', { name: 'Make member' }).click()
    await page.getByText('Second is a member').waitFor()
    expect(await read(id)).toMatchObject({ role: 'member' })
  })

  test('a move names the team that is left and what changes', async () => {
    const { page } = now
    const [from, to] = [await team('Left behind'), await team('Gone to')]
    await gateway.admin('PUT', `/admin/teams/${to}/budget`, { default_user_budget_usd: 20, budget_period: 'weekly' })
    const id = await person('Mover', { team_id: from })
    await enter(now, gateway, '/members?q=Mover')
    await menu(page, 'Mover', 'Move to a team…')
    const form = page.getByRole('dialog', { name: 'Move Mover' })
    await form.getByText('In Left behind now.').waitFor()
    expect(await form.getByRole('button', { name: 'Move', exact: true }).isDisabled()).toBe(true)
    await form.getByLabel('Team').selectOption({ label: 'Gone to' })
    await form.getByText('What they have spent stays with Left behind.').waitFor()
    await form.getByText('Their limit changes from none to $20.00 / week.').waitFor()
    await form.getByRole('button', { name: 'Move to Gone to' }).click()
    await page.getByText('Mover is in Gone to now').waitFor()
    await inRow(page, 'Mover', '$20.00 / week').waitFor()
    expect(await read(id)).toMatchObject({ team_id: to, effective_limit: { source: 'team', source_name: 'Gone to' } })
  })

  test('limits: zero is one, empty is none of their own, and nothing is sent while something is wrong', async () => {
    const { page } = now
    const id = await person('Limited')
    const sent: unknown[] = []
    page.on('request', (request) => request.method() === 'PUT' && sent.push(JSON.parse(request.postData() ?? 'null')))
    await enter(now, gateway, '/members?q=Limited')
    await menu(page, 'Limited', 'Limits…')
    const form = page.getByRole('dialog', { name: 'Limits of Limited' })
    await form.getByText('Now: No limit.').waitFor()
    await form.getByLabel('Spend limit').fill('-5')
    await form.getByLabel('Tokens a minute').fill('0')
    await form.getByRole('button', { name: 'Save limits' }).click()
    await form.getByText('Enter dollars and cents').waitFor()
    await form.getByText('Enter a whole number from 1 to 100,000,000').waitFor()
    expect(sent).toEqual([])
    await form.getByLabel('Spend limit').fill('0')
    await form.getByText('Day', { exact: true }).click()
    await form.getByLabel('Tokens a minute').fill('')
    await form.getByLabel('Requests a minute').fill('60')
    await form.getByRole('button', { name: 'Save limits' }).click()
    await page.getByText('The limits of Limited are saved').waitFor()
    expect(await read(id)).toMatchObject({
      spend_limit_monthly_usd: 0,
      budget_period: 'daily',
      rate_limit_rpm: 60,
      rate_limit_tpm: null,
    })
    await inRow(page, 'Limited', '$0.00 / day').waitFor()
    await inRow(page, 'Limited', '60 requests / min').waitFor()
    await menu(page, 'Limited', 'Limits…')
    expect(await form.getByLabel('Spend limit').inputValue()).toBe('0')
    await form.getByLabel('Spend limit').fill('')
    await form.getByRole('button', { name: 'Save limits' }).click()
    await inRow(page, 'Limited', 'No limit').waitFor()
    expect(await read(id)).toMatchObject({ spend_limit_monthly_usd: null, rate_limit_rpm: 60 })
  })

  test('K12: who is suspended is refused on the next request, and accepted again once reactivated', async () => {
    const { page } = now
    const id = await person('Paused')
    const { key } = await gateway.makeKey({ user_id: id })
    expect(await served(key)).toBe(200)
    await enter(now, gateway, '/members?q=Paused')
    await menu(page, 'Paused', 'Suspend…')
    const asks = page.getByRole('alertdialog', { name: 'Suspend Paused?' })
    await asks.getByText('1 key of theirs is refused from the next request on.').waitFor()
    await asks.getByRole('button', { name: 'Suspend', exact: true }).click()
    await inRow(page, 'Paused', 'Suspended').waitFor()
    expect(await served(key)).toBe(401)
    await menu(page, 'Paused', 'Reactivate…')
    await page.getByRole('alertdialog').getByRole('button', { name: 'Reactivate' }).click()
    await inRow(page, 'Paused', /^Active$/).waitFor()
    expect(await served(key)).toBe(200)
  })

  test('removing lists what goes along; keys are refused on the next request, what was spent stays', async () => {
    const { page } = now
    const id = await person('Leaver')
    const { key } = await gateway.makeKey({ user_id: id, name: 'the key that stays behind' })
    expect(await served(key)).toBe(200)
    await gateway.settled()
    await enter(now, gateway, '/members?q=Leaver')
    await menu(page, 'Leaver', 'Remove…')
    const asks = page.getByRole('alertdialog', { name: 'Remove Leaver?' })
    await asks.getByText('1 key of theirs is revoked; this cannot be undone.').waitFor()
    await asks.getByText('What they have spent stays on the books.').waitFor()
    await asks.getByRole('button', { name: 'Keep member' }).click()
    expect(await served(key)).toBe(200)
    await menu(page, 'Leaver', 'Remove…')
    await asks.getByRole('button', { name: 'Remove member' }).click()
    await page.getByText('Leaver is removed').waitFor()
    expect(await served(key)).toBe(401)
    expect(await read(id)).toBeUndefined()
    await gateway.settled()
    const counters = await gateway.items('usage', `SPEND#USER#${id}`)
    expect(counters[0]?.m_cost).toBeGreaterThan(0)
  })

  test('search and filters are in the address, and what hides everybody is told', async () => {
    const { page } = now
    const teamId = await team('Filtered team')
    await person('Findable', { team_id: teamId })
    await enter(now, gateway, '/members')
    await page.getByLabel('Team', { exact: true }).selectOption({ label: 'Filtered team' })
    await page.getByText(/^1 of \d+ members$/).waitFor()
    expect(new URL(page.url()).searchParams.get('team')).toBe(teamId)
    await page.getByLabel('Role').selectOption({ label: 'Administrators' })
    await page.getByText('Nobody is like that').waitFor()
    await page.reload()
    await page.getByRole('button', { name: 'Clear search and filters' }).click()
    await page.getByRole('rowheader', { name: 'Findable' }).waitFor()
    expect(new URL(page.url()).search).toBe('')
    await page.getByRole('button', { name: 'Member', exact: true }).click()
    expect(new URL(page.url()).searchParams.get('order')).toBe('desc')
  })

  test('names that are markup stay names', async () => {
    const { page } = now
    const name = '<img src=x onerror=alert(1)>'
    await post('/admin/users', { email: 'markup@example.com', display_name: name })
    await enter(now, gateway, '/members?q=markup')
    await page.getByRole('rowheader', { name }).waitFor()
    await menu(page, name, 'Remove…')
    await page.getByRole('alertdialog', { name: `Remove ${name}?` }).waitFor()
    expect(await page.locator('img').count()).toBe(0)
  })

  test('a member is told who may come here, and nothing is asked for them', async () => {
    const { page } = now
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await enter(now, gateway, '/members', await memberToken(gateway))
    await page.getByText('You need the admin role for this page').waitFor()
    expect(await page.getByRole('navigation', { name: 'Main' }).getByText('Members').count()).toBe(0)
    expect(asked.filter((path) => path.startsWith('/admin/'))).toEqual([])
  })

  test('by keyboard alone somebody is found and suspended', async () => {
    const { page } = now
    const id = await person('Keyboarded')
    await enter(now, gateway, '/keys')
    await page.getByRole('heading', { name: 'Virtual keys', level: 1 }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('m')
    await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('keyboarded')
    await page.getByText(/^1 of \d+ members$/).waitFor()
    const focused = () => page.locator(':focus').getAttribute('aria-label')
    for (let i = 0; i < 20 && (await focused()) !== 'Actions for Keyboarded'; i++) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('menu').waitFor()
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('alertdialog', { name: 'Suspend Keyboarded?' }).waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('Keyboarded is suspended').waitFor()
    expect(await read(id)).toMatchObject({ active: false })
  })
})

describe('keys', () => {
  test('an administrator gives a key an owner, limits, models, an end and a budget, in one step', async () => {
    const { page } = now
    const owner = await person('Keyholder')
    const { id } = await gateway.makeKey({ name: 'plain' })
    const sent: unknown[] = []
    await page.setViewportSize({ width: 1440, height: 900 })
    page.on('request', (request) => request.method() === 'PATCH' && sent.push(JSON.parse(request.postData() ?? 'null')))
    await enter(now, gateway, '/keys?q=plain')
    await menu(page, 'plain', 'Edit…')
    const form = page.getByRole('dialog', { name: 'Edit plain' })
    await form.getByLabel('Owner').selectOption(owner)
    await form.getByLabel('Requests a minute').fill('30')
    await form.getByLabel('Models').fill('gpt-5')
    await form.getByRole('button', { name: 'Save key' }).click()
    await form.getByText('"gpt-5" is not a Claude model').waitFor()
    expect(await keyOf(id)).toMatchObject({ rate_limit_rpm: null, allowed_models: null })
    await form.getByLabel('Models').fill('claude-haiku-4-5-20251001, claude-opus-4-6')
    await form.getByLabel('Last day').fill('2099-12-31')
    await form.getByLabel('Amount').fill('12.50')
    await form.getByText('The month starts with what the key has spent').waitFor()
    await form.getByText('Week', { exact: true }).click()
    await form.getByLabel('As it is used up').selectOption('soft')
    await form.getByRole('button', { name: 'Save key' }).click()
    await page.getByText('plain is saved').waitFor()
    expect(await keyOf(id)).toMatchObject({
      user_id: owner,
      rate_limit_rpm: 30,
      allowed_models: ['claude-haiku-4-5', 'claude-opus-4-6'],
      expires_at: '2100-01-01T00:00:00.000Z',
      budget: { amount_usd: 12.5, period: 'weekly' },
    })
    await inRow(page, 'plain', 'Keyholder').waitFor()
    await page.getByTitle(/^\$12.50 \/ week; 30 requests \/ min; claude-haiku-4-5/).waitFor()
    await menu(page, 'plain', 'Edit…')
    expect(await form.getByLabel('As it is used up').inputValue()).toBe('own')
    await form.getByLabel('Name').fill('renamed')
    await form.getByRole('button', { name: 'Save key' }).click()
    await page.getByText('renamed is saved').waitFor()
    expect(sent.at(-1)).toEqual({ name: 'renamed' })
  })

  test('a key is rotated: the new one is shown once, the old one ends when it was said', async () => {
    const { page } = now
    const { id, key } = await gateway.makeKey({ name: 'turning' })
    await enter(now, gateway, '/keys?q=turning')
    await menu(page, 'turning', 'Rotate…')
    const asks = page.getByRole('dialog', { name: 'Rotate turning?' })
    await asks.getByRole('button', { name: 'Rotate key' }).click()
    const shows = page.getByRole('dialog', { name: 'Store this key now' })
    await shows.getByRole('button', { name: 'Copy' }).click()
    const fresh = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(fresh).toMatch(/^sk-proxy-[0-9a-f]{64}$/)
    await shows.getByRole('button', { name: 'Done' }).click()
    expect(await page.content()).not.toContain(fresh)
    await inRow(page, 'turning', 'Expires today').waitFor()
    expect([await served(key), await served(fresh)]).toEqual([200, 200])
    // Rotated again, it has another successor in place of the first.
    const again = await gateway.admin('POST', `/admin/keys/${id}/rotate`, { overlap_hours: 0 })
    const { key: last } = (await again.json()) as { key: string }
    expect([await served(key), await served(fresh), await served(last)]).toEqual([401, 401, 200])
    await page.getByText('Expired', { exact: true }).click()
    await inRow(page, 'turning', /^Expired$/).waitFor()
  })

  test('a budget that a key gets holds at once for what it has spent this day and month, and for its models', async () => {
    const { id, key } = await gateway.makeKey({ name: 'spender', user_id: await person('Spender') })
    const long = { key, model: 'claude-sonnet-5-5', content: 'How? '.repeat(8_000) }
    expect((await ask(gateway.messagesUrl, long)).status).toBe(200)
    await gateway.settled()
    const change = (body: object) => gateway.admin('PATCH', `/admin/keys/${id}`, body)
    expect((await change({ budget: { amount_usd: 0.01, period: 'daily' } })).status).toBe(200)
    expect(await served(key)).toBe(402)
    expect((await change({ budget: { amount_usd: 0.01, period: 'monthly' } })).status).toBe(200)
    expect(await served(key)).toBe(402)
    expect((await change({ budget: null, allowed_models: ['claude-opus-5-5'] })).status).toBe(200)
    expect(await served(key)).toBe(400)
    expect((await change({ allowed_models: null })).status).toBe(200)
    expect(await served(key)).toBe(200)
  })

  test('a member makes a key that ends, and is offered no limits of administrators', async () => {
    const { page } = now
    await enter(now, gateway, '/keys?create=true', await memberToken(gateway))
    const form = page.getByRole('dialog', { name: 'Create virtual key' })
    await form.getByLabel('Name').fill('for a month')
    await form.getByLabel('Expires').selectOption({ label: 'In 30 days' })
    await form.getByRole('button', { name: 'Create key' }).click()
    const shows = page.getByRole('dialog', { name: 'Store this key now' })
    await shows.getByLabel('I have stored it').check()
    await shows.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: 'Actions for for a month' }).click()
    await page.getByRole('menuitem', { name: 'Rotate…' }).waitFor()
    expect(await page.getByRole('menuitem', { name: 'Edit…' }).count()).toBe(0)
  })
})
