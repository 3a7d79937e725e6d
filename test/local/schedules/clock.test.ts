import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createClock } from '../../../local/schedules/clock.ts'

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-11-24T12:00:00Z') }))
afterEach(() => void vi.useRealTimers())

test('it runs with the real one, from wherever it was put', () => {
  const clock = createClock()
  expect(clock.now().toISOString()).toBe('2026-11-24T12:00:00.000Z')
  clock.set(new Date('2030-01-01T00:00:00Z'))
  vi.advanceTimersByTime(1_500)
  expect(clock.now().toISOString()).toBe('2030-01-01T00:00:01.500Z')
  clock.advance(-1_500)
  expect(clock.now().toISOString()).toBe('2030-01-01T00:00:00.000Z')
})

test('two clocks do not move each other', () => {
  const [one, other] = [createClock(), createClock()]
  one.advance(60_000)
  expect(other.now().toISOString()).toBe('2026-11-24T12:00:00.000Z')
})
