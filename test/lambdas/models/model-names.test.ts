import { expect, test } from 'vitest'
import { displayNameOf, familyOf, nameOfBedrockId, targetOf } from '../../../lambdas/models/model-names.ts'
import { Fault } from '../../../lambdas/platform/fault.ts'

test.each([
  ['claude-opus-5-5', 'global', 'global.anthropic.claude-opus-5-5', 'claude-opus-5-5'],
  ['claude-sonnet-5-5[1m]', 'eu', 'eu.anthropic.claude-sonnet-5-5', 'claude-sonnet-5-5'],
  ['claude-sonnet-4-5', 'us', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'claude-sonnet-4-5'],
  ['claude-sonnet-4-5-20250929', 'us', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'claude-sonnet-4-5'],
  ['claude-opus-4-6', 'global', 'global.anthropic.claude-opus-4-6-v1', 'claude-opus-4-6'],
])('%s through %s is %s', (requested, prefix, bedrockId, name) => {
  expect(targetOf(requested, prefix)).toMatchObject({
    bedrockId,
    name,
    scope: prefix === 'global' ? 'global' : 'regional',
  })
})

test.each([
  'gpt-5',
  'us.anthropic.claude-opus-5-5',
  'arn:aws:bedrock:us-east-1:1:inference-profile/x',
  'claude-opus/../x',
  'CLAUDE-OPUS',
  '',
])('a caller cannot choose vendor, region or account by the model name: %s', (requested) => {
  expect(() => targetOf(requested, 'global')).toThrow(Fault)
})

test('the two sides lead back to one name', () => {
  for (const name of ['claude-opus-5-5', 'claude-haiku-4-5', 'claude-opus-4-6', 'claude-sonnet-4-6']) {
    expect(nameOfBedrockId(targetOf(name, 'eu').bedrockId)).toBe(name)
  }
  expect(nameOfBedrockId('us.amazon.nova-pro-v1:0')).toBeNull()
})

test('display names', () => {
  expect(['claude-opus-4-8', 'claude-fable-5'].map(displayNameOf)).toEqual(['Claude Opus 4.8', 'Claude Fable 5'])
})

test('whatever name a caller makes up, there are five families', () => {
  const names = [
    'claude-opus-4-8',
    'claude-haiku-4-5',
    'claude-sonnet-5-5',
    'claude-fable-5',
    'claude-whatever-1',
    'claude',
  ]
  expect(names.map(familyOf)).toEqual(['opus', 'haiku', 'sonnet', 'fable', 'other', 'other'])
})
