import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OrgQuery } from '../../../contract/org-analytics.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { forecastOf } from '../../../lambdas/spend/forecast.ts'
import type { HourUse } from '../../../lambdas/spend/hour-use.ts'
import { activityTally } from '../../../lambdas/spend/org-activity.ts'
import { filterOf, passes } from '../../../lambdas/spend/org-filter.ts'
import { modelsTally } from '../../../lambdas/spend/org-models.ts'
import type { OrgNames } from '../../../lambdas/spend/org-names.ts'
import { kpiTally, overviewOf } from '../../../lambdas/spend/org-overview.ts'
import { spendTally } from '../../../lambdas/spend/org-spend.ts'
import { orgWindowOf } from '../../../lambdas/spend/org-window.ts'
import { usd } from '../../../lambdas/spend/usage-sums.ts'

const NAMES: OrgNames = {
  people: new Map([['u1', { email: 'a@example.com', displayName: 'A' }]]),
  teams: new Map([['t1', 'Red']]),
  endpoints: new Map([['e1', 'Home']]),
}

const use: fc.Arbitrary<HourUse> = fc.record({
  hour: fc.constantFrom('2026-11-02T00', '2026-11-02T23', '2026-11-08T12', '2026-11-09T00', '2026-11-10T23'),
  identity: fc.constantFrom('u1', 'u2', 'key:k'),
  model: fc.constantFrom('opus', 'haiku'),
  endpoint: fc.constantFrom('e1', 'e2'),
  team: fc.constantFrom('t1', 't2', null),
  requests: fc.integer({ min: 1, max: 1000 }),
  failed: fc.nat(3),
  unpriced: fc.nat(3),
  unpricedTokens: fc.nat(1000),
  inputTokens: fc.nat(1e9),
  outputTokens: fc.nat(1e9),
  cacheReadTokens: fc.nat(1e9),
  cacheWriteTokens: fc.nat(1e9),
  cost: fc.nat(1e9),
  saved: fc.nat(1e9),
  durationMs: fc.nat(1e6),
  toolCalls: fc.nat(50),
  durations: fc.constant(() => []),
})
const uses = fc.array(use, { maxLength: 30 })
const granularity = fc.constantFrom('hour', 'day', 'week')

const windowBy = (by: string) =>
  orgWindowOf(OrgQuery.parse({ from: '2026-11-02', to: '2026-11-10', granularity: by }), instant(Date.UTC(2026, 11)))

const kpisOf = (some: readonly HourUse[]) => {
  const tally = kpiTally()
  some.forEach(tally.add)
  return overviewOf(tally.kpis(), kpiTally().kpis())
}

/** Dollars as whole nano-dollars, so that sums are exact. */
const nano = (amounts: readonly { readonly cost_usd: number }[]) =>
  amounts.reduce((sum, { cost_usd }) => sum + Math.round(cost_usd * 1e9), 0)
const count = (rows: readonly { readonly request_count: number }[]) =>
  rows.reduce((sum, { request_count }) => sum + request_count, 0)

test('stretches, teams, people, models, endpoints and cells of the week each add up to the totals', () => {
  fc.assert(
    fc.property(uses, granularity, (some, by) => {
      const window = windowBy(by)
      const [spend, models, activity] = [spendTally(window, NAMES), modelsTally(window, NAMES), activityTally(window)]
      for (const one of some) for (const tally of [spend, models, activity]) tally.add(one)
      const totals = kpisOf(some)
      const rows = spend.rows()
      const { model_mix, endpoints, token_breakdown } = models.answer()
      const cost = nano([totals])
      for (const part of [rows.timeseries, rows.by_team, rows.by_user, rows.by_model, model_mix, endpoints])
        expect(nano(part)).toBe(cost)
      for (const part of [rows.by_team, rows.by_user, rows.by_model, model_mix, endpoints, activity.heatmap()])
        expect(count(part)).toBe(totals.requests)
      for (const person of rows.by_user) {
        expect(nano(person.teams)).toBe(nano([person]))
        expect(count(person.teams)).toBe(person.request_count)
      }
      expect(rows.by_user).toHaveLength(totals.unique_users)
      expect(token_breakdown.reduce((sum, row) => sum + row.cache_read_tokens, 0)).toBe(totals.cache_read_tokens)
      expect(endpoints.reduce((sum, row) => sum + row.error_count, 0)).toBe(totals.error_count)
    }),
  )
})

