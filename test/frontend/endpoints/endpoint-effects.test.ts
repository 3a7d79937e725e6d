/** What a person is told before an endpoint is switched off or deleted. */
import { expect, test } from 'vitest'
import type { Endpoint } from '../../../frontend/src/api/endpoint-types.ts'
import {
  defaulted,
  effectOfDefault,
  effectOfDelete,
  effectOfDisable,
} from '../../../frontend/src/features/endpoints/endpoint-effects.ts'

const team = (name: string) => ({ id: name, name })
const endpoint = (id: string, teams: readonly string[], wish: Partial<Endpoint> = {}): Endpoint =>
  ({ id, name: id, enabled: true, is_default: false, teams: teams.map(team), ...wish }) as Endpoint
const NOTHING = { profiles: 0, betas: 0 }

test('whoever is left without an enabled endpoint is named, as their requests would be refused', () => {
  const one = endpoint('one', ['A', 'B', 'C'])
  const all = [one, endpoint('two', ['B']), endpoint('off', ['C'], { enabled: false })]
  expect(effectOfDisable(one, all)).toContain('A and C have no other that is enabled')
  const deleted = effectOfDelete(one, all, NOTHING)
  expect(deleted).toContain('It leaves the list of A, B and C.')
  // A's list is empty then; C's is not.
  expect(deleted).toContain('A has no other and will go by the default endpoint.')
  expect(deleted).toContain('C has no other that is enabled')
})

test('what goes along is counted', () => {
  const all = [endpoint('one', []), endpoint('two', [])]
  const [one] = all as [Endpoint, Endpoint]
  expect(effectOfDelete(one, all, { profiles: 1, betas: 2 })).toContain(
    'Deleted along with it: 1 application inference profile and 2 beta overrides.',
  )
  expect(effectOfDelete(one, all, NOTHING)).not.toContain('along')
})

test('the only endpoint is called that', () => {
  const one = endpoint('one', [], { is_default: true })
  expect(effectOfDisable(one, [one])).toContain('without it no request can be served')
  expect(effectOfDelete(one, [one], NOTHING)).toContain('without it no request can be served')
})

test('a new default serves whoever has no list of their own', () => {
  const all = [endpoint('one', ['A'], { is_default: true }), endpoint('two', [])]
  expect(defaulted([team('A'), team('B')], all)).toEqual([team('B')])
  expect(effectOfDefault(all, 1)).toContain('1 team without endpoints of their own')
  expect(effectOfDefault(all, 1)).toContain('Now one does.')
})
