import { expect, test } from 'vitest'
import { bounded } from '../../../lambdas/platform/bounded.host.ts'

test('work that is done gives what it has', () => {
  expect(bounded(10_000, () => ({ answer: 42 }))).toEqual({ answer: 42 })
})

test('work that does not end is ended', () => {
  let rounds = 0
  const endless = (): never => {
    for (;;) rounds++
  }
  expect(bounded(20, endless)).toBeUndefined()
  expect(rounds).toBeGreaterThan(0)
})

test('work that throws gives nothing', () => {
  const recursive = (): number => 1 + recursive()
  expect(bounded(10_000, recursive)).toBeUndefined()
})
