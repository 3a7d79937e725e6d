import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountOf, projectedOf } from '../../../lambdas/budgets/accounts.ts'
import { type BudgetFacts, budgetsOf, NO_BUDGET } from '../../../lambdas/budgets/budget.ts'
import { PRESETS } from '../../../lambdas/budgets/policy.ts'
import { openSpending, type Spending } from '../../../lambdas/budgets/spending.store.ts'
import { decisive, spentIn, standingOf } from '../../../lambdas/budgets/standing.ts'
import { type Instant, instant } from '../../../lambdas/platform/instant.ts'
import { type NanoUsd, nanoUsd } from '../../../lambdas/platform/money.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { type CounterSubject, counterKey } from '../../../lambdas/table/usage-keys.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { spend } from '../../support/spend.ts'
import { createTables } from '../../support/tables.ts'

const at = (text: string): Instant => instant(Date.parse(text))
const dollars = (usd: number): NanoUsd => nanoUsd(Math.round(usd * 1e9))
const set = (usd: number, period: 'daily' | 'weekly' | 'monthly' = 'monthly') => ({
  limit: dollars(usd),
  period,
  rules: null,
})

let database: Database
let documents: Documents
let table: string
let spending: Spending

beforeAll(async () => {
  database = await startDatabase()
  documents = openDocuments({ endpoint: database.endpoint })
  table = (await createTables(database.endpoint)).usage
  spending = openSpending(documents, table)
})
afterAll(async () => {
  documents?.destroy()
  await database?.stop()
})

const user = (id: string): CounterSubject => ({ kind: 'user', id })
const team = (id: string): CounterSubject => ({ kind: 'team', id })
async function spentBy(subject: CounterSubject, period: 'daily' | 'weekly' | 'monthly', now: Instant) {
  const read = await spending.read([{ subject, period, shards: subject.kind === 'team' ? 8 : 1 }], now)
  return read(subject, period)
}

test('L10: somebody new has spent nothing; each has their own', async () => {
  const now = at('2026-11-24T10:00:00Z')
  expect(await spentBy(user('b10'), 'monthly', now)).toBe(0)
  await spend(documents, table, { userId: 'b10', usd: 1.5, at: now })
  expect(await spentBy(user('b10'), 'monthly', now)).toBe(dollars(1.5))
  expect(await spentBy(user('b10 other'), 'monthly', now)).toBe(0)
})

test('budgets B11: what a team has spent is the sum of its members, to the nano-dollar', async () => {
  const now = at('2026-11-24T10:00:00Z')
  await spend(documents, table, { userId: 'b11', teamId: 'b11', usd: 0.1, at: now })
  expect(await spentBy(team('b11'), 'monthly', now)).toBe(await spentBy(user('b11'), 'monthly', now))
  for (const usd of [0.2, 0.000000001, 3])
    await spend(documents, table, { userId: 'b11 two', teamId: 'b11', usd, at: now })
  expect(await spentBy(team('b11'), 'monthly', now)).toBe(dollars(3.300000001))
})

test('budgets B12: what was spent today is the same in the day and in the week, and yesterday is in the week alone', async () => {
  const now = at('2026-11-24T10:00:00Z')
  for (const usd of [1, 2]) await spend(documents, table, { userId: 'b12', usd, at: now })
  expect(await spentBy(user('b12'), 'daily', now)).toBe(await spentBy(user('b12'), 'weekly', now))
  await spend(documents, table, { userId: 'b12', usd: 4, at: at('2026-11-23T23:59:59Z') })
  expect(await spentBy(user('b12'), 'daily', now)).toBe(dollars(3))
  expect(await spentBy(user('b12'), 'weekly', now)).toBe(dollars(7))
})

test('a week that began in the month before is summed over both, and a month is not', async () => {
  const now = at('2026-12-02T10:00:00Z')
  await spend(documents, table, { userId: 'edge', teamId: 'edge', usd: 1, at: at('2026-11-30T10:00:00Z') })
  await spend(documents, table, { userId: 'edge', teamId: 'edge', usd: 2, at: now })
  for (const subject of [user('edge'), team('edge')]) {
    expect(await spentBy(subject, 'weekly', now)).toBe(dollars(3))
    expect(await spentBy(subject, 'monthly', now)).toBe(dollars(2))
    expect(await spentBy(subject, 'daily', now)).toBe(dollars(2))
  }
})

test('a hundred and more counters are read, each its own', async () => {
  const now = at('2026-11-24T10:00:00Z')
  await spend(documents, table, { userId: 'many 249', usd: 7, at: now })
  const subjects = Array.from({ length: 250 }, (_, place) => user(`many ${place}`))
  const read = await spending.read(
    subjects.map((subject) => ({ subject, period: 'daily', shards: 1 })),
    now,
  )
  expect(subjects.map((subject) => read(subject, 'daily')).filter((spent) => spent > 0)).toEqual([dollars(7)])
  expect(read(user('many 249'), 'daily')).toBe(dollars(7))
})

