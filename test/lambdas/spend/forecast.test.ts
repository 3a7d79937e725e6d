import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { forecastOf } from '../../../lambdas/spend/forecast.ts'

const USD = 1_000_000_000
const days = (...costs: number[]) =>
  new Map(costs.map((cost, place) => [`2026-11-${String(place + 1).padStart(2, '0')}`, BigInt(cost * USD)]))
const ahead = (costs: number[], window: number) =>
  forecastOf(days(...costs), window)
    .forecast.filter((one) => one.is_forecast)
    .map(({ day, cost_usd }) => [day, cost_usd])

describe('N14', () => {
  test('below two days there is no forecast, and what was spent is told all the same', () => {
    expect(forecastOf(days(), 7)).toEqual({ forecast: [], forecast_days: 0 })
    expect(forecastOf(days(3), 7)).toEqual({
      forecast: [{ day: '2026-11-01', cost_usd: 3, is_forecast: false }],
      forecast_days: 1,
    })
  })

  test('spending that rises goes on rising, from the day after the last', () => {
    expect(ahead([1, 2, 3], 3)).toEqual([
      ['2026-11-04', 4],
      ['2026-11-05', 5],
      ['2026-11-06', 6],
    ])
  })

  test('spending that falls ends at zero', () => {
    expect(ahead([3, 1], 7).map(([, cost]) => cost)).toEqual([0, 0, 0, 0, 0, 0, 0])
  })

  test.each([
    [1, 1],
    [6, 6],
    [7, 7],
    [30, 7],
  ])('of a window of %i days it tells %i days', (window, told) => {
    expect(ahead([2, 2], window)).toHaveLength(told)
  })

  test('goes on beyond what a double counts in nano-dollars', () => {
    const spent = new Map([
      ['2026-11-27', 15_000_000n * 1_000_000_000n],
      ['2026-11-28', 16_000_000n * 1_000_000_000n],
    ])
    expect(forecastOf(spent, 1).forecast.map(({ cost_usd }) => cost_usd)).toEqual([15e6, 16e6, 17e6])
  })

  test('days without spending are left out, and the line goes by those there are', () => {
    const spent = new Map([
      ['2026-11-27', BigInt(2 * USD)],
      ['2026-11-30', BigInt(4 * USD)],
    ])
    expect(forecastOf(spent, 1)).toEqual({
      forecast: [
        { day: '2026-11-27', cost_usd: 2, is_forecast: false },
        { day: '2026-11-30', cost_usd: 4, is_forecast: false },
        { day: '2026-12-01', cost_usd: 6, is_forecast: true },
      ],
      forecast_days: 2,
    })
  })

  test('whatever was spent, no day of the forecast is below zero, and a straight line goes on straight', () => {
    const costs = fc.array(fc.nat(1_000_000), { minLength: 2, maxLength: 28 })
    fc.assert(
      fc.property(costs, (some) => {
        for (const [, cost] of ahead(some, 7)) expect(cost).toBeGreaterThanOrEqual(0)
      }),
    )
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.integer({ min: 2, max: 20 }), (first, step, count) => {
        const line = Array.from({ length: count }, (_, place) => first + step * place)
        expect(ahead(line, 7).map(([, cost]) => cost)).toEqual(
          Array.from({ length: 7 }, (_, place) => first + step * (count + place)),
        )
      }),
    )
  })
})
