import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { PolicyRules } from '../../../contract/budgets.ts'
import { nanoOfUsd } from '../../../lambdas/budgets/budget-wish.ts'
import {
  amountAt,
  capOf,
  decide,
  heldRules,
  isStricter,
  type PolicyRule,
  PRESETS,
} from '../../../lambdas/budgets/policy.ts'
import { type NanoUsd, nanoUsd } from '../../../lambdas/platform/money.ts'

const { standard, soft, shaped } = PRESETS
const tight: readonly PolicyRule[] = [
  { at_percent: 80, action: 'notify' },
  { at_percent: 90, action: 'shape', shaped_rpm: 3 },
  { at_percent: 100, action: 'block' },
]
const dollars = (usd: number): NanoUsd => nanoUsd(Math.round(usd * 1e9))

test.each<[string, string, readonly PolicyRule[], number, number, object]>([
  ['L4, budgets B1', 'far below the first rule', standard, 0.0045, 100, { action: 'allow' }],
  ['L4, budgets B2', 'past the notice', standard, 85, 100, { action: 'notify', atPercent: 80 }],
  ['L4', 'at the notice to the nano-dollar', standard, 80, 100, { action: 'notify', atPercent: 80 }],
  ['L4', 'a nano-dollar below it', standard, 79.999999999, 100, { action: 'allow' }],
  ['budgets B3', 'past the limit', standard, 105, 100, { action: 'block', atPercent: 100 }],
  ['L4', 'at the limit', standard, 100, 100, { action: 'block', atPercent: 100 }],
  ['L4', 'a nano-dollar below the limit', standard, 99.999999999, 100, { action: 'notify', atPercent: 80 }],
  ['budgets B4', 'between two rules', tight, 95, 100, { action: 'shape', atPercent: 90, shapedRpm: 3 }],
  ['L4, budgets B5', 'past a block at 150 %', shaped, 160, 100, { action: 'block', atPercent: 150 }],
  ['L4', 'shaped at 110 %', shaped, 110, 100, { action: 'shape', atPercent: 100, shapedRpm: 5 }],
  ['L4, budgets B5', 'soft at 120 %', soft, 120, 100, { action: 'notify', atPercent: 100 }],
  [
    'budgets B13',
    'five rows that come to 225 % of a cent',
    standard,
    5 * 0.0045,
    0.01,
    { action: 'block', atPercent: 100 },
  ],
  [
    'L4',
    'a shape without a pace of its own',
    [{ at_percent: 1, action: 'shape' }],
    1,
    100,
    { action: 'shape', shapedRpm: 5 },
  ],
  ['L4', 'zero lets nothing be spent', standard, 0, 0, { action: 'block', atPercent: 100 }],
  [
    'L4',
    'nor does a policy that never blocks, at zero',
    [{ at_percent: 80, action: 'notify' }],
    0,
    0,
    { action: 'block' },
  ],
])('%s: %s', (_number, _what, rules, spent, limit, decision) => {
  expect(decide(rules, dollars(spent), dollars(limit))).toMatchObject(decision)
})

test('L6, budgets B6: of two decisions the more severe wins', () => {
  const at = (usd: number) => decide(shaped, dollars(usd), dollars(100))
  const rising = [at(0), at(80), at(100), at(150)]
  for (const [place, one] of rising.entries()) {
    for (const [other, two] of rising.entries()) expect(isStricter(one, two)).toBe(place > other)
  }
})

test('a rule holds from a whole nano-dollar on that is never less than its percentage', () => {
  expect(amountAt({ at_percent: 33, action: 'notify' }, nanoUsd(1))).toBe(1)
  expect(amountAt({ at_percent: 80, action: 'notify' }, nanoOfUsd(0.01))).toBe(8_000_000)
  expect(amountAt({ at_percent: 500, action: 'block' }, nanoOfUsd(1_000_000))).toBe(5e15)
})

test('what may be spent before a policy blocks', () => {
  expect(capOf(shaped, dollars(100))).toBe(dollars(150))
  expect(capOf([{ at_percent: 80, action: 'notify' }], dollars(100))).toBeUndefined()
  expect(capOf([{ at_percent: 80, action: 'notify' }], dollars(0))).toBe(0)
})

/** Any policy that the control plane takes. */
const policy = fc
  .uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 5 })
  .map((percents) => percents.sort((one, other) => one - other))
  .chain((percents) =>
    fc.tuple(
      ...percents.map((at_percent, place) =>
        fc
          .constantFrom(
            ...(place === percents.length - 1
              ? (['notify', 'shape', 'block'] as const)
              : (['notify', 'shape'] as const)),
          )
          .map((action): PolicyRule => ({ at_percent, action, ...(action === 'shape' && { shaped_rpm: 7 }) })),
      ),
    ),
  )
const amount = fc.integer({ min: 0, max: 5_000_000_000_000_000 }).map(nanoUsd)
const limits = fc.integer({ min: 1, max: 1_000_000_000_000_000 }).map(nanoUsd)

test('L5: the policies that these properties are about are taken by the control plane', () => {
  fc.assert(
    fc.property(policy, (rules) => {
      expect(z.safeParse(PolicyRules, rules).success).toBe(true)
    }),
  )
})

test('whoever has spent more is never held by an earlier rule, and once blocked stays blocked', () => {
  fc.assert(
    fc.property(policy, amount, amount, limits, (rules, one, other, limit) => {
      const [less, more] = one < other ? [one, other] : [other, one]
      const [before, after] = [decide(rules, less, limit), decide(rules, more, limit)]
      const percent = (decision: typeof before) => (decision.action === 'allow' ? 0 : decision.atPercent)
      expect(percent(after)).toBeGreaterThanOrEqual(percent(before))
      if (before.action === 'block') expect(after.action).toBe('block')
    }),
  )
})

test('the rules that hold are exactly those whose share of the limit is spent, and the last of them decides', () => {
  fc.assert(
    fc.property(policy, amount, limits, (rules, spent, limit) => {
      const held = rules.filter(({ at_percent }) => BigInt(spent) * 100n >= BigInt(limit) * BigInt(at_percent))
      expect(heldRules(rules, spent, limit)).toEqual(held)
      expect(decide(rules, spent, limit).action).toBe(held.at(-1)?.action ?? 'allow')
    }),
  )
})

test('below the cap nothing blocks, from it on everything does', () => {
  fc.assert(
    fc.property(policy, limits, (rules, limit) => {
      const cap = capOf(rules, limit)
      if (cap === undefined) return
      expect(decide(rules, cap, limit).action).toBe('block')
      expect(decide(rules, nanoUsd(cap - 1), limit).action).not.toBe('block')
    }),
  )
})
