import { randomUUID } from 'node:crypto'
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { budgetsOf, NO_BUDGET } from '../../../lambdas/budgets/budget.ts'
import { budgetEventId } from '../../../lambdas/notifications/event.ts'
import { openEventWriter } from '../../../lambdas/notifications/event-writer.store.ts'
import { addMs, type Instant, instant } from '../../../lambdas/platform/instant.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import { budgetSettingsKey } from '../../../lambdas/table/core-keys.ts'
import { startControl, type TestControl } from '../../support/control.ts'
import { spend } from '../../support/spend.ts'

let control: TestControl
let token: string
let memberToken: string

beforeAll(async () => {
  control = await startControl()
  token = (await control.person({ role: 'admin' })).token
  memberToken = (await control.person()).token
})
afterAll(() => control?.stop())

const put = (path: string, body: unknown, as = token) => control.ask('PUT', path, { token: as, body })
const get = (path: string, as = token) => control.ask('GET', path, { token: as })
const preview = async (body: unknown) => await control.ask('POST', '/admin/budget/preview', { token, body })
const status = async (as: { token: string }) => (await get('/admin/budget/status', as.token)).body

async function newTeam(name = `team-${randomUUID().slice(0, 8)}`): Promise<string> {
  return (await control.ask('POST', '/admin/teams', { token, body: { name } })).body.id
}
const teamRow = async (id: string) =>
  (await get('/admin/teams')).body.teams.find((one: { id: string }) => one.id === id)
const overviewRow = async (id: string) =>
  (await get('/admin/analytics/overview')).body.teams.find((one: { team_id: string }) => one.team_id === id)

const spent = (of: { userId?: string; teamId?: string | null; keyId?: string; usd: number; at?: Instant }) =>
  spend(control.documents, control.tables.usage, { at: control.now(), ...of })

const setTeam = (id: string, body: Record<string, unknown>) => put(`/admin/teams/${id}/budget`, body)
const setDefault = (body: Record<string, unknown>) => put('/admin/settings/default-budget', body)

const NOBODY = '00000000-0000-4000-8000-00000000dead'

const STANDARD = [
  { at_percent: 80, action: 'notify' },
  { at_percent: 100, action: 'block' },
]

