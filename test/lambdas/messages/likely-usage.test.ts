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
  expect(likelyUsage(asked([user('x'.repeat(4_000))]), ESTIMATE)).toEqual({ ...ESTIMATE, inputTokens: 1_000 })
})

test('the first request of a conversation writes all of it to the cache', () => {
  const usage = likelyUsage(asked([user('x'.repeat(3_999))], CACHED), ESTIMATE)
  expect(usage).toEqual({ ...NO_USAGE, cacheWrite5mTokens: 1_000, outputTokens: 400 })
})

test('one that goes on reads all before the last answer, and writes what is new', () => {
  const messages = [user('x'.repeat(35_996)), { role: 'assistant', content: 'yes' }, user('y'.repeat(4_000))]
  const usage = likelyUsage(asked(messages, CACHED), ESTIMATE)
  expect([usage.cacheWrite5mTokens, usage.cacheReadTokens]).toEqual([1_000, 9_000])
  expect(pacedTokens(usage)).toBe(1_400)
})

test('an image is what it is read as, not the length of its base64', () => {
  const source = { type: 'base64', media_type: 'image/png', data: 'A'.repeat(700_000) }
  const usage = likelyUsage(asked([user([{ type: 'image', source }])], CACHED), { ...ESTIMATE, inputTokens: 175_000 })
  expect(pacedTokens(usage)).toBeLessThan(3_000)
})
