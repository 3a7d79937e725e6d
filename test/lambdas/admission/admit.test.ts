import { expect, test } from 'vitest'
import { type Asking, admit, admitForFree, standingsOf } from '../../../lambdas/admission/admit.ts'
import type { Allowance } from '../../../lambdas/admission/allowance.ts'
import { refusalOf } from '../../../lambdas/admission/refusal.ts'
import { NO_BUDGET } from '../../../lambdas/budgets/budget.ts'
import { NO_BUDGET_SETTINGS } from '../../../lambdas/budgets/budget-settings.ts'
import { PRESETS } from '../../../lambdas/budgets/policy.ts'
import { NO_RATE_LIMITS } from '../../../lambdas/budgets/rate-limits.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import { type CounterSubject, counterKey } from '../../../lambdas/table/usage-keys.ts'

const AT = instant(Date.UTC(2026, 10, 27, 12, 0, 15))
const usd = (amount: number) => nanoUsd(Math.round(amount * 1e9))
const key = {
  id: 'k',
  name: null,
  isActive: true,
  validUntil: null,
  userId: 'u',
  teamId: null,
  budget: NO_BUDGET,
  rates: NO_RATE_LIMITS,
  allowedModels: null,
}
const owner = {
  id: 'u',
  email: 'u@example.com',
  active: true,
  teamId: 't',
  counterShards: 1,
  spendLimit: null,
  budgetPeriod: 'monthly' as const,
  rates: NO_RATE_LIMITS,
}
const team = {
  id: 't',
  name: 'Red',
  counterShards: 8,
  routing: {
    strategy: 'sticky_user' as const,
    endpoints: [],
    options: { guardrail: null, serviceTier: null, latency: null },
  } as never,
  budget: NO_BUDGET,
  memberLimit: null,
  allowedModels: null,
}
const ALLOWANCE: Allowance = {
  key,
  owner,
  team,
  ownersTeam: team,
  settings: NO_BUDGET_SETTINGS,
  counters: [],
  minuteBefore: new Map(),
  pricesVersion: 0,
  endpointsVersion: 0,
  affinity: null,
}

const spent = (subject: CounterSubject, amount: number) => ({
  ...counterKey(subject, AT, 0),
  m_cost: usd(amount),
  d27_cost: usd(amount),
  w48_cost: usd(amount),
})
const budget = (limit: number, rules = PRESETS.standard as never) => ({
  limit: usd(limit),
  period: 'monthly' as const,
  rules,
})

const askingOf = (allowance: Allowance, requests = 1, tokens = 100): Asking => ({
  model: 'claude-opus-5-5',
  at: AT,
  standings: standingsOf(allowance, AT),
  pace: {
    now: new Map([
      ['key', { requests, tokens }],
      ['user', { requests, tokens }],
    ]),
    own: { requests: 1, tokens: 100 },
  },
})
const judged = (change: Partial<Allowance>, requests?: number, tokens?: number) => {
  const allowance = { ...ALLOWANCE, ...change }
  return admit(allowance, askingOf(allowance, requests, tokens))
}

test('an active key of an active owner is admitted, and one without owner and team', () => {
  expect(judged({})).toEqual({ admitted: true })
  expect(judged({ key: { ...key, userId: null }, owner: null, team: null, ownersTeam: null })).toEqual({
    admitted: true,
  })
})

const revoked = { key: { ...key, isActive: false } }
const wrongModel = { allowedModels: ['claude-haiku-5-5'] }
const overspent = { counters: [spent({ kind: 'user', id: 'u' }, 100)] }
const teamless = { team: null, ownersTeam: null, owner: { ...owner, teamId: null } }
const UNREADABLE = { ...NO_BUDGET_SETTINGS, usual: 'unreadable' as const }
/** Each verdict alone, in the order in which they are told. */
const REASONS = [
  ['key_revoked', revoked],
  ['key_expired', { key: { ...key, validUntil: AT } }],
  ['owner_suspended', { owner: { ...owner, active: false } }],
  ['model_refused', { team: { ...team, ...wrongModel } }],
  ['settings_unreadable', { ...teamless, settings: UNREADABLE }],
  ['over_budget', { ...overspent, owner: { ...owner, spendLimit: usd(100) } }],
  [
    'shaped',
    {
      ...overspent,
      settings: { ...NO_BUDGET_SETTINGS, usual: budget(100, PRESETS.shaped as never) },
      team: null,
      ownersTeam: null,
    },
  ],
  ['requests_per_minute', { key: { ...key, rates: { rpm: 5, tpm: null } } }],
  ['tokens_per_minute', { key: { ...key, rates: { rpm: null, tpm: 500 } } }],
] as const

