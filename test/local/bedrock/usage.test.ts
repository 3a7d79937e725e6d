import { expect, test } from 'vitest'
import { createPromptCache } from '../../../local/bedrock/usage.ts'

const mark = { cache_control: { type: 'ephemeral' } }
const text = (words: string, more: object = {}) => ({ type: 'text', text: words.repeat(400), ...more })
const user = (...content: unknown[]) => ({ role: 'user', content })
/** In the order in which Claude Code writes them, which is not the one in which they are read. */
const body = (
  messages: readonly object[],
  system: unknown = [text('system ', mark)],
  tools: unknown = [text('tool ')],
) => JSON.stringify({ messages, system, tools })

test('the next turn reads what the last one marked, although the mark has moved on', () => {
  const cache = createPromptCache()
  const first = cache.bill('m', body([user(text('one ', mark))]))
  expect([first.cacheReadTokens, first.cacheWrite5mTokens > 1500]).toEqual([0, true])
  const second = cache.bill('m', body([user(text('one ')), user(text('two ', mark))]))
  expect(second.cacheReadTokens).toBe(first.cacheWrite5mTokens)
  expect(second.cacheWrite5mTokens).toBeGreaterThan(300)
})

test('another conversation shares tools and system; another system prompt shares nothing that comes after it', () => {
  const cache = createPromptCache()
  const first = cache.bill('m', body([user(text('one ', mark))]))
  const other = cache.bill('m', body([user(text('other ', mark))]))
  expect(other.cacheReadTokens).toBeGreaterThan(1000)
  expect(other.cacheReadTokens).toBeLessThan(first.cacheWrite5mTokens)
  expect(cache.bill('m', body([user(text('one ', mark))], [text('else ', mark)])).cacheReadTokens).toBe(0)
  expect(cache.bill('another model', body([user(text('one ', mark))])).cacheReadTokens).toBe(0)
})

test('a text alone is a block of text', () => {
  const cache = createPromptCache()
  const said = text('note ')
  const first = cache.bill('m', body([user(text('one ')), { role: 'system', content: [{ ...said, ...mark }] }]))
  const second = cache.bill(
    'm',
    body([user(text('one ')), { role: 'system', content: said.text }, user(text('two ', mark))]),
  )
  expect(second.cacheReadTokens).toBe(first.cacheWrite5mTokens)
})

test('without a mark nothing is remembered', () => {
  const cache = createPromptCache()
  const plain = body([user(text('one '))], [text('system ')])
  for (const _ of [1, 2])
    expect(cache.bill('m', plain)).toMatchObject({ inputTokens: Math.ceil(plain.length / 4), cacheReadTokens: 0 })
})
