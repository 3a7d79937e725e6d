import fc from 'fast-check'
import { expect, test } from 'vitest'
import { payerOf } from '../../../lambdas/admission/allowance.ts'
import { NO_DETAILS, type RequestDetails } from '../../../lambdas/detection/request-details.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import type { OpenedRequest, RequestEnd } from '../../../lambdas/spend/request-record.ts'
import { durationBucket, settlementOf } from '../../../lambdas/spend/settlement.ts'
import { NO_USAGE } from '../../../lambdas/spend/usage.ts'

const arrivedAt = instant(Date.parse('2026-12-31T23:59:59.500Z'))
const request: OpenedRequest = {
  requestId: `req_${'a'.repeat(32)}`,
  payer: payerOf({ keyId: 'k', userId: 'u', teamId: 't', userShards: 1, teamShards: 8 }),
  model: 'claude-opus-5-5',
  target: { name: 'claude-opus-5-5', bedrockId: 'global.anthropic.claude-opus-5-5', scope: 'global' },
  endpointId: 'default',
  serviceTier: null,
  streaming: true,
  sessionId: null,
  details: NO_DETAILS,
  arrivedAt,
  estimate: NO_USAGE,
}
const end: RequestEnd = {
  status: 'ok',
  messageId: 'msg_1',
  usage: { ...NO_USAGE, inputTokens: 3, outputTokens: 4 },
  estimated: false,
  stopReason: 'end_turn',
  tools: ['Bash', 'Read', 'Bash'],
  firstByteMs: 12.4,
  durationMs: 1000,
}
const cost = { cost: nanoUsd(77), saved: nanoUsd(5), price: 'p', unpriced: false }
const later = instant(arrivedAt + 90_000)

test('a request that crosses midnight belongs to the day, week and month in which it arrived', () => {
  const { row, increments } = settlementOf(request, end, cost, later)
  expect(row).toMatchObject({
    arrived_at: '2026-12-31T23:59:59.500Z',
    settled_at: '2027-01-01T00:01:29.500Z',
    cost_nano: 77,
  })
  const user = increments.find(({ key }) => key.PK === 'SPEND#USER#u')
  expect(user?.key.SK).toBe('2026-12#0')
  expect(user?.add).toEqual({ m_cost: 77, m_requests: 1, d31_cost: 77, w53_cost: 77 })
  expect(user?.set).toEqual({ used_at: '2026-12-31T23:59:59.500Z' })
})

test("a key has a counter of its own beside its owner's, so that a budget it is given finds all that it has spent", () => {
  const counters = settlementOf(request, end, cost, later).increments.filter(({ key }) => key.PK.startsWith('SPEND#'))
  expect(counters.map(({ key: { PK }, add }) => [PK, add.m_cost])).toEqual([
    ['SPEND#KEY#k', 77],
    ['SPEND#USER#u', 77],
    ['SPEND#TEAM#t', 77],
  ])
})

test('a refusal leaves a row and counts nothing', () => {
  const { row, increments } = settlementOf(
    request,
    { ...end, status: 'refused', usage: NO_USAGE },
    { ...cost, cost: nanoUsd(0) },
    later,
  )
  expect(row.status).toBe('refused')
  expect(increments).toEqual([])
})

test('a key without owner pays under its own id, into a counter of its own', () => {
  const payer = payerOf({ keyId: 'k', userId: null, teamId: null, userShards: 1, teamShards: 8 })
  const { row, increments } = settlementOf({ ...request, payer }, { ...end, tools: [] }, cost, later)
  expect(row.identity).toBe('key:k')
  expect(increments.map(({ key }) => key.PK.split('#')[0])).toEqual(['SPEND', 'AGG'])
  expect(increments[0]?.key.PK).toBe('SPEND#KEY#k')
})

