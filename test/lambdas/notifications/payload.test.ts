import { describe, expect, test } from 'vitest'
import type { EventType, GatewayEvent } from '../../../lambdas/notifications/event.ts'
import {
  EVENT_TYPES,
  eventBridgeDetail,
  payloadOf,
  sampleEvent,
  subjectOf,
} from '../../../lambdas/notifications/payload.ts'
import { instant } from '../../../lambdas/platform/instant.ts'

const at = instant(Date.parse('2026-11-24T12:00:00Z'))
const of = (type: EventType, wish: Partial<GatewayEvent> = {}): GatewayEvent => ({ ...sampleEvent(type, at), ...wish })

const TABLE = [
  ['notify', 'budget', 'budget_warning', 'warning'],
  ['shape', 'budget', 'budget_shaped', 'high'],
  ['block', 'budget', 'budget_blocked', 'critical'],
  ['team_notify', 'budget', 'team_budget_warning', 'warning'],
  ['team_shape', 'budget', 'team_budget_shaped', 'high'],
  ['team_block', 'budget', 'team_budget_blocked', 'critical'],
  ['key_notify', 'budget', 'key_budget_warning', 'warning'],
  ['key_shape', 'budget', 'key_budget_shaped', 'high'],
  ['key_block', 'budget', 'key_budget_blocked', 'critical'],
  ['rate_limit', 'rate_limit', 'rate_limit_hit', 'warning'],
] as const

test.each(TABLE)('O16, L23: %s is told as %s, %s, %s', (type, category, event_type, severity) => {
  expect(payloadOf(of(type))).toMatchObject({ source: 'ccag', version: '1', category, event_type, severity })
})

test('O16: no type is left out', () => expect(EVENT_TYPES).toEqual(TABLE.map(([type]) => type)))

const MEMBERS = [
  'source',
  'version',
  'category',
  'event_type',
  'severity',
  'user_identity',
  'team_id',
  'team_name',
  'detail',
  'timestamp',
]
const DETAIL = ['threshold_percent', 'spend_usd', 'limit_usd', 'percent', 'period', 'period_start']

describe('O17, L23: a payload', () => {
  test.each(['notify', 'team_block'] as const)(
    'of %s has the members of the contract, in its order, and no others',
    (type) => {
      const payload = payloadOf(of(type))
      expect(Object.keys(payload)).toEqual(MEMBERS)
      expect(Object.keys(payload.detail)).toEqual(DETAIL)
    },
  )

  test('of a team names no person, whoever was the last', () => {
    const payload = payloadOf(
      of('team_notify', { userId: 'u', userEmail: 'ada@example.com', teamId: 't', teamName: 'Compilers' }),
    )
    expect(payload).toMatchObject({ user_identity: null, team_id: 't', team_name: 'Compilers' })
  })

  test('of a key says which, beside what a budget has', () => {
    const { detail } = payloadOf(of('key_notify', { keyId: 'k', keyName: 'ci' }))
    expect(Object.keys(detail)).toEqual([...DETAIL, 'key_id', 'key_name'])
    expect(detail).toMatchObject({ key_id: 'k', key_name: 'ci', threshold_percent: 80 })
  })

  test('of a rate limit has the members of a budget too, empty', () => {
    const { detail } = payloadOf(of('rate_limit', { keyId: null }))
    expect(detail).toEqual({
      ...Object.fromEntries(DETAIL.map((member) => [member, null])),
      limit: 'requests_per_minute',
      allowed: 60,
    })
  })

  test('for a bus lacks what the bus says itself', () => {
    const left = MEMBERS.filter((member) => !['source', 'event_type', 'timestamp'].includes(member))
    expect(Object.keys(eventBridgeDetail(payloadOf(of('notify'))))).toEqual(left)
  })
})

describe('O23: a subject', () => {
  test.each([
    [of('notify', { userEmail: 'ada@example.com' }), 'budget_warning for ada@example.com'],
    [of('team_block'), 'team_budget_blocked for team'],
    [of('key_block', { userEmail: null, keyName: 'ci' }), 'key_budget_blocked for ci'],
    [of('notify', { userEmail: 'zoë\n<b>@example.com' }), 'budget_warning for zo??<b>@example.com'],
    [of('notify', { userEmail: '🦊🦊@example.com' }), 'budget_warning for ??@example.com'],
  ])('is one line of ASCII', (event, subject) => expect(subjectOf(payloadOf(event))).toBe(subject))

  test('is fewer than a hundred characters', () => {
    expect(subjectOf(payloadOf(of('notify', { userEmail: 'ü'.repeat(300) })))).toHaveLength(99)
  })
})
