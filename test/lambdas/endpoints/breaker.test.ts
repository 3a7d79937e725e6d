import { expect, test } from 'vitest'
import { createBreaker } from '../../../lambdas/endpoints/breaker.ts'
import { addMs, instant } from '../../../lambdas/platform/instant.ts'

const START = instant(Date.UTC(2026, 10, 27))
const after = (seconds: number) => addMs(START, seconds * 1000)

test('the third failure in a row gives an endpoint up, for every model and for half a minute', () => {
  const breaker = createBreaker()
  const fail = () => breaker.noteTrouble('a', 'opus', 'error', undefined, START)
  expect([fail(), fail()]).toEqual([false, false])
  expect(breaker.isOpen('a', 'opus', START)).toBe(false)
  expect(fail()).toBe(true)
  expect(breaker.isOpen('a', 'haiku', after(29))).toBe(true)
  expect(breaker.isOpen('b', 'opus', after(1))).toBe(false)
  expect(breaker.isOpen('a', 'opus', after(31))).toBe(false)
})

test('one answer makes up for the failures before it', () => {
  const breaker = createBreaker()
  for (let i = 0; i < 2; i++) breaker.noteTrouble('a', 'opus', 'error', undefined, START)
  breaker.noteSuccess('a', 'opus')
  expect(breaker.noteTrouble('a', 'opus', 'error', undefined, START)).toBe(false)
})

test('a throttle concerns one model, as long as Bedrock says, and no longer than a minute', () => {
  const breaker = createBreaker()
  breaker.noteTrouble('a', 'opus', 'throttle', 20, START)
  expect(breaker.isOpen('a', 'opus', after(19))).toBe(true)
  expect(breaker.isOpen('a', 'haiku', after(19))).toBe(false)
  expect(breaker.isOpen('a', 'opus', after(21))).toBe(false)
  breaker.noteTrouble('a', 'opus', 'throttle', 3_600, START)
  expect(breaker.isOpen('a', 'opus', after(61))).toBe(false)
})

test('access that is denied concerns one model: others stay, and nobody is told that the endpoint is unwell', () => {
  const breaker = createBreaker()
  const denied = () => breaker.noteTrouble('a', 'opus', 'denied', undefined, START)
  expect([denied(), denied(), denied()]).toEqual([false, false, false])
  expect(breaker.isOpen('a', 'opus', after(29))).toBe(true)
  expect(breaker.isOpen('a', 'haiku', after(1))).toBe(false)
})
