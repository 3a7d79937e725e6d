/** Calls of the web's tools, answered through the real way out by engines and pages on this machine. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createWebUser } from '../../../lambdas/web/use-web.flow.ts'
import { readWebTools } from '../../../lambdas/web/web-tools.ts'
import { type SearchEngines, startSearchEngines } from '../../../local/web/search-engines.ts'
import { openWeb, providerOf } from '../../support/web.ts'

let engines: SearchEngines
beforeAll(async () => {
  engines = await startSearchEngines()
})
beforeEach(() => engines.clear())
afterAll(() => engines?.stop())

const FETCH = { type: 'web_fetch_20250910', name: 'web_fetch' }
const SEARCH = { type: 'web_search_20250305', name: 'web_search' }

function opened(tools: readonly object[]) {
  const failures: string[] = []
  const settings = { mode: 'global' as const, fetches: true, providers: [providerOf(engines, 'tavily')] }
  const web = { ...openWeb(engines), failed: (error: string, why: string) => void failures.push(`${error}: ${why}`) }
  const user = createWebUser(readWebTools({ tools }), settings, web)
  const ask = async (...calls: { name: string; input: unknown }[]) => {
    const named = calls.map((call, place) => ({ ...call, id: `toolu_${place}` }))
    const said = calls.map(({ input }) => JSON.stringify(input)).join(' ')
    const messages = [{ role: 'user', content: said.replaceAll('"', ' ') }]
    const { blocks } = await user.answer(named, { messages, now: 'now', signal: new AbortController().signal })
    return blocks.map(({ content }) => content as { error_code?: string; content?: { source: { data: string } } })
  }
  return { user, ask, failures }
}

const page = (path: string) => ({ name: 'web_fetch', input: { url: `${engines.endpoint}${path}` } })

test('pages of one request are bounded together, so that the next turn still fits', async () => {
  engines.page('/pages/long', { contentType: 'text/plain', body: 'word '.repeat(60_000) })
  const { ask } = opened([FETCH])
  const answers = await ask(...Array.from({ length: 7 }, () => page('/pages/long')))
  const lengths = answers.flatMap(({ content }) => content?.source.data.length ?? [])
  // Twenty thousand tokens each, a hundred thousand together.
  expect(lengths).toHaveLength(5)
  for (const length of lengths) expect(length).toBeLessThanOrEqual(80_000)
  expect(answers.slice(5).map(({ error_code }) => error_code)).toEqual(['content_too_large', 'content_too_large'])
  expect((await ask(page('/pages/tides')))[0]?.error_code).toBe('content_too_large')
})

test('what a short page leaves is there for the next one', async () => {
  const { ask } = opened([{ ...FETCH, max_content_tokens: 100_000 }])
  for (let i = 0; i < 3; i++) expect((await ask(page('/pages/tides')))[0]?.error_code).toBeUndefined()
})

test('nothing may be used any more only when all that is offered is used up', async () => {
  const { user, ask } = opened([
    { ...SEARCH, max_uses: 1 },
    { ...FETCH, max_uses: 1 },
  ])
  await ask({ name: 'web_search', input: { query: 'tides' } })
  expect(user.isExhausted()).toBe(false)
  await ask(page('/pages/tides'))
  expect(user.isExhausted()).toBe(true)
})

test('why a search failed is told to whoever keeps the log, without a word of it', async () => {
  engines.always('tavily', { kind: 'status', status: 401 })
  const { ask, failures } = opened([SEARCH])
  expect((await ask({ name: 'web_search', input: { query: 'a secret question' } }))[0]?.error_code).toBe('unavailable')
  expect(failures).toEqual([expect.stringMatching(/^unavailable: The key was refused/)])
  expect(failures.join()).not.toContain('secret')
})
