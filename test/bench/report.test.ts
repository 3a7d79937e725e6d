import { expect, test } from 'vitest'
import { withTables } from '../../bench/report.ts'

const PAGE = 'Before.\n\n<!-- bench: begin -->\nold\n<!-- bench: end -->\n\nAfter.\n'

test('the tables stand between the marks, and what a person wrote stays', () => {
  const once = withTables(PAGE, '| new |')
  expect(once).toBe('Before.\n\n<!-- bench: begin -->\n\n| new |\n\n<!-- bench: end -->\n\nAfter.\n')
  expect(withTables(once, '| newer |')).toBe(once.replace('new', 'newer'))
})

test('a page without the marks is not written over', () => {
  expect(() => withTables('A page.', '| new |')).toThrow('lacks')
})
