/** The order of a team's endpoints while somebody changes it. */
import { expect, test } from 'vitest'
import {
  mergedRouting,
  moved,
  type RoutingDraft,
  ranksOf,
  routingBody,
  without,
} from '../../../frontend/src/features/endpoints/routing-draft.ts'

const NONE = { guardrail_id: null, guardrail_version: null, service_tier: null, latency: null }
const DRAFT: RoutingDraft = { strategy: 'sticky_user', order: ['a', 'b', 'c'], shared: ['b'], bedrock: NONE }

test('ranks are places, and rows that share one have the number of the first', () => {
  expect(ranksOf(DRAFT)).toEqual([1, 1, 2])
  expect(ranksOf({ order: ['a', 'b', 'c'], shared: [] })).toEqual([1, 2, 3])
  expect(ranksOf({ order: [], shared: [] })).toEqual([])
})

test('a row that is moved has a rank of its own, and at an end it stays', () => {
  expect(moved(DRAFT, 'c', -1)).toEqual({ order: ['a', 'c', 'b'], shared: ['b'] })
  expect(moved(DRAFT, 'b', 1)).toEqual({ order: ['a', 'c', 'b'], shared: [] })
  expect(moved(DRAFT, 'b', -1)).toEqual({ order: ['b', 'a', 'c'], shared: [] })
  expect(moved(DRAFT, 'a', -1)).toEqual({ order: DRAFT.order, shared: DRAFT.shared })
  expect(moved(DRAFT, 'c', 1)).toEqual({ order: DRAFT.order, shared: DRAFT.shared })
})

test('what comes first shares with nobody', () => {
  expect(without(DRAFT, 'a')).toEqual({ order: ['b', 'c'], shared: [] })
  expect(moved(DRAFT, 'a', 1)).toEqual({ order: ['b', 'a', 'c'], shared: [] })
})

test('options that nobody touched are not sent', () => {
  expect(routingBody(DRAFT, DRAFT, 4)).toEqual({
    routing_strategy: 'sticky_user',
    endpoints: [
      { endpoint_id: 'a', priority: 1 },
      { endpoint_id: 'b', priority: 1 },
      { endpoint_id: 'c', priority: 2 },
    ],
    rev: 4,
  })
  const changed = { ...DRAFT, bedrock: { ...NONE, latency: 'optimized' as const } }
  expect(routingBody(DRAFT, changed, 4).bedrock).toEqual(changed.bedrock)
})

test('theirs are taken where nothing was changed here', () => {
  const mine = { ...DRAFT, strategy: 'round_robin' as const }
  const theirs = { ...DRAFT, order: ['c'], shared: [], bedrock: { ...NONE, service_tier: 'flex' as const } }
  expect(mergedRouting(DRAFT, mine, theirs)).toEqual({ ...theirs, strategy: 'round_robin' })
  expect(mergedRouting(DRAFT, { ...DRAFT, order: ['b', 'a'], shared: [] }, theirs).order).toEqual(['b', 'a'])
})
