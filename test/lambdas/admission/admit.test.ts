import { expect, test } from 'vitest'
import { admit, refusalOf } from '../../../lambdas/admission/admit.ts'
import type { Allowance } from '../../../lambdas/admission/allowance.ts'

const ALLOWANCE: Allowance = {
  key: { id: 'k', name: null, isActive: true, userId: 'u', teamId: null },
  owner: { id: 'u', active: true, teamId: null, counterShards: 1 },
  team: null,
  pricesVersion: 0,
  endpointsVersion: 0,
  affinity: null,
}
const revoked = { ...ALLOWANCE.key, isActive: false }
const inactive = { id: 'u', active: false, teamId: null, counterShards: 1 }

test('an active key of an active owner is admitted, and one without owner', () => {
  expect(admit(ALLOWANCE)).toEqual({ admitted: true })
  expect(admit({ ...ALLOWANCE, key: { ...ALLOWANCE.key, userId: null }, owner: null })).toEqual({ admitted: true })
})

test.each([
  ['a revoked key', { key: revoked }, 'key_revoked', /has been revoked/],
  ['a key whose owner is not active', { owner: inactive }, 'owner_suspended', /not active/],
  ['a key whose owner is gone', { owner: 'missing' }, 'owner_suspended', /not active/],
  ['of two reasons the key’s is told', { key: revoked, owner: inactive }, 'key_revoked', /has been revoked/],
] as const)('%s', (_name, change, because, sentence) => {
  const verdict = admit({ ...ALLOWANCE, ...change })
  expect(verdict).toEqual({ admitted: false, because })
  if (!verdict.admitted) expect(refusalOf(verdict)).toMatchObject({ code: 'suspended', message: sentence })
})
