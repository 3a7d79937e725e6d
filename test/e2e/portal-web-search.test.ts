/** Searching the web, set up in a real browser against the deployed bundles behind the distribution. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Member, newMember } from '../support/member.ts'
import { enter } from '../support/portal.ts'
import { gateway, now, openPortal } from '../support/portal-stage.ts'
import { answering, foundHits, type SearchEngine, startSearchEngine } from '../support/search-engine.ts'

let engine: SearchEngine
let member: Member

openPortal()
beforeEach(async () => {
  engine = await startSearchEngine()
  member = await newMember(gateway)
  await setMode({ mode: 'enabled', web_fetch: false, fallback: true })
})
afterEach(async () => {
  await engine.stop()
})

const MODE = '/admin/websearch-mode'
const setMode = async (body: object): Promise<void> => expect((await gateway.admin('PUT', MODE, body)).status).toBe(200)
const mode = async () => (await gateway.admin('GET', MODE)).json()
const asMember = async (method: string, path: string, body?: object) => {
  const answer = await fetch(`${gateway.gatewayUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  expect(answer.status).toBe(200)
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came, and says what it expects.
  return (await answer.json()) as any
}
const own = async () => (await asMember('GET', '/admin/search-providers')).providers
const save = (body: object) => asMember('PUT', '/admin/search-providers', body)
const open = (token = member.token) => enter(now, gateway, '/web-search', token)
const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const entry = (page: Page) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Web search' })

describe('a provider of one’s own', () => {
  test('is set up, tried before it is saved, and active at once; its key is never shown again', async () => {
    const { page } = now
    await open()
    await page.getByText('Active: DuckDuckGo (default)').waitFor()
    await page.getByRole('button', { name: 'Set up Custom' }).click()
    const form = page.getByRole('dialog', { name: 'Set up Custom' })
    await form.getByRole('button', { name: 'Save' }).click()
    await form.getByText('Enter its address.').waitFor()
    await form.getByLabel('API URL').fill(engine.url)
    await form.getByLabel('API key').fill('key-of-a-member')
    await form.getByLabel('Maximum results').fill('21')
    await form.getByRole('button', { name: 'Test' }).click()
    await form.getByText('Enter a whole number from 1 to 20.').waitFor()
    await form.getByLabel('Maximum results').fill('4')
    await form.getByRole('button', { name: 'Test' }).click()
    await form.getByText(/^Test passed: 3 results in /).waitFor()
    expect(await own()).toEqual([])
    await form.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Active: Custom').waitFor()
    await card(page, 'Custom').getByText('Active').waitFor()
    expect(await page.content()).not.toContain('key-of-a-member')
    expect(await own()).toMatchObject([{ provider_type: 'custom', enabled: true, has_api_key: true, max_results: 4 }])
  })

  test('S-M14: stays active and keeps its key when something else of it is changed, and is tried with it', async () => {
    const { page } = now
    await save({ provider_type: 'custom', api_url: engine.url, api_key: 'key-of-a-member' })
    await open()
    await page.getByRole('button', { name: 'Edit Custom' }).click()
    const form = page.getByRole('dialog', { name: 'Edit Custom' })
    expect(await form.getByLabel('API key').inputValue()).toBe('')
    await form.getByLabel('Maximum results').fill('9')
    await form.getByRole('button', { name: 'Save' }).click()
    await card(page, 'Custom').getByText('9', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Test Custom' }).click()
    await card(page, 'Custom')
      .getByText(/^Test passed: 3 results in /)
      .waitFor()
    expect(engine.asked.map(({ authorization }) => authorization)).toEqual(['Bearer key-of-a-member'])
    expect(await own()).toMatchObject([{ enabled: true, has_api_key: true, max_results: 9 }])

    await page.getByRole('button', { name: 'Edit Custom' }).click()
    await form.getByLabel('Remove stored key').check()
    await form.getByRole('button', { name: 'Save' }).click()
    await form.waitFor({ state: 'detached' })
    expect(await own()).toMatchObject([{ enabled: true, has_api_key: false }])
  })

  test('of an address inside the network is refused at its field', async () => {
    const { page } = now
    await open()
    await page.getByRole('button', { name: 'Set up SearXNG' }).click()
    const form = page.getByRole('dialog', { name: 'Set up SearXNG' })
    // Without a scheme, https is meant.
    await form.getByLabel('API URL').fill('10.0.0.7/search')
    await form.getByRole('button', { name: 'Save' }).click()
    await form.getByText('10.0.0.7 is not an address of the public internet').waitFor()
    expect(await form.getByLabel('API URL').getAttribute('aria-invalid')).toBe('true')
    expect(await own()).toEqual([])
  })

  test('is activated in place of another, and removed when that is confirmed', async () => {
    const { page } = now
    await save({ provider_type: 'tavily', api_key: 'tvly-key-of-a-member' })
    await save({ provider_type: 'duckduckgo' })
    await open()
    await page.getByText('Active: Tavily').waitFor()
    await page.getByRole('button', { name: 'Activate DuckDuckGo' }).click()
    await page.getByText('Active: DuckDuckGo', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Remove Tavily' }).click()
    const question = page.getByRole('alertdialog', { name: 'Remove Tavily?' })
    await question.getByRole('button', { name: 'Keep it' }).click()
    await page.getByRole('button', { name: 'Remove Tavily' }).click()
    await question.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('button', { name: 'Set up Tavily' }).waitFor()
    expect(await own()).toMatchObject([{ provider_type: 'duckduckgo', enabled: true }])
  })

  test('S-H12: what is found is text and links to pages of the web, and nothing else', async () => {
    const { page } = now
    const hostile = '<img src=x onerror=alert(1)>'
    engine.answer = answering([
      { title: 'script', link: 'javascript:alert(1)', snippet: hostile },
      { title: `A title of ${hostile}`, link: 'https://example.org/?q=%22', snippet: hostile },
      ...foundHits(1),
    ])
    await save({ provider_type: 'custom', api_url: engine.url })
    await open()
    await page.getByRole('button', { name: 'Test Custom' }).click()
    const result = card(page, 'Custom').getByRole('status')
    await result.getByText(/^Test passed/).waitFor()
    const links = await result.getByRole('link').all()
    const told = links.map(async (link) => [await link.getAttribute('href'), await link.getAttribute('rel')])
    expect(await Promise.all(told)).toEqual([
      ['https://example.org/?q=%22', 'noopener noreferrer nofollow'],
      ['https://example.org/0', 'noopener noreferrer nofollow'],
    ])
    expect(await result.locator('img').count()).toBe(0)
    engine.answer = { status: 401, body: 'secret words of another server' }
    await page.getByRole('button', { name: 'Test Custom' }).click()
    await card(page, 'Custom').getByText('Test failed').waitFor()
    expect(await page.content()).not.toContain('secret words')
  })
})

describe('what an administrator has chosen for everybody', () => {
  test('S-M15: one provider for all is named; what one has set up is shown, and cannot be changed', async () => {
    const { page } = now
    await save({ provider_type: 'tavily', api_key: 'tvly-key-of-a-member' })
    await setMode({ mode: 'global', provider: { provider_type: 'custom', api_url: engine.url } })
    await open()
    await page.getByText('Everybody’s searches go through Custom').waitFor()
    await card(page, 'Tavily').getByText('Configured').waitFor()
    expect(await card(page, 'Tavily').getByRole('button').count()).toBe(0)
    expect(await card(page, 'Brave').count()).toBe(0)
    expect(await entry(page).count()).toBe(1)
    // Where it is, is not everybody's business.
    expect(await page.content()).not.toContain(engine.url)
  })

  test('S-M16: switched off, members are not led here; the address explains', async () => {
    const { page } = now
    await setMode({ mode: 'disabled' })
    await open()
    await page.getByText('The web search is switched off').waitFor()
    await page.getByText('An administrator has switched it off for everybody.').waitFor()
    expect(await entry(page).count()).toBe(0)
    expect(await page.getByRole('button', { name: /^Set up/ }).count()).toBe(0)
    await setMode({ mode: 'enabled' })
    await page.reload()
    await entry(page).waitFor()
  })

  test('is set by them: provider, key, price and pages, of which the key stays when the rest is changed', async () => {
    const { page } = now
    await open(gateway.adminToken)
    const all = card(page, 'For everybody')
    await all.getByText('Global', { exact: true }).click()
    await all.getByLabel('Provider', { exact: true }).selectOption('Custom')
    await all.getByRole('button', { name: 'Save' }).click()
    await all.getByText('Enter its address.').waitFor()
    await all.getByLabel('API URL').fill(engine.url)
    await all.getByLabel('API key').fill('key-of-the-company')
    await all.getByLabel('Price of 1,000 searches').fill('-1')
    await all.getByRole('button', { name: 'Save' }).click()
    await all.getByText('Enter dollars, such as 5 or 0.25.').waitFor()
    await all.getByLabel('Price of 1,000 searches').fill('0.75')
    await all.getByLabel('Claude may read web pages that come up in a conversation').check()
    await all.getByRole('button', { name: 'Test provider' }).click()
    await all.getByText(/^Test passed: 3 results in /).waitFor()
    await all.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Everybody’s searches go through Custom').waitFor()
    const set = {
      mode: 'global',
      web_fetch: true,
      fallback: true,
      provider: { provider_type: 'custom', has_api_key: true, api_url: engine.url, price_per_1000_usd: 0.75 },
    }
    expect(await mode()).toMatchObject(set)

    await all.getByLabel('Maximum results').fill('7')
    await all.getByLabel('Ask DuckDuckGo when it does not answer').uncheck()
    await all.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The web search is set').last().waitFor()
    await expect.poll(mode).toMatchObject({ ...set, fallback: false, provider: { ...set.provider, max_results: 7 } })
    await all.getByRole('button', { name: 'Test provider' }).click()
    await all.getByText(/^Test passed/).waitFor()
    expect(engine.asked.at(-1)?.authorization).toBe('Bearer key-of-the-company')
    expect(await page.content()).not.toContain('key-of-the-company')
  })

  test('is not set over somebody else’s change', async () => {
    const { page } = now
    await open(gateway.adminToken)
    const all = card(page, 'For everybody')
    await all.getByText('Disabled', { exact: true }).click()
    await setMode({ mode: 'enabled', web_fetch: true })
    await all.getByRole('button', { name: 'Save' }).click()
    await all.getByText('somebody else has changed this').waitFor()
    expect(await mode()).toMatchObject({ mode: 'enabled', web_fetch: true })
    await all.getByRole('button', { name: 'Read anew' }).click()
    await all.getByRole('radio', { name: 'Enabled' }).and(page.locator(':checked')).waitFor()
    expect(await all.getByLabel('Claude may read web pages that come up in a conversation').isChecked()).toBe(true)
  })

  test('U6: it follows the mode, and whoever can switch it on again is always led here', async () => {
    const { page } = now
    await open(gateway.adminToken)
    const all = card(page, 'For everybody')
    await all.getByText('Disabled', { exact: true }).click()
    await all.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Nobody searches the web through this gateway until you switch it on below.').waitFor()
    await entry(page).waitFor()
    expect((await asMember('GET', '/auth/me')).features.websearch_mode).toBe('disabled')
    await all.getByText('Enabled', { exact: true }).click()
    await all.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Active: DuckDuckGo (default)').waitFor()
  })
})

test('the old address leads to it', async () => {
  const { page } = now
  await enter(now, gateway, '/#/websearch', member.token)
  await page.getByRole('heading', { name: 'Web search', level: 1 }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/portal/web-search')
})