const FACTS: BudgetFacts = {
  key: { id: 'k', budget: set(1, 'daily') },
  user: { id: 'u', limit: dollars(5), period: 'weekly' },
  usersTeam: { id: 'own', budget: { ...set(50), rules: PRESETS.soft }, memberLimit: dollars(10) },
  payingTeam: { id: 'pays', budget: { ...set(80), rules: PRESETS.shaped }, memberLimit: dollars(20) },
  usual: set(3),
}
const told = (facts: Partial<BudgetFacts>) =>
  budgetsOf({ ...FACTS, ...facts }).map(({ subject, budget, source }) => [
    `${subject.kind} ${subject.id}`,
    budget.limit / 1e9,
    budget.period,
    source,
  ])

test.each<[string, Partial<BudgetFacts>, unknown[]]>([
  [
    'the key, the person and the team that pays',
    {},
    [
      ['key k', 1, 'daily', 'explicit'],
      ['user u', 5, 'weekly', 'explicit'],
      ['team pays', 80, 'monthly', 'explicit'],
    ],
  ],
  [
    'without a limit of their own, that of their team for each member',
    { key: null, user: { id: 'u', limit: null, period: 'daily' } },
    [
      ['user u', 10, 'monthly', 'team'],
      ['team pays', 80, 'monthly', 'explicit'],
    ],
  ],
  [
    'budgets B29: none where their team says none',
    {
      key: null,
      payingTeam: null,
      user: { id: 'u', limit: null, period: 'daily' },
      usersTeam: { id: 'own', budget: NO_BUDGET, memberLimit: null },
    },
    [],
  ],
  [
    'without a team, the default',
    { key: null, payingTeam: null, usersTeam: null, user: { id: 'u', limit: null, period: 'daily' } },
    [['user u', 3, 'monthly', 'default']],
  ],
  [
    'a key without an owner: its own and that of the team',
    { user: null, usersTeam: null },
    [
      ['key k', 1, 'daily', 'explicit'],
      ['team pays', 80, 'monthly', 'explicit'],
    ],
  ],
  ['nothing', { key: null, payingTeam: null, usersTeam: null, user: null }, []],
])('a request falls under %s', (_what, facts, expected) => {
  expect(told(facts)).toEqual(expected)
})

test('L6: of several budgets the strictest decides, and of equally strict ones that which is used up furthest', () => {
  const now = at('2026-11-24T10:00:00Z')
  const by = (spent: Record<string, number>) =>
    decisive(budgetsOf(FACTS).map((one) => standingOf(one, dollars(spent[one.subject.kind] ?? 0), now)))
  expect(by({ key: 0.9, user: 4.5, team: 79 })?.subject.kind).toBe('team')
  expect(by({ key: 0.9, user: 4.8, team: 10 })).toMatchObject({ subject: { kind: 'user' }, percent: 96 })
  expect(by({ key: 1, user: 4.9, team: 119 })).toMatchObject({
    subject: { kind: 'key' },
    decision: { action: 'block' },
  })
  expect(by({ key: 0.1, user: 4, team: 100 })).toMatchObject({
    subject: { kind: 'team' },
    decision: { action: 'shape' },
  })
})

test('what is going to be spent is told from a tenth of the period on', () => {
  const facts = { ...FACTS, key: null, payingTeam: null }
  const projected = (now: string) => {
    const account = accountOf({ subject: user('u'), facts, period: 'weekly' }, () => dollars(3), at(now))
    return projectedOf(account, at(now))
  }
  expect(projected('2026-11-23T16:00:00Z')).toBeNull()
  expect(projected('2026-11-24T00:00:00Z')).toBe(21)
  expect(projected('2026-11-26T12:00:00Z')).toBe(6)
})

test('ten thousand times fifteen hundred dollars, spread over the counters of a team, are told and projected', async () => {
  const now = at('2026-11-10T00:00:00Z')
  const counters = Array.from({ length: 4 }, (_, shard) => ({
    ...counterKey(team('huge'), now, shard),
    m_cost: 3_750_000 * 1e9,
  }))
  const subject = {
    subject: team('huge'),
    budget: { ...set(1_000_000), rules: PRESETS.standard },
    source: 'team' as const,
  }
  const spent = spentIn(counters, subject, now)
  expect(spent).toBe(Number.MAX_SAFE_INTEGER)
  expect(standingOf(subject, spent, now).decision.action).toBe('block')
  const month = { spent: dollars(3_000_000), start: at('2026-11-01T00:00:00Z'), resetsAt: at('2026-12-01T00:00:00Z') }
  expect(projectedOf(month, now)).toBe(10_000_000)
})
