/** The repository works for everybody: nothing in it points at the machine it was written on, or at one mirror of a registry. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT, repositoryFiles } from '../support/repository.ts'

/** Written in pieces, so that this file is not among what it finds. */
const TRACES = [
  ['registry', '[.]npmjs'],
  ['registry', '[.]yarnpkg'],
  ['deb', '[.]debian[.]org'],
  ['(?<![\\w.-])/wo', 'rk/'],
  ['(?<![\\w-])sha', 'red/(?:contract|design|research|README)'],
  ['[.]lib', 'rary/'],
].map((pieces) => new RegExp(pieces.join('')))

const files = repositoryFiles()
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

test('no file names a registry host or a path of a workplace', () => {
  const found = files.flatMap((file) => {
    const text = read(file)
    return TRACES.filter((trace) => trace.test(text)).map((trace) => `${file}: ${trace.source}`)
  })
  expect(found).toEqual([])
})

test('lock files name no host to download from, so every mirror works', () => {
  const locks = files.filter((file) => file.endsWith('package-lock.json'))
  expect(locks).toContain('package-lock.json')
  expect(locks.filter((lock) => read(lock).includes('"resolved": "http'))).toEqual([])
})

test('what is to be found would be found', () => {
  const examples = [
    'registry+.npmjs',
    'registry+.yarnpkg',
    'deb+.debian.org',
    'at /wo+rk/x',
    'in sha+red/design',
    '.lib+rary/x',
  ]
  const missed = examples.filter((example, index) => !TRACES[index]?.test(example.replace('+', '')))
  expect(missed).toEqual([])
})
