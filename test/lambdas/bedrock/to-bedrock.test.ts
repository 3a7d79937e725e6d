import { expect, test } from 'vitest'
import { toInvokeBody } from '../../../lambdas/bedrock/to-bedrock.ts'

const sent = (json: string, betas: string | null = null): string =>
  new TextDecoder().decode(toInvokeBody({ utf8: new TextEncoder().encode(json), body: JSON.parse(json) }, betas))

const read = (body: Record<string, unknown>, betas: string | null = null) =>
  JSON.parse(sent(JSON.stringify(body), betas))

test('model and stream leave the body; what is unknown stays', () => {
  expect(
    read({ model: 'm', stream: true, max_tokens: 5, messages: [], brand_new: { a: [1] }, temperature: 0 }),
  ).toEqual({
    anthropic_version: 'bedrock-2023-05-31',
    messages: [],
    brand_new: { a: [1] },
    temperature: 0,
    max_tokens: 5,
  })
})

test('betas of header and body are merged, those Bedrock refuses are dropped, renamed ones renamed', () => {
  const told = read(
    { max_tokens: 1, messages: [], anthropic_beta: ['effort-2025-11-24', 'made-up-2020-01-01'] },
    'claude-code-20250219, effort-2025-11-24,advanced-tool-use-2025-11-20',
  )
  expect(told.anthropic_beta).toEqual(['effort-2025-11-24', 'tool-search-tool-2025-10-19'])
})

test('no beta left: no member', () => {
  expect(read({ max_tokens: 1, messages: [] }, 'claude-code-20250219')).not.toHaveProperty('anthropic_beta')
})

test("what passes is not written anew: order, spaces, numbers and escapes are the client's", () => {
  const messages = '[ {"role":"user", "content":"\\u00e9 \\"}, \\\\" } ]'
  const json = `{ "model" : "m", "messages": ${messages} ,"temperature":1.0e0,"max_tokens":5}`
  expect(sent(json)).toBe(
    `{ "anthropic_version":"bedrock-2023-05-31","messages": ${messages} ,"temperature":1.0e0,"max_tokens":5}`,
  )
})

test('a name that is told twice, or in escapes, is the name it says', () => {
  expect(sent('{"m\\u006fdel":"a","top_k":1,"model":"b","max_tokens":1,"top_k":2}')).toBe(
    '{"anthropic_version":"bedrock-2023-05-31","max_tokens":1,"top_k":2}',
  )
})

test('a version or number of tokens that says nothing is replaced, another one stays', () => {
  expect(read({ max_tokens: null, anthropic_version: null })).toEqual({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 8096,
  })
  expect(read({ max_tokens: 7, anthropic_version: 'bedrock-2030-01-01' })).toEqual({
    anthropic_version: 'bedrock-2030-01-01',
    max_tokens: 7,
  })
})