describe('the budget of a team', () => {
  test('L13, budgets B14: a preset is stored as its rules, and an amount to the cent', async () => {
    const id = await newTeam()
    const answer = await setTeam(id, {
      budget_amount_usd: 1000.01,
      budget_period: 'monthly',
      budget_policy: 'standard',
    })
    expect(answer).toMatchObject({ status: 200, body: { updated: true, rev: 1 } })
    expect(await teamRow(id)).toMatchObject({
      budget_amount_usd: 1000.01,
      budget_period: 'monthly',
      budget_policy: STANDARD,
      default_user_budget_usd: null,
      notify_recipients: 'both',
    })
  })

  test('L13, budgets B15: rules of one’s own, and all the rest', async () => {
    const id = await newTeam()
    const budget = {
      budget_amount_usd: 500,
      budget_period: 'weekly',
      budget_policy: [
        { at_percent: 50, action: 'notify' },
        { at_percent: 90, action: 'shape', shaped_rpm: 3 },
        { at_percent: 120, action: 'block' },
      ],
      default_user_budget_usd: 75,
      notify_recipients: 'admin',
    }
    expect((await setTeam(id, budget)).status).toBe(200)
    expect(await teamRow(id)).toMatchObject(budget)
  })

  test('what is absent is taken away', async () => {
    const id = await newTeam()
    await setTeam(id, {
      budget_amount_usd: 5,
      budget_period: 'daily',
      budget_policy: 'soft',
      default_user_budget_usd: 1,
    })
    await setTeam(id, {})
    expect(await teamRow(id)).toMatchObject({
      budget_amount_usd: null,
      budget_period: 'monthly',
      budget_policy: null,
      default_user_budget_usd: null,
      notify_recipients: 'both',
    })
  })

  test.each([
    [{ budget_period: 'yearly' }, "budget_period must be 'daily', 'weekly', or 'monthly'"],
    [{ notify_recipients: 'team' }, "notify_recipients must be 'both', 'user', or 'admin'"],
    [
      { budget_policy: [STANDARD[1], STANDARD[0]] },
      'budget_policy.0.action: Block rule must be the last rule; budget_policy.1.at_percent: Rules must be in ascending order by at_percent',
    ],
    [
      { budget_policy: 'strict' },
      "budget_policy: Unknown preset. Use 'standard', 'soft', 'shaped', or provide custom rules.",
    ],
    [{ budget_policy: [] }, 'budget_policy: Policy must have at least one rule'],
    [
      { budget_policy: [{ at_percent: 9, action: 'shape' }] },
      'budget_policy.0.shaped_rpm: Rule 0 (at 9%): shape action requires shaped_rpm',
    ],
    [{ budget_policy: [{ at_percent: 9, action: 'block', rpm: 5 }] }, 'budget_policy.0: unknown member: rpm'],
    [{ budget_amount_usd: -1 }, 'budget_amount_usd: must not be negative'],
    [{ budget_amount_usd: 0.001 }, 'budget_amount_usd: must have at most 2 decimals'],
    [{ default_user_budget_usd: 1_000_001 }, 'default_user_budget_usd: must be at most 1,000,000'],
    [{ limit: 5 }, 'unknown member: limit'],
    [
      { budget_policy: 'strict', notify_recipients: 'x', budget_period: 'y' },
      "budget_period must be 'daily', 'weekly', or 'monthly'; notify_recipients must be 'both', 'user', or 'admin'; budget_policy: Unknown preset. Use 'standard', 'soft', 'shaped', or provide custom rules.",
    ],
  ])('L13, budgets B16: %j is refused, and it is said why', async (body, said) => {
    const id = await newTeam()
    const refused = await setTeam(id, body)
    expect(refused.status).toBe(400)
    expect(refused.body.error.message).toBe(said)
    expect((await overviewRow(id)).budget_rev).toBe(0)
  })

  test('of a team that is unknown it is 404, after what is wrong with the wish', async () => {
    expect((await setTeam(randomUUID(), {})).body.error.message).toBe('Team not found')
    expect((await setTeam(randomUUID(), { budget_period: 'x' })).status).toBe(400)
  })

  test('L13: a member may not', async () => {
    const id = await newTeam()
    expect((await put(`/admin/teams/${id}/budget`, {}, memberToken)).status).toBe(403)
  })

  test('over a revision that is not the last it is refused, and nothing is written', async () => {
    const id = await newTeam()
    expect((await setTeam(id, { budget_amount_usd: 1, rev: 0 })).body.rev).toBe(1)
    const stale = await setTeam(id, { budget_amount_usd: 2, rev: 0 })
    expect(stale.status).toBe(409)
    expect(stale.body.error.message).toMatch(/revision is 1 now$/)
    expect(await teamRow(id)).toMatchObject({ budget_amount_usd: 1 })
    expect((await setTeam(id, { budget_amount_usd: 2, rev: 1 })).body.rev).toBe(2)
  })

  test('of many who set it at once, each is written, and each is in the audit', async () => {
    const id = await newTeam()
    const answers = await Promise.all([1, 2, 3, 4].map((usd) => setTeam(id, { budget_amount_usd: usd })))
    expect(answers.map(({ body }) => body.rev).sort()).toEqual([1, 2, 3, 4])
    const last = answers.findIndex(({ body }) => body.rev === 4) + 1
    expect(await teamRow(id)).toMatchObject({ budget_amount_usd: last })
    const entries = await audit(`team:${id}`, 'team.budget_set')
    expect(entries.map(({ detail }) => detail.budget_amount_usd).sort()).toEqual([1, 2, 3, 4])
  })
})

interface Audited {
  readonly action: string
  readonly target: string
  readonly detail: Record<string, unknown>
}

async function audit(target: string, action: string): Promise<Audited[]> {
  const { Items = [] } = await control.documents.send(
    new QueryCommand({
      TableName: control.tables.events,
      KeyConditionExpression: 'PK = :month',
      ExpressionAttributeValues: { ':month': `AUDIT#${new Date(control.now()).toISOString().slice(0, 7)}` },
    }),
  )
  return (Items as unknown as Audited[]).filter((one) => one.target === target && one.action === action)
}

