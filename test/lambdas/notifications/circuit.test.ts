import { describe, expect, test } from 'vitest'
import {
  afterFailure,
  afterRun,
  afterSuccess,
  type Circuit,
  HEALTHY,
  isFailing,
  portionOf,
} from '../../../lambdas/notifications/circuit.ts'
import { nextAttemptAt } from '../../../lambdas/notifications/retry.ts'
import { addMs, instant } from '../../../lambdas/platform/instant.ts'

const now = instant(Date.parse('2026-11-24T12:00:00Z'))
const failed = (times: number, from: Circuit = HEALTHY): Circuit =>
  Array.from({ length: times }).reduce<Circuit>(
    (circuit, _, place) => afterFailure(circuit, `event ${place}`, now),
    from,
  )

describe('a destination', () => {
  test('fails after three in a row, and one that is told in between begins the count anew', () => {
    expect([0, 1, 2, 3].map((times) => isFailing(failed(times)))).toEqual([false, false, false, true])
    expect(isFailing(failed(2, afterSuccess(failed(2))))).toBe(false)
  })

  test('does not fail because one event or two do, however often', () => {
    const again = Array.from({ length: 50 }).reduce<Circuit>((known) => failed(2, known), HEALTHY)
    expect(again).toEqual(failed(2))
    expect(isFailing(afterFailure(again, 'another', now))).toBe(true)
  })

  test('remembers three events, whatever has failed', () => {
    expect(failed(100).failed).toEqual(['event 97', 'event 98', 'event 99'])
    expect(afterSuccess(failed(2)).failed).toEqual([])
  })

  test('is asked with one event at a time while it fails, at distances that grow to ten minutes', () => {
    const distances = [3, 4, 5, 6, 7, 8, 9, 100].map((times) => ((failed(times).probeAt ?? now) - now) / 60_000)
    expect(distances).toEqual([0.5, 1, 2, 4, 8, 10, 10, 10])
    const failing = failed(3)
    expect([portionOf(failing, now), portionOf(failing, addMs(now, 30_000))]).toEqual([0, 1])
  })

  test('gets twice as many from run to run when it is back, until a run takes no more', () => {
    let circuit = afterRun(afterSuccess(failed(20)))
    const portions: number[] = []
    for (; circuit.portion !== null; circuit = afterRun(circuit)) portions.push(portionOf(circuit, now))
    expect(portions).toEqual([2, 4, 8, 16, 32, 64])
    expect(afterSuccess(circuit)).toEqual(HEALTHY)
    expect(portionOf(circuit, now)).toBe(100)
  })

  test('that fails while it catches up fails at once', () => {
    const back = afterRun(afterSuccess(failed(5)))
    expect(isFailing(afterFailure(back, 'another', now))).toBe(true)
    // One of those that it failed with is no news of it.
    expect(afterFailure(afterSuccess(back), 'event 4', now)).toEqual(back)
  })
})

test('what failed together does not come back together, nor later than an hour', () => {
  const minutes = (attempts: number, chance: number) => (nextAttemptAt(attempts, now, chance) - now) / 60_000
  expect([1, 2, 3, 7, 8, 9, 1000].map((attempts) => minutes(attempts, 1))).toEqual([0.5, 1, 2, 32, 60, 60, 60])
  expect([0, 0.5, 1].map((chance) => minutes(5, chance))).toEqual([4, 6, 8])
})
