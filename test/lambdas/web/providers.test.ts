import { describe, expect, test } from 'vitest'
import { ZERO_USD } from '../../../lambdas/platform/money.ts'
import { prepare, providerProblem, providerTimeoutMs, readFound } from '../../../lambdas/web/providers.ts'
import { PROVIDER_TYPES, type Provider, type ProviderType } from '../../../lambdas/web/web.ts'
import { searchFor } from '../../support/web.ts'

const whole = (type: ProviderType, wish: Partial<Provider> = {}): Provider => ({
  type,
  apiKey: 'key',
  apiUrl: 'https://search.example.com',
  maxResults: 5,
  price: ZERO_USD,
  ...wish,
})

describe('WS6: what a provider needs', () => {
  test.each(PROVIDER_TYPES)('%s has it', (type) => expect(providerProblem(whole(type))).toBeNull())

  test.each<readonly [ProviderType, Partial<Provider>, string | null]>([
    ['duckduckgo', { apiKey: null, apiUrl: null }, null],
    ['tavily', { apiKey: null }, 'Tavily needs a key'],
    ['serper', { apiKey: '' }, 'Serper needs a key'],
    ['brave', { apiKey: null }, 'Brave needs a key'],
    ['tavily', { apiUrl: null }, null],
    ['searxng', { apiKey: null }, null],
    ['searxng', { apiUrl: '' }, 'SearXNG needs an address'],
    ['custom', { apiKey: null }, null],
    ['custom', { apiUrl: null }, 'The search endpoint needs an address'],
    ['tavily', { apiKey: 'not a key' }, 'The key for Tavily holds signs that no key has'],
  ])('%s with %j', (type, wish, problem) => {
    expect(providerProblem(whole(type, wish))).toBe(problem)
    expect(prepare(searchFor('lamp'), whole(type, wish), {}).ok).toBe(problem === null)
  })
})

test('each has an address over https, and keys go into headers alone', () => {
  const secret = 'secret-key'
  const urls = PROVIDER_TYPES.map((type) => {
    const prepared = prepare(searchFor('lamp'), whole(type, { apiKey: secret }), {})
    if (!prepared.ok) throw new Error(prepared.why)
    const { headers, ...rest } = prepared.request
    expect(JSON.stringify(rest)).not.toContain(secret)
    expect(JSON.stringify(headers).includes(secret)).toBe(!['duckduckgo', 'searxng'].includes(type))
    return rest.url.split('?')[0]
  })
  expect(urls).toEqual([
    'https://html.duckduckgo.com/html/',
    'https://api.tavily.com/search',
    'https://google.serper.dev/search',
    'https://api.search.brave.com/res/v1/web/search',
    'https://search.example.com/search',
    'https://search.example.com',
  ])
})

test('nobody is waited for longer than anybody on the way out', () => {
  for (const type of PROVIDER_TYPES) expect(providerTimeoutMs(type)).toBeLessThanOrEqual(10_000)
})

test.each(['', 'null', '[', '7', '"x"', 'true', '{}', '{"results":7,"organic":{},"web":[]}', '{"web":7}'])(
  'an answer such as %j is none of anybody, and breaks nothing',
  (text) => {
    for (const type of PROVIDER_TYPES) expect(readFound(type, text)).toBeUndefined()
  },
)

test('Brave leaves out what it has none of', () => expect(readFound('brave', '{"type":"search"}')).toEqual([]))

test('where whoever asks is goes to those who take it, and nothing of it that could be more than a header', () => {
  const location = { city: 'Berlin\r\nx-evil: 1', region: 'Land Berlin', country: 'de', timezone: 'Europe/Berlin' }
  const request = (type: ProviderType, near: typeof location | null = location) => {
    const prepared = prepare({ ...searchFor('lamp'), location: near }, whole(type), {})
    return prepared.ok ? prepared.request : expect.unreachable()
  }
  expect(request('brave').headers).toMatchObject({
    'x-loc-state-name': 'Land Berlin',
    'x-loc-country': 'DE',
    'x-loc-timezone': 'Europe/Berlin',
  })
  expect(request('brave').headers).not.toHaveProperty('x-loc-city')
  expect(request('brave', { ...location, city: 'Berlin' }).headers).toMatchObject({ 'x-loc-city': 'Berlin' })
  expect(Object.keys(request('brave', null).headers ?? {}).join()).not.toContain('x-loc')
  expect(request('serper').body).toContain('"gl":"de"')
})