describe('the default budget', () => {
  let fresh: TestControl
  let admin: string
  beforeEach(async () => {
    fresh = await startControl()
    admin = (await fresh.person({ role: 'admin', teamId: 'somewhere' })).token
    return () => fresh.stop()
  })
  const ask = (method: string, body?: unknown) =>
    fresh.ask(method, '/admin/settings/default-budget', { token: admin, ...(body !== undefined && { body }) })

  test('L13, budgets B17: nothing is set at first', async () => {
    expect((await ask('GET')).body).toEqual({
      budget_amount_usd: null,
      budget_period: 'monthly',
      budget_policy: null,
      notify_recipients: 'both',
      affected_user_count: 0,
      refusal_status: 402,
      rev: 0,
    })
  })

  test('L13, budgets B18: each preset comes back as its rules', async () => {
    const policyAfter = async (preset: string) => {
      expect((await ask('PUT', { budget_amount_usd: 50, budget_policy: preset })).body.updated).toBe(true)
      return (await ask('GET')).body.budget_policy
    }
    expect(await policyAfter('standard')).toEqual(STANDARD)
    expect(await policyAfter('soft')).toEqual([
      { at_percent: 80, action: 'notify' },
      { at_percent: 100, action: 'notify' },
      { at_percent: 150, action: 'block' },
    ])
    expect(await policyAfter('shaped')).toContainEqual({ at_percent: 100, action: 'shape', shaped_rpm: 5 })
  })

  test('budgets B19: an unknown preset and a block before a notice are refused', async () => {
    expect((await ask('PUT', { budget_policy: 'none' })).status).toBe(400)
    expect((await ask('PUT', { budget_policy: [...STANDARD].reverse() })).status).toBe(400)
    expect((await ask('GET')).body.rev).toBe(0)
  })

  test('budgets B20: it is cleared with null', async () => {
    await ask('PUT', { budget_amount_usd: 50 })
    await ask('PUT', { budget_amount_usd: null })
    expect((await ask('GET')).body.budget_amount_usd).toBeNull()
  })

  test('budgets B21: it tells how many have no team', async () => {
    for (const teamId of [null, null, null, 'red', 'blue']) await fresh.person({ teamId })
    expect((await ask('GET')).body.affected_user_count).toBe(3)
  })

  test('L13, budgets B22: a member may neither read nor set it', async () => {
    const { token: member } = await fresh.person()
    const path = '/admin/settings/default-budget'
    expect((await fresh.ask('GET', path, { token: member })).status).toBe(403)
    expect((await fresh.ask('PUT', path, { token: member, body: {} })).status).toBe(403)
  })

  test('how a spent budget is told stays as it is until it is named', async () => {
    await ask('PUT', { refusal_status: 429 })
    await ask('PUT', { budget_amount_usd: 5 })
    expect((await ask('GET')).body).toMatchObject({ refusal_status: 429, budget_amount_usd: 5, rev: 2 })
    expect((await ask('PUT', { refusal_status: 500 })).status).toBe(400)
    expect((await ask('PUT', { budget_amount_usd: 6, rev: 1 })).status).toBe(409)
  })
})

describe('a default budget that a newer version wrote', () => {
  let fresh: TestControl
  beforeEach(async () => {
    fresh = await startControl()
    await fresh.put({ ...budgetSettingsKey, budget_period: 'hourly', refusal_status: 418, rev: 3 })
    return () => fresh.stop()
  })
  const DEFAULT = '/admin/settings/default-budget'
  const statusFor = async (teamId: string | null, path: string) => {
    const { token } = await fresh.person({ role: 'admin', teamId })
    return await fresh.ask('GET', path, { token })
  }

  test('is told to whoever needs it, with what to do, and not to a member of a team', async () => {
    for (const path of [DEFAULT, '/admin/budget/status', '/admin/budgets/effective', '/admin/users']) {
      const { status, body } = await statusFor(null, path)
      expect([path, status]).toEqual([path, 503])
      expect(body.error.message).toContain(`An administrator has to set it again (PUT ${DEFAULT})`)
    }
    const { body: made } = await fresh.ask('POST', '/admin/teams', {
      token: (await fresh.person({ role: 'admin' })).token,
      body: { name: 'Red' },
    })
    expect((await statusFor(made.id, '/admin/budget/status')).status).toBe(200)
  })

  test('is mended by setting it again', async () => {
    const { token } = await fresh.person({ role: 'admin' })
    const set = await fresh.ask('PUT', DEFAULT, { token, body: { budget_amount_usd: 5 } })
    expect([set.status, set.body.rev]).toEqual([200, 4])
    expect((await fresh.ask('GET', DEFAULT, { token })).body).toMatchObject({
      budget_amount_usd: 5,
      budget_period: 'monthly',
      refusal_status: 402,
    })
  })
})

