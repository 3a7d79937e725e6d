import { expect, test } from 'vitest'
import { changesIn, enteredOf, wrongIn } from '../../../frontend/src/features/web-search/entered.ts'

const STORED = { has_api_key: true, api_url: 'https://find.example.org/', max_results: 7 }

test('what was not touched is not sent, so that it stays as it is', () => {
  expect(changesIn('custom', enteredOf(STORED), STORED)).toEqual({})
  expect(changesIn('custom', { ...enteredOf(STORED), results: '8' }, STORED)).toEqual({ max_results: 8 })
  expect(changesIn('custom', { ...enteredOf(STORED), url: ' other.example.org ' }, STORED)).toEqual({
    api_url: 'https://other.example.org',
  })
})

test.each([
  ['a new key goes before its removal', { key: ' k ', dropsKey: true }, { api_key: 'k' }],
  ['blanks are no key', { key: '  ' }, {}],
  ['its removal is said', { dropsKey: true }, { api_key: null }],
])('%s', (_, change, sent) => {
  expect(changesIn('custom', { ...enteredOf(STORED), ...change }, STORED)).toEqual(sent)
})

test('of a provider that is new its count is sent, and neither key nor address where it has none', () => {
  const entered = { ...enteredOf(undefined), key: 'k', url: 'https://a.example.org' }
  expect(changesIn('duckduckgo', entered, undefined)).toEqual({ max_results: 5 })
  expect(changesIn('tavily', entered, undefined)).toEqual({ api_key: 'k', max_results: 5 })
})

test.each([
  ['tavily', {}, { api_key: 'Tavily needs an API key.' }],
  ['tavily', { key: 'k' }, {}],
  ['searxng', {}, { api_url: 'Enter its address.' }],
  ['custom', { url: 'a.example.org' }, {}],
  ['duckduckgo', {}, {}],
] as const)('%s with %j is found wrong: %j', (type, change, wrong) => {
  expect(wrongIn(type, { ...enteredOf(undefined), ...change }, undefined)).toEqual(wrong)
})

test('a key that is stored is enough, unless it is to go', () => {
  const stored = { has_api_key: true, api_url: null, max_results: 5 }
  expect(wrongIn('serper', enteredOf(stored), stored)).toEqual({})
  expect(wrongIn('serper', { ...enteredOf(stored), dropsKey: true }, stored)).toHaveProperty('api_key')
})

test.each(['0', '21', '1.5', '-1', 'NaN', 'Infinity', '', '5 0', '20000000000000000000'])(
  'S-H8: %j results are no number of results',
  (results) => {
    expect(wrongIn('duckduckgo', { ...enteredOf(undefined), results }, undefined)).toHaveProperty('max_results')
  },
)
