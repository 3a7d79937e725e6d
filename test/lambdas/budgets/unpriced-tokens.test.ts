import { expect, test } from 'vitest'
import { unpricedTokensIn } from '../../../lambdas/budgets/unpriced-tokens.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'

const hour = (requests: number, unpriced: number) => ({
  hour: '2026-11-24T12',
  model: 'm',
  requests,
  unpriced,
  streaming: 0,
  thinking: 0,
  failed: 0,
  inputTokens: 100,
  outputTokens: 50,
  cacheReadTokens: 30,
  cacheWriteTokens: 20,
  cost: nanoUsd(0),
  saved: nanoUsd(0),
  durationMs: 0,
  toolCalls: 0,
})

test('tokens without a price: all of an hour in which none was known, none where there was one, and a share where it changed', () => {
  expect(unpricedTokensIn([])).toBe(0)
  expect(unpricedTokensIn([hour(3, 0), hour(2, 2), hour(4, 1)])).toBe(200 + 50)
})
