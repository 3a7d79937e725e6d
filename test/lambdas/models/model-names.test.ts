import { describe, expect, test } from 'vitest'
import { ROUTING_PREFIXES, type RoutingPrefix } from '../../../lambdas/endpoints/endpoint.ts'
import {
  type AskedModel,
  displayNameOf,
  familyOf,
  findModel,
  type ModelsThere,
  nameOfBedrockId,
  readModel,
} from '../../../lambdas/models/model-names.ts'
import { Fault } from '../../../lambdas/platform/fault.ts'

const at = (
  routingPrefix: RoutingPrefix,
  profiles: readonly string[] | null = null,
  own: [string, string][] = [],
): ModelsThere => ({
  routingPrefix,
  profiles,
  applicationProfiles: new Map(own),
})
const idOf = (requested: string, there: ModelsThere): string | undefined =>
  findModel(readModel(requested), there)?.target.bedrockId

const PREFIXES = ROUTING_PREFIXES

describe('M1: every known name leads to its id, under every prefix', () => {
  test.each([
    ['claude-fable-5', 'anthropic.claude-fable-5'],
    ['claude-opus-5-5', 'anthropic.claude-opus-5-5'],
    ['claude-opus-4-7', 'anthropic.claude-opus-4-7'],
    ['claude-opus-4-6', 'anthropic.claude-opus-4-6-v1'],
    ['claude-opus-4-6-20250605', 'anthropic.claude-opus-4-6-v1'],
    ['claude-sonnet-4-6', 'anthropic.claude-sonnet-4-6'],
    ['claude-sonnet-4-6-20250514', 'anthropic.claude-sonnet-4-6'],
    ['claude-opus-4-5', 'anthropic.claude-opus-4-5-20251101-v1:0'],
    ['claude-opus-4-5-20251101', 'anthropic.claude-opus-4-5-20251101-v1:0'],
    ['claude-sonnet-4-5', 'anthropic.claude-sonnet-4-5-20250929-v1:0'],
    ['claude-sonnet-4-5-20250929', 'anthropic.claude-sonnet-4-5-20250929-v1:0'],
    ['claude-sonnet-4', 'anthropic.claude-sonnet-4-20250514-v1:0'],
    ['claude-sonnet-4-20250514', 'anthropic.claude-sonnet-4-20250514-v1:0'],
    ['claude-haiku-4-5', 'anthropic.claude-haiku-4-5-20251001-v1:0'],
    ['claude-haiku-4-5-20251001', 'anthropic.claude-haiku-4-5-20251001-v1:0'],
  ])('%s', (name, bedrock) => {
    for (const prefix of PREFIXES) expect(idOf(name, at(prefix))).toBe(`${prefix}.${bedrock}`)
  })
})

test('W2: no spelling of a model has another price or other rules than the model', () => {
  const spellings = [
    'claude-opus-4-6',
    'claude-opus-4-6-v1',
    'anthropic.claude-opus-4-6',
    'us.anthropic.claude-opus-4-6-v1:0',
  ]
  for (const spelling of spellings) {
    const there = at('us', ['us.anthropic.claude-opus-4-6-v1'])
    expect(findModel(readModel(spelling), there)).toEqual({
      target: { name: 'claude-opus-4-6', bedrockId: 'us.anthropic.claude-opus-4-6-v1', scope: 'regional' },
      offered: 'listed',
    })
  }
})

test('M2, M19, W23: a Bedrock id names a Claude model and nothing else; its prefix does not choose the place', () => {
  expect(readModel('us.anthropic.claude-opus-5-5')).toMatchObject({ name: 'claude-opus-5-5', arn: null })
  expect(idOf('us.anthropic.claude-sonnet-4-5-20250929-v1:0', at('eu'))).toBe(
    'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
  )
  expect(idOf('anthropic.claude-opus-4-6-v1', at('jp'))).toBe('jp.anthropic.claude-opus-4-6-v1')
  expect(idOf('arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-5-5', at('au'))).toBe(
    'au.anthropic.claude-opus-5-5',
  )
})

test.each([
  'gpt-5',
  'us.amazon.nova-pro-v1:0',
  'mars.anthropic.claude-opus-5-5',
  'arn:aws:bedrock:us-east-1:1:inference-profile/x',
  'arn:aws:bedrock:us-east-1:1:provisioned-model/abc',
  'claude-opus/../x',
  'CLAUDE-OPUS',
  'claude',
  'a',
  '',
])('W13, W23: what does not name a Claude model is refused, not looked for: "%s"', (requested) => {
  expect(() => readModel(requested)).toThrow(Fault)
})

test('M3: a prefixed id leads back to the name, whatever the prefix', () => {
  for (const name of ['claude-opus-5-5', 'claude-haiku-4-5', 'claude-opus-4-6', 'claude-sonnet-4-6', 'claude-opus-4']) {
    for (const prefix of PREFIXES) expect(nameOfBedrockId(idOf(name, at(prefix)) ?? '')).toBe(name)
  }
  expect(nameOfBedrockId('us.amazon.nova-pro-v1:0')).toBeNull()
  expect(nameOfBedrockId('us.anthropic.claude-sonnet-9-20270101-v2:0')).toBe('claude-sonnet-9-20270101')
})

