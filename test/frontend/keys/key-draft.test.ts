import { expect, test } from 'vitest'
import type { Key } from '../../../frontend/src/api/people-types.ts'
import { changesIn, draftOf, endOfDay } from '../../../frontend/src/features/keys/key-draft.ts'
import { limitsOf, stateOf } from '../../../frontend/src/features/keys/key-state.ts'

const key = {
  id: '1',
  name: 'laptop',
  user_id: 'u',
  team_id: null,
  status: 'active',
  rate_limit_rpm: 60,
  rate_limit_tpm: null,
  allowed_models: ['claude-opus-4-6'],
  expires_at: '2026-12-31T15:00:00.000Z',
  budget: { amount_usd: 12.5, period: 'weekly', policy: [{ at_percent: 100, action: 'block' }] },
} as unknown as Key
const free = { ...key, rate_limit_rpm: null, allowed_models: null, expires_at: null, budget: null } as Key

const changed = (of: Key, change: object) => changesIn(of, { ...draftOf(of), ...change })

test('what is not touched is not sent, neither a moment in the day nor rules of its own', () => {
  expect(changed(key, {})).toEqual({ body: {} })
  expect(changed(free, {})).toEqual({ body: {} })
})

test('each field is sent alone, and an empty one as null', () => {
  expect(changed(key, { name: ' desk ' })).toEqual({ body: { name: 'desk' } })
  expect(changed(key, { name: '', owner: '', team: 't', rpm: '', tpm: '1,000', models: '', expires: '' })).toEqual({
    body: {
      name: null,
      user_id: null,
      team_id: 't',
      rate_limit_rpm: null,
      rate_limit_tpm: 1000,
      allowed_models: null,
      expires_at: null,
    },
  })
  expect(changed(free, { models: 'claude-opus-4-6,\n claude-haiku-4-5 ' })).toEqual({
    body: { allowed_models: ['claude-opus-4-6', 'claude-haiku-4-5'] },
  })
})

test('a last day is good to its end, UTC', () => {
  expect(endOfDay('2026-12-31')).toBe('2027-01-01T00:00:00.000Z')
  expect(changed(free, { expires: '2026-12-31' })).toEqual({ body: { expires_at: '2027-01-01T00:00:00.000Z' } })
  expect(draftOf({ ...key, expires_at: '2027-01-01T00:00:00.000Z' }).expires).toBe('2026-12-31')
})

test('a budget keeps its rules while its amount changes, and zero is one', () => {
  expect(changed(key, { amount: '0' })).toEqual({
    body: { budget: { amount_usd: 0, period: 'weekly', policy: [{ at_percent: 100, action: 'block' }] } },
  })
  expect(changed(key, { policy: 'soft' })).toEqual({
    body: { budget: { amount_usd: 12.5, period: 'weekly', policy: 'soft' } },
  })
  expect(changed(key, { amount: ' ' })).toEqual({ body: { budget: null } })
  expect(changed(free, { amount: '5' })).toEqual({
    body: { budget: { amount_usd: 5, period: 'monthly', policy: null } },
  })
})

test('what cannot be is told at its field, all of it at once', () => {
  expect(changed(key, { rpm: '0', tpm: 'x', amount: '-1' })).toEqual({
    errors: {
      rate_limit_rpm: expect.stringMatching(/^Enter/),
      rate_limit_tpm: expect.stringMatching(/^Enter/),
      budget: expect.stringMatching(/^Enter/),
    },
  })
})

test('a key that ends soon says so in time', () => {
  const at = (iso: string) => stateOf(key, Date.parse(iso))
  expect(at('2026-12-01T00:00:00Z')).toEqual({ kind: 'ok', word: 'Active' })
  expect(at('2026-12-25T12:00:00Z')).toEqual({ kind: 'warn', word: 'Expires in 6 d' })
  expect(at('2026-12-31T12:00:00Z')).toEqual({ kind: 'warn', word: 'Expires today' })
  expect(stateOf({ ...key, status: 'expired' }, 0)).toEqual({ kind: 'off', word: 'Expired' })
  expect(stateOf({ ...key, status: 'revoked' }, 0)).toEqual({ kind: 'off', word: 'Revoked' })
})

test('limits are told one by one', () => {
  expect(limitsOf(key)).toEqual(['$12.50 / week', '60 rpm', 'Opus 4.6'])
  expect(limitsOf({ ...key, allowed_models: ['claude-a-1', 'claude-b-1'] }).at(-1)).toBe('2 models')
  expect(limitsOf(free)).toEqual([])
})
