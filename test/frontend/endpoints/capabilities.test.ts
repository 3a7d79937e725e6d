/** Models beside quotas: AWS names the same model differently in its two lists. */
import { expect, test } from 'vitest'
import { capabilitiesOf } from '../../../frontend/src/features/endpoints/capabilities.ts'

const model = (name: string) => ({
  name,
  id: `us.anthropic.${name}`,
  status: 'ACTIVE',
  type: 'SYSTEM_DEFINED',
  model: name,
})
const quota = (quota_name: string, value: number) => ({
  quota_name,
  quota_code: `L-${value}`,
  value,
  unit: 'None',
  adjustable: true,
})

test('a model has its requests and tokens a minute, the newest first, and of one version the largest', () => {
  const found = capabilitiesOf(
    [model('claude-haiku-5-5'), model('claude-opus-5-5'), model('claude-opus-4-6')],
    [
      quota('Cross-region model inference requests per minute for Anthropic Claude Opus 5.5', 400),
      quota('Cross-region model inference tokens per minute for Anthropic Claude Opus 5.5 V1', 2_000_000),
      quota('Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5', 7),
    ],
    'us',
  )
  expect(
    found.map(({ model: name, isOffered, requestsPerMinute, tokensPerMinute }) => [
      name,
      isOffered,
      requestsPerMinute?.value,
      tokensPerMinute?.value,
    ]),
  ).toEqual([
    ['Opus 5.5', true, 400, 2_000_000],
    ['Haiku 5.5', true, undefined, undefined],
    ['Opus 4.6', true, undefined, undefined],
    ['Sonnet 4.5', false, undefined, 7],
  ])
})

test('global quotas count in the global scope alone, others in every other', () => {
  const quotas = [
    quota('Global cross-region model inference requests per minute for Anthropic Claude Opus 5.5', 1),
    quota('Cross-region model inference requests per minute for Anthropic Claude Opus 5.5', 2),
    quota('On-demand model inference requests per minute for Anthropic Claude Opus 5.5', 3),
  ]
  expect(capabilitiesOf([], quotas, 'global').map((one) => one.requestsPerMinute?.value)).toEqual([1])
  expect(capabilitiesOf([], quotas, 'eu').map((one) => one.requestsPerMinute?.value)).toEqual([2])
})

test.each([
  'Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5 1M Context Length',
  'Cross-region model inference requests per minute for Anthropic Claude 3.5 Sonnet V2',
  'Cross-region model inference requests per minute for Amazon Nova Pro',
  'Model invocation max tokens per day for Anthropic Claude Opus 5.5 (doubled for cross-region calls)',
  'APIs per Agent',
])('no row comes of %j', (name) => {
  expect(capabilitiesOf([], [quota(name, 1)], 'us')).toEqual([])
})

test('an inference profile that is not of Claude is left out', () => {
  expect(capabilitiesOf([{ ...model('x'), model: null }], [], 'us')).toEqual([])
})