test('M4, M5, M6: a name is itself and no part of another', () => {
  const there = at('us', ['us.anthropic.claude-sonnet-4-20250514-v1:0', 'us.anthropic.claude-opus-4-20250514-v1:0'])
  for (const future of ['claude-sonnet-4-8', 'claude-opus-4-8'])
    expect(findModel(readModel(future), there)).toMatchObject({
      offered: 'unlisted',
      target: { bedrockId: `us.anthropic.${future}` },
    })
})

test.each<[string, string]>([
  ['claude-opus-4-8-20270101', 'claude-opus-4-8'],
  ['claude-opus-5-5-20260922', 'claude-opus-5-5'],
  ['claude-opus-9-20270101', 'claude-opus-9-20270101'],
  ['claude-opus-4-8', 'claude-opus-4-8'],
  ['claude-opus-4-2027010', 'claude-opus-4-2027010'],
  ['claude-20270101', 'claude-20270101'],
])(
  'M7, M8, M11: %s is %s: a date goes only from a name with a minor version, and is never added',
  (requested, name) => {
    expect(readModel(requested).name).toBe(name)
  },
)

test('M9, M10: what the endpoint lists comes first; without a list the usual id stands', () => {
  const there = at('us', ['us.anthropic.claude-nova-7-20270101-v1:0', 'us.anthropic.claude-opus-5-5'])
  expect(idOf('claude-nova-7', there)).toBe('us.anthropic.claude-nova-7-20270101-v1:0')
  expect(idOf('claude-opus-5-5', there)).toBe('us.anthropic.claude-opus-5-5')
  expect(idOf('claude-nova-7', at('us'))).toBe('us.anthropic.claude-nova-7')
})

test.each(['[1m]', '[2m]', '[batch]', '[v2_0]'])('M12: the suffix %s is no part of the name', (suffix) => {
  expect(readModel(`claude-opus-5-5${suffix}`)).toMatchObject({
    name: 'claude-opus-5-5',
    longContext: suffix === '[1m]',
  })
  expect(readModel(`us.anthropic.claude-opus-5-5${suffix}`)).toMatchObject({ name: 'claude-opus-5-5' })
})

test.each(['claude-opus-5-5[]', 'claude-opus-5-5[1m', 'claude-[1m]-opus'])('M13: %s is no name', (requested) => {
  expect(() => readModel(requested)).toThrow(Fault)
})

test('M14, M15: the exact profile before a versioned one, in whatever order they are listed; a part of a name never', () => {
  const profiles = ['us.anthropic.claude-x-1-mini', 'us.anthropic.claude-x-1-v1:0', 'us.anthropic.claude-x-1']
  for (const listed of [profiles, profiles.toReversed()])
    expect(idOf('claude-x-1', at('us', listed))).toBe('us.anthropic.claude-x-1')
  expect(idOf('claude-x-2', at('us', ['us.anthropic.claude-x-2-v1']))).toBe('us.anthropic.claude-x-2-v1')
  expect(idOf('claude-x-3', at('us', ['us.anthropic.claude-x-3-v1:0']))).toBe('us.anthropic.claude-x-3-v1:0')
  expect(findModel(readModel('claude-x-4'), at('us', ['us.anthropic.claude-x-4-mini']))?.offered).toBe('unlisted')
})

test('M16, W13: a profile of another geography is never taken', () => {
  const there = at('eu', ['us.anthropic.claude-opus-5-5', 'global.anthropic.claude-opus-5-5'])
  expect(findModel(readModel('claude-opus-5-5'), there)).toMatchObject({
    offered: 'unlisted',
    target: { bedrockId: 'eu.anthropic.claude-opus-5-5' },
  })
})

describe('application inference profiles', () => {
  const ARN = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc'
  const there = at('us', ['us.anthropic.claude-sonnet-4-5-20250929-v1:0'], [['claude-sonnet-4-5', ARN]])

  test.each([
    'claude-sonnet-4-5',
    'claude-sonnet-4-5-20250929',
    'claude-sonnet-4-5[1m]',
    'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  ])('W22: %s is called by the profile that is set for the model', (requested) => {
    expect(idOf(requested, there)).toBe(ARN)
  })

  test('F14, F15: other models are called by their own id', () => {
    expect(idOf('claude-opus-5-5', there)).toBe('us.anthropic.claude-opus-5-5')
  })

  test('an ARN is served only where it is set, and is priced as its model', () => {
    expect(findModel(readModel(ARN), there)?.target).toEqual({
      name: 'claude-sonnet-4-5',
      bedrockId: ARN,
      scope: 'regional',
    })
    expect(findModel(readModel(`${ARN}x`), there)).toBeNull()
    const asked: AskedModel = readModel(ARN)
    expect(asked.name).toBeNull()
  })
})

test('display names', () => {
  expect(['claude-opus-4-8', 'claude-fable-5', 'claude-sonnet-9-20270101'].map(displayNameOf)).toEqual([
    'Claude Opus 4.8',
    'Claude Fable 5',
    'Claude Sonnet 9 20270101',
  ])
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
