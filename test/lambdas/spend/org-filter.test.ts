import { describe, expect, test } from 'vitest'
import { filterOf, type Wishes } from '../../../lambdas/spend/org-filter.ts'
import type { OrgNames } from '../../../lambdas/spend/org-names.ts'

const NAMES: OrgNames = {
  people: new Map([['u1', { email: 'Ann@example.com', displayName: null }]]),
  teams: new Map([
    ['t1', 'Red'],
    ['t2', 'Blue'],
    ['t3', 'Red, Blue'],
  ]),
  endpoints: new Map([
    ['e1', 'Twin'],
    ['e2', 'Twin'],
  ]),
}

const teams = (team: Wishes['team']) => {
  const { teams: ids } = filterOf({ team }, NAMES)
  return ids === null ? null : [...ids]
}

describe('N4', () => {
  test.each([
    [undefined, null],
    ['', null],
    [' , ', null],
    [[], null],
    ['Red', ['t1']],
    [' Red ', ['t1']],
    ['Red,Blue', ['t1', 't2']],
    ['Red, Blue', ['t3']],
    [
      ['Red, Blue', 'Blue'],
      ['t3', 't2'],
    ],
    [
      ['Red,', 'Blue'],
      ['t1', 't2'],
    ],
    ['__none__', [null]],
    ['__none__,Red', [null, 't1']],
    ['t-gone', ['t-gone']],
    ['red', ['red']],
  ])('teams %j are %j', (given, ids) => {
    expect(teams(given)).toEqual(ids)
  })

  test('a person is known by address in any case, or by identity; endpoints of one name are meant together', () => {
    const filter = filterOf({ user: 'ann@EXAMPLE.com,key:k', endpoint: 'Twin', model: 'claude-opus-5' }, NAMES)
    expect([...(filter.identities ?? [])]).toEqual(['u1', 'key:k'])
    expect([...(filter.endpoints ?? [])]).toEqual(['e1', 'e2'])
    expect([...(filter.models ?? [])]).toEqual(['claude-opus-5'])
  })
})
