import { describe, expect, test } from 'vitest'
import { recordFilterOf } from '../../../local/schedules/stream-filter.ts'

const passes = (pattern: object, record: object): boolean => recordFilterOf([JSON.stringify(pattern)])(record)
const image = (NewImage: object) => ({ eventName: 'INSERT', dynamodb: { NewImage } })

describe('a filter of a stream', () => {
  test('that is absent lets everything pass; of several one has to match', () => {
    expect(recordFilterOf([])({})).toBe(true)
    const either = recordFilterOf(['{"eventName":["INSERT"]}', '{"eventName":["MODIFY"]}'])
    expect(['INSERT', 'MODIFY', 'REMOVE'].map((eventName) => either({ eventName }))).toEqual([true, true, false])
  })

  test.each([
    [{ eventName: ['INSERT', 'MODIFY'] }, true],
    [{ eventName: ['REMOVE'] }, false],
    [{ eventName: ['INSERT'], dynamodb: { NewImage: { PK: { S: [{ prefix: 'EVENT#' }] } } } }, true],
    [{ eventName: ['REMOVE'], dynamodb: { NewImage: { PK: { S: [{ prefix: 'EVENT#' }] } } } }, false],
    [{ dynamodb: { NewImage: { PK: { S: [{ prefix: 'AUDIT#' }] } } } }, false],
    [{ dynamodb: { NewImage: { place: { S: [{ prefix: '' }] } } } }, false],
    [{ dynamodb: { NewImage: { PK: { S: [{ exists: true }] } } } }, true],
    [{ dynamodb: { NewImage: { place: { S: [{ exists: true }] } } } }, false],
    [{ dynamodb: { NewImage: { place: { S: [{ exists: false }] } } } }, true],
    [{ dynamodb: { NewImage: { PK: [{ exists: true }] } } }, false],
    [{ dynamodb: { OldImage: { PK: { S: ['EVENT#a'] } } } }, false],
  ])('%j: %s', (pattern, expected) => {
    expect(passes(pattern, image({ PK: { S: 'EVENT#a' } }))).toBe(expected)
  })

  test.each([
    { eventName: [{ 'anything-but': ['REMOVE'] }] },
    { n: [{ numeric: ['=', 1] }] },
    { n: [{ prefix: 'a', suffix: 'b' }] },
    { n: [null] },
    { n: 'text' },
    { $or: [{ n: ['a'] }] },
  ])('%j is refused, since it is not obeyed here', (pattern) => {
    expect(() => recordFilterOf([JSON.stringify(pattern)])).toThrow(/is not known here$/)
  })
})
