import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FIRST_ENDPOINT_ID } from '../../../lambdas/endpoints/endpoint.ts'
import { addMs, instant } from '../../../lambdas/platform/instant.ts'
import { NO_USAGE } from '../../../lambdas/spend/usage.ts'
import { startControl, type TestControl, type TestPerson } from '../../support/control.ts'
import { packFrom, team, use } from '../../support/org-usage.ts'

/** Whatever came; each test says what it expects. */
type Told = Awaited<ReturnType<TestControl['ask']>>['body']

/** A day of its own for each of these tests would be read by the others; each has an organisation of its own. */
async function organisation() {
  const control = await startControl()
  const admin = await control.person({ role: 'admin', email: 'admin@example.com' })
  const ask = async (path: string) => {
    const answer = await control.ask('GET', `/admin/analytics/${path}`, { token: admin.token })
    expect([path, answer.status, answer.status === 200 ? '' : answer.body]).toEqual([path, 200, ''])
    return answer.body
  }
  return { control, admin, ask }
}

const HOUR_MS = 3_600_000
const WINDOW = 'from=2026-11-23&to=2026-11-24'

describe('an organisation of two teams', () => {
  let control: TestControl
  let ask: (path: string) => Promise<Told>
  let ann: TestPerson
  let bob: TestPerson
  let red: string
  let blue: string
  beforeAll(async () => {
    ;({ control, ask } = await organisation())
    ;[red, blue] = [await team(control, 'Red, hot', { budget_nano: 5_000_000_000 }), await team(control, 'Blue')]
    ann = await control.person({ email: 'Ann@example.com', displayName: 'Ann', teamId: red })
    bob = await control.person({ email: 'bob@example.com', teamId: blue })
    const read = { ...NO_USAGE, inputTokens: 100, outputTokens: 20, cacheReadTokens: 300, cacheWrite1hTokens: 7 }
    await use(control, '2026-11-22T23:59:00Z', { user: ann.id, team: red })
    await use(control, '2026-11-23T00:10:00Z', { user: ann.id, team: red, usage: read, savedNano: 5, durationMs: 900 })
    await use(control, '2026-11-23T09:10:00Z', { user: ann.id, team: blue, model: 'claude-haiku-5', tools: ['Bash'] })
    await use(control, '2026-11-23T09:20:00Z', { user: ann.id, team: red, endpoint: 'gone', status: 'failed' })
    await use(control, '2026-11-24T10:00:00Z', {
      user: bob.id,
      team: blue,
      tools: ['mcp__git_hub__list', 'Bash', 'Bash'],
    })
    await use(control, '2026-11-24T11:00:00Z', { user: null, keyId: 'pipeline', unpriced: true, model: 'claude-new-9' })
    await use(control, '2026-11-24T12:00:00Z', { user: 'left-long-ago', status: 'refused' })
    await use(control, '2026-11-25T00:00:00Z', { user: bob.id, team: blue })
  })
  afterAll(() => control.stop())

  test('the overview adds up the window and nothing beside it, and tells the window before', async () => {
    const { overview, window } = await ask(`org/overview?${WINDOW}`)
    expect(window).toEqual({
      from: '2026-11-23T00:00:00.000Z',
      to: '2026-11-25T00:00:00.000Z',
      prior_from: '2026-11-21T00:00:00.000Z',
      days: 2,
      granularity: 'hour',
    })
    expect(overview).toEqual({
      requests: 5,
      unique_users: 3,
      cost_usd: 0.1,
      input_tokens: 500,
      output_tokens: 100,
      cache_read_tokens: 300,
      cache_write_tokens: 7,
      cache_hit_rate_pct: 37.5,
      cache_savings_usd: 5e-9,
      cost_per_active_user_usd: 0.033333333,
      avg_duration_ms: 260,
      tool_calls: 4,
      error_count: 1,
      prior_requests: 1,
      prior_unique_users: 1,
      prior_cost_usd: 0.02,
      prior_input_tokens: 100,
      prior_output_tokens: 20,
      prior_cache_read_tokens: 0,
      prior_cache_write_tokens: 0,
      prior_cache_hit_rate_pct: 0,
      prior_cache_savings_usd: 0,
      prior_cost_per_active_user_usd: 0.02,
      prior_avg_duration_ms: 100,
      prior_tool_calls: 0,
      prior_error_count: 0,
    })
  })

  test('N12: rows after `to` are left out, and the window before is filtered the same way', async () => {
    const of = async (filter: string, window = WINDOW) => {
      const { overview } = await ask(`org/overview?${window}&${filter}`)
      return [overview.requests, overview.prior_requests]
    }
    expect(await of('user=bob@example.com')).toEqual([1, 0])
    expect(await of('user=ann@example.com')).toEqual([3, 1])
    expect(await of('team=Blue')).toEqual([2, 0])
    expect(await of('', 'from=2026-11-23&to=2026-11-23T09:00:00Z')).toEqual([1, 1])
  })

  test('N4: filters are names, one or many, once or again, and all of them hold', async () => {
    const of = async (filter: string) => (await ask(`org/overview?${WINDOW}&${filter}`)).overview.requests
    expect(await of('')).toBe(5)
    expect(await of('team=&user=&model=&endpoint=')).toBe(5)
    expect(await of('team=Red, hot')).toBe(2)
    expect(await of('team=Red, hot&team=Blue')).toBe(4)
    expect(await of('team=__none__')).toBe(1)
    expect(await of('team=__none__,Blue')).toBe(3)
    expect(await of(`user=${ann.id}, bob@example.com`)).toBe(4)
    expect(await of('user=key:pipeline')).toBe(1)
    expect(await of('model=claude-haiku-5,claude-new-9')).toBe(2)
    expect(await of('endpoint=Default')).toBe(4)
    expect(await of('endpoint=gone')).toBe(1)
    expect(await of('team=Red, hot&user=ann@example.com&model=claude-sonnet-5-5&endpoint=Default')).toBe(1)
    expect(await of("team=' OR 1=1")).toBe(0)
    expect(await of('user=nobody@example.com')).toBe(0)
  })

  test('N4: what can be filtered by is told whatever the filter', async () => {
    const { filters } = await ask(`org/overview?${WINDOW}&user=bob@example.com`)
    expect(filters).toEqual({
      teams: ['Blue', 'Red, hot', '__none__'],
      users: ['Ann@example.com', 'admin@example.com', 'bob@example.com', 'key:pipeline'],
      models: ['claude-haiku-5', 'claude-new-9', 'claude-sonnet-5-5'],
      endpoints: ['Default', 'gone'],
      projects: [],
    })
  })

  test('N6: what had no price is told by model, in requests and tokens', async () => {
    expect((await ask(`org/overview?${WINDOW}`)).unpriced).toEqual({
      requests: 1,
      tokens: 120,
      models: [{ model: 'claude-new-9', requests: 1, tokens: 120 }],
    })
  })

  test('N5: where everything had a price, nothing is told', async () => {
    expect((await ask(`org/overview?${WINDOW}&model=claude-haiku-5`)).unpriced).toEqual({
      requests: 0,
      tokens: 0,
      models: [],
    })
  })

  test('spending is put down to the team that paid, also within the hour in which somebody changed team', async () => {
    const spend = await ask(`org/spend?${WINDOW}`)
    expect(spend.by_team).toEqual([
      { team_id: blue, team_name: 'Blue', cost_usd: 0.04, request_count: 2 },
      { team_id: red, team_name: 'Red, hot', cost_usd: 0.04, request_count: 2 },
      { team_id: null, team_name: '__none__', cost_usd: 0.02, request_count: 1 },
    ])
    expect(spend.by_user[0]).toMatchObject({
      user_identity: 'Ann@example.com',
      identity: ann.id,
      display_name: 'Ann',
      cost_usd: 0.06,
      request_count: 3,
      total_tokens: 667,
      last_active: '2026-11-23T09:00:00.000Z',
      teams: [
        { team_name: 'Red, hot', cost_usd: 0.04, request_count: 2 },
        { team_name: 'Blue', cost_usd: 0.02, request_count: 1 },
      ],
    })
    expect(spend.by_user.map((row: Told) => [row.user_identity, row.team_name])).toEqual([
      ['Ann@example.com', 'Red, hot'],
      ['bob@example.com', 'Blue'],
      ['key:pipeline', '__none__'],
    ])
    expect(spend.by_model[0]).toEqual({ model: 'claude-sonnet-5-5', cost_usd: 0.06, request_count: 3 })
    expect(spend.timeseries).toHaveLength(3 * 48)
    const spent = spend.timeseries.filter((one: Told) => one.cost_usd > 0)
    expect(spent.map((one: Told) => [one.team_name, one.bucket, one.bucket_end, one.cost_usd])).toEqual([
      ['Blue', '2026-11-23T09:00:00.000Z', '2026-11-23T10:00:00.000Z', 0.02],
      ['Blue', '2026-11-24T10:00:00.000Z', '2026-11-24T11:00:00.000Z', 0.02],
      ['Red, hot', '2026-11-23T00:00:00.000Z', '2026-11-23T01:00:00.000Z', 0.02],
      ['Red, hot', '2026-11-23T09:00:00.000Z', '2026-11-23T10:00:00.000Z', 0.02],
      ['__none__', '2026-11-24T11:00:00.000Z', '2026-11-24T12:00:00.000Z', 0.02],
    ])
  })

  test('teams with a budget are told with what they spent in its period, whatever the filter', async () => {
    const { budget_status } = await ask(`org/spend?${WINDOW}&team=Blue`)
    expect(budget_status).toEqual([
      { team_id: red, team_name: 'Red, hot', budget_usd: 5, spent_usd: 0.06, period: 'monthly' },
    ])
  })

  test('N14: a forecast says on how many days it rests', async () => {
    const { forecast, forecast_days } = await ask(`org/spend?${WINDOW}`)
    expect(forecast_days).toBe(2)
    expect(forecast).toEqual([
      { day: '2026-11-23', cost_usd: 0.06, is_forecast: false },
      { day: '2026-11-24', cost_usd: 0.04, is_forecast: false },
      { day: '2026-11-25', cost_usd: 0.02, is_forecast: true },
      { day: '2026-11-26', cost_usd: 0, is_forecast: true },
    ])
  })

  test('somebody is new in the stretch of their first request ever, whatever the filter', async () => {
    const { active_users, heatmap } = await ask(`org/activity?${WINDOW}&granularity=day`)
    expect(active_users).toEqual([
      { bucket: '2026-11-23T00:00:00.000Z', bucket_end: '2026-11-24T00:00:00.000Z', new_users: 0, returning_users: 1 },
      { bucket: '2026-11-24T00:00:00.000Z', bucket_end: '2026-11-25T00:00:00.000Z', new_users: 2, returning_users: 0 },
    ])
    expect(heatmap).toEqual([
      { hour: 0, day_of_week: 0, request_count: 1 },
      { hour: 9, day_of_week: 0, request_count: 2 },
      { hour: 10, day_of_week: 1, request_count: 1 },
      { hour: 11, day_of_week: 1, request_count: 1 },
    ])
    const blueOnly = await ask(`org/activity?${WINDOW}&granularity=day&team=Blue`)
    expect(blueOnly.active_users.map((one: Told) => [one.new_users, one.returning_users])).toEqual([
      [0, 1],
      [1, 0],
    ])
  })

  test('models and endpoints tell durations, errors and caches', async () => {
    const models = await ask(`org/models?${WINDOW}&granularity=day`)
    expect(models.model_mix).toEqual([
      { model: 'claude-sonnet-5-5', request_count: 3, cost_usd: 0.06 },
      { model: 'claude-haiku-5', request_count: 1, cost_usd: 0.02 },
      { model: 'claude-new-9', request_count: 1, cost_usd: 0.02 },
    ])
    expect(models.latency.map(({ model }: Told) => model)).toEqual([
      'claude-haiku-5',
      'claude-new-9',
      'claude-sonnet-5-5',
    ])
    const [, , sonnet] = models.latency
    const wrong = (told: number, ms: number) => Math.abs(told - ms) / ms
    expect(wrong(sonnet.p50, 100)).toBeLessThanOrEqual(models.latency_error_pct / 100)
    expect(wrong(sonnet.p99, 0.02 * 100 + 0.98 * 900)).toBeLessThanOrEqual(models.latency_error_pct / 100)
    expect(models.cache_rate.map((one: Told) => one.cache_hit_rate)).toEqual([50, 0])
    expect(models.token_breakdown[0]).toEqual({
      model: 'claude-sonnet-5-5',
      input_tokens: 300,
      output_tokens: 60,
      cache_read_tokens: 300,
      cache_write_tokens: 7,
    })
    expect(models.endpoints).toMatchObject([
      {
        endpoint_name: 'Default',
        endpoint_id: FIRST_ENDPOINT_ID,
        request_count: 4,
        error_count: 0,
        error_rate: 0,
        avg_duration_ms: 300,
      },
      { endpoint_name: 'gone', endpoint_id: 'gone', request_count: 1, error_count: 1, error_rate: 1, cost_usd: 0.02 },
    ])
  })

  test('a rate of nothing read is unknown', async () => {
    const { cache_rate } = await ask('org/models?from=2026-11-20&to=2026-11-20&granularity=day')
    expect(cache_rate).toMatchObject([{ bucket: '2026-11-20T00:00:00.000Z', cache_hit_rate: null }])
  })

  test('tools are told with their servers, filtered like everything else', async () => {
    const tools = await ask(`org/tools?${WINDOW}&granularity=day`)
    expect(tools.mcp_servers).toEqual([{ server_name: 'git_hub', unique_tools: 1, usage_count: 1, unique_users: 1 }])
    expect(tools.top_tools).toEqual([
      { tool_name: 'Bash', usage_count: 3, unique_users: 2, is_mcp: false },
      { tool_name: 'mcp__git_hub__list', usage_count: 1, unique_users: 1, is_mcp: true },
    ])
    expect(tools.mcp_adoption.map((one: Told) => [one.mcp_users, one.total_users])).toEqual([
      [0, 1],
      [1, 2],
    ])
    expect(tools.totals).toEqual({ total_tool_calls: 4, web_search_count: 0, mcp_tool_count: 1, unique_mcp_servers: 1 })
    expect((await ask(`org/tools?${WINDOW}&model=claude-haiku-5`)).totals.total_tool_calls).toBe(1)
    expect((await ask(`org/tools?${WINDOW}&team=Red, hot`)).totals.total_tool_calls).toBe(0)
  })

  test('N1, N2: exports are CSV of every request, newest first, with names and costs', async () => {
    const spend = await control.ask('GET', `/admin/analytics/export?${WINDOW}`, { token: (await admins()).token })
    expect(spend.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    expect(spend.headers.get('content-disposition')).toBe('attachment; filename="ccag-spend-2d.csv"')
    expect(spend.body.split('\r\n')[0]).toBe(
      'recorded_at,user,team,model,input_tokens,output_tokens,cache_read,cache_write,cost_usd,duration_ms',
    )
    const rows = parse(spend.body, { columns: true }) as Record<string, string>[]
    expect(rows.map((row) => [row.recorded_at, row.user, row.team, row.model])).toEqual([
      ['2026-11-24T11:00:00.000Z', 'key:pipeline', '', 'claude-new-9'],
      ['2026-11-24T10:00:00.000Z', 'bob@example.com', 'Blue', 'claude-sonnet-5-5'],
      ['2026-11-23T09:20:00.000Z', 'Ann@example.com', 'Red, hot', 'claude-sonnet-5-5'],
      ['2026-11-23T09:10:00.000Z', 'Ann@example.com', 'Blue', 'claude-haiku-5'],
      ['2026-11-23T00:10:00.000Z', 'Ann@example.com', 'Red, hot', 'claude-sonnet-5-5'],
    ])
    expect(rows[4]).toMatchObject({
      input_tokens: '100',
      output_tokens: '20',
      cache_read: '300',
      cache_write: '7',
      cost_usd: '0.020000000',
      duration_ms: '900',
    })
  })

  test('N1: the export of an organisation has tools and endpoint too, and takes the same filters', async () => {
    const rows = async (filter: string) =>
      parse(await ask(`org/export?${WINDOW}&${filter}`), { columns: true }) as Record<string, string>[]
    const [newest] = await rows('team=Blue')
    expect(newest).toMatchObject({ user: 'bob@example.com', tool_count: '3', endpoint: 'Default' })
    expect(await rows('team=Blue')).toHaveLength(2)
    expect(await rows('user=ann@example.com')).toHaveLength(3)
    expect(await rows('user=ann@example.com&team=Blue')).toHaveLength(1)
    expect(await rows('endpoint=gone')).toHaveLength(1)
  })

  test('an answer read from packs is the answer read item by item', async () => {
    const paths = ['overview', 'spend', 'activity', 'models', 'tools', 'export']
    const asked = paths.flatMap((path) =>
      ['', '&team=Blue', '&user=bob@example.com'].map((f) => `org/${path}?${WINDOW}${f}`),
    )
    const before = []
    for (const path of asked) before.push(await ask(path))
    expect(await packFrom(control, '2026-11-21T00', instant(Date.parse('2026-11-24T12:30:00Z')))).toBe(24 * 3 + 11)
    for (const [place, path] of asked.entries()) expect(await ask(path)).toEqual(before[place])
  })

  const admins = () => control.person({ role: 'admin' })
})

test('what is settled late is told beside the packed hour that it belongs to', async () => {
  const { control, ask } = await organisation()
  await use(control, '2026-11-24T08:10:00Z', { user: 'u', tools: ['Bash'] })
  await packFrom(control, '2026-11-24T00', control.now())
  await use(control, '2026-11-24T08:20:00Z', { user: 'u', tools: ['Bash', 'Read'], settledAfterMs: 16 * 60_000 })
  const window = 'from=2026-11-24T08:00:00Z&to=2026-11-24T09:00:00Z'
  expect((await ask(`org/overview?${window}`)).overview.requests).toBe(2)
  expect((await ask(`org/tools?${window}`)).totals.total_tool_calls).toBe(3)
  expect((await ask(`org/overview?${window}&user=u`)).overview.requests).toBe(2)
  expect((await ask('org/overview?from=2026-11-24T09:00:00Z&to=2026-11-24T10:00:00Z')).overview.requests).toBe(0)
  await control.stop()
})

test('nothing used is zeros, and every stretch is there', async () => {
  const { control, ask } = await organisation()
  const { overview, filters } = await ask('org/overview')
  expect(Object.values(overview).every((value) => value === 0)).toBe(true)
  expect(filters).toEqual({
    teams: [],
    users: ['admin@example.com'],
    models: [],
    endpoints: ['Default'],
    projects: [],
  })
  expect(await ask('org/spend')).toMatchObject({ timeseries: [], by_user: [], forecast: [], forecast_days: 0 })
  const { active_users, heatmap } = await ask('org/activity')
  expect([active_users.length, heatmap]).toEqual([7 * 24 + 1, []])
  expect((await ask('org/models?days=30')).cache_rate).toHaveLength(31)
  expect(await ask('export')).toBe(
    'recorded_at,user,team,model,input_tokens,output_tokens,cache_read,cache_write,cost_usd,duration_ms\r\n',
  )
  await control.stop()
})

test('a window that makes no sense is refused by the name of what is wrong', async () => {
  const { control, admin } = await organisation()
  const messageOf = async (query: string) => {
    const { status, body } = await control.ask('GET', `/admin/analytics/org/spend?${query}`, { token: admin.token })
    return `${status} ${body.error?.message}`
  }
  expect(await messageOf('days=0')).toMatch(/^400 days: /)
  expect(await messageOf('from=2026-01-01')).toMatch(/^400 from and to/)
  expect(await messageOf('from=2026-01-02&to=2026-01-01')).toMatch(/^400 to: /)
  expect(await messageOf('days=200&granularity=hour')).toMatch(/^400 granularity: /)
  expect(await messageOf('from=0001-01-01&to=0001-01-02')).toMatch(/^400 from: /)
  expect(await messageOf('from=9999-12-30&to=9999-12-31')).toMatch(/^400 to: /)
  await control.stop()
})

test('B26: a team is told with what its members spent in their periods, most expensive first', async () => {
  const { control, admin } = await organisation()
  const red = await team(control, 'Red')
  const [ann, bob, cid] = [
    await control.person({ email: 'ann@example.com', teamId: red }),
    await control.person({ email: 'bob@example.com', teamId: red, budgetPeriod: 'daily' }),
    await control.person({ email: 'cid@example.com' }),
  ]
  await use(control, addMs(control.now(), -24 * HOUR_MS), { user: ann.id, team: red })
  await use(control, control.now(), { user: ann.id, team: red })
  await use(control, addMs(control.now(), -24 * HOUR_MS), { user: bob.id, team: red, costNano: 1_000_000_000 })
  await use(control, control.now(), { user: bob.id, team: red })
  await use(control, control.now(), { user: cid.id, team: red })
  const { status, body } = await control.ask('GET', `/admin/teams/${red}/analytics`, { token: admin.token })
  expect(status).toBe(200)
  expect(body.team).toMatchObject({ id: red, name: 'Red' })
  const usual = { display_name: null, spend_limit_monthly_usd: null }
  expect(body.users).toEqual([
    {
      user_id: ann.id,
      email: 'ann@example.com',
      ...usual,
      budget_period: 'monthly',
      current_spend_usd: 0.04,
      request_count: 2,
    },
    {
      user_id: bob.id,
      email: 'bob@example.com',
      ...usual,
      budget_period: 'daily',
      current_spend_usd: 0.02,
      request_count: 1,
    },
  ])
  const gone = await control.ask('GET', `/admin/teams/${cid.id}/analytics`, { token: admin.token })
  expect([gone.status, gone.body.error.message]).toEqual([404, 'Team not found'])
  await control.stop()
})