describe('how the budgets of the caller stand', () => {
  test('a team member without a limit of their own has that of the team, in its period and by its policy', async () => {
    const teamId = await newTeam()
    await setTeam(teamId, {
      budget_amount_usd: 100,
      default_user_budget_usd: 50,
      budget_period: 'weekly',
      budget_policy: 'soft',
    })
    const { name } = await teamRow(teamId)
    const person = await control.person({ teamId })
    await spent({ userId: person.id, teamId, usd: 12.34 })
    expect(await status(person)).toEqual({
      user: person.email,
      period: 'weekly',
      period_start: '2026-11-23T00:00:00.000Z',
      resets_at: '2026-11-30T00:00:00.000Z',
      spend_usd: 12.34,
      limit_usd: 50,
      percent: 24.7,
      limit_source: 'team',
      limit_source_name: name,
      policy: [
        { at_percent: 80, action: 'notify' },
        { at_percent: 100, action: 'notify' },
        { at_percent: 150, action: 'block' },
      ],
      status: 'ok',
      decided_by: 'user',
      team: {
        id: teamId,
        name,
        budget_amount_usd: 100,
        budget_period: 'weekly',
        spend_usd: 12.34,
        percent: 12.3,
        status: 'ok',
        resets_at: '2026-11-30T00:00:00.000Z',
        policy: expect.any(Array),
      },
      keys: [],
      recent_events: [],
      unpriced_tokens: 0,
    })
  })

  test('budgets B24: what happened to one’s budget is there, and what happened to others’ is not', async () => {
    const [me, other] = [await control.person(), await control.person()]
    const writer = openEventWriter(control.documents, control.tables.events)
    for (const [person, thresholdPercent] of [
      [me, 80],
      [me, 100],
      [other, 80],
    ] as const) {
      const detail = {
        thresholdPercent,
        spend: nanoUsd(41_200_000_000),
        limit: nanoUsd(50_000_000_000),
        percent: 82.4,
        period: 'weekly' as const,
        periodStart: control.now(),
      }
      const who = {
        userId: person.id,
        userEmail: person.email,
        keyId: null,
        keyName: null,
        teamId: null,
        teamName: null,
      }
      const rule = { at_percent: thresholdPercent, action: 'notify' } as const
      const id = budgetEventId({ kind: 'user', id: person.id }, 'weekly', control.now(), detail.limit, rule)
      await writer.write({ ...who, id, type: 'notify', detail, createdAt: control.now() })
    }
    const { body } = await control.ask('GET', '/admin/budget/status', { token: me.token })
    expect(body.recent_events).toHaveLength(2)
    expect(body.recent_events[0]).toMatchObject({
      user_identity: me.email,
      event_type: 'notify',
      spend_usd: 41.2,
      limit_usd: 50,
      delivered_at: null,
    })
  })

  test('budgets B29: without one for each member there is none, even where there is a default: that is for people without a team', async () => {
    const teamId = await newTeam()
    await setTeam(teamId, { budget_policy: 'shaped' })
    await setDefault({ budget_amount_usd: 10 })
    const [member, loner] = [await control.person({ teamId }), await control.person()]
    await spent({ userId: member.id, teamId, usd: 11 })
    await spent({ userId: loner.id, usd: 11 })
    expect(await status(member)).toMatchObject({
      limit_usd: null,
      limit_source: 'unlimited',
      percent: null,
      policy: null,
      status: 'ok',
      spend_usd: 11,
    })
    expect(await status(loner)).toMatchObject({
      limit_usd: 10,
      limit_source: 'default',
      percent: 110,
      status: 'blocked',
    })
    // And so says the resolver by which requests are judged.
    const usual = { limit: nanoUsd(10_000_000_000), period: 'monthly', rules: null } as const
    const team = { id: teamId, budget: { ...NO_BUDGET }, memberLimit: null }
    const user = { id: member.id, limit: null, period: 'monthly' } as const
    expect(budgetsOf({ key: null, user, usersTeam: team, payingTeam: team, usual })).toEqual([])
    await setDefault({})
  })

  test('a limit of one’s own wins; in a team it is enforced by the policy of the team', async () => {
    const teamId = await newTeam()
    await setTeam(teamId, { default_user_budget_usd: 50, budget_policy: 'shaped' })
    const person = await control.person({ teamId, spendLimit: nanoUsd(20_000_000_000), budgetPeriod: 'daily' })
    await spent({ userId: person.id, teamId, usd: 21, at: addMs(control.now(), -86_400_000) })
    await spent({ userId: person.id, teamId, usd: 20.5 })
    expect(await status(person)).toMatchObject({
      limit_usd: 20,
      limit_source: 'explicit',
      limit_source_name: null,
      period: 'daily',
      spend_usd: 20.5,
      percent: 102.5,
      status: 'shaped',
      resets_at: '2026-11-25T00:00:00.000Z',
    })
  })

  test('what the team has spent decides where it is the stricter', async () => {
    const teamId = await newTeam()
    await setTeam(teamId, { budget_amount_usd: 10, default_user_budget_usd: 50 })
    const [busy, idle] = [await control.person({ teamId }), await control.person({ teamId })]
    await spent({ userId: busy.id, teamId, usd: 10 })
    expect(await status(idle)).toMatchObject({
      spend_usd: 0,
      status: 'blocked',
      decided_by: 'team',
      team: { status: 'blocked', percent: 100 },
    })
  })

  test('a limit of zero lets nothing be spent', async () => {
    const teamId = await newTeam()
    await setTeam(teamId, { default_user_budget_usd: 0 })
    const person = await control.person({ teamId })
    expect(await status(person)).toMatchObject({ limit_usd: 0, percent: 100, status: 'blocked', decided_by: 'user' })
  })

  test('a key with a budget has its own line', async () => {
    const person = await control.person()
    const key = await control.ask('POST', '/admin/keys', { token: person.token, body: { name: 'nightly' } })
    expect((await status(person)).keys).toEqual([])
    const { Items: [item] = [] } = await control.documents.send(
      new QueryCommand({
        TableName: control.tables.core,
        IndexName: 'GSI3',
        KeyConditionExpression: 'GSI3PK = :keys',
        ExpressionAttributeValues: { ':keys': `USER#${person.id}#KEYS` },
      }),
    )
    await control.put({ ...item, budget_nano: 2_000_000_000, budget_period: 'daily', budget_policy: null })
    await spent({ keyId: key.body.id, usd: 1.8 })
    expect((await status(person)).keys).toEqual([
      {
        id: key.body.id,
        name: 'nightly',
        prefix: key.body.prefix,
        limit_usd: 2,
        period: 'daily',
        spend_usd: 1.8,
        percent: 90,
        status: 'warning',
        resets_at: '2026-11-25T00:00:00.000Z',
        policy: STANDARD,
      },
    ])
  })

  test('budgets B27: tokens without a price are told, of the period and of nobody else', async () => {
    const person = await control.person()
    const usage = { inputTokens: 400, outputTokens: 200, cacheReadTokens: 60, cacheWrite5mTokens: 40 }
    const ask = (unpriced: boolean, at: Instant = control.now()) =>
      spend(control.documents, control.tables.usage, {
        userId: person.id,
        usd: 1,
        at,
        unpriced,
        usage,
        model: unpriced ? 'unknown' : 'known',
      })
    await ask(false)
    expect((await status(person)).unpriced_tokens).toBe(0)
    await ask(true)
    await ask(true)
    await ask(true, instant(Date.UTC(2026, 9, 31, 23)))
    // The same model in the same hour, with a price by now.
    await spend(control.documents, control.tables.usage, {
      userId: person.id,
      usd: 1,
      at: control.now(),
      usage,
      model: 'unknown',
    })
    expect((await status(person)).unpriced_tokens).toBe(1400)
    expect((await status(await control.person())).unpriced_tokens).toBe(0)
  })
})

