import fc from 'fast-check'
import { expect, test } from 'vitest'
import { itemsAt, startOfValue } from '../../../lambdas/json/places.ts'

const membersOf = (json: string) => itemsAt(Buffer.from(json), startOfValue(Buffer.from(json), 0))

/** What the members say, put together again from their places. */
function understood(json: string): Record<string, unknown> {
  const bytes = Buffer.from(json)
  const pieces = membersOf(json).map(({ from, to }) => bytes.toString('utf8', from, to))
  return JSON.parse(`{${pieces.join(',')}}`)
}

test('an object is its members, whatever stands in them and however it is spaced', () => {
  const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }))
  fc.assert(
    fc.property(object, fc.constantFrom(0, 1, '\t'), (value, space) => {
      const json = JSON.stringify(value, undefined, space)
      expect(understood(json)).toEqual(JSON.parse(json))
      expect(membersOf(json).map(({ name }) => name)).toEqual(Object.keys(JSON.parse(json)))
    }),
  )
})

test('quotes, brackets and backslashes in a string are text', () => {
  const value = { 'a"b\\': '}\\"],{', c: ['\\\\', { d: '"' }], e: '' }
  expect(understood(JSON.stringify(value))).toEqual(value)
})

test('an empty object has none', () => expect(membersOf(' { } ')).toEqual([]))
