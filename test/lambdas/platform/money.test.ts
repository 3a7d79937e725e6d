import { expect, test } from 'vitest'
import { addUsd, cappedUsd, nanoUsd, usdOf } from '../../../lambdas/platform/money.ts'

test('an amount that a double cannot hold exactly is refused', () => {
  expect(() => nanoUsd(0.5)).toThrow(RangeError)
  expect(() => nanoUsd(2 ** 53)).toThrow(RangeError)
})

test('a sum that a double cannot hold exactly is told as the most that it can', () => {
  expect(addUsd(nanoUsd(2 ** 53 - 1), nanoUsd(1))).toBe(2 ** 53 - 1)
  expect(cappedUsd(1e17)).toBe(2 ** 53 - 1)
  expect([cappedUsd(-5), addUsd(nanoUsd(7), nanoUsd(-2))]).toEqual([-5, 5])
})

test.each([
  [1_234_567_890, 2, 1.23],
  [1_235_000_000, 2, 1.24],
  [-1_235_000_000, 2, -1.24],
  [49, 4, 0],
])('%d nano-dollars to %d digits are %d dollars', (nano, digits, usd) => {
  expect(usdOf(nanoUsd(nano), digits)).toBe(usd)
})
