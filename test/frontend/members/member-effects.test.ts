import { expect, test } from 'vitest'
import {
  type Act,
  effectsOf,
  effectsOfMove,
  limitInWords,
  nameOf,
} from '../../../frontend/src/features/members/member-effects.ts'

const limit = (limit_usd: number, source: 'explicit' | 'team' | 'default', source_name: string | null = null) => ({
  limit_usd,
  period: 'monthly' as const,
  source,
  source_name,
  percent: 0,
  resets_at: '2026-12-01T00:00:00.000Z',
})
const member = {
  team_name: 'Platform',
  spend_limit_monthly_usd: null,
  budget_period: 'monthly' as const,
  effective_limit: limit(50, 'team', 'Platform'),
  key_count: 2,
}
const mobile = { name: 'Mobile' }
const each = (amount: number | null, period: 'weekly' | 'monthly' = 'weekly') => ({ amount, period })

test('a limit is told with whose word it is', () => {
  expect(limitInWords({ effective_limit: null })).toBe('No limit')
  expect(limitInWords({ effective_limit: limit(0, 'explicit') })).toBe('$0.00 / month, their own')
  expect(limitInWords({ effective_limit: limit(50, 'team', 'Platform') })).toBe('$50.00 / month, from team Platform')
  expect(limitInWords({ effective_limit: limit(5, 'default') })).toBe('$5.00 / month, the default')
})

test('a move names the old team, the new one, and what becomes of the limit', () => {
  expect(effectsOfMove(member, mobile, each(20))).toEqual([
    'From the next request on Mobile pays, and its endpoints are used.',
    'What they have spent stays with Platform.',
    'Their limit changes from $50.00 / month to $20.00 / week.',
    'A key with a team of its own stays with that team.',
  ])
  expect(effectsOfMove(member, mobile, each(50, 'monthly'))).toContain('Their limit stays: $50.00 / month.')
  expect(effectsOfMove(member, mobile, each(null))).toContain('Their limit changes from $50.00 / month to none.')
  expect(effectsOfMove(member, null, each(5))).toEqual([
    'From the next request on no team pays, and requests go by the default endpoint.',
    'What they have spent stays with Platform.',
    'Their limit changes from $50.00 / month to $5.00 / week.',
    'A key with a team of its own stays with that team.',
  ])
  expect(effectsOfMove(member, null, undefined).join(' ')).not.toContain('limit')
  const own = { ...member, team_name: null, spend_limit_monthly_usd: 0, key_count: 0 }
  expect(effectsOfMove(own, mobile, each(20))).toEqual([
    'From the next request on Mobile pays, and its endpoints are used.',
    'Their own limit stays: $0.00 / month.',
  ])
})

test('what is done to oneself is told as that, and keys are counted', () => {
  const acts: readonly Act[] = ['demote', 'suspend', 'remove']
  for (const act of acts) {
    expect(effectsOf(act, { key_count: 0 }, true).join(' ')).toContain('You ')
    expect(effectsOf(act, { key_count: 0 }, false).join(' ')).not.toContain('You ')
  }
  expect(effectsOf('remove', { key_count: 1 }, false)[0]).toBe('1 key of theirs is revoked; this cannot be undone.')
  expect(effectsOf('remove', { key_count: 3 }, false)[0]).toBe('3 keys of theirs are revoked; this cannot be undone.')
  expect(effectsOf('suspend', { key_count: 0 }, false).join(' ')).not.toContain('key of theirs')
})

test('somebody is called by their name, or by their address', () => {
  expect(nameOf({ display_name: 'Maya', email: 'm@example.com' })).toBe('Maya')
  expect(nameOf({ display_name: null, email: 'm@example.com' })).toBe('m@example.com')
})
