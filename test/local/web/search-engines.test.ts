/** The emulation itself, asked by hand: what stands for the web must not be kinder to us than the web. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ENGINES, type Engine } from '../../../local/web/engine-formats.ts'
import { type SearchEngines, startSearchEngines } from '../../../local/web/search-engines.ts'

let engines: SearchEngines
beforeAll(async () => {
  engines = await startSearchEngines()
})
afterAll(() => engines.stop())
beforeEach(() => engines.clear())

const json = { 'content-type': 'application/json' }

/** As each provider's own pages show it. */
function ask(engine: Engine, query: string, key = engines.keys[engine]): Promise<Response> {
  const url = engines.endpoints[engine]
  const q = encodeURIComponent(query)
  switch (engine) {
    case 'duckduckgo':
      return fetch(url, { method: 'POST', body: new URLSearchParams({ q: query, b: '' }) })
    case 'tavily': {
      const headers = { ...json, authorization: `Bearer ${key}` }
      return fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, max_results: 2 }) })
    }
    case 'serper':
      return fetch(url, {
        method: 'POST',
        headers: { ...json, 'x-api-key': key },
        body: JSON.stringify({ q: query, num: 2 }),
      })
    case 'brave':
      return fetch(`${url}?q=${q}&count=2`, { headers: { 'x-subscription-token': key } })
    case 'searxng':
      return fetch(`${url}?q=${q}&format=json`)
    case 'custom': {
      const headers = { ...json, ...(key !== '' && { authorization: `Bearer ${key}` }) }
      return fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, count: 2 }) })
    }
  }
}

describe.each(ENGINES)('%s', (engine) => {
  test('answers in its own form, and remembers what it was asked', async () => {
    const answer = await ask(engine, 'lighthouses')
    expect(answer.status).toBe(200)
    const body = await answer.text()
    expect(body).toContain('of the North')
    expect(decodeURIComponent(body.replaceAll('%20', ' '))).toContain(`${engines.endpoint}/pages/tides`)
    expect(engines.asked()).toMatchObject([{ engine, query: 'lighthouses' }])
  })

  test('does what it is told: once, or from now on', async () => {
    engines.next(engine, { kind: 'status', status: 500 })
    expect((await ask(engine, 'x')).status).toBe(500)
    expect((await ask(engine, 'x')).status).toBe(200)
    engines.always(engine, { kind: 'status', status: 429 })
    expect([(await ask(engine, 'x')).status, (await ask(engine, 'x')).status]).toEqual([429, 429])
    engines.next(engine, { kind: 'break' })
    await expect(ask(engine, 'x')).rejects.toThrow()
    engines.always(engine, null)
    expect((await ask(engine, 'x')).status).toBe(200)
  })
})

test.each<readonly [Engine, number]>([
  ['tavily', 401],
  ['serper', 403],
  ['brave', 422],
  ['custom', 401],
])('%s refuses a key it does not know with %i', async (engine, status) => {
  expect((await ask(engine, 'x', 'wrong')).status).toBe(status)
})

test('operators of engines restrict what is found', async () => {
  const found = async (query: string): Promise<number> =>
    ((await (await ask('serper', query)).json()) as { organic: unknown[] }).organic.length
  expect(await found('x')).toBe(2)
  expect(await found('x site:example.com')).toBe(1)
  expect(await found('x site:xample.com')).toBe(0)
  expect(await found('x -site:example.com -site:127.0.0.1')).toBe(0)
})

test('pages are there, and are counted', async () => {
  const answer = await fetch(`${engines.endpoint}/pages/moved`)
  expect([answer.status, answer.url]).toEqual([200, `${engines.endpoint}/pages/lighthouses`])
  expect((await fetch(`${engines.endpoint}/pages/nowhere`)).status).toBe(404)
  expect(engines.pagesRead()).toEqual(['/pages/moved', '/pages/lighthouses', '/pages/nowhere'])
})