test('budgets B25: the overview tells every team with its members, keys, spending and all that its budget says', async () => {
  const [red, blue] = [await newTeam('Overview red'), await newTeam('Overview blue')]
  await setTeam(red, { budget_amount_usd: 100, budget_policy: 'soft', notify_recipients: 'user' })
  await setTeam(blue, { budget_amount_usd: 40, budget_period: 'daily' })
  const [one] = [
    await control.person({ teamId: red }),
    await control.person({ teamId: red }),
    await control.person({ teamId: blue }),
  ]
  const key = await control.ask('POST', '/admin/keys', { token, body: { team_id: red, user_id: null } })
  await spent({ userId: one.id, teamId: red, usd: 80 })
  // A key without an owner counts for its team.
  await spent({ keyId: key.body.id, teamId: red, usd: 1.25 })
  expect(await overviewRow(red)).toEqual({
    team_id: red,
    team_name: 'Overview red',
    budget_amount_usd: 100,
    budget_period: 'monthly',
    budget_policy: expect.arrayContaining([{ at_percent: 150, action: 'block' }]),
    default_user_budget_usd: null,
    notify_recipients: 'user',
    routing_strategy: 'sticky_user',
    current_spend_usd: 81.25,
    percent: 81.3,
    resets_at: '2026-12-01T00:00:00.000Z',
    status: 'warning',
    user_count: 2,
    key_count: 1,
    budget_rev: 1,
  })
  expect(await overviewRow(blue)).toMatchObject({
    user_count: 1,
    key_count: 0,
    current_spend_usd: 0,
    percent: 0,
    budget_policy: null,
  })
  expect((await get('/admin/analytics/overview', memberToken)).status).toBe(403)
})