const justInTime = instant(arrivedAt + 959_999)
const deadline = instant(arrivedAt + 960_000)
const keysAt = (settledAt: typeof deadline, of = request) =>
  settlementOf(of, end, cost, settledAt)
    .increments.filter(({ key }) => /^(AGG|TOOLS)#/.test(key.PK))
    .map(({ key, set }) => [key.PK, key.SK, set.GSI1PK, set.GSI1SK, set.team_id])

test('an hour of somebody is told apart by model, endpoint and the team that pays', () => {
  const part = 'claude-opus-5-5#default#t'
  expect(keysAt(justInTime)).toEqual([
    ['AGG#2026-12-31#0', `23#u#${part}`, 'AGGS#u', `2026-12-31T23#${part}`, 't'],
    ['TOOLS#2026-12-31#0', `23#u#${part}`, 'TOOLS#u', `2026-12-31T23#${part}`, 't'],
  ])
  const moved = { ...request, payer: { ...request.payer, teamId: 'other' } }
  const free = { ...request, payer: { ...request.payer, teamId: null } }
  expect(keysAt(later, moved)[0]).toMatchObject({ 1: `23#u#claude-opus-5-5#default#other`, 4: 'other' })
  expect(keysAt(later, free)[0]).toMatchObject({ 1: `23#u#claude-opus-5-5#default#none`, 4: undefined })
})

test('what is settled after its deadline is booked beside its hour, which may have been read as final', () => {
  const part = 'claude-opus-5-5#default#t'
  expect(keysAt(deadline)).toEqual([
    ['AGG#2026-12#LATE', `2026-12-31T23#u#${part}`, 'AGGS#u', `2026-12-31T23#${part}`, 't'],
    ['TOOLS#2026-12#LATE', `2026-12-31T23#u#${part}`, 'TOOLS#u', `2026-12-31T23#${part}`, 't'],
  ])
})

test('what had no price is counted in requests and in tokens', () => {
  const unpriced = (of: boolean) =>
    settlementOf(request, end, { ...cost, unpriced: of }, later).increments.find(({ key }) => key.PK.startsWith('AGG#'))
  expect(unpriced(true)?.add).toMatchObject({ unpriced: 1, unpriced_tokens: 7 })
  expect(unpriced(false)?.add).not.toHaveProperty('unpriced_tokens')
})

test('each tool call of an answer is counted once', () => {
  const tools = settlementOf(request, end, cost, later).increments.find(({ key }) => key.PK.startsWith('TOOLS#'))
  expect(tools?.add).toEqual({ 't#Bash': 2, 't#Read': 1 })
})

test('a duration read from the middle of its bucket is at most five per cent off', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 900_000 }), (ms) => {
      const bucket = durationBucket(ms)
      const middle = (1.1 ** bucket + 1.1 ** (bucket - 1)) / 2
      expect(Math.abs(middle - ms) / ms).toBeLessThanOrEqual(0.0501)
    }),
  )
})

test.each([
  ['adaptive', 1],
  ['enabled', 1],
  ['disabled', undefined],
  [null, undefined],
])('a request whose thinking is %s counts as thinking: %s', (thinking, counted) => {
  const { row, increments } = settlementOf({ ...request, details: { ...NO_DETAILS, thinking } }, end, cost, later)
  expect(row.thinking).toBe(thinking)
  expect(increments.find(({ key }) => key.PK.startsWith('AGG#'))?.add.thinking).toBe(counted)
})

test('the row tells which agent asked, about what, and what it answered', () => {
  const details: RequestDetails = {
    agentId: 'a1',
    parentAgentId: 'a0',
    projectKey: 'work/api',
    turnCount: 7,
    thinking: 'adaptive',
    hasSystemPrompt: true,
    systemPromptHash: '0123456789abcdef',
    contentTypes: ['tool_result', 'text'],
    answeredTools: [{ name: 'mcp__github__list', count: 2 }],
    toolErrors: 1,
    mcpServers: ['github'],
    flags: [{ category: 'dangerous', rule: 'destructive_fs', severity: 'critical', count: 1 }],
  }
  expect(settlementOf({ ...request, details }, end, cost, later).row).toMatchObject({
    agent_id: 'a1',
    parent_agent_id: 'a0',
    project_key: 'work/api',
    turn_count: 7,
    thinking: 'adaptive',
    has_system_prompt: true,
    system_prompt_hash: '0123456789abcdef',
    content_block_types: ['tool_result', 'text'],
    has_correction: false,
    answered_tools: [{ name: 'mcp__github__list', count: 2 }],
    tool_errors: 1,
    mcp_servers: ['github'],
    flags: [{ category: 'dangerous', rule: 'destructive_fs', severity: 'critical', count: 1 }],
  })
})
