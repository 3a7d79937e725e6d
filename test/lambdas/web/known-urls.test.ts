import { expect, test } from 'vitest'
import { isKnownUrl, knownUrls } from '../../../lambdas/web/known-urls.ts'

const user = (content: unknown) => ({ role: 'user', content })
const knows = (url: string, ...messages: unknown[]): boolean => isKnownUrl(url, knownUrls(messages))

test.each([
  ['in a sentence', user('Look at https://example.com/a.')],
  ['in brackets', user('It is there (https://example.com/a), they say')],
  ['in markdown', user([{ type: 'text', text: '[here](https://example.com/a)' }])],
  ['in the result of a tool', user([{ type: 'tool_result', tool_use_id: 'x', content: 'https://example.com/a' }])],
  [
    'in blocks of a result',
    user([{ type: 'tool_result', content: [{ type: 'text', text: 'URL: https://example.com/a\n' }] }]),
  ],
  ['with a fragment', user('https://example.com/a#part')],
])('an address is known that stands %s', (_, message) => {
  expect(knows('https://example.com/a', message)).toBe(true)
})

test.each([
  ['https://b.example/q', '<https://b.example/q>'],
  ['https://b.example/q', '&lt;https://b.example/q&gt;'],
  ["https://en.wikipedia.org/wiki/Hobson's_choice", "URL: https://en.wikipedia.org/wiki/Hobson's_choice"],
  ['https://b.example/q', "'https://b.example/q'"],
  ['https://b.example/q', 'http://b.example/q'],
])('%s is known by %s', (url, said) => {
  expect(knows(url, user(said))).toBe(true)
})

test('a text made to keep us busy is read at once', () => {
  expect(knows('https://example.com/', user(`http://a${')'.repeat(400_000)}x https://example.com/`))).toBe(true)
})

test('an address is not known that the model made up, or made longer', () => {
  const asked = user('See https://example.com/a')
  expect(knows('https://example.com/a?secret=1', asked)).toBe(false)
  expect(knows('https://example.com/', asked)).toBe(false)
  expect(knows('no address', asked)).toBe(false)
  expect(knows('https://evil.example.net/', { role: 'assistant', content: 'https://evil.example.net/' })).toBe(false)
})