describe('who has which limit', () => {
  let fresh: TestControl
  let admin: string
  let red: string
  beforeAll(async () => {
    fresh = await startControl()
    admin = (await fresh.person({ role: 'admin', email: 'admin' })).token
    red = (await fresh.ask('POST', '/admin/teams', { token: admin, body: { name: 'Red' } })).body.id
    await fresh.ask('PUT', `/admin/teams/${red}/budget`, {
      token: admin,
      body: { budget_amount_usd: 100, default_user_budget_usd: 20, budget_period: 'weekly' },
    })
    await fresh.ask('PUT', '/admin/settings/default-budget', { token: admin, body: { budget_amount_usd: 50 } })
    const people = await Promise.all(
      Array.from({ length: 120 }, (_, i) =>
        fresh.person({ email: `p${String(i).padStart(3, '0')}@x.test`, teamId: i < 60 ? red : null }),
      ),
    )
    for (const [place, usd] of [
      [0, 21],
      [1, 4],
      [60, 45],
    ] as const) {
      const person = people[place]
      await spend(fresh.documents, fresh.tables.usage, {
        userId: person?.id ?? '',
        teamId: person?.teamId ?? null,
        usd,
        at: fresh.now(),
      })
    }
    await fresh.person({ email: 'gone@x.test', active: false })
  })
  afterAll(() => fresh?.stop())
  const list = async (query = '') => (await fresh.ask('GET', `/admin/budgets/effective${query}`, { token: admin })).body

  test('everybody is there once: limit, whose word it is, spending, and what comes of it', async () => {
    const { budgets, matching, total, next_cursor } = await list()
    // 120 people, the administrator, one team; whoever is suspended is left out.
    expect([budgets.length, matching, total, next_cursor]).toEqual([122, 122, 122, null])
    expect(budgets[0]).toEqual({
      scope: 'user',
      id: expect.any(String),
      name: 'p000@x.test',
      display_name: null,
      team_id: red,
      team_name: 'Red',
      limit_usd: 20,
      period: 'weekly',
      period_start: '2026-11-23T00:00:00.000Z',
      resets_at: '2026-11-30T00:00:00.000Z',
      limit_source: 'team',
      policy: STANDARD,
      spend_usd: 21,
      percent: 105,
      // 36.5 of 168 hours have passed.
      projected_usd: 96.657534247,
      status: 'blocked',
      decided_by: 'user',
    })
    expect(budgets[1]).toMatchObject({
      name: 'p060@x.test',
      limit_source: 'default',
      limit_usd: 50,
      percent: 90,
      status: 'warning',
    })
    expect(budgets.find((one: { scope: string }) => one.scope === 'team')).toMatchObject({
      name: 'Red',
      spend_usd: 25,
      percent: 25,
    })
  })

  test('page by page it is the same list, and a cursor is good for its own query only', async () => {
    const whole = (await list()).budgets.map(({ id }: { id: string }) => id)
    const seen: string[] = []
    let cursor = ''
    do {
      const page = await list(`?limit=50${cursor && `&cursor=${cursor}`}`)
      seen.push(...page.budgets.map(({ id }: { id: string }) => id))
      cursor = page.next_cursor ?? ''
    } while (cursor !== '')
    expect(seen).toEqual(whole)
    const { next_cursor } = await list('?limit=1')
    expect(
      (await fresh.ask('GET', `/admin/budgets/effective?limit=1&sort=name&cursor=${next_cursor}`, { token: admin }))
        .status,
    ).toBe(400)
  })

  test('it is found by name, team, kind and state', async () => {
    expect((await list('?q=P06')).matching).toBe(10)
    expect((await list('?q=red')).matching).toBe(61)
    expect((await list('?scope=team')).budgets).toHaveLength(1)
    expect((await list(`?scope=user&team_id=${red}`)).matching).toBe(60)
    expect((await list('?status=blocked')).budgets.map(({ name }: { name: string }) => name)).toEqual(['p000@x.test'])
    expect((await list('?sort=name&order=asc&limit=2')).budgets.map(({ name }: { name: string }) => name)).toEqual([
      'admin',
      'p000@x.test',
    ])
  })

  test('a member may not see it', async () => {
    const { token: member } = await fresh.person({ email: 'zz@x.test' })
    expect((await fresh.ask('GET', '/admin/budgets/effective', { token: member })).status).toBe(403)
  })
})

