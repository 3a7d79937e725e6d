/**
 * The scenarios of the data plane have numbers: A who asks, M names of models, R what goes to Bedrock, B beta flags, S what comes back,
 * F by which endpoint, L limits and money. O are those of notifications, P of prices, N of analytics, WS of the web. Each is shown by a test that bears its number, or stands here with the reason why there is none.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../support/repository.ts'

const SCENARIOS: Readonly<Record<string, number>> = {
  A: 27,
  M: 20,
  R: 17,
  B: 14,
  S: 17,
  F: 24,
  L: 29,
  O: 23,
  P: 16,
  N: 14,
  WS: 16,
}

const NOT_HERE: readonly { readonly numbers: readonly string[]; readonly because: string }[] = [
  {
    numbers: ['A5', 'A6'],
    because: 'A session is for people; the data plane takes virtual keys. Sessions are tested with sign-in.',
  },
  {
    numbers: ['A7', 'A8', 'A9', 'A10', 'A11', 'A12', 'A13', 'A14', 'A15'],
    because: 'There are no identity providers.',
  },
  { numbers: ['A25'], because: 'There is no setting that turns virtual keys off.' },
  {
    numbers: ['M17'],
    because: 'Names are not kept in a table that could be seeded: they are derived, and looked up in lists.',
  },
  {
    numbers: ['M18'],
    because: 'The prefix is a setting of the deployment and of each endpoint, not guessed from a region.',
  },
  { numbers: ['B8'], because: 'Probes need no switch: they are few, bounded, and on the books.' },
  { numbers: ['L8'], because: 'Nothing that was spent is kept in memory: every verdict reads the counters.' },
  {
    numbers: ['L15', 'L16', 'L17', 'L18'],
    because:
      'Rows are not gathered and flushed: each is settled in a transaction of its own, and DynamoDB takes any text.',
  },
  { numbers: ['L19', 'L20', 'L21', 'L22'], because: 'They are those of prices, P1 to P16.' },
  { numbers: ['S1'], because: 'No count is invented: what Bedrock does not report is not reported.' },
]

/** The numbers at the beginning of names: `A1: …`, `F20, W15: …`, also in the rows of a table. */
function numbersInTests(): ReadonlySet<string> {
  const numbers = new Set<string>()
  // The excuses on this page are quoted numbers too.
  const files = globSync('test/**/*.test.ts', { cwd: ROOT }).filter((path) => !path.endsWith('rules/scenarios.test.ts'))
  for (const path of files) {
    const source = readFileSync(join(ROOT, path), 'utf8')
    for (const [, told = ''] of source.matchAll(/['"`(]((?:[A-Z]S?\d{1,2}(?:, | and )?)+)(?::|\b)/g)) {
      for (const number of told.match(/[A-Z]S?\d{1,2}/g) ?? []) numbers.add(number)
    }
  }
  return numbers
}

test('every scenario is shown by a test that bears its number, or its absence has a reason', () => {
  const shown = numbersInTests()
  const excused = new Set(NOT_HERE.flatMap(({ numbers }) => numbers))
  const all = Object.entries(SCENARIOS).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, place) => `${letter}${place + 1}`),
  )
  expect(all.filter((number) => !shown.has(number) && !excused.has(number))).toEqual([])
  expect([...excused].filter((number) => shown.has(number))).toEqual([])
})

/** Faults of the gateway this one replaces, as far as they concern the data plane. */
const WEAKNESSES = [
  11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 46, 54, 55,
]

test('every fault that was to be avoided is named by the test that shows it', () => {
  const shown = numbersInTests()
  expect(WEAKNESSES.filter((number) => !shown.has(`W${number}`))).toEqual([])
})
