import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Analytics, AnalyticsQuery } from '../../../contract/analytics.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import { analyticsOf, type HourlyAggregate, windowBefore, windowOf } from '../../../lambdas/spend/analytics.ts'

const at = instant(Date.parse('2026-11-24T12:30:00Z'))
const window = (query: object) => windowOf(AnalyticsQuery.parse(query), at)
const aggregate = (wish: Partial<HourlyAggregate> = {}): HourlyAggregate => ({
  hour: '2026-11-24T12',
  model: 'sonnet',
  requests: 1,
  streaming: 0,
  thinking: 0,
  unpriced: 0,
  unpricedTokens: 0,
  failed: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cost: nanoUsd(0),
  saved: nanoUsd(0),
  durationMs: 0,
  toolCalls: 0,
  ...wish,
})
const of = (aggregates: HourlyAggregate[], query: object = {}, tools: [string, number][] = []) =>
  analyticsOf('a@example.com', window(query), aggregates, [], new Map(tools))

describe('the window', () => {
  test('is the last seven days if nothing is said', () => {
    expect(window({})).toEqual({
      firstHour: '2026-11-17T12',
      lastHour: '2026-11-24T12',
      days: 7,
      granularity: 'day',
    })
  })

  test('counts the day named last to its end', () => {
    expect(window({ from: '2026-11-01', to: '2026-11-02' })).toMatchObject({
      firstHour: '2026-11-01T00',
      lastHour: '2026-11-02T23',
      days: 2,
      granularity: 'hour',
    })
  })

  test('takes moments with their offset, the last one excluded', () => {
    expect(window({ from: '2026-11-01T00:30:00+02:00', to: '2026-11-01T12:00:00Z' })).toMatchObject({
      firstHour: '2026-10-31T22',
      lastHour: '2026-11-01T11',
      days: 1,
    })
  })

  test.each([
    [{ days: '1' }, 'hour'],
    [{ days: '3' }, 'hour'],
    [{ days: '4' }, 'day'],
    [{ days: '90' }, 'day'],
    [{ days: '91' }, 'week'],
    [{ days: '366', granularity: 'hour' }, 'hour'],
    [{ from: '2026-01-01', to: '2026-12-31' }, 'week'],
    [{ from: '2026-01-01', to: '2026-01-01', days: '90' }, 'hour'],
  ])('of %j is told by the %s', (query, granularity) => {
    expect(window(query).granularity).toBe(granularity)
  })

  test.each([
    { days: '0' },
    { days: '-7' },
    { days: '367' },
    { days: '1.5' },
    { days: 'week' },
    { days: '' },
    { granularity: 'month' },
    { from: '2026-01-01' },
    { to: '2026-01-01' },
    { from: '2026-02-30', to: '2026-03-01' },
    { from: "2026-01-01'; drop", to: '2026-01-02' },
  ])('%j is refused', (query) => {
    expect(AnalyticsQuery.safeParse(query).success).toBe(false)
  })

  test.each([
    { from: '2026-01-02', to: '2026-01-01' },
    { from: '2026-01-01T10:00:00Z', to: '2026-01-01T10:00:00Z' },
    { from: '2024-01-01', to: '2026-01-01' },
  ])('%j is refused for its length', (query) => {
    expect(() => window(query)).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })
})

