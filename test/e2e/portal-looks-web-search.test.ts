/** The page about searching the web: accessible, nothing cut off, nothing foreign. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { type Place, testLooks } from '../support/looks.ts'
import { gateway } from '../support/portal-stage.ts'
import { answering, type SearchEngine, startSearchEngine } from '../support/search-engine.ts'

let engine: SearchEngine

beforeAll(async () => {
  engine = await startSearchEngine()
})
afterAll(async () => {
  await engine?.stop()
})

const LONG = 'https://example.org/a/page/whose/address/goes/on/and/on/for/longer/than/anybody/would/like/it-to-be'

/** Providers in every state, and one whose results are long. */
async function fill(): Promise<void> {
  engine.answer = answering([
    {
      title: 'Cron triggers',
      link: 'https://example.org/cron',
      snippet: 'How a schedule is written, and what it means.',
    },
    { title: 'x'.repeat(150), link: LONG, snippet: 'y'.repeat(600) },
  ])
  await gateway.admin('PUT', '/admin/search-providers', {
    provider_type: 'custom',
    api_url: engine.url,
    api_key: 'key',
  })
  await gateway.admin('PUT', '/admin/search-providers', { provider_type: 'searxng', api_url: LONG })
  await gateway.admin('PUT', '/admin/search-providers', { provider_type: 'tavily', api_key: 'key' })
}

const filled = async (page: Page): Promise<void> => {
  await page.getByText('Active: Custom').waitFor()
  await page.getByRole('radio', { name: 'Enabled' }).waitFor()
}

const PLACES: readonly Place[] = [
  { name: 'web-search', path: '/web-search', ready: filled },
  {
    name: 'web-search-tested',
    path: '/web-search',
    ready: async (page) => {
      await filled(page)
      await page.getByRole('button', { name: 'Test Custom' }).click()
      await page.getByText(/^Test passed/).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'web-search-form',
    path: '/web-search',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Edit Custom' }).click()
      const form = page.getByRole('dialog', { name: 'Edit Custom' })
      await form.getByLabel('API URL').fill('')
      await form.getByRole('button', { name: 'Save' }).click()
      await form.getByText('Enter its address.').waitFor()
      await page.mouse.move(0, 0)
    },
  },
  {
    name: 'web-search-removal',
    path: '/web-search',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Remove Custom' }).click()
      await page.getByRole('alertdialog').waitFor()
    },
  },
  {
    name: 'web-search-for-everybody',
    path: '/web-search',
    ready: async (page) => {
      await filled(page)
      const all = page.getByRole('region', { name: 'For everybody' })
      await all.getByText('Global', { exact: true }).click()
      await all.getByLabel('Provider', { exact: true }).selectOption('Custom')
      await page.getByText('How searching the web works').click()
    },
  },
]

testLooks(PLACES, fill)
