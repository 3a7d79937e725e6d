/** What is sent of the form of an endpoint. */
import { describe, expect, test } from 'vitest'
import {
  changesBetween,
  type Draft,
  differences,
  errorsIn,
  merged,
  newDraft,
  wishOf,
} from '../../../frontend/src/features/endpoints/draft.ts'

const DRAFT: Draft = {
  ...newDraft({ region: 'us-east-1', routing_prefix: 'us' }),
  name: 'us-prod',
  access: 'role',
  role_arn: 'arn:aws:iam::111122223333:role/claude',
  external_id: 'gw-1',
  priority: '5',
}

test('only what differs is sent, so that nothing is reset which nobody touched', () => {
  expect(changesBetween(DRAFT, DRAFT)).toEqual({})
  expect(changesBetween(DRAFT, { ...DRAFT, name: ' us-prod ' })).toEqual({})
  expect(changesBetween(DRAFT, { ...DRAFT, name: 'us' })).toEqual({ name: 'us' })
})

test('what is emptied is taken away, and the own account takes role and external id along', () => {
  expect(changesBetween(DRAFT, { ...DRAFT, external_id: '' })).toEqual({ external_id: null })
  expect(changesBetween(DRAFT, { ...DRAFT, access: 'own' })).toEqual({ role_arn: null, external_id: null })
  expect(wishOf({ ...DRAFT, guardrail_id: ' gr1 ', guardrail_version: '2' })).toMatchObject({
    guardrail_id: 'gr1',
    guardrail_version: '2',
    service_tier: null,
    priority: 5,
  })
})

test('theirs are taken with what was typed here over them', () => {
  const mine = { ...DRAFT, priority: '9' }
  const theirs = { ...DRAFT, name: 'theirs', priority: '7', external_id: '' }
  expect(merged(DRAFT, mine, theirs)).toEqual({ ...theirs, priority: '9' })
  expect(differences(DRAFT, theirs)).toEqual(['Name: theirs', 'External ID: none', 'Priority: 7'])
})

describe('before anybody is asked', () => {
  test.each(['', '-1', '1.5', '1e3', '10001', 'NaN', '99999999999999999999'])(
    'the priority %j is refused',
    (priority) => {
      expect(errorsIn({ ...DRAFT, priority })).toEqual({ priority: 'Enter a whole number from 0 to 10,000.' })
    },
  )
  test.each(['0', ' 7 ', '10000'])('the priority %j is taken', (priority) => {
    expect(errorsIn({ ...DRAFT, priority })).toEqual({})
  })
  test('half a guardrail, a role without ARN, no name and no region are refused', () => {
    expect(Object.keys(errorsIn({ ...DRAFT, name: ' ', region: '', role_arn: '', guardrail_id: 'gr1' }))).toEqual([
      'name',
      'region',
      'role_arn',
      'guardrail_version',
    ])
  })
})
