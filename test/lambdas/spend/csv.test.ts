import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvLine } from '../../../lambdas/spend/csv.ts'

test.each([
  ['plain', 'plain'],
  ['Red, hot', '"Red, hot"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['two\r\nlines', '"two\r\nlines"'],
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\tx', "'\tx"],
  ['\rx', '"\'\rx"'],
  ['=HYPERLINK("http://evil","x"),', '"\'=HYPERLINK(""http://evil"",""x""),"'],
  ['a=1', 'a=1'],
  ['', ''],
])('N13: %j is written %j', (field, written) => {
  expect(csvLine([field, 'end'])).toBe(`${written},end\r\n`)
})

test('N13: a number that is below zero is no formula', () => {
  expect(csvLine([-1, 0.5])).toBe('-1,0.5\r\n')
})

test('N13: whatever the fields are, a reader of RFC 4180 gets them back, and none begins like a formula', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(',', '"', '\r', '\n', '=', '+', '-', '@', '\t', 'a', "'") }),
  )
  const lines = fc.array(fc.array(text, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(lines, (rows) => {
      const read = parse(rows.map(csvLine).join(''), { record_delimiter: '\r\n' }) as string[][]
      expect(read.map((row) => row.map((field, place) => [field, place]))).toEqual(
        rows.map((row) => row.map((field, place) => [/^[=+\-@\t\r]/.test(field) ? `'${field}` : field, place])),
      )
      for (const field of read.flat()) expect(field).not.toMatch(/^[=+\-@\t\r]/)
    }),
  )
})