test.each(REASONS)('%s is a verdict of its own', (because, change) => {
  expect(judged(change as never, 9, 900)).toMatchObject({ admitted: false, because })
})

test('the order is fixed: suspended, model, budget, shaping, requests, tokens', () => {
  const shaping = { limit: usd(100), period: 'monthly' as const, rules: PRESETS.shaped as never }
  const everything: Allowance = {
    ...ALLOWANCE,
    key: {
      ...key,
      isActive: false,
      validUntil: AT,
      allowedModels: [],
      budget: budget(100),
      rates: { rpm: 5, tpm: 500 },
    },
    owner: { ...owner, active: false },
    team: { ...team, budget: shaping },
    counters: [spent({ kind: 'key', id: 'k' }, 100), spent({ kind: 'team', id: 't' }, 100)],
  }
  const mend: Partial<Allowance['key']>[] = [
    { isActive: true },
    { validUntil: null },
    {},
    { allowedModels: null },
    { budget: NO_BUDGET },
    {},
    { rates: { rpm: null, tpm: 500 } },
    { rates: NO_RATE_LIMITS },
  ]
  const told: string[] = []
  let now = everything
  for (const change of mend) {
    const verdict = admit(now, askingOf(now, 9, 900))
    told.push(verdict.admitted ? 'admitted' : verdict.because)
    now = { ...now, key: { ...now.key, ...change } }
    if (told.length === 3) now = { ...now, owner }
    if (told.length === 6) now = { ...now, team }
  }
  const verdict = admit(now, askingOf(now, 9, 900))
  expect([...told, verdict.admitted]).toEqual([
    'key_revoked',
    'key_expired',
    'owner_suspended',
    'model_refused',
    'over_budget',
    'shaped',
    'requests_per_minute',
    'tokens_per_minute',
    true,
  ])
})

test('a model must be on both lists, and both lists may be absent', () => {
  const only = (...allowedModels: string[]) => ({ allowedModels })
  expect(
    judged({ key: { ...key, ...only('claude-opus-5-5') }, team: { ...team, ...only('claude-opus-5-5') } }),
  ).toEqual({
    admitted: true,
  })
  expect(judged({ key: { ...key, ...only('claude-opus-5') } })).toMatchObject({ because: 'model_refused', by: 'key' })
  expect(judged({ team: { ...team, ...only() } })).toMatchObject({ because: 'model_refused', by: 'team' })
})

test('L6, B6: of several budgets the strictest decides, whoever’s it is', () => {
  const owned = { ...owner, spendLimit: usd(1000) }
  const counters = [spent({ kind: 'user', id: 'u' }, 850), spent({ kind: 'team', id: 't' }, 100)]
  expect(judged({ owner: owned, team: { ...team, budget: budget(100) }, counters })).toMatchObject({
    because: 'over_budget',
    standing: { subject: { kind: 'team' }, percent: 100 },
  })
  expect(judged({ owner: owned, counters })).toEqual({ admitted: true })
})

test('a budget of zero means that nothing may be spent', () => {
  expect(judged({ owner: { ...owner, spendLimit: usd(0) } })).toMatchObject({ because: 'over_budget' })
  expect(
    judged({ team: { ...team, memberLimit: usd(0) }, ownersTeam: { ...team, memberLimit: usd(0) } }),
  ).toMatchObject({ because: 'over_budget' })
})

test('B29: the default is for people without a team, and a member of a team without one has none', () => {
  const settings = { ...NO_BUDGET_SETTINGS, usual: budget(10) }
  expect(judged({ settings, ...overspent })).toEqual({ admitted: true })
  expect(judged({ settings, ...overspent, ...teamless })).toMatchObject({
    because: 'over_budget',
    standing: { source: 'default' },
  })
})

