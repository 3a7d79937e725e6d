/** The page about prices: accessible, nothing cut off, nothing foreign. */
import type { Page } from 'playwright-core'
import { ask } from '../support/deployed.ts'
import { type Place, testLooks } from '../support/looks.ts'
import { gateway } from '../support/portal-stage.ts'

/** Prices of every source, now and later, models without one, a list that has changed and cannot be read in part. */
async function fill(): Promise<void> {
  const set = async (model: string, body: object): Promise<void> => {
    const answer = await gateway.admin('PUT', `/admin/pricing/${model}`, body)
    if (!answer.ok) throw new Error(await answer.text())
  }
  const rates = { input_rate: 3.5, output_rate: 17.5, cache_read_rate: 0.175, cache_write_rate: 4.375 }
  await set('claude-opus-5-5', rates)
  const nextMonth = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
  await set('claude-opus-5-5', { ...rates, input_rate: 3, effective_from: nextMonth })
  await set('claude-sonnet-5-5', { ...rates, tier: 'flex', long_prompt: { above_tokens: 200_000, ...rates } })
  await set('claude-something-with-a-name-that-goes-on-and-on-7', { ...rates, input_rate: 0.000000001 })
  const { key } = await gateway.makeKey({ name: 'Prices' })
  for (const model of ['claude-opus-9', 'claude-opus-9', 'claude-a-name-longer-than-anybody-would-like-to-read-9'])
    await (await ask(gateway.messagesUrl, { key, model })).text()
  await gateway.settled()
  gateway.priceLists?.price('Claude Opus 5.5', { input: 3.8, output: 19 })
  gateway.priceLists?.price('Claude Haiku 5.5', { cacheRead: 0.008 })
  gateway.priceLists?.price('Claude Opus 6', { input: 8, output: 40, cacheRead: 0.4, cacheWrite: 10, cacheWrite1h: 16 })
  gateway.priceLists?.serve(gateway.priceLists.file().replace('"15.0000000000"', '"on request"'))
}

const priceOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name })
const seen = async (page: Page): Promise<void> => {
  await page.getByRole('rowheader', { name: 'Opus 5.5' }).first().waitFor()
  await page.getByRole('heading', { name: 'Without a price' }).waitFor()
}
const act = (name: string, item: string) => async (page: Page) => {
  await seen(page)
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

const PLACES: readonly Place[] = [
  { name: 'pricing', path: '/pricing', ready: seen },
  { name: 'pricing-regional', path: '/pricing?show=regional', ready: seen },
  {
    name: 'pricing-everything',
    path: '/pricing?show=all&q=opus+5.5',
    ready: async (page) => await page.getByText('Under a price set by hand').first().waitFor(),
  },
  {
    name: 'pricing-none',
    path: '/pricing?q=nowhere',
    ready: async (page) => await page.getByText('No price matches').waitFor(),
  },
  {
    name: 'pricing-set',
    path: '/pricing?set=claude-opus-9',
    ready: async (page) => await page.getByRole('dialog', { name: 'Set price' }).waitFor(),
  },
  {
    name: 'pricing-set-refused',
    path: '/pricing?set=new',
    ready: async (page) => {
      const dialog = page.getByRole('dialog', { name: 'Set price' })
      await dialog.getByRole('button', { name: 'Set price' }).click()
      await dialog.getByText('Enter the model').waitFor()
    },
  },
  {
    name: 'pricing-free',
    path: '/pricing?set=claude-opus-9',
    ready: async (page) => {
      const dialog = page.getByRole('dialog', { name: 'Set price' })
      for (const label of ['Input', 'Output', 'Cache read', 'Cache write, 5 minutes', 'Cache write, 1 hour'])
        await dialog.getByLabel(label, { exact: true }).fill('0')
      await dialog.getByRole('button', { name: 'Set price' }).click()
      await dialog.getByText('Tick that it is free').waitFor()
    },
  },
  {
    name: 'pricing-edit-long',
    path: '/pricing',
    ready: async (page) => {
      await act('Haiku 5.5', 'Edit…')(page)
      await page.getByLabel('Prompts of more tokens than').waitFor()
    },
  },
  {
    name: 'pricing-reset',
    path: '/pricing',
    ready: async (page) => {
      await act('Opus 5.5', 'Reset…')(page)
      await page.getByRole('alertdialog').waitFor()
    },
  },
  {
    name: 'pricing-refresh',
    path: '/pricing?refresh=true',
    ready: async (page) => {
      await page.getByRole('button', { name: /^Take over/ }).waitFor()
      await priceOf(page.getByRole('dialog') as unknown as Page, 'Haiku 5.5')
        .first()
        .waitFor()
    },
  },
]

testLooks(PLACES, fill)
