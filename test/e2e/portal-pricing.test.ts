/** Prices in a real browser, against the deployed bundles behind the distribution. */
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { ask } from '../support/deployed.ts'
import { memberToken } from '../support/member.ts'
import { enter } from '../support/portal.ts'
import { gateway, now, openPortal } from '../support/portal-stage.ts'

openPortal(async () => {
  // Before anybody looks: what is found is kept for ten minutes.
  const { key } = await gateway.makeKey({ name: 'Riddles' })
  await (await ask(gateway.messagesUrl, { key, model: 'claude-riddle-9' })).text()
  await gateway.settled()
})
afterEach(async () => {
  gateway.priceLists?.clear()
})

interface Row {
  readonly model_prefix: string
  readonly input_rate: number
  readonly source: string
  readonly scope: string
  readonly in_force: boolean
  readonly [member: string]: unknown
}

const FOUR = { input_rate: 1, output_rate: 2, cache_read_rate: 0.1, cache_write_rate: 1.25 }
const set = async (model: string, body: object = {}): Promise<void> => {
  expect((await gateway.admin('PUT', `/admin/pricing/${model}`, { ...FOUR, ...body })).status).toBe(200)
}
const all = async (): Promise<Row[]> => (await (await gateway.admin('GET', '/admin/pricing?all=true')).json()) as Row[]
const inForce = async (model: string, scope = 'global'): Promise<Row | undefined> =>
  (await all()).find((row) => row.model_prefix === model && row.scope === scope && row.in_force)

/** What the page has asked to be changed, by method and path. */
function sent(page: Page): { readonly to: string; readonly body: unknown }[] {
  const found: { to: string; body: unknown }[] = []
  page.on('request', (request) => {
    if (request.method() === 'GET') return
    const { pathname, search } = new URL(request.url())
    found.push({ to: `${request.method()} ${pathname}${search}`, body: JSON.parse(request.postData() ?? 'null') })
  })
  return found
}

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) })
const menu = async (page: Page, name: string, item: string): Promise<void> => {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click()
  await page.getByRole('menuitem', { name: item }).click()
}
const LABELS = ['Input', 'Output', 'Cache read', 'Cache write, 5 minutes', 'Cache write, 1 hour']
const fill = async (page: Page, values: readonly string[]): Promise<void> => {
  for (const [place, label] of LABELS.entries())
    await page
      .getByRole('dialog')
      .getByLabel(label, { exact: true })
      .fill(values[place] ?? '')
}

describe('the list', () => {
  test('the price of each model is there, and the old address leads to it', async () => {
    const { page } = now
    await enter(now, gateway, '/keys')
    await page.getByRole('heading', { name: 'Virtual keys', level: 1 }).waitFor()
    await page.goto(`${gateway.gatewayUrl}/portal/#/pricing`)
    await row(page, 'Opus 4.7').getByText('$6.25').waitFor()
    const cells = await row(page, 'Opus 4.7').getByRole('cell').allTextContents()
    expect(cells.slice(0, 6)).toEqual(['$5.00', '$25.00', '$0.50', '$6.25', '$10.00', "AWS's list"])
    expect(new URL(page.url()).pathname).toBe('/portal/pricing')
    await page.getByText("AWS's price list was read").waitFor()
    await page.getByText(/^Next in 2[34] h/).waitFor()
  })

  test('scope and search are in the address, and say when nothing fits', async () => {
    const { page } = now
    await enter(now, gateway, '/pricing?show=regional&q=opus%204.7')
    await row(page, 'Opus 4.7').getByText('$5.50').waitFor()
    const prices = page.getByRole('table', { name: 'Prices in US dollars' })
    await expect.poll(() => prices.getByRole('rowheader').count()).toBe(1)
    await page.getByText('Global', { exact: true }).click()
    await row(page, 'Opus 4.7').getByText('$5.00').waitFor()
    expect(new URL(page.url()).search).toBe('?q=opus+4.7')
    await page.getByLabel('Model', { exact: true }).fill('nowhere')
    await page.getByText('No price matches “nowhere”').waitFor()
    await page.getByRole('button', { name: 'Clear search' }).last().click()
    await row(page, 'Haiku 4.5').waitFor()
  })

  test('a member is told who may come here, and nothing is asked for them', async () => {
    const { page } = now
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await enter(now, gateway, '/pricing', await memberToken(gateway))
    await page.getByText('You need the admin role for this page').waitFor()
    expect(asked.filter((path) => path.startsWith('/admin/pricing'))).toEqual([])
    expect(await page.getByRole('link', { name: 'Pricing' }).count()).toBe(0)
  })

  test('a list that cannot be loaded says so, and is tried again', async () => {
    const { page } = now
    await page.route('**/admin/pricing?*', (route) =>
      route.fulfill({ status: 403, json: { error: { message: 'Not now.' } } }),
    )
    await enter(now, gateway, '/pricing')
    await page.getByText('The prices could not be loaded').waitFor()
    await page.unroute('**/admin/pricing?*')
    await page.getByRole('button', { name: 'Try again' }).click()
    await row(page, 'Opus 4.7').waitFor()
  })
})

