/** What the documents point at is there. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT, repositoryFiles } from '../support/repository.ts'

const files = repositoryFiles()
const folders = new Set(files.filter((file) => file.includes('/')).map((file) => file.slice(0, file.indexOf('/'))))
const documents = files.filter((file) => file.endsWith('.md'))

/** `<name>`, `*`, and the X and Y of "test/X/Y.test.ts tests X/Y.ts" stand for any name. */
const asPattern = (path: string): string => path.replace(/<[^>]+>|\b[XY]\b/g, '*')

function exists(path: string): boolean {
  const pattern = asPattern(path)
  return pattern.includes('*') ? globSync(pattern, { cwd: ROOT }).length > 0 : existsSync(join(ROOT, path))
}

const textOf = (document: string): string =>
  readFileSync(join(ROOT, document), 'utf8').replace(/^```[\s\S]*?^```/gm, '')

/** Targets of links that stay in the repository, from the root. */
function linked(document: string): string[] {
  const targets = [...textOf(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return targets
    .filter((target) => !/^(?:[a-z]+:|#|\/)/.test(target))
    .map((target) => normalize(join(dirname(document), target.replace(/#.*$/, ''))))
}

/** Between backticks: what begins with a folder of ours. */
function mentioned(document: string): string[] {
  const quoted = [...textOf(document).matchAll(/`([^`\s]+)`/g)].map(([, quote = '']) => quote)
  return quoted.filter((quote) => quote.includes('/') && folders.has(quote.slice(0, quote.indexOf('/'))))
}

test.each(documents)('every path in %s exists', (document) => {
  const missing = [...linked(document), ...mentioned(document)].filter((path) => !exists(path))
  expect(missing).toEqual([])
})

test('the paths of the documents are found at all', () => {
  expect(documents).toContain('README.md')
  expect(linked('README.md')).toContain('ARCHITECTURE.md')
  expect(mentioned('ARCHITECTURE.md').length).toBeGreaterThan(5)
})
