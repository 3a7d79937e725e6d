import { expect, test } from 'vitest'
import { type Health, type Look, lookOf, NEVER_LOOKED, nextHealth } from '../../../lambdas/endpoints/health.ts'
import { addMs, instant } from '../../../lambdas/platform/instant.ts'

const START = instant(Date.UTC(2026, 10, 27))
const GOOD: Look = { well: true, reason: null }
const BAD: Look = { well: false, reason: 'Bedrock does not answer.' }

const after = (looks: readonly Look[], from: Health = NEVER_LOOKED): Health =>
  looks.reduce((health, look, minute) => nextHealth(health, look, addMs(START, minute * 60_000)), from)

test('the first look decides', () => {
  expect(after([GOOD]).state).toBe('healthy')
  expect(after([BAD])).toMatchObject({ state: 'unhealthy', reason: BAD.reason })
})

test('W18: one bad minute changes nothing, two in a row do, and so back', () => {
  expect(after([GOOD, BAD]).state).toBe('healthy')
  expect(after([GOOD, BAD, GOOD, BAD]).state).toBe('healthy')
  expect(after([GOOD, BAD, BAD]).state).toBe('unhealthy')
  expect(after([GOOD, BAD, BAD, GOOD]).state).toBe('unhealthy')
  expect(after([GOOD, BAD, BAD, GOOD, GOOD])).toMatchObject({ state: 'healthy', reason: null })
})

test('a bad minute is told while it changes nothing', () => {
  expect(after([GOOD, BAD])).toMatchObject({ state: 'healthy', reason: BAD.reason, checkedAt: addMs(START, 60_000) })
})

test('the changes are kept, the latest two dozen', () => {
  const { history } = after([GOOD, BAD, BAD])
  expect(history).toEqual([
    { at: '2026-11-27T00:00:00.000Z', state: 'healthy' },
    { at: '2026-11-27T00:02:00.000Z', state: 'unhealthy' },
  ])
  const long = after(Array.from({ length: 120 }, (_, minute) => (minute % 4 < 2 ? GOOD : BAD)))
  expect(long.history).toHaveLength(24)
})

test('what requests meet counts: three environments that gave up in two minutes make a bad one', () => {
  expect(lookOf(null, 2)).toEqual(GOOD)
  expect(lookOf(null, 3)).toMatchObject({ well: false, reason: expect.stringContaining('does not answer') })
  expect(lookOf('no answer', 0)).toEqual({ well: false, reason: 'no answer' })
})