describe('a model without a price', () => {
  test('is on top with what it was charged, and gone when it has got one', async () => {
    const { page } = now
    const requests = sent(page)
    await enter(now, gateway, '/pricing')
    await page.getByRole('button', { name: 'Set price of claude-riddle-9' }).click()
    const dialog = page.getByRole('dialog', { name: 'Set price' })
    expect(await dialog.getByRole('combobox', { name: 'Model' }).inputValue()).toBe('claude-riddle-9')
    await fill(page, ['4', '20', '0,2', '5', '8'])
    // 2,000 × 4 + 600 × 20 + 45,000 × 0.2 + 3,000 × 5 dollars per million, a thousand times.
    await dialog.getByText('1,000 typical requests cost $44.00').waitFor()
    await dialog.getByRole('button', { name: 'Set price' }).click()
    await page.getByText('is set').waitFor()
    await page.getByRole('button', { name: 'Set price of claude-riddle-9' }).waitFor({ state: 'detached' })
    await row(page, 'Riddle 9').getByText('Set by hand').waitFor()
    expect(requests).toEqual([
      {
        to: 'PUT /admin/pricing/claude-riddle-9',
        body: {
          input_rate: 4,
          output_rate: 20,
          cache_read_rate: 0.2,
          cache_write_rate: 5,
          cache_write_1h_rate: 8,
          scope: 'global',
          tier: 'default',
          effective_from: new Date().toISOString().slice(0, 10),
        },
      },
    ])
  })
})