describe('the answer', () => {
  test('to nothing used is zeros', () => {
    const empty = of([])
    expect(Analytics.parse(empty)).toEqual(empty)
    expect(Object.values(empty.totals)).toEqual(Object.values(empty.totals).map(() => 0))
    expect(empty).toMatchObject({
      models: [],
      top_tools: [],
      unpriced_rows: 0,
      unpriced_models: [],
    })
  })

  test('adds up what was booked, and rounds nothing', () => {
    const answer = of([
      aggregate({
        requests: 3,
        streaming: 2,
        inputTokens: 100,
        outputTokens: 50,
        cacheReadTokens: 900,
        cacheWriteTokens: 30,
        cost: nanoUsd(4_999_999),
        saved: nanoUsd(14_000_000),
        durationMs: 1000,
        toolCalls: 4,
      }),
      aggregate({
        hour: '2026-11-23T01',
        requests: 1,
        inputTokens: 1,
        cost: nanoUsd(1),
        saved: nanoUsd(1_000_000),
        durationMs: 1,
        thinking: 1,
      }),
    ])
    expect(answer.totals).toEqual({
      requests: 4,
      input_tokens: 101,
      output_tokens: 50,
      cache_read_tokens: 900,
      cache_write_tokens: 30,
      cache_hit_rate_pct: 89.9,
      avg_duration_ms: 250,
      streaming_requests: 2,
      thinking_requests: 1,
      total_tool_calls: 4,
      unique_users: 1,
      total_cost_usd: 0.005,
      cache_savings_usd: 0.015,
      failed_requests: 0,
    })
    expect(answer.trend).toHaveLength(8)
    expect(answer.trend.slice(-2)).toMatchObject([
      { bucket: '2026-11-23', requests: 1, tokens: 1, cost_usd: 1e-9 },
      { bucket: '2026-11-24', requests: 3, tokens: 1080, cost_usd: 0.004999999 },
    ])
    expect(answer.daily).toEqual(answer.trend)
  })

  test('puts models in the order of their cost, whichever endpoint served them', () => {
    const answer = of([
      aggregate({ model: 'haiku', cost: nanoUsd(10_000_000) }),
      aggregate({ model: 'opus', cost: nanoUsd(30_000_000) }),
      aggregate({ model: 'haiku', cost: nanoUsd(30_000_000), durationMs: 7 }),
    ])
    expect(answer.models.map(({ model, request_count, cost_usd }) => [model, request_count, cost_usd])).toEqual([
      ['haiku', 2, 0.04],
      ['opus', 1, 0.03],
    ])
    expect(answer.models[0]?.avg_duration_ms).toBe(4)
  })

  test('names what had no price', () => {
    const answer = of([
      aggregate({ model: 'new', requests: 3, unpriced: 3 }),
      aggregate({ model: 'half', requests: 3, unpriced: 1 }),
      aggregate({ model: 'known' }),
    ])
    expect(answer).toMatchObject({ unpriced_rows: 4, unpriced_models: ['half', 'new'] })
  })

  test('has every bucket by hour and by ISO week, in order, also the empty ones', () => {
    const hours = ['2027-01-03T23', '2026-12-28T00', '2027-01-04T00'].map((hour) => aggregate({ hour }))
    const window = { from: '2026-12-28', to: '2027-01-04' }
    const weeks = of(hours, { ...window, granularity: 'week' }).trend
    expect(weeks.map(({ bucket, requests }) => [bucket, requests])).toEqual([
      ['2026-W53', 2],
      ['2027-W01', 1],
    ])
    const byHour = of(hours, { ...window, granularity: 'hour' }).trend
    expect(byHour).toHaveLength(8 * 24)
    expect(byHour.filter(({ requests }) => requests > 0).map(({ bucket }) => bucket)).toEqual([
      '2026-12-28T00:00:00',
      '2027-01-03T23:00:00',
      '2027-01-04T00:00:00',
    ])
  })

  test('is compared with the window of the same length before it', () => {
    const before = windowBefore(window({ from: '2026-11-10', to: '2026-11-11' }))
    expect(before).toMatchObject({ firstHour: '2026-11-08T00', lastHour: '2026-11-09T23', days: 2 })
  })

  test('names the twenty tools called most, MCP tools as such', () => {
    const tools = Array.from({ length: 25 }, (_, i): [string, number] => [i === 3 ? 'mcp__a__b' : `tool-${i}`, i])
    const { top_tools } = of([], {}, tools)
    expect(top_tools).toHaveLength(20)
    expect(top_tools[0]).toEqual({ name: 'tool-24', count: 24, is_mcp: false })
    expect(of([], {}, [['mcp__a__b', 1]]).top_tools).toEqual([{ name: 'mcp__a__b', count: 1, is_mcp: true }])
  })

  test('divides the same requests and tokens among models and buckets as it totals', () => {
    const aggregates = fc.array(
      fc.record({
        hour: fc.constantFrom('2026-11-24T12', '2026-11-24T13', '2026-11-01T00', '2026-01-01T05'),
        model: fc.constantFrom('a', 'b', 'c'),
        requests: fc.nat(1000),
        inputTokens: fc.nat(1e9),
        cost: fc.nat(1e12).map(nanoUsd),
      }),
    )
    fc.assert(
      fc.property(aggregates, fc.constantFrom('hour', 'day', 'week'), (wishes, granularity) => {
        const answer = of(wishes.map(aggregate), { granularity, from: '2026-01-01', to: '2026-11-24' })
        expect(Analytics.safeParse(answer).success).toBe(true)
        const sum = (numbers: number[]) => numbers.reduce((one, other) => one + other, 0)
        expect(sum(answer.models.map((model) => model.request_count))).toBe(answer.totals.requests)
        expect(sum(answer.trend.map((bucket) => bucket.requests))).toBe(answer.totals.requests)
        expect(sum(answer.trend.map((bucket) => bucket.tokens))).toBe(answer.totals.input_tokens)
      }),
    )
  })
})
