import { afterAll, beforeAll, expect, test } from 'vitest'
import { NO_DETAILS } from '../../../lambdas/detection/request-details.ts'
import { addMs, type Instant, instant } from '../../../lambdas/platform/instant.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import { openLedger } from '../../../lambdas/spend/ledger.store.ts'
import type { OpenedRequest } from '../../../lambdas/spend/request-record.ts'
import { NO_USAGE } from '../../../lambdas/spend/usage.ts'
import { startControl, type TestControl } from '../../support/control.ts'

let control: TestControl
beforeAll(async () => {
  control = await startControl()
})
afterAll(() => control.stop())

const HOUR_MS = 3_600_000
let number = 0

/** A request as the ledger really writes it. */
async function spend(
  userId: string,
  arrivedAt: Instant,
  model = 'claude-sonnet-5-5',
  tools: string[] = [],
): Promise<void> {
  const request: OpenedRequest = {
    requestId: `req_${String(number++).padStart(32, '0')}`,
    payer: { identity: userId, keyId: 'k', userId, teamId: null, counters: [] },
    model,
    target: { name: model, bedrockId: `global.anthropic.${model}`, scope: 'global' },
    endpointId: 'default',
    serviceTier: null,
    streaming: true,
    sessionId: null,
    details: NO_DETAILS,
    arrivedAt,
    estimate: NO_USAGE,
  }
  const usage = {
    inputTokens: 10,
    outputTokens: 20,
    cacheReadTokens: 30,
    cacheWrite5mTokens: 40,
    cacheWrite1hTokens: 50,
  }
  const end = {
    status: 'ok',
    messageId: null,
    usage,
    estimated: false,
    stopReason: 'end_turn',
    tools,
    firstByteMs: 5,
    durationMs: 100,
  } as const
  const cost = { cost: nanoUsd(20_000_000), saved: nanoUsd(10_000_000), price: 'p', unpriced: false }
  const ledger = openLedger(control.documents, control.tables.usage, { sleep: async () => {}, chance: () => 0 })
  await ledger.open(request)
  await ledger.settle(request, end, cost, addMs(arrivedAt, 100))
}

test('what the ledger settled is what the person sees, and nobody else', async () => {
  const [one, other] = [await control.person(), await control.person({ role: 'admin' })]
  const now = control.now()
  await spend(one.id, now, 'claude-sonnet-5-5', ['Bash', 'Bash', 'mcp__x__y'])
  await spend(one.id, now)
  await spend(one.id, addMs(now, -25 * HOUR_MS), 'claude-opus-5-5', ['Read'])
  const { status, body } = await control.ask('GET', '/admin/analytics', { token: one.token })
  expect(status).toBe(200)
  expect(body).toMatchObject({ days: 7, granularity: 'day', scope: 'user', user: one.email })
  expect(body.totals).toMatchObject({
    requests: 3,
    input_tokens: 30,
    output_tokens: 60,
    cache_read_tokens: 90,
    cache_write_tokens: 270,
    cache_hit_rate_pct: 75,
    avg_duration_ms: 100,
    streaming_requests: 3,
    total_tool_calls: 4,
    total_cost_usd: 0.06,
    cache_savings_usd: 0.03,
  })
  expect(body.models.map(({ model }: { model: string }) => model)).toEqual(['claude-sonnet-5-5', 'claude-opus-5-5'])
  expect(body.top_tools).toEqual([
    { name: 'Bash', count: 2, is_mcp: false },
    { name: 'Read', count: 1, is_mcp: false },
    { name: 'mcp__x__y', count: 1, is_mcp: true },
  ])
  expect(body.trend.map(({ bucket }: { bucket: string }) => bucket)).toHaveLength(8)
  expect(body.trend.slice(-2)).toMatchObject([
    { bucket: '2026-11-23', requests: 1, tokens: 150, cost_usd: 0.02, cache_savings_usd: 0.01, avg_duration_ms: 100 },
    { bucket: '2026-11-24', requests: 2, tokens: 300, cost_usd: 0.04, models: [{ model: 'claude-sonnet-5-5' }] },
  ])
  expect((await control.ask('GET', '/admin/analytics', { token: other.token })).body.totals.requests).toBe(0)
})

test('a window excludes the hour before it and the hour after it', async () => {
  const { id, token } = await control.person()
  for (const hour of ['2026-11-09T23', '2026-11-10T00', '2026-11-11T23', '2026-11-12T00']) {
    await spend(id, instant(Date.parse(`${hour}:30:00Z`)))
  }
  const { body } = await control.ask('GET', '/admin/analytics?from=2026-11-10&to=2026-11-11', { token })
  const used = body.trend.filter(({ requests }: { requests: number }) => requests > 0)
  expect(used.map(({ bucket }: { bucket: string }) => bucket)).toEqual(['2026-11-10T00:00:00', '2026-11-11T23:00:00'])
  expect([body.trend.length, body.prior.requests]).toEqual([48, 1])
})

test('a window that makes no sense is refused by the name of what is wrong', async () => {
  const { token } = await control.person()
  const messageOf = async (query: string) => {
    const { status, body } = await control.ask('GET', `/admin/analytics?${query}`, { token })
    return `${status} ${body.error.message}`
  }
  expect(await messageOf('days=-1')).toMatch(/^400 days: /)
  expect(await messageOf('granularity=month')).toMatch(/^400 granularity: /)
  expect(await messageOf('from=2026-01-01')).toMatch(/^400 from and to/)
  expect(await messageOf('from=2026-01-02&to=2026-01-01')).toMatch(/^400 to: /)
})