describe('setting a price', () => {
  test('nothing is sent of what is empty, no number or free by mistake; each field says what to enter', async () => {
    const { page } = now
    const requests = sent(page)
    await enter(now, gateway, '/pricing')
    await menu(page, 'Opus 4.8', 'Edit…')
    const dialog = page.getByRole('dialog', { name: 'Price of Opus 4.8' })
    const save = dialog.getByRole('button', { name: 'Set price' })
    await fill(page, ['', 'a lot', '0.1', '1', '2'])
    await save.click()
    await dialog.getByText('Enter a rate, or 0.').waitFor()
    await dialog.getByText('Enter dollars, such as 1.25.').waitFor()
    await dialog.getByLabel('Input', { exact: true }).and(page.locator(':focus')).waitFor()
    await fill(page, ['0', '0', '0', '0', '0'])
    await save.click()
    await dialog.getByText('Tick that it is free').waitFor()
    await dialog.getByLabel('This model is free').check()
    expect(requests).toEqual([])
    await save.click()
    await page.getByText('The price of Opus 4.8 is set').waitFor()
    expect(await inForce('claude-opus-4-8')).toMatchObject({ input_rate: 0, source: 'admin_manual' })
    await gateway.admin('DELETE', '/admin/pricing/claude-opus-4-8')
  })

  test('of a region, from a day on, with long prompts', async () => {
    const { page } = now
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
    await enter(now, gateway, '/pricing?set=claude-opus-5')
    const dialog = page.getByRole('dialog', { name: 'Set price' })
    await dialog.getByText('Regional', { exact: true }).click()
    await dialog.getByLabel('Service tier').selectOption('Priority')
    await fill(page, ['1', '2', '0.1', '1.25', '2'])
    await dialog.getByLabel('Long prompts make the whole request cost more').check()
    await dialog.getByLabel('Prompts of more tokens than').fill('200,000')
    for (const label of LABELS) await dialog.getByLabel(`${label}, long`).fill('9')
    await dialog.getByLabel('Holds from').fill(tomorrow)
    await dialog.getByRole('button', { name: 'Set price' }).click()
    await page.getByText(`From ${tomorrow} on.`).waitFor()
    const kept = (await all()).find(({ model_prefix, tier }) => model_prefix === 'claude-opus-5' && tier === 'priority')
    expect(kept).toMatchObject({
      scope: 'regional',
      effective_from: tomorrow,
      in_force: false,
      long_prompt: { above_tokens: 200_000, input_rate: 9 },
    })
    await gateway.admin('DELETE', '/admin/pricing/claude-opus-5')
  })

  test('what the gateway refuses is told where it was typed, and stays there', async () => {
    const { page } = now
    await enter(now, gateway, '/pricing?set=new')
    const dialog = page.getByRole('dialog', { name: 'Set price' })
    await dialog.getByRole('combobox', { name: 'Model' }).fill('my-claude-opus')
    await fill(page, ['1', '2', '0.1', '1.25', '2'])
    await dialog.getByRole('button', { name: 'Set price' }).click()
    await dialog.getByText('must name a model of Claude').waitFor()
    expect(await dialog.getByLabel('Output', { exact: true }).inputValue()).toBe('2')
  })

  test('what is typed is not thrown away without a question', async () => {
    const { page } = now
    await enter(now, gateway, '/pricing?set=new')
    const dialog = page.getByRole('dialog', { name: 'Set price' })
    await dialog.getByLabel('Input', { exact: true }).fill('1')
    await page.keyboard.press('Escape')
    await dialog.getByText('Discard what you typed?').waitFor()
    await dialog.getByRole('button', { name: 'Keep editing' }).click()
    expect(await dialog.getByLabel('Input', { exact: true }).inputValue()).toBe('1')
    await page.keyboard.press('Escape')
    await dialog.getByRole('button', { name: 'Discard' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(new URL(page.url()).search).toBe('')
  })

  test('by keys alone', async () => {
    const { page } = now
    await enter(now, gateway, '/keys')
    await page.getByRole('heading', { name: 'Virtual keys', level: 1 }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('p')
    await row(page, 'Sonnet 5').waitFor()
    await page.getByRole('button', { name: 'Actions for Sonnet 5', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Edit…' }).waitFor()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Price of Sonnet 5' })
    await dialog.waitFor()
    await dialog.getByLabel('Input', { exact: true }).focus()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('2.25')
    await page.keyboard.press('Enter')
    await row(page, 'Sonnet 5').getByText('$2.25').waitFor()
    await gateway.admin('DELETE', '/admin/pricing/claude-sonnet-5')
  })
})

describe('resetting one', () => {
  test('says what holds then, does nothing until it is confirmed, and is in force at once', async () => {
    const { page } = now
    await set('claude-haiku-4-5')
    const requests = sent(page)
    await enter(now, gateway, '/pricing')
    await menu(page, 'Haiku 4.5', 'Reset…')
    const dialog = page.getByRole('alertdialog', { name: 'Reset the price of Haiku 4.5?' })
    await dialog.getByText("From then on AWS's list holds: $1.00 in and $5.00 out.").waitFor()
    await dialog.getByRole('button', { name: 'Keep price' }).click()
    expect(requests).toEqual([])
    await menu(page, 'Haiku 4.5', 'Reset…')
    await dialog.getByRole('button', { name: 'Reset price' }).click()
    await row(page, 'Haiku 4.5').getByText("AWS's list").waitFor()
    expect(requests.map(({ to }) => to)).toEqual(['DELETE /admin/pricing/claude-haiku-4-5?scope=global&tier=default'])
    expect(await inForce('claude-haiku-4-5')).toMatchObject({ input_rate: 1, source: 'price_list_api' })
  })
})

describe('a refresh', () => {
  test('shows old and new first; looking changes nothing, taking over does', async () => {
    const { page } = now
    await set('claude-opus-4-6')
    gateway.priceLists?.price('Claude Opus 4.5', { input: 4.5 })
    gateway.priceLists?.price('Claude Opus 4.6', { input: 4.5 })
    const requests = sent(page)
    await enter(now, gateway, '/pricing')
    await page.getByRole('button', { name: 'Refresh from AWS' }).click()
    const dialog = page.getByRole('dialog', { name: 'Refresh from AWS' })
    const changed = dialog.getByRole('row').filter({ hasText: 'Opus 4.5' }).filter({ hasText: 'Global' })
    await changed.getByText('$4.50').waitFor()
    expect(await changed.textContent()).toContain('$5.00')
    await dialog.getByText('Set by hand, which stays').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    expect(await inForce('claude-opus-4-5')).toMatchObject({ input_rate: 5 })
    await page.getByRole('button', { name: 'Refresh from AWS' }).click()
    await dialog.getByRole('button', { name: 'Take over 4 prices' }).click()
    await row(page, 'Opus 4.5').getByText('$4.50').waitFor()
    await page.getByText('4 prices are taken over').waitFor()
    expect(await inForce('claude-opus-4-6')).toMatchObject({ input_rate: 1, source: 'admin_manual' })
    expect(requests.map(({ to }) => to)).toEqual([
      'POST /admin/pricing/refresh?dry_run=true',
      'POST /admin/pricing/refresh?dry_run=true',
      'POST /admin/pricing/refresh',
    ])
    await gateway.admin('DELETE', '/admin/pricing/claude-opus-4-6')
  })

  test('that finds nothing new says so', async () => {
    const { page } = now
    await gateway.tick('prices')
    await enter(now, gateway, '/pricing?refresh=true')
    await page.getByText('Nothing has changed').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    expect(new URL(page.url()).search).toBe('')
  })

  test('that is refused shows why, in AWS’s own words, and so does the page afterwards', async () => {
    const { page } = now
    gateway.priceLists?.deny()
    await gateway.tick('prices')
    await enter(now, gateway, '/pricing?refresh=true')
    const dialog = page.getByRole('dialog', { name: 'Refresh from AWS' })
    await dialog.getByText('is not authorized to perform: pricing:ListPriceLists').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.getByText("AWS's price list could not be read").waitFor()
    await page.getByText('is not authorized to perform: pricing:ListPriceLists').waitFor()
    gateway.priceLists?.clear()
    await page.getByRole('button', { name: 'Try again' }).click()
    await dialog.getByText('Nothing has changed').waitFor()
  })

  test('of which a part cannot be read names what was left out', async () => {
    const { page } = now
    gateway.priceLists?.serve(gateway.priceLists.file().replace('"15.0000000000"', '"on request"'))
    await enter(now, gateway, '/pricing?refresh=true')
    await page.getByText('costs "on request" per "Units"').waitFor()
  })
})
