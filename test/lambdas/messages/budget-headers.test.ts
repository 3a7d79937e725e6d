import { expect, test } from 'vitest'
import { PRESETS } from '../../../lambdas/budgets/policy.ts'
import { standingOf } from '../../../lambdas/budgets/standing.ts'
import { budgetHeaders, isGatewayProvider, unifiedHeaders } from '../../../lambdas/messages/budget-headers.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'

const AT = instant(Date.UTC(2026, 10, 27))
const RESET = Date.UTC(2026, 11, 1) / 1000
const usd = (amount: number) => nanoUsd(Math.round(amount * 1e9))
const standing = (spent: number, limit = 50) =>
  standingOf(
    {
      subject: { kind: 'team', id: 't' },
      budget: { limit: usd(limit), period: 'monthly', rules: PRESETS.soft },
      source: 'explicit',
    },
    usd(spent),
    AT,
  )

test('L14: how the budget stands that decides, with one decimal, two decimals, and never less than nothing', () => {
  expect(budgetHeaders(standing(41.2), false)).toEqual({
    'x-ccag-budget-status': 'warning',
    'x-ccag-budget-percent': '82.4',
    'x-ccag-budget-remaining-usd': '8.80',
    'x-ccag-budget-resets': '2026-12-01T00:00:00.000Z',
    'x-ccag-budget-scope': 'team',
  })
  expect(budgetHeaders(standing(60), false)['x-ccag-budget-remaining-usd']).toBe('0.00')
  expect(budgetHeaders(standing(1), true)).toMatchObject({
    'x-ccag-budget-status': 'blocked',
    'x-ccag-budget-remaining-usd': '0.00',
  })
  expect(budgetHeaders(standing(0, 0), true)['x-ccag-budget-percent']).toMatch(/^\d+\.\d$/)
})

const unified = (headers: Readonly<Record<string, string>>, name: string) =>
  headers[`anthropic-ratelimit-unified-${name}`]

test.each([
  [50, 'allowed', undefined, '0.67'],
  [56.25, 'allowed_warning', '0.75', '0.75'],
  [67.5, 'allowed_warning', '0.9', '0.90'],
  [74.99, 'allowed_warning', '0.9', '0.99'],
])('of a budget that blocks at $75, $%d spent is %s', (spent, status, threshold, utilization) => {
  const headers = unifiedHeaders(standing(spent), false)
  expect(unified(headers, 'status')).toBe(status)
  expect(unified(headers, 'overage-surpassed-threshold')).toBe(threshold)
  expect(unified(headers, 'overage-utilization')).toBe(utilization)
  expect(unified(headers, 'reset')).toBe(String(RESET))
})

test('a refusal makes no claim: the client would say it in words of its own', () => {
  expect(Object.keys(unifiedHeaders(standing(80), true)).sort()).toEqual(
    ['overage-disabled-reason', 'overage-period', 'reset', 'status'].map(
      (name) => `anthropic-ratelimit-unified-${name}`,
    ),
  )
})

test('Claude Code’s gateway provider is known by the flags it sends', () => {
  const headers = (beta: string, agent = 'claude-cli/2.1.331 (external, cli)') =>
    new Headers({ 'anthropic-beta': beta, 'user-agent': agent })
  expect(isGatewayProvider(headers('claude-code-20250219,tool-search-tool-2025-10-19'))).toBe(true)
  expect(isGatewayProvider(headers('claude-code-20250219,advanced-tool-use-2025-11-20'))).toBe(false)
  expect(isGatewayProvider(headers('tool-search-tool-2025-10-19', 'curl/8'))).toBe(false)
  expect(isGatewayProvider(new Headers())).toBe(false)
})
