import { afterEach, expect, test, vi } from 'vitest'
import type { LocalFunction } from '../../../local/lambda/function.ts'
import { createClock } from '../../../local/schedules/clock.ts'
import { intervalOf, type Schedules, startSchedules } from '../../../local/schedules/schedules.ts'

/** Where a schedule leads; what matters here is only which events arrive. */
function target(): { readonly fn: LocalFunction; readonly events: Record<string, unknown>[] } {
  const events: Record<string, unknown>[] = []
  const fn: LocalFunction = {
    definition: { name: 'watch', codeDir: '', handler: '', environment: {}, memoryMb: 128, timeoutMs: 1 },
    invoke: async (event) => {
      events.push(event as Record<string, unknown>)
      return { settled: 3 }
    },
    invokeStreaming: () => Promise.reject(new Error('a schedule does not stream')),
    environments: () => [],
    stats: () => ({ cold: 0, warm: 0, crashes: 0, timeouts: 0, throttled: 0, initMs: [] }),
    stop: async () => {},
  }
  return { fn, events }
}

let running: Schedules | undefined
afterEach(() => {
  running?.stop()
  vi.useRealTimers()
})

const RULE = { functionName: 'watch', expression: 'rate(1 minute)' }

test.each<[string, number]>([
  ['rate(1 minute)', 60_000],
  ['rate(5 minutes)', 300_000],
  ['rate(1 hour)', 3_600_000],
  ['rate(1 day)', 86_400_000],
])('%s is %d ms', (expression, ms) => expect(intervalOf(expression)).toBe(ms))

test.each(['cron(0 3 * * ? *)', 'rate(1 month)', 'rate(minute)'])('%s is an error that names it', (expression) => {
  expect(() => intervalOf(expression)).toThrow(expression)
})

test('a tick gives the function EventBridge’s event, with the time named, and its answer back', async () => {
  const { fn, events } = target()
  running = startSchedules([RULE], new Map([['watch', fn]]), createClock(), { automatic: false, log: () => {} })
  expect(await running.tick('watch', new Date('2026-11-24T12:00:07.900Z'))).toEqual({ settled: 3 })
  expect(events).toEqual([
    expect.objectContaining({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      time: '2026-11-24T12:00:07Z',
      detail: {},
    }),
  ])
})

test('a tick without a time tells that of the clock that was moved', async () => {
  const { fn, events } = target()
  const clock = createClock()
  clock.set(new Date('2031-01-01T00:00:30Z'))
  running = startSchedules([RULE], new Map([['watch', fn]]), clock, { automatic: false, log: () => {} })
  await running.tick('watch')
  expect(String(events[0]?.time)).toMatch(/^2031-01-01T00:00:3/)
})

test('a tick of nothing is an error that names it', async () => {
  running = startSchedules([], new Map(), createClock(), { automatic: false, log: () => {} })
  await expect(running.tick('nobody')).rejects.toThrow('nobody')
})

test('by hand means that nothing fires by itself', () => {
  vi.useFakeTimers()
  const { fn, events } = target()
  running = startSchedules([RULE], new Map([['watch', fn]]), createClock(), { automatic: false, log: () => {} })
  vi.advanceTimersByTime(3_600_000)
  expect(events).toEqual([])
})

test('by itself a rule fires at the start and whenever its interval has passed', () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-24T12:00:00Z') })
  const { fn, events } = target()
  running = startSchedules([RULE], new Map([['watch', fn]]), createClock(), { automatic: true, log: () => {} })
  vi.advanceTimersByTime(150_000)
  expect(events.map(({ time }) => time)).toEqual([
    '2026-11-24T12:00:00Z',
    '2026-11-24T12:01:00Z',
    '2026-11-24T12:02:00Z',
  ])
})

test('a clock that jumps over many intervals fires once, with the time it jumped to', () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-24T12:00:00Z') })
  const { fn, events } = target()
  const clock = createClock()
  running = startSchedules([RULE], new Map([['watch', fn]]), clock, { automatic: true, log: () => {} })
  clock.advance(86_400_000)
  vi.advanceTimersByTime(5_000)
  expect(events.map(({ time }) => time)).toEqual(['2026-11-24T12:00:00Z', '2026-11-25T12:00:01Z'])
})

test('a function that fails is told, and fires again', () => {
  vi.useFakeTimers()
  const told: string[] = []
  const { fn } = target()
  const failing: LocalFunction = { ...fn, invoke: () => Promise.reject(new Error('no')) }
  running = startSchedules([RULE], new Map([['watch', failing]]), createClock(), {
    automatic: true,
    log: (line) => told.push(line),
  })
  return vi.advanceTimersByTimeAsync(61_000).then(() => expect(told).toEqual(['watch: Error: no', 'watch: Error: no']))
})
