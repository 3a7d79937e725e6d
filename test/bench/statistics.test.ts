import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addedOf, median, orderOf, quantile } from '../../bench/statistics.ts'

describe('quantile', () => {
  test('is a sample where it falls on one, and between two samples is interpolated', () => {
    const samples = [40, 10, 30, 20]
    expect(quantile(samples, 0)).toBe(10)
    expect(quantile(samples, 1)).toBe(40)
    expect(quantile(samples, 1 / 3)).toBeCloseTo(20)
    expect(median(samples)).toBe(25)
    expect(quantile([7], 0.99)).toBe(7)
  })

  test('of the numbers from 0 to 100 every percentile is itself', () => {
    const samples = Array.from({ length: 101 }, (_, number) => 100 - number)
    for (const percent of [1, 25, 50, 90, 99]) expect(quantile(samples, percent / 100)).toBeCloseTo(percent)
  })

  test('has at most its share of the samples below it, and at most the rest above', () => {
    const samples = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 })
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const found = quantile(values, share)
        const places = values.length - 1
        expect(values.filter((value) => value < found).length).toBeLessThanOrEqual(Math.ceil(places * share))
        expect(values.filter((value) => value > found).length).toBeLessThanOrEqual(Math.ceil(places * (1 - share)))
      }),
    )
  })

  test('of nothing is no number', () => expect(quantile([], 0.5)).toBeNaN())
})

describe('what a gateway adds', () => {
  test('is told pair by pair: a machine that is slow for one round is slow for both sides of it', () => {
    const quiet = { direct: [1, 1, 1], through: [3, 3, 3] }
    const busy = { direct: [50, 50, 50], through: [52, 52, 52] }
    expect(addedOf([quiet, busy, quiet])).toMatchObject({ p50: 2, p50From: 2, p50To: 2 })
  })

  test('has the middle half of the rounds beside it', () => {
    const pairs = [1, 2, 3, 4, 5].map((added) => ({ direct: [10], through: [10 + added] }))
    expect(addedOf(pairs)).toMatchObject({ p50: 3, p50From: 2, p50To: 4 })
  })

  test('has its p99 from all samples together', () => {
    const direct = Array.from({ length: 101 }, (_, number) => number)
    const through = direct.map((number) => number * 2)
    expect(addedOf([{ direct, through }]).p99).toBeCloseTo(99)
  })
})

test('everybody has one turn a round, in the other direction each time', () => {
  const everybody = ['direct', 'one', 'other']
  expect(orderOf(0, everybody)).toEqual(['direct', 'one', 'other'])
  expect(orderOf(1, everybody)).toEqual(['other', 'one', 'direct'])
  expect(orderOf(2, everybody)).toEqual(orderOf(0, everybody))
})
