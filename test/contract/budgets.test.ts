import { expect, test } from 'vitest'
import * as z from 'zod'
import { AmountUsd, BudgetPolicyWish, BudgetWish } from '../../contract/budgets.ts'

/** As the control plane tells them: where, and what. */
function refusals(schema: z.ZodType | typeof BudgetPolicyWish | typeof AmountUsd, input: unknown): string[] {
  const issues = z.safeParse(schema as z.ZodType, input).error?.issues ?? []
  return issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
}

const notify = { at_percent: 80, action: 'notify' }
const block = { at_percent: 100, action: 'block' }
const steps = (count: number) =>
  Array.from({ length: count }, (_, step) => ({ at_percent: (step + 1) * 10, action: 'notify' }))

test.each([
  ['a preset', 'standard'],
  ['another', 'soft'],
  ['the third', 'shaped'],
  ['none', null],
  ['one rule', [block]],
  ['five rules', steps(5)],
  ['rules that never block', [notify]],
  [
    'the lowest and the highest percentage',
    [
      { ...notify, at_percent: 1 },
      { ...block, at_percent: 500 },
    ],
  ],
  ['shaping', [{ at_percent: 90, action: 'shape', shaped_rpm: 1 }, block]],
  ['a pace that is not needed', [{ ...notify, shaped_rpm: null }]],
])('L5, budgets B7: a policy may be %s', (_what, policy) => {
  expect(refusals(BudgetPolicyWish, policy)).toEqual([])
})

test.each([
  ['no rule', [], ['Policy must have at least one rule']],
  ['six rules', steps(6), ['Policy can have at most 5 rules']],
  [
    'descending',
    [block, notify],
    ['1.at_percent: Rules must be in ascending order by at_percent', '0.action: Block rule must be the last rule'],
  ],
  [
    'two at the same percentage',
    [notify, { ...block, at_percent: 80 }],
    ['1.at_percent: Rules must be in ascending order by at_percent'],
  ],
  [
    'a rule after the one that blocks',
    [{ ...block, at_percent: 70 }, notify],
    ['0.action: Block rule must be the last rule'],
  ],
  [
    'shaping without a pace',
    [notify, { at_percent: 90, action: 'shape' }],
    ['1.shaped_rpm: Rule 1 (at 90%): shape action requires shaped_rpm'],
  ],
  ['zero percent', [{ ...notify, at_percent: 0 }], ['0.at_percent: at_percent must be > 0']],
  ['too many percent', [{ ...notify, at_percent: 501 }], ['0.at_percent: at_percent must be at most 500']],
  [
    'a pace of zero',
    [{ at_percent: 9, action: 'shape', shaped_rpm: 0 }],
    ['0.shaped_rpm: shaped_rpm must be at least 1'],
  ],
  [
    'a pace of a thousand',
    [{ at_percent: 9, action: 'shape', shaped_rpm: 1000 }],
    ['0.shaped_rpm: shaped_rpm must be at most 999'],
  ],
  [
    'half a percent',
    [notify, { ...block, at_percent: 99.5 }],
    ['Invalid policy rules: 1.at_percent: must be a whole number'],
  ],
  ['no percentage', [{ action: 'block' }], ['Invalid policy rules: 0.at_percent: must be a whole number']],
  [
    'another action',
    [{ ...block, action: 'warn' }],
    ["Invalid policy rules: 0.action: must be 'notify', 'shape', or 'block'"],
  ],
  ['a member that is unknown', [{ ...block, rpm: 5 }], ['0: unknown member: rpm']],
  ['a preset that is none', 'strict', ["Unknown preset. Use 'standard', 'soft', 'shaped', or provide custom rules."]],
  ['a number', 80, ["Unknown preset. Use 'standard', 'soft', 'shaped', or provide custom rules."]],
  ['an object', { rules: [block] }, ["Unknown preset. Use 'standard', 'soft', 'shaped', or provide custom rules."]],
])('L5, budgets B7: a policy may not be %s, and it is said where', (_what, policy, said) => {
  expect(refusals(BudgetPolicyWish, policy).sort()).toEqual([...said].sort())
})

test.each([0, 0.01, 0.07, 1.1, 19.99, 123_456.78, 999_999.99, 1_000_000])('%d dollars are an amount', (amount) => {
  expect(refusals(AmountUsd, amount)).toEqual([])
})

test.each([
  [-0.01, 'must not be negative'],
  [1_000_000.01, 'must be at most 1,000,000'],
  [0.001, 'must have at most 2 decimals'],
  [0.1 + 0.2, 'must have at most 2 decimals'],
  ['5', 'must be a number'],
  [Number.NaN, 'must be a number'],
])('%s is no amount', (amount, said) => {
  expect(refusals(AmountUsd, amount)).toEqual([said])
})

test('a budget is monthly and of the usual policy unless it is said otherwise', () => {
  expect(z.parse(BudgetWish, { amount_usd: 5 })).toEqual({ amount_usd: 5, period: 'monthly' })
})

test('a period says which there are', () => {
  const said = z.safeParse(BudgetWish, { amount_usd: 5, period: 'yearly' }).error?.issues[0]
  expect(said).toMatchObject({ path: ['period'], message: "must be 'daily', 'weekly', or 'monthly'" })
})
