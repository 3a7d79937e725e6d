import { expect, test } from 'vitest'
import { likelyUsage, pacedTokens } from '../../../lambdas/messages/likely-usage.ts'
import { NO_USAGE } from '../../../lambdas/spend/usage.ts'

const asked = (messages: object[], more: object = {}) => {
  const body = { messages, ...more }
  return { body, text: JSON.stringify(body) }
}
const user = (content: unknown) => ({ role: 'user', content })
const CACHED = { system: [{ type: 'text', text: 's', cache_control: { type: 'ephemeral' } }] }
const ESTIMATE = { ...NO_USAGE, inputTokens: 10_000, outputTokens: 400 }

test('without prompt caching all of it is plain input', () => {
  expect(likelyUsage(asked([user('hi')]), ESTIMATE)).toEqual(ESTIMATE)
})

test('the first request of a conversation writes all of it to the cache', () => {
  expect(likelyUsage(asked([user('hi')], CACHED), ESTIMATE)).toEqual({
    ...NO_USAGE,
    cacheWrite5mTokens: 10_000,
    outputTokens: 400,
  })
})

test('one that goes on reads all before the last answer, and writes what is new', () => {
  const messages = [user('x'.repeat(30_000)), { role: 'assistant', content: 'yes' }, user('y'.repeat(3_970))]
  const usage = likelyUsage(asked(messages, CACHED), ESTIMATE)
  expect(usage.cacheWrite5mTokens).toBe(1_000)
  expect(usage.cacheReadTokens).toBe(9_000)
  expect(pacedTokens(usage)).toBe(1_400)
})
