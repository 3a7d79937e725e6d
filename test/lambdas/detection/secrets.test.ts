import { expect, test } from 'vitest'
import { SECRET_RULES, secretsIn } from '../../../lambdas/detection/secrets.ts'
import { SECRETS } from './secret-samples.ts'

test.each(Object.entries(SECRETS))('D6: %s is found, in each of its forms, amid other text', (rule, samples) => {
  for (const sample of samples) {
    const found = secretsIn(`before ${sample}\nafter`).filter((flag) => flag.rule === rule)
    expect([sample, found]).toMatchObject([sample, [{ category: 'secrets', count: 1 }]])
    expect(JSON.stringify(found)).not.toContain(sample)
  }
})

test('a connection string is a warning, everything else is critical', () => {
  const severities = Object.values(SECRETS).map(([sample = '']) => secretsIn(sample)[0]?.severity)
  expect(severities).toEqual(
    Object.keys(SECRETS).map((rule) => (rule === 'connection_string' ? 'warning' : 'critical')),
  )
})

test.each([
  'the key is under the mat',
  'const token = readToken()',
  'password: "short"',
  'task-force, risk-assessment-of-a-very-long-project-name',
  'AKIA is a prefix',
  'postgres://localhost/db and https://user@example.com',
  '-----BEGIN PUBLIC KEY-----',
  'd41d8cd98f00b204e9800998ecf8427e',
  'sk-learn',
])('D6: nothing is found in: %s', (text) => {
  expect(secretsIn(text)).toEqual([])
})

/**
 * A repetition without bound that something must follow is where a hostile text makes a pattern read it again and again.
 * One at the very end of an alternative takes up what it has read, once.
 */
test('no pattern can be made to read a text more than a bounded number of times', () => {
  const unbounded = /(?<!\\)(?:[*+]|\{\d+,\})(?=.)/g
  const found = SECRET_RULES.flatMap(({ rule, pattern }) => {
    // What stands in a class is no repetition.
    const source = pattern.source.replace(/\[(?:\\.|[^\]])*\]/g, 'x')
    return [...source.matchAll(unbounded)].map(({ index }) => `${rule}: ${source.slice(0, index + 5)}`)
  })
  expect(found).toEqual([])
  expect('a+b'.match(unbounded)).toHaveLength(1)
  expect('a{2,}b|c\\+'.match(unbounded)).toHaveLength(1)
})
