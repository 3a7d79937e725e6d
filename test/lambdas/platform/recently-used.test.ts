import { expect, test } from 'vitest'
import { createRecentlyUsed } from '../../../lambdas/platform/recently-used.ts'

test('what has not been used for longest goes first', () => {
  const map = createRecentlyUsed<number>(2)
  map.set('a', 1)
  map.set('b', 2)
  expect(map.get('a')).toBe(1)
  map.set('c', 3)
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3])
})

test('a value that is replaced takes no second place', () => {
  const map = createRecentlyUsed<number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 3)
  expect([map.get('a'), map.get('b')]).toEqual([3, 2])
})