test('ten thousand hours of fifteen hundred dollars and a nano-dollar are told, each of them', () => {
  const window = windowBy('day')
  const [spend, models, kpis] = [spendTally(window, NAMES), modelsTally(window, NAMES), kpiTally()]
  const [any] = fc.sample(use, { numRuns: 1, seed: 1 })
  const one = { ...(any as HourUse), hour: '2026-11-03T09', cost: 1_500_000_000_001, saved: -1_500_000_000_001 }
  for (let place = 0; place < 10_000; place++) for (const tally of [spend, models, kpis]) tally.add(one)
  expect([spend.days().get('2026-11-03'), kpis.kpis().sums.saved]).toEqual([
    15_000_000_000_010_000n,
    -15_000_000_000_010_000n,
  ])
  const told = overviewOf(kpis.kpis(), kpiTally().kpis())
  expect([told.cost_usd, told.cache_savings_usd, told.cost_per_active_user_usd]).toEqual([
    15_000_000.00001, -15_000_000.00001, 15_000_000.00001,
  ])
  const { by_team, by_user, by_model, timeseries } = spend.rows()
  const { model_mix, endpoints } = models.answer()
  for (const [row] of [by_team, by_user, by_model, model_mix, endpoints]) expect(row?.cost_usd).toBe(15_000_000.00001)
  expect(Math.max(...timeseries.map(({ cost_usd }) => cost_usd))).toBe(15_000_000.00001)
  expect(forecastOf(spend.days(), 7).forecast).toHaveLength(1)
})

test('below nine million dollars every nano-dollar is told', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (nano) => {
      expect([usd(nano), usd(BigInt(nano))]).toEqual([nano / 1e9, nano / 1e9])
    }),
  )
})

const NUMBERS = ['requests', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'tool_calls', 'error_count'] as const

test.each([
  ['team', ['Red', 't2', '__none__']],
  ['user', ['A@Example.com', 'u2', 'key:k']],
  ['model', ['opus', 'haiku']],
  ['endpoint', ['Home', 'e2']],
])('the parts that a filter by %s makes add up to the whole, and together are the whole', (by, names) => {
  fc.assert(
    fc.property(uses, (some) => {
      const filtered = (value: string | string[]) => {
        const filter = filterOf({ [by]: value }, NAMES)
        return kpisOf(some.filter((one) => passes(filter, one)))
      }
      const whole = kpisOf(some)
      const parts = names.map(filtered)
      for (const number of NUMBERS) expect(parts.reduce((sum, part) => sum + part[number], 0)).toBe(whole[number])
      expect(nano(parts)).toBe(nano([whole]))
      expect(filtered(names)).toEqual(whole)
      expect(filtered(names.join(', '))).toEqual(whole)
    }),
  )
})

test('somebody is told under the team that paid last', () => {
  const spend = spendTally(windowBy('day'), NAMES)
  const [one] = fc.sample(use, { numRuns: 1, seed: 1 })
  for (const [hour, team] of [
    ['2026-11-03T09', 't1'],
    ['2026-11-02T09', null],
  ] as const)
    spend.add({ ...(one as HourUse), identity: 'u1', hour, team })
  expect(spend.rows().by_user).toMatchObject([
    { user_identity: 'a@example.com', display_name: 'A', team_name: 'Red', last_active: '2026-11-03T09:00:00.000Z' },
  ])
})