test('a default that cannot be read refuses whom it concerns: people without a team, whoever pays, after caller and model', () => {
  const refused = { admitted: false, because: 'settings_unreadable' }
  const settings = UNREADABLE
  const limited = { ...teamless, owner: { ...teamless.owner, spendLimit: usd(100) } }
  expect(judged({ settings, ...teamless })).toEqual(refused)
  expect(judged({ settings, ...teamless, team, key: { ...key, teamId: 't' } })).toEqual(refused)
  // A limit of their own is enforced by the policy of the default.
  expect(judged({ settings, ...limited })).toEqual(refused)
  expect(judged({ settings, ...limited, ...revoked })).toMatchObject({ because: 'key_revoked' })
  expect(judged({ settings, ...teamless, key: { ...key, ...wrongModel } })).toMatchObject({ because: 'model_refused' })
  expect(judged({ settings })).toEqual({ admitted: true })
  expect(judged({ settings, key: { ...key, userId: null }, owner: null, team: null, ownersTeam: null })).toEqual({
    admitted: true,
  })
  expect(
    judged({ settings, key: { ...key, budget: budget(1) }, counters: [spent({ kind: 'key', id: 'k' }, 1)] }),
  ).toMatchObject({
    because: 'over_budget',
  })
  expect(admitForFree({ ...ALLOWANCE, settings, ...teamless }, AT)).toEqual({ admitted: true })
})

test('L27: a key without owner is held to its team’s budget', () => {
  const counters = [spent({ kind: 'team', id: 't' }, 100)]
  expect(
    judged({
      key: { ...key, userId: null, teamId: 't' },
      owner: null,
      ownersTeam: null,
      team: { ...team, budget: budget(50) },
      counters,
    }),
  ).toMatchObject({ because: 'over_budget', standing: { subject: { kind: 'team', id: 't' } } })
})

test('what costs nothing is judged by caller and model alone', () => {
  const spentAll = { ...ALLOWANCE, ...overspent, owner: { ...owner, spendLimit: usd(1) } }
  expect(admitForFree(spentAll, AT, 'claude-opus-5-5')).toEqual({ admitted: true })
  expect(admitForFree({ ...ALLOWANCE, ...revoked }, AT)).toMatchObject({ because: 'key_revoked' })
  expect(admitForFree({ ...ALLOWANCE, key: { ...key, allowedModels: [] } }, AT, 'x')).toMatchObject({
    because: 'model_refused',
  })
})

test('a refusal says why, what to do, and when it may work again', () => {
  const faultOf = (change: Partial<Allowance>, form?: { budget: 402 | 429 }) => {
    const verdict = judged(change, 9, 900)
    return verdict.admitted ? expect.unreachable() : refusalOf(verdict, AT, form)
  }
  const overMonth = { ...overspent, owner: { ...owner, spendLimit: usd(50) } }
  expect(faultOf(overMonth)).toMatchObject({
    code: 'over_budget',
    message:
      'Budget limit exceeded ($100.00 / $50.00): your monthly budget is used up. Resets at 2026-12-01T00:00:00Z. Ask the administrator of this gateway.',
    retryAfterSeconds: (Date.UTC(2026, 11, 1) - AT) / 1000,
  })
  expect(faultOf(overMonth, { budget: 429 })).toMatchObject({ code: 'spend_limit_exceeded' })
  expect(faultOf({ key: { ...key, rates: { rpm: 5, tpm: null } } })).toMatchObject({
    code: 'rate_limited',
    message: expect.stringMatching(
      /^Rate limit of 5 requests a minute reached for this API key\. Try again in \d+ seconds\.$/,
    ),
    retryAfterSeconds: expect.any(Number),
  })
  expect(faultOf(REASONS[6][1] as never)).toMatchObject({
    message: expect.stringContaining(
      'Your monthly budget is used up to 100 %, which slows requests down to 5 a minute.',
    ),
  })
  expect(faultOf({ ...teamless, settings: UNREADABLE })).toMatchObject({
    code: 'settings_unreadable',
    message: expect.stringContaining('An administrator has to set it again (PUT /admin/settings/default-budget)'),
  })
  expect(faultOf(revoked)).toMatchObject({ code: 'suspended', message: /has been revoked/ })
})
