import { expect, test } from 'vitest'
import { toInvokeBody } from '../../../lambdas/bedrock/to-bedrock.ts'

const read = (body: Record<string, unknown>, betas: string | null = null) =>
  JSON.parse(new TextDecoder().decode(toInvokeBody(body, betas)))

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
  const sent = read(
    { max_tokens: 1, messages: [], anthropic_beta: ['effort-2025-11-24', 'made-up-2020-01-01'] },
    'claude-code-20250219, effort-2025-11-24,advanced-tool-use-2025-11-20',
  )
  expect(sent.anthropic_beta).toEqual(['effort-2025-11-24', 'tool-search-tool-2025-10-19'])
})

test('no beta left: no member', () => {
  expect(read({ max_tokens: 1, messages: [] }, 'claude-code-20250219')).not.toHaveProperty('anthropic_beta')
})
