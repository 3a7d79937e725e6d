/** What the other account is told to set up. */
import { expect, test } from 'vitest'
import { permissionPolicy, randomExternalId, trustPolicy } from '../../../frontend/src/features/endpoints/policies.ts'

const GATEWAY = { account_id: '111122223333', role_names: 'ccag-*', region: 'us-east-1', routing_prefix: 'us' as const }
const statements = (policy: string) => (JSON.parse(policy) as { Statement: Record<string, unknown>[] }).Statement

test('the trust policy names the account of the gateway, and the external id where there is one', () => {
  expect(statements(trustPolicy(GATEWAY, 'gw-1'))).toEqual([
    {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
      Condition: { StringEquals: { 'sts:ExternalId': 'gw-1' } },
    },
  ])
  expect(statements(trustPolicy(GATEWAY, null))[0]).not.toHaveProperty('Condition')
})

test('the permission policy is for the role’s own account and partition, with the guardrail where there is one', () => {
  const values = { role_arn: 'arn:aws-us-gov:iam::444455556666:role/x', external_id: null, region: 'us-gov-west-1' }
  const plain = permissionPolicy({ ...values, guardrail_id: null })
  expect(plain).toContain('arn:aws-us-gov:bedrock:*:444455556666:inference-profile/*anthropic.claude*')
  expect(plain).not.toContain('ApplyGuardrail')
  expect(statements(permissionPolicy({ ...values, guardrail_id: 'gr1' })).at(-1)).toMatchObject({
    Action: 'bedrock:ApplyGuardrail',
    Resource: 'arn:aws-us-gov:bedrock:us-gov-west-1:444455556666:guardrail/gr1',
  })
})

test('a suggested external id is long, and never the same', () => {
  const ids = new Set(Array.from({ length: 50 }, randomExternalId))
  expect(ids.size).toBe(50)
  for (const id of ids) expect(id).toMatch(/^gw-[0-9a-f]{32}$/)
})
