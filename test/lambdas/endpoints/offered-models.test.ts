import { expect, test } from 'vitest'
import { namesAt, offeredModels } from '../../../lambdas/endpoints/offered-models.ts'
import type { RoutedEndpoint } from '../../../lambdas/endpoints/routing.ts'
import { routedEndpoint } from '../../support/endpoints.ts'

const LONG = 'beta:context-1m-2025-08-07'
const offering = (id: string, models: readonly string[], but: Partial<RoutedEndpoint> = {}): RoutedEndpoint =>
  routedEndpoint(id, { profiles: models.map((model) => `us.anthropic.${model}`), ...but })
const idsOf = (endpoints: readonly RoutedEndpoint[], takes: Parameters<typeof offeredModels>[1] = () => false) =>
  offeredModels(endpoints, takes).map(({ id }) => id)

test('S9: what is not listed is not offered: nothing, where nobody has looked or nothing was found', () => {
  expect(offeredModels([], () => true)).toEqual([])
  expect(offeredModels([routedEndpoint('e1')], () => true)).toEqual([])
  expect(offeredModels([offering('e1', [])], () => true)).toEqual([])
})

test('S9: and what is listed is, each of them', () => {
  const models = Array.from({ length: 30 }, (_, place) => `claude-made-up-${10 + place}`)
  expect(idsOf([offering('e1', models)])).toEqual(models)
})

test('S10: each once, whatever the endpoints, dates and versions; other scopes and vendors are not meant', () => {
  const one = offering('e1', ['claude-opus-4-6-v1', 'claude-sonnet-4-5-20250929-v1:0'])
  const other = routedEndpoint('e2', {
    routingPrefix: 'eu',
    profiles: ['eu.anthropic.claude-opus-4-6-v1', 'global.anthropic.claude-opus-5-5', 'eu.amazon.nova-pro-v1:0'],
  })
  expect(idsOf([one, other])).toEqual(['claude-opus-4-6', 'claude-sonnet-4-5'])
})

test('a model that an endpoint has an application profile for is offered, though no list has it', () => {
  const applicationProfiles = new Map([
    ['claude-opus-5-5', 'arn:aws:bedrock:us-east-1:1:application-inference-profile/x'],
  ])
  const endpoint = routedEndpoint('e1', { applicationProfiles })
  expect(namesAt(endpoint)).toEqual(['claude-opus-5-5'])
  expect(idsOf([endpoint])).toEqual(['claude-opus-5-5'])
})

test('S11: a variant is offered where it is known to work, of that model, at an endpoint that has it', () => {
  const endpoints = [offering('e1', ['claude-opus-5-5']), offering('e2', ['claude-sonnet-5-5'])]
  const knows =
    (endpointId: string, name: string) =>
    ({ id }: RoutedEndpoint, model: string, thing: string): boolean =>
      id === endpointId && model === name && thing === LONG
  const bare = ['claude-opus-5-5', 'claude-sonnet-5-5']
  expect(idsOf(endpoints)).toEqual(bare)
  expect(idsOf(endpoints, knows('e1', 'claude-opus-5-5'))).toEqual([...bare, 'claude-opus-5-5[1m]'])
  // Where it is known of an endpoint that does not have the model, it says nothing.
  expect(idsOf(endpoints, knows('e1', 'claude-sonnet-5-5'))).toEqual(bare)
})

test('S12: bare names first, then variants, each by name, each once and with its label', () => {
  const endpoints = [offering('e1', ['claude-sonnet-5-5', 'claude-haiku-5-5']), offering('e2', ['claude-haiku-5-5'])]
  expect(offeredModels(endpoints, () => true)).toEqual([
    { id: 'claude-haiku-5-5', name: 'claude-haiku-5-5', variant: null },
    { id: 'claude-sonnet-5-5', name: 'claude-sonnet-5-5', variant: null },
    { id: 'claude-haiku-5-5[1m]', name: 'claude-haiku-5-5', variant: '1M context' },
    { id: 'claude-sonnet-5-5[1m]', name: 'claude-sonnet-5-5', variant: '1M context' },
  ])
})
