import { describe, expect, test } from 'vitest'
import { RulesSchema, readRules } from '../../../lambdas/bedrock/read-rules.ts'
import { SEED_RULES } from '../../../lambdas/bedrock/seed-rules.ts'

test('the rules that are brought along are valid, and no flag is both accepted and refused', () => {
  expect(RulesSchema.parse(SEED_RULES)).toEqual(SEED_RULES)
  expect(SEED_RULES.acceptedBetas.filter((flag) => SEED_RULES.refusedBetas.includes(flag))).toEqual([])
})

describe('what was stored is read', () => {
  test('as it stands', () => {
    const rules = {
      ...SEED_RULES,
      acceptedBetas: [],
      models: [
        { models: ['claude-x-1'], path: 'max_tokens', max: 1, values: [1, null, 'a', true], without: ['thinking'] },
      ],
    }
    expect(readRules(JSON.parse(JSON.stringify(rules)))).toEqual(rules)
  })
  test('with what holds otherwise where an older version lacks a member, or one is not valid', () => {
    const refusedBetas = ['made-up-2030-01-01']
    expect(readRules({ refusedBetas, newer: 1, models: 'none' })).toEqual({ ...SEED_RULES, refusedBetas })
  })
  test.each([undefined, null, 7, 'x', []])('%j is nothing', (stored) => expect(readRules(stored)).toEqual(SEED_RULES))
})

const rule = { models: ['claude-opus-5-5'], path: 'thinking.type', replaceBy: 'adaptive' }

test.each<[string, object, string]>([
  [
    'a name that is no flag',
    { acceptedBetas: ['a b'] },
    'must be the name of a beta flag, such as context-1m-2025-08-07',
  ],
  [
    'too many',
    { refusedBetas: Array.from({ length: 201 }, (_, count) => `flag-${count}`) },
    'must not be more than 200',
  ],
  [
    'a pair of something that is no path',
    { membersOfBeta: { 'abc-1': ['a..b'] } },
    'must be a path such as thinking.type or tools.*.strict',
  ],
  [
    'a pair that would take out all messages',
    { membersOfBeta: { 'abc-1': ['messages'] } },
    'must not be something that every request needs',
  ],
  [
    'a rule that would take out the tokens',
    { models: [{ models: ['claude-x'], path: 'max_tokens' }] },
    'must not be something that every request needs',
  ],
  [
    'a rule that takes out more',
    { models: [{ ...rule, without: ['messages'] }] },
    'must not be something that every request needs',
  ],
  [
    'a model with a date of another vendor',
    { models: [{ ...rule, models: ['gpt-5'] }] },
    'must be a model without a date, such as claude-opus-5-5',
  ],
  ['a rule for no model', { models: [{ ...rule, models: [] }] }, 'must name a model'],
])('refused: %s', (_what, change, message) => {
  const read = RulesSchema.safeParse({ ...SEED_RULES, ...change })
  expect(read.error?.issues.map((issue) => issue.message)).toContain(message)
})

test('refused: a member that nobody knows', () => {
  expect(RulesSchema.safeParse({ ...SEED_RULES, more: 1 }).success).toBe(false)
  expect(RulesSchema.safeParse({ ...SEED_RULES, models: [{ ...rule, more: 1 }] }).success).toBe(false)
})
