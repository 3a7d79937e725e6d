/** The names in the tree mean what CONTRIBUTING.md says they mean. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT, repositoryFiles } from '../support/repository.ts'

const files = repositoryFiles()
const under = (...folders: string[]): string[] =>
  files.filter((file) => folders.some((folder) => file.startsWith(`${folder}/`)))
const nameOf = (file: string): string => file.slice(file.lastIndexOf('/') + 1)
const breaking = (among: readonly string[], grammar: RegExp): string[] =>
  among.filter((file) => !grammar.test(nameOf(file)))

test('the suffix of a file in a module is one that permits something', () => {
  const modules = under('lambdas').filter((file) => !file.startsWith('lambdas/functions/'))
  expect(modules.length).toBeGreaterThan(40)
  expect(breaking(modules, /^[a-z0-9-]+(?:[.](?:flow|store|client|routes|host))?[.]ts$/)).toEqual([])
})

test('wiring, contract and infrastructure have no suffixes', () => {
  const plain = under('lambdas/functions', 'contract', 'lib').filter((file) => file.endsWith('.ts'))
  expect(breaking(plain, /^[a-z0-9-]+[.]ts$/)).toEqual([])
})

test('a module is named after a concept, not after a drawer', () => {
  const DRAWERS = /(?:^|\/)(?:utils?|helpers?|common|misc|shared|core)(?:[./]|$)/
  const ours = under('bin', 'lib', 'contract', 'lambdas', 'local', 'frontend', 'bench')
  expect(ours.filter((file) => DRAWERS.test(file))).toEqual([])
})

/** `deploy/deploy.test.ts` tests the folder. */
const isThere = (source: string): boolean =>
  ['.ts', '.mjs', ''].some((end) => existsSync(join(ROOT, source + end))) || /\/([^/]+)\/\1$/.test(source)

test('a test that is named after a source tests one that is there', () => {
  const MIRRORED = /^test\/((?:bin|contract|lambdas|lib|local)\/.+)[.]test[.]ts$/
  const sources = files.flatMap((file) => MIRRORED.exec(file)?.slice(1) ?? [])
  expect(sources.length).toBeGreaterThan(10)
  expect(sources.filter((source) => !isThere(source))).toEqual([])
})
