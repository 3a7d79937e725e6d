/**
 * Every point of the conformance checklist is what a test with the real clients is named after (`16, 54: …`), or it is said here why
 * not. What the points are is the table below; how each is shown, the tests say.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT, repositoryFiles } from '../support/repository.ts'

const POINTS: Readonly<Record<number, string>> = {
  1: 'a prompt with a bearer token',
  2: 'a prompt with an API key',
  3: 'two credentials that differ',
  4: 'a key helper is asked again after a 401',
  5: 'a key that ends between two turns',
  6: 'an empty bearer',
  7: 'probes without a credential',
  8: 'queries change nothing',
  9: 'system messages with an effort pass byte for byte',
  10: 'beta flags arrive complete',
  11: 'any anthropic-version',
  12: 'members of new features pass',
  13: 'cache marks keep place and lifetime',
  14: 'the line of attribution decides nothing',
  15: 'large bodies',
  16: 'a Bash loop',
  17: 'signatures of thoughts',
  18: 'tool input as deltas',
  19: 'every event has its name',
  20: 'the order of events',
  21: 'nothing is held back',
  22: 'silence is filled',
  23: 'an answer of six minutes',
  24: 'a client that leaves',
  25: 'a stream that breaks after a block',
  26: 'a stream that breaks before its first event',
  27: 'the copy without streaming',
  28: 'one answer in one stream',
  29: 'a revoked key',
  30: 'a budget used up',
  31: 'a limit that passes soon',
  32: 'a limit that does not',
  33: 'a policy',
  34: 'an unknown model',
  35: 'a prompt too long',
  36: 'a prompt too long, in other words',
  37: 'repeats of a 400',
  38: 'an overload',
  39: 'the list of models',
  40: 'the picker',
  41: 'counting for /context',
  42: 'a web search',
  43: 'auto mode',
  44: 'the client’s own check in auto mode',
  45: 'sub-agents',
  46: 'the session',
  47: 'usage',
  48: 'request ids',
  49: 'the form of errors',
  50: 'no redirects',
  51: 'base URLs',
  52: 'Bedrock mode',
  53: 'Anthropic’s SDK',
  54: 'older and newer versions',
}

/** What no test is named after. */
const NOT_SHOWN: Readonly<Record<number, string>> = {}

/** What a test shows only in part. */
const IN_PART: Readonly<Record<number, string>> = {
  15: 'A function URL takes an event of 6,291,556 bytes, so 32 MB cannot come through it.',
  24: 'A function URL does not tell of a hang-up: the answer is read to its end and paid for.',
  36: 'Every upstream is Anthropic’s, so the words are those of Bedrock itself, which the client understands.',
  40: 'Needs the `script` of util-linux for a terminal, and is skipped without.',
  43: 'What is seen in a terminal needs the `script` of util-linux, and is skipped without.',
  54: 'Other versions run by CLAUDE_CODE=<version>; without it, the installed one.',
}

/** The names of tests: `test('16, 54: …'`, `test.for([…])('22: …'`, `['35', …]` of a table. */
const NAMED = /['"`](\d{1,2}(?:, \d{1,2})*)(?:: |['"`],)/g

function namedPoints(): ReadonlySet<number> {
  const files = repositoryFiles().filter((file) => /^test\/e2e\/conformance[\w.-]*\.test\.ts$/.test(file))
  expect(files.length).toBeGreaterThan(3)
  const texts = files.map((file) => readFileSync(join(ROOT, file), 'utf8'))
  const found = texts.flatMap((text) => [...text.matchAll(NAMED)].flatMap(([, points = '']) => points.split(', ')))
  return new Set(found.map(Number))
}

test('every point has a test that is named after it, or a reason', () => {
  const all = Object.keys(POINTS).map(Number)
  expect(all).toEqual(Array.from({ length: 54 }, (_, place) => place + 1))
  const named = namedPoints()
  expect(all.filter((point) => !named.has(point))).toEqual(Object.keys(NOT_SHOWN).map(Number))
})

test('what is shown in part is shown, and no test has a number that is none', () => {
  const named = namedPoints()
  expect(Object.keys(IN_PART).filter((point) => !named.has(Number(point)))).toEqual([])
  expect([...named].filter((point) => POINTS[point] === undefined)).toEqual([])
})
