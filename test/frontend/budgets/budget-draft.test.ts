import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { setTeamBudget } from '../../../contract/budget-routes.ts'
import {
  type BudgetDraft,
  changesIn,
  draftOfTeam,
  errorsIn,
  isSame,
  PRESETS,
  presetOf,
  rulesIn,
  teamBody,
  trialOf,
  withPolicy,
  withRule,
} from '../../../frontend/src/features/budgets/budget-draft.ts'
import { PRESETS as STORED } from '../../../lambdas/budgets/policy.ts'

const TEAM = {
  team_id: '11111111-1111-4111-8111-111111111111',
  team_name: 'Platform',
  budget_amount_usd: 1000.5,
  budget_period: 'monthly',
  budget_policy: [
    { at_percent: 80, action: 'notify' },
    { at_percent: 120, action: 'block' },
  ],
  default_user_budget_usd: null,
  notify_recipients: 'both',
  routing_strategy: 'sticky_user',
  current_spend_usd: 0,
  percent: 0,
  resets_at: '2026-12-01T00:00:00Z',
  status: 'ok',
  user_count: 0,
  key_count: 0,
  budget_rev: 3,
} as const
const team = (change: object = {}) => draftOfTeam({ ...TEAM, budget_policy: [...TEAM.budget_policy], ...change })
const rules = (...all: [string, 'notify' | 'shape' | 'block', string?][]): BudgetDraft => ({
  ...team(),
  policy: 'custom',
  rules: all.map(([percent, action, rpm = ''], place) => ({ id: `r${place}`, percent, action, rpm })),
})

test('the presets are those that the gateway stores', () => {
  expect(PRESETS).toEqual(STORED)
})

test('a budget comes into the form and out of it as it was, and tells which preset it is', () => {
  const draft = team()
  expect([draft.amount, draft.policy, draft.memberAmount]).toEqual(['1000.50', 'custom', ''])
  expect(teamBody(draft, 3)).toEqual({
    budget_amount_usd: 1000.5,
    budget_period: 'monthly',
    budget_policy: TEAM.budget_policy,
    default_user_budget_usd: null,
    notify_recipients: 'both',
    rev: 3,
  })
  expect(presetOf(null)).toBe('standard')
  for (const preset of ['standard', 'soft', 'shaped'] as const) expect(presetOf(PRESETS[preset])).toBe(preset)
})

describe('what is wrong is found where it is', () => {
  test.each([
    ['', true],
    ['0', true],
    ['1,000.50', true],
    ['$ 20', true],
    ['1000000', true],
    ['-1', false],
    ['1000000.01', false],
    ['0.001', false],
    ['ten', false],
  ])('an amount of “%s”: %s', (amount, fits) => {
    expect(errorsIn({ ...team(), amount }).amount === undefined).toBe(fits)
    expect(errorsIn({ ...team(), memberAmount: amount }).memberAmount === undefined).toBe(fits)
  })

  test.each<[string, BudgetDraft, object]>([
    ['nothing', rules(['80', 'notify'], ['100', 'block']), {}],
    ['no percentage', rules(['', 'block']), { r0: { percent: 'Enter a whole number from 1 to 500.' } }],
    [
      'half a percent',
      rules(['80', 'notify'], ['99.5', 'block']),
      { r1: { percent: 'Enter a whole number from 1 to 500.' } },
    ],
    ['more than 500', rules(['501', 'block']), { r0: { percent: 'Enter a whole number from 1 to 500.' } }],
    [
      'the same percentage twice',
      rules(['80', 'notify'], ['80', 'block']),
      { r1: { percent: 'Has to be more than in the rule before.' } },
    ],
    [
      'a block before the end',
      rules(['80', 'block'], ['100', 'notify']),
      { r0: { action: 'Blocking has to be the last rule.' } },
    ],
    ['no pace', rules(['80', 'shape'], ['100', 'block']), { r0: { rpm: 'Enter 1 to 999 requests a minute.' } }],
    ['too fast a pace', rules(['80', 'shape', '1000']), { r0: { rpm: 'Enter 1 to 999 requests a minute.' } }],
  ])('of rules: %s', (_what, draft, found) => {
    expect(errorsIn(draft).rules ?? {}).toEqual(found)
  })

  test('no rule at all', () => {
    expect(errorsIn(rules())).toEqual({ policy: 'Add at least one rule.' })
  })

  test('rules that nobody looks at are not looked at', () => {
    expect(errorsIn({ ...rules(['', 'block']), policy: 'soft' })).toEqual({})
  })

  test('what the form lets through, the gateway takes; what it does not, the gateway refuses', () => {
    const drafts = [
      rules(['80', 'notify'], ['100', 'block']),
      rules(['1', 'shape', '999'], ['500', 'block']),
      rules(['80', 'notify'], ['80', 'block']),
      rules(['80', 'shape']),
      rules(['80', 'block'], ['100', 'notify']),
      rules(['0', 'block']),
      { ...team(), amount: '0' },
      { ...team(), amount: '0.001' },
    ]
    for (const draft of drafts) {
      const isTaken = z.safeParse(setTeamBudget.body, teamBody(draft, 1)).success
      expect(Object.keys(errorsIn(draft)).length === 0).toBe(isTaken)
    }
  })
})

test('own rules begin as those of the preset that was in sight, and go with it when it is chosen again', () => {
  const soft = team({ budget_policy: [...PRESETS.soft] })
  const custom = withPolicy(soft, 'custom')
  expect(rulesIn(custom)).toEqual(PRESETS.soft)
  expect(isSame(soft, withPolicy(custom, 'soft'))).toBe(true)
})

test('a rule is added where it can be: before the one that blocks, above the others', () => {
  const added = (draft: BudgetDraft) => withRule(draft, 'new').rules.map(({ id, percent }) => `${id} ${percent}`)
  expect(added(rules(['80', 'notify'], ['100', 'block']))).toEqual(['r0 80', 'new 90', 'r1 100'])
  expect(added(rules(['80', 'notify']))).toEqual(['r0 80', 'new 100'])
  expect(added(rules())).toEqual(['new 80'])
  expect(errorsIn(withRule(rules(['80', 'notify'], ['100', 'block']), 'new'))).toEqual({})
})

test('what is not saved is named', () => {
  const before = team()
  expect(changesIn(before, before)).toEqual([])
  expect(changesIn(before, { ...before, amount: '5', policy: 'soft', memberAmount: '1' })).toEqual([
    'amount',
    'rules',
    'limit for each member',
  ])
})

test('what is tried is what would be saved', () => {
  const draft = { ...team(), amount: '400', memberAmount: '20', policy: 'standard' as const }
  const scope = { kind: 'team', team: { ...TEAM, budget_policy: null } } as const
  expect(trialOf(draft, scope)).toEqual({
    scope: 'team',
    id: TEAM.team_id,
    amount_usd: 400,
    default_user_budget_usd: 20,
    period: 'monthly',
    policy: 'standard',
  })
  expect(trialOf({ ...draft, amount: '' }, { kind: 'default' })).toEqual({
    scope: 'default',
    amount_usd: null,
    period: 'monthly',
    policy: 'standard',
  })
})