describe('a budget is tried', () => {
  test('on a team: who would be warned, slowed down and blocked, by name; and nothing is changed', async () => {
    const teamId = await newTeam('Platform')
    const [ada, bob, eve] = [
      await control.person({ teamId, email: 'ada@x.test' }),
      await control.person({ teamId, email: 'bob@x.test' }),
      await control.person({ teamId, email: 'eve@x.test', active: false }),
    ]
    await spent({ userId: ada.id, teamId, usd: 300 })
    await spent({ userId: bob.id, teamId, usd: 150 })
    await spent({ userId: eve.id, teamId, usd: 1 })
    const { status: code, body } = await preview({ scope: 'team', id: teamId, amount_usd: 400, policy: 'standard' })
    expect(code).toBe(200)
    expect(body).toMatchObject({
      rules: [
        { at_percent: 80, action: 'notify', amount_usd: 320 },
        { at_percent: 100, action: 'block', amount_usd: 400 },
      ],
      member_rules: [],
      period_start: '2026-11-01T00:00:00.000Z',
      resets_at: '2026-12-01T00:00:00.000Z',
      affected: 3,
      notified: { count: 0, new_count: 0, subjects: [] },
      shaped: { count: 0 },
      blocked: { count: 3, new_count: 3 },
    })
    expect(body.blocked.subjects[0]).toEqual({
      scope: 'team',
      id: teamId,
      name: 'Platform',
      decided_by: 'team',
      limit_usd: 400,
      spend_usd: 451,
      percent: 112.8,
      status: 'blocked',
      was: 'ok',
      is_new: true,
    })
    expect(body.own).toEqual(body.blocked.subjects[0])
    expect(body.blocked.subjects.map(({ name }: { name: string }) => name)).toEqual([
      'Platform',
      'ada@x.test',
      'bob@x.test',
    ])
    expect(body.unlimited).toMatchObject({ count: 2, new_count: 0 })
    expect(await overviewRow(teamId)).toMatchObject({ budget_amount_usd: null, budget_rev: 0 })
  })

  test('on a team: what each member may spend strikes them one by one, and keys without an owner by the team', async () => {
    const teamId = await newTeam()
    const [ada, bob] = [
      await control.person({ teamId, email: 'ada@y.test' }),
      await control.person({ teamId, email: 'bob@y.test' }),
    ]
    await control.ask('POST', '/admin/keys', { token, body: { team_id: teamId, user_id: null, name: 'nightly' } })
    await spent({ userId: ada.id, teamId, usd: 9 })
    await spent({ userId: bob.id, teamId, usd: 8 })
    const each = (
      await preview({
        scope: 'team',
        id: teamId,
        default_user_budget_usd: 9,
        policy: [{ at_percent: 80, action: 'shape', shaped_rpm: 2 }, STANDARD[1]],
      })
    ).body
    expect(each.member_rules).toEqual([
      { at_percent: 80, action: 'shape', shaped_rpm: 2, amount_usd: 7.2 },
      { at_percent: 100, action: 'block', amount_usd: 9 },
    ])
    expect(each.blocked.subjects.map(({ name }: { name: string }) => name)).toEqual(['ada@y.test'])
    expect(each.shaped.subjects.map(({ name }: { name: string }) => name)).toEqual(['bob@y.test'])
    const all = (await preview({ scope: 'team', id: teamId, amount_usd: 0 })).body
    expect(all.blocked.subjects.map(({ name }: { name: string }) => name)).toContain('nightly')
    expect(all.blocked).toMatchObject({ count: 4, new_count: 4 })
  })

  test('who is blocked already is not counted as new, and who loses a limit is told', async () => {
    const teamId = await newTeam()
    const ada = await control.person({ teamId })
    await setTeam(teamId, { default_user_budget_usd: 5 })
    await spent({ userId: ada.id, teamId, usd: 6 })
    expect((await preview({ scope: 'team', id: teamId, default_user_budget_usd: 4 })).body.blocked).toMatchObject({
      count: 1,
      new_count: 0,
    })
    expect((await preview({ scope: 'team', id: teamId })).body).toMatchObject({
      blocked: { count: 0 },
      unlimited: { count: 2, new_count: 1, subjects: [{ name: ada.email, is_new: true }, { scope: 'team' }] },
    })
  })

  test('as the default: on people without a team alone', async () => {
    const [loner, member] = [await control.person(), await control.person({ teamId: await newTeam() })]
    await spent({ userId: loner.id, usd: 7777 })
    await spent({ userId: member.id, teamId: member.teamId, usd: 8888 })
    const { body } = await preview({ scope: 'default', amount_usd: 7000 })
    expect(body.own).toBeNull()
    expect(body.blocked.subjects).toEqual([expect.objectContaining({ name: loner.email, is_new: true })])
  })

  test('on a person: enforced by the policy of their team', async () => {
    const teamId = await newTeam()
    await setTeam(teamId, { budget_policy: 'soft' })
    const person = await control.person({ teamId })
    await spent({ userId: person.id, teamId, usd: 12 })
    const { body } = await preview({
      scope: 'user',
      id: person.id,
      amount_usd: 10,
      period: 'daily',
      policy: 'standard',
    })
    expect(body).toMatchObject({ affected: 1, blocked: { count: 0 }, notified: { count: 1, new_count: 1 } })
    expect(body.own).toMatchObject({ spend_usd: 12, percent: 120, status: 'warning', was: 'ok', is_new: true })
    expect(body.rules).toHaveLength(3)
  })

  test('on a key', async () => {
    const key = await control.ask('POST', '/admin/keys', { token, body: { user_id: null, name: 'batch' } })
    await spent({ keyId: key.body.id, usd: 3 })
    const { body } = await preview({ scope: 'key', id: key.body.id, amount_usd: 3 })
    expect(body.blocked.subjects).toEqual([expect.objectContaining({ scope: 'key', name: 'batch', decided_by: 'key' })])
  })

  test.each([
    [{ scope: 'team', amount_usd: 5 }, 400, 'id: is needed for a person, a team and a key, and for nothing else'],
    [{ scope: 'default', id: NOBODY }, 400, 'id: is needed for a person, a team and a key, and for nothing else'],
    [{ scope: 'team', id: NOBODY }, 404, 'Team not found'],
    [{ scope: 'user', id: NOBODY }, 404, 'User not found'],
    [{ scope: 'key', id: NOBODY }, 404, 'Key not found'],
    [{ scope: 'default', amount_usd: -5 }, 400, 'amount_usd: must not be negative'],
  ])('%j is %i', async (body, code, said) => {
    const refused = await preview(body)
    expect([refused.status, refused.body.error.message]).toEqual([code, said])
  })

  test('a member may not', async () => {
    expect(
      (await control.ask('POST', '/admin/budget/preview', { token: memberToken, body: { scope: 'default' } })).status,
    ).toBe(403)
  })
})
