/** The guard itself is tested with the way out; here, that nothing of the web goes out past it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type SearchEngines, startSearchEngines } from '../../../local/web/search-engines.ts'
import { HOSTILE_URLS } from '../../support/hostile-urls.ts'
import { openWeb, pageAt, providerOf, searchFor, waiting } from '../../support/web.ts'

let engines: SearchEngines
beforeAll(async () => {
  engines = await startSearchEngines()
})
afterAll(() => engines.stop())
beforeEach(() => engines.clear())

const nobodyWasAsked = (): void => expect([engines.asked(), engines.pagesRead()]).toEqual([[], []])

test('the table is as long as it is meant to be', () => expect(HOSTILE_URLS.length).toBeGreaterThanOrEqual(60))

describe('WS16: no address that nobody may be sent to is asked', () => {
  test.each(HOSTILE_URLS)('%s', async (url) => {
    const { pages, search, resolved } = openWeb(engines)
    expect(await pages.read(pageAt(url), waiting())).toMatchObject({ ok: false })
    for (const type of ['custom', 'searxng'] as const) {
      const answer = await search.search(searchFor('lamp'), [providerOf(engines, type, { apiUrl: url })], waiting())
      expect(answer).toMatchObject({ ok: false, error: 'unavailable' })
      if (!answer.ok) expect(answer.why).not.toContain('169.254')
    }
    // A name of the internet may be looked up, where only the scheme was wrong; nothing else.
    expect(resolved.filter((name) => name !== 'hooks.example.com')).toEqual([])
    nobodyWasAsked()
  })
})

describe('WS16: a name that turns out to be inside', () => {
  test.each([
    ['loopback', ['127.0.0.1']],
    ['credentials of the cloud', ['169.254.169.254']],
    ['one of both kinds', ['8.8.8.8', '10.0.0.1']],
    ['mapped', ['::ffff:127.0.0.1']],
  ])('%s', async (_, addresses) => {
    const { port } = new URL(engines.endpoint)
    const url = `https://rebound.example.com:${port}/pages/tides`
    const { pages, search } = openWeb(engines, { names: { 'rebound.example.com': addresses } })
    expect(await pages.read(pageAt(url), waiting())).toMatchObject({ error: 'url_not_allowed' })
    for (const type of ['custom', 'searxng'] as const) {
      const answer = await search.search(searchFor('lamp'), [providerOf(engines, type, { apiUrl: url })], waiting())
      expect(answer).toMatchObject({ error: 'unavailable', why: expect.stringContaining('was refused') })
    }
    nobodyWasAsked()
  })
})

describe('WS16, W46: a page that leads inside', () => {
  test.each([
    'http://169.254.169.254/latest/meta-data/',
    'https://169.254.169.254/latest/meta-data/',
    'https://rebound.example.com/',
    'https://localhost/',
    'https://[fd00:ec2::254]/',
    'file:///etc/passwd',
    'http://hooks.example.com/',
  ])('to %s is not followed', async (location) => {
    engines.page('/pages/out', { status: 302, headers: { location }, body: '' })
    const { pages } = openWeb(engines, { names: { 'rebound.example.com': ['192.168.0.1'] } })
    const answer = await pages.read(pageAt(`${engines.endpoint}/pages/out`), waiting())
    expect(answer).toMatchObject({ ok: false, error: 'url_not_allowed' })
    expect(engines.pagesRead()).toEqual(['/pages/out'])
  })

  test('in a circle ends', async () => {
    engines.page('/pages/out', { status: 302, headers: { location: '/pages/out' }, body: '' })
    const answer = await openWeb(engines).pages.read(pageAt(`${engines.endpoint}/pages/out`), waiting())
    expect(answer).toMatchObject({ error: 'url_not_accessible' })
    expect(engines.pagesRead()).toHaveLength(4)
  })
})

describe('what the deployment allows', () => {
  test('is asked, and so are the engines of this machine; with nothing allowed not even they', async () => {
    const allowed = openWeb(engines)
    expect(await allowed.pages.read(pageAt(`${engines.endpoint}/pages/tides`), waiting())).toMatchObject({ ok: true })
    const closed = openWeb(engines, { allowedHosts: '' })
    expect(await closed.pages.read(pageAt(`${engines.endpoint}/pages/tides`), waiting())).toMatchObject({ ok: false })
    for (const type of ['duckduckgo', 'tavily', 'serper', 'brave', 'searxng', 'custom'] as const) {
      const providers = [providerOf(engines, type)]
      expect(await allowed.search.search(searchFor('lamp'), providers, waiting())).toMatchObject({ ok: true })
      expect(await closed.search.search(searchFor('lamp'), providers, waiting())).toMatchObject({ ok: false })
    }
  })
})
