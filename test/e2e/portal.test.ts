/** The portal in a real browser, against the deployed bundles behind the distribution. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { exactly, money } from '../../frontend/src/format/money.ts'
import { askClaude, claudeCode, resultOf, run } from '../support/claude-code.ts'
import { ask } from '../support/deployed.ts'
import { enter, signIn } from '../support/portal.ts'
import { gateway, now, openPortal } from '../support/portal-stage.ts'

openPortal()

const url = (path: string): string => `${gateway.gatewayUrl}/portal${path}`

describe('signing in', () => {
  test('a wrong password is told beside its field, and the right one leads to the page that was asked for', async () => {
    const { page } = now
    await page.goto(url('/keys?status=all'))
    await page.getByLabel('Username').fill(gateway.adminUser)
    await page.getByLabel('Password', { exact: true }).fill('not the password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Wrong username or password. Check both and try again.').waitFor()
    expect(await page.getByLabel('Password', { exact: true }).getAttribute('aria-invalid')).toBe('true')

    await page.getByLabel('Password', { exact: true }).fill(gateway.adminPassword)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Virtual keys', level: 1 }).waitFor()
    expect(new URL(page.url()).search).toBe('?status=all')
  })

  test('a link that leads elsewhere after signing in is not followed', async () => {
    await signIn(now, gateway, '/sign-in?next=//evil.example/portal')
    expect(new URL(now.page.url()).origin).toBe(gateway.gatewayUrl)
  })

  test('no token is in storage, in the address, or within reach of a script', async () => {
    const { page, context } = now
    await signIn(now, gateway, '/keys')
    const seen = await page.evaluate<string>(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, history.state])',
    )
    const [cookie] = await context.cookies()
    expect(cookie).toMatchObject({ name: '__Host-session', httpOnly: true, secure: true, sameSite: 'Lax', path: '/' })
    expect(seen).not.toContain(cookie?.value)
    expect(seen).not.toContain('eyJ')
  })

  test('signing out ends the session in every tab of the browser, and on the server', async () => {
    const { page, context } = now
    await signIn(now, gateway, '/dashboard')
    const other = await context.newPage()
    await other.goto(url('/keys'))
    await other.getByRole('heading', { name: 'Virtual keys', level: 1 }).waitFor()
    const cookies = await context.cookies()
    await page.getByRole('button', { name: /^Account of/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in to Gateway' }).waitFor()
    await other.getByRole('heading', { name: 'Sign in to Gateway' }).waitFor()
    const again = await fetch(`${gateway.gatewayUrl}/auth/me`, {
      headers: { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
    })
    expect(again.status).toBe(401)
  })
})

describe('virtual keys', () => {
  test('a key is shown once, held until it is stored, and works', async () => {
    const { page } = now
    await enter(now, gateway, '/keys')
    await page.getByRole('button', { name: 'Create key' }).first().click()
    await page.getByRole('dialog').getByLabel('Name').fill('  made in the browser ')
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
    const dialog = page.getByRole('dialog', { name: 'Store this key now' })
    await dialog.waitFor()
    expect(await dialog.getByRole('button', { name: 'Done' }).isDisabled()).toBe(true)
    await page.keyboard.press('Escape')
    expect(await dialog.isVisible()).toBe(true)
    expect(await dialog.textContent()).not.toMatch(/sk-proxy-[0-9a-f]{64}/)
    await dialog.getByRole('button', { name: 'Copy' }).click()
    const key = await page.evaluate<string>('navigator.clipboard.readText()')
    await dialog.getByRole('button', { name: 'Done' }).click()
    expect((await ask(gateway.messagesUrl, { key })).status).toBe(200)
    await page.getByRole('rowheader', { name: 'made in the browser' }).waitFor()
    expect(await page.content()).not.toContain(key)
    expect(page.url()).not.toContain('create')
  })

  test('what is missing or refused is told beside its field, and nothing is made', async () => {
    const { page } = now
    await enter(now, gateway, '/keys?create=true')
    const before = await keyCount()
    const create = page.getByRole('dialog').getByRole('button', { name: 'Create key' })
    await create.click()
    await page.getByText('Enter what will use the key, in up to 100 characters.').waitFor()
    // Past what the field itself lets through: the gateway's own word, beside the same field.
    await page
      .getByRole('dialog')
      .getByLabel('Name')
      .evaluate((field: { value: string }) => {
        field.value = 'a\u0007b'
      })
    await create.click()
    await page.getByText('must not contain control characters').waitFor()
    expect(await page.getByRole('dialog').getByLabel('Name').getAttribute('aria-invalid')).toBe('true')
    expect(await keyCount()).toBe(before)
  })

  test('a revoked key is refused from the next request on, and may then be deleted', async () => {
    const { page } = now
    const { key } = await gateway.makeKey({ name: 'to be ended' })
    await enter(now, gateway, '/keys?q=to+be+ended&status=all')
    await page.getByRole('button', { name: 'Actions for to be ended' }).click()
    await page.getByRole('menuitem', { name: 'Revoke…' }).click()
    const asks = page.getByRole('alertdialog', { name: 'Revoke to be ended?' })
    await asks.getByRole('button', { name: 'Keep key' }).click()
    expect((await ask(gateway.messagesUrl, { key })).status).toBe(200)

    await page.getByRole('button', { name: 'Actions for to be ended' }).click()
    await page.getByRole('menuitem', { name: 'Revoke…' }).click()
    await asks.getByRole('button', { name: 'Revoke key' }).click()
    await page.getByText('to be ended is revoked').waitFor()
    expect((await ask(gateway.messagesUrl, { key })).status).toBe(401)

    await page.getByRole('button', { name: 'Actions for to be ended' }).click()
    await page.getByRole('menuitem', { name: 'Delete…' }).click()
    await page
      .getByRole('alertdialog', { name: 'Delete to be ended?' })
      .getByRole('button', { name: 'Delete key' })
      .click()
    await page.getByText('No key matches “to be ended”').waitFor()
  })

  test('search, status and order are in the address, so a link shows the same list', async () => {
    const { page } = now
    for (const name of ['zebra one', 'zebra two']) await gateway.makeKey({ name })
    await enter(now, gateway, '/keys')
    await page.getByLabel('Name, prefix or owner').fill('ZEBRA')
    await page.getByText('2 of').waitFor()
    await page.getByRole('button', { name: 'Name', exact: true }).click()
    await page.locator('th[aria-sort=ascending]').waitFor()
    const address = page.url()
    expect(Object.fromEntries(new URL(address).searchParams)).toEqual({ q: 'ZEBRA', sort: 'name', order: 'asc' })
    const names = () =>
      page.getByRole('rowheader').evaluateAll((cells) => cells.map((cell) => cell.firstChild?.textContent))
    // The list before stays until the new one is there.
    await expect.poll(names).toEqual(['zebra one', 'zebra two'])
    await page.goto(address)
    await expect.poll(names).toEqual(['zebra one', 'zebra two'])
  })

  test('a name that is markup stays a name, wherever it is shown', async () => {
    const { page } = now
    const name = '<img src=x onerror=alert(1)>'
    await gateway.makeKey({ name })
    await enter(now, gateway, '/keys')
    await page.getByRole('rowheader', { name }).waitFor()
    await page.getByRole('button', { name: `Actions for ${name}` }).click()
    await page.getByRole('menuitem', { name: 'Revoke…' }).click()
    await page
      .getByRole('alertdialog', { name: `Revoke ${name}?` })
      .getByRole('button', { name: 'Revoke key' })
      .click()
    await page.getByText(`${name} is revoked`).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('searchbox', { name: 'Search' }).fill('onerror')
    await page.getByRole('option', { name }).waitFor()
    expect(await page.locator('img').count()).toBe(0)
  })
})

describe('when something fails', () => {
  test('a session that has ended is renewed where the person is, and nothing is lost', async () => {
    const { page, context } = now
    await gateway.makeKey({ name: 'survives' })
    await signIn(now, gateway, '/keys?q=survives')
    await page.getByRole('rowheader', { name: 'survives' }).waitFor()
    await endSession()
    await page.getByRole('button', { name: 'Refresh' }).click()
    const again = page.getByRole('dialog', { name: 'Sign in again' })
    await again.getByLabel('Username').fill(gateway.adminUser)
    await again.getByLabel('Password', { exact: true }).fill(gateway.adminPassword)
    await again.getByRole('button', { name: 'Sign in' }).click()
    await again.waitFor({ state: 'detached' })
    await page.getByRole('rowheader', { name: 'survives' }).waitFor()
    expect(new URL(page.url()).search).toBe('?q=survives')

    async function endSession(): Promise<void> {
      const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
      const ended = await fetch(`${gateway.gatewayUrl}/auth/logout`, {
        method: 'POST',
        headers: { cookie, origin: gateway.gatewayUrl, 'content-type': 'application/json' },
      })
      expect(ended.status).toBe(200)
    }
  })

  test('without a network what was read stays, and what was not done is said', async () => {
    const { page, context } = now
    await gateway.makeKey({ name: 'still here' })
    await enter(now, gateway, '/keys?q=still+here')
    await page.getByRole('rowheader', { name: 'still here' }).waitFor()
    await page.getByRole('button', { name: 'Create key' }).first().click()
    await page.getByRole('dialog').getByLabel('Name').fill('not to be')
    const before = await keyCount()
    await context.setOffline(true)
    await page.getByText('This browser is offline.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
    await page.getByText('The gateway cannot be reached.').first().waitFor()
    expect(await page.getByRole('dialog').getByLabel('Name').inputValue()).toBe('not to be')
    expect(await keyCount()).toBe(before)
    await context.setOffline(false)
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('dialog', { name: 'Store this key now' }).waitFor()
  })

  test('a page that does not exist says so and leads back', async () => {
    const { page } = now
    await enter(now, gateway, '/dashboard')
    await page.goto(url('/nowhere'))
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Not found')
  })
})

describe.skipIf(claudeCode === undefined)('connecting', () => {
  const home = mkdtempSync(join(tmpdir(), 'portal-home-'))
  afterAll(() => rmSync(home, { recursive: true, force: true }))
  const clipboard = (): Promise<string> => now.page.evaluate<string>('navigator.clipboard.readText()')

  test('one command on the page, Claude Code answers, the ticks turn, the Dashboard tells what it cost', async () => {
    const { page } = now
    await enter(now, gateway, '/connect')
    await page.getByLabel('Name of the key').fill('my laptop')
    await page.getByRole('button', { name: 'Make the command' }).click()
    const figure = page.getByRole('figure', { name: 'Setup command' })
    await figure.getByRole('button', { name: 'Copy' }).click()
    const command = await clipboard()
    expect(command).not.toContain('sk-proxy-')
    expect(await page.content()).not.toMatch(/sk-proxy-[0-9a-f]{64}/)

    const setUp = await run('/bin/sh', ['-c', command], home)
    expect(setUp).toMatchObject({ code: 0, stdout: expect.stringContaining('claude') })
    await page.getByText('Settings written, key accepted: done').waitFor()
    expect(await page.getByText('First request: done').count()).toBe(0)

    const before = await spent()
    const told = await askClaude(home, ['How are you?'])
    expect([told.code, resultOf(told)]).toMatchObject([0, { is_error: false }])
    await page.getByText('First request: done').waitFor()
    await gateway.settled()

    await page.getByRole('link', { name: 'See it on the Dashboard' }).click()
    await page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor()
    const after = await spent()
    expect(after.requests).toBeGreaterThan(before.requests)
    expect(after.usd).toBeGreaterThan(before.usd)
    await page.getByRole('button', { name: 'Refresh' }).click()
    const total = page.getByRole('row', { name: /^Total/ })
    await total.getByTitle(exactly(after.usd)).waitFor()
    expect(await total.textContent()).toContain(money(after.usd))

    await page.goto(url('/connect'))
    await page.getByRole('button', { name: 'Disconnect a machine' }).click()
    await page.getByRole('figure', { name: 'Remove command' }).getByRole('button', { name: 'Copy' }).click()
    expect((await run('/bin/sh', ['-c', await clipboard()], home)).code).toBe(0)
    expect(existsSync(join(home, '.claude/settings.json'))).toBe(false)
  })

  test('a key that was just made goes along to Connect, and nowhere else', async () => {
    const { page } = now
    await enter(now, gateway, '/keys?create=true')
    await page.getByRole('dialog').getByLabel('Name').fill('along')
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('link', { name: 'Set up Claude Code with it' }).click()
    await page.getByRole('figure', { name: 'Setup command' }).waitFor()
    await page.getByText('For the key along.').waitFor()
    const kept = await page.evaluate<string>(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, history.state])',
    )
    expect(kept).not.toContain('sk-proxy-')
    await page.reload()
    await page.getByLabel('Name of the key').waitFor()
  })

  test('a key that is pasted is known by its head, and one that is none is told so', async () => {
    const { page } = now
    const { key } = await gateway.makeKey({ name: 'pasted' })
    await enter(now, gateway, '/connect')
    await page.getByText('A key I have').click()
    const field = page.getByLabel('Virtual key', { exact: true })
    const make = page.getByRole('button', { name: 'Make the command' })
    await field.fill('sk-proxy-nonsense')
    await make.click()
    await page.getByText('A key is sk-proxy- and 64 characters').waitFor()
    await field.fill(`${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`)
    await make.click()
    await page.getByText('is not the text of this key').waitFor()
    await field.fill(key)
    await make.click()
    await page.getByRole('figure', { name: 'Setup command' }).waitFor()
  })

  async function spent(): Promise<{ requests: number; usd: number }> {
    const answer = await gateway.admin('GET', '/admin/analytics?days=7')
    const { totals } = (await answer.json()) as { totals: { requests: number; total_cost_usd: number } }
    return { requests: totals.requests, usd: totals.total_cost_usd }
  }
})

test('by keyboard alone a person signs in, makes a key, copies it and revokes it', async () => {
  const { page } = now
  await page.goto(url('/keys'))
  const keys = page.keyboard
  await page.getByLabel('Username').waitFor()
  await keys.type(gateway.adminUser)
  await keys.press('Tab')
  await keys.type(gateway.adminPassword)
  await keys.press('Enter')
  await page.getByRole('heading', { name: 'Virtual keys', level: 1 }).waitFor()
  await tabTo('Create key')
  await keys.press('Enter')
  await page.getByRole('dialog').waitFor()
  await keys.type('by keyboard')
  await keys.press('Enter')
  await page.getByRole('dialog', { name: 'Store this key now' }).waitFor()
  await tabTo('Copy')
  await keys.press('Enter')
  await page.getByText('Copied').waitFor()
  await tabTo('Done')
  await keys.press('Enter')
  await page.getByRole('rowheader', { name: 'by keyboard' }).waitFor()
  await tabTo('Actions for by keyboard')
  await keys.press('Enter')
  await page.getByRole('menu').waitFor()
  // Past “Edit…” and “Rotate…”.
  for (let i = 0; i < 2; i++) await keys.press('ArrowDown')
  await keys.press('Enter')
  await page.getByRole('alertdialog').waitFor()
  // The focus begins on what does no harm.
  await expect.poll(focused).toBe('Keep key')
  await tabTo('Revoke key')
  await keys.press('Enter')
  await page.getByText('by keyboard is revoked').waitFor()
  await keys.press('g')
  await keys.press('d')
  await page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor()

  async function tabTo(name: string): Promise<void> {
    for (let presses = 0; presses < 60; presses++) {
      if ((await focused()) === name) return
      await keys.press('Tab')
    }
    throw new Error(`${name} cannot be reached`)
  }
  async function focused(): Promise<string | undefined> {
    return await page.evaluate<string | undefined>(
      'document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim()',
    )
  }
})

async function keyCount(): Promise<number> {
  const answer = await gateway.admin('GET', '/admin/keys')
  return ((await answer.json()) as { total: number }).total
}
