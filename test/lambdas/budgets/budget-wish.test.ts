import fc from 'fast-check'
import { expect, test } from 'vitest'
import { budgetOf, nanoOfUsd, rulesOf } from '../../../lambdas/budgets/budget-wish.ts'
import { usdOf } from '../../../lambdas/platform/money.ts'

test('budgets B14 and B18: a preset is stored as its rules', () => {
  expect(rulesOf('standard')).toEqual([
    { at_percent: 80, action: 'notify' },
    { at_percent: 100, action: 'block' },
  ])
  expect(rulesOf('soft')?.map((rule) => `${rule.at_percent} ${rule.action}`)).toEqual([
    '80 notify',
    '100 notify',
    '150 block',
  ])
  expect(rulesOf('shaped')).toContainEqual({ at_percent: 100, action: 'shape', shaped_rpm: 5 })
})

test('rules of one’s own are stored as they are, without what says nothing', () => {
  expect(
    rulesOf([
      { at_percent: 50, action: 'shape', shaped_rpm: 2 },
      { at_percent: 100, action: 'block', shaped_rpm: null },
    ]),
  ).toEqual([
    { at_percent: 50, action: 'shape', shaped_rpm: 2 },
    { at_percent: 100, action: 'block' },
  ])
  expect(rulesOf(null)).toBeNull()
  expect(rulesOf(undefined)).toBeNull()
})

test('every amount of whole cents becomes exactly so many nano-dollars, and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000_000 }), (cents) => {
      const nano = nanoOfUsd(cents / 100)
      expect(nano).toBe(cents * 10_000_000)
      expect(usdOf(nano, 9)).toBe(cents / 100)
    }),
  )
})

test('a wish becomes a budget', () => {
  expect(budgetOf({ amount_usd: 0, period: 'daily', policy: null })).toEqual({ limit: 0, period: 'daily', rules: null })
})
