import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectBooksToAgree } from '../support/books.ts'
import { type Deployed, deploy } from '../support/deployed.ts'

let gateway: Deployed
let client: Anthropic

beforeAll(async () => {
  gateway = await deploy({ maxEnvironments: 4 })
  const { key } = await gateway.makeKey({ name: 'SDK' })
  client = new Anthropic({ apiKey: key, baseURL: gateway.messagesUrl, maxRetries: 0 })
})
afterAll(() => gateway?.stop())

const BASH = { name: 'Bash', input_schema: { type: 'object' as const, properties: { command: { type: 'string' } } } }
const question = (content: string) => ({
  model: 'claude-opus-5-5',
  max_tokens: 500,
  messages: [{ role: 'user' as const, content }],
})

test.each([
  ['text', undefined],
  [
    'thinking, its signature included',
    { kind: 'thinking', text: 'let me see, this is long enough for several deltas' },
  ],
  ['a tool call', { kind: 'tool', name: 'Bash', input: { command: 'ls -la', nested: { a: [1, 2, { b: 'ü' }] } } }],
  ['frames cut into small pieces', { kind: 'slow-frames' }],
] as const)('the SDK accumulates a stream of %s into the very message the model gave', async (_name, behaviour) => {
  for (const kind of ['stream', 'whole'] as const) {
    if (behaviour !== undefined) gateway.bedrock?.script.next(behaviour)
    const wish = { ...question('How are you?'), tools: [BASH] }
    const message =
      kind === 'stream' ? await client.messages.stream(wish).finalMessage() : await client.messages.create(wish)
    const call = gateway.bedrock?.tally().at(-1)
    expect(message.id).toBe(call?.id)
    expect(message.model).toBe('claude-opus-5-5')
    expect(message.usage).toMatchObject({
      input_tokens: call?.usage.inputTokens,
      output_tokens: call?.usage.outputTokens,
    })
    if (behaviour?.kind === 'tool')
      expect(message.content.at(-1)).toMatchObject({ type: 'tool_use', name: 'Bash', input: behaviour.input })
    if (behaviour?.kind === 'thinking') {
      expect(message.content[0]).toMatchObject({
        type: 'thinking',
        thinking: behaviour.text,
        signature: expect.stringMatching(/.{20}/),
      })
    }
  }
})

test('the streamed and the whole answer to one question are the same message', async () => {
  gateway.bedrock?.script.always({ kind: 'text', tokens: 200 })
  const streamed = await client.messages.stream(question('Tell me more')).finalMessage()
  const whole = await client.messages.create(question('Tell me more'))
  gateway.bedrock?.script.clear()
  const textOf = (message: Anthropic.Message) =>
    message.content.map((block) => (block.type === 'text' ? block.text.split(' ').length : 0))
  expect(textOf(streamed)).toEqual(textOf(whole))
  expect(streamed.stop_reason).toBe(whole.stop_reason)
})

test('cache writes and reads arrive, and the five prices are kept apart', async () => {
  const cached = (ttl: '5m' | '1h') => ({
    ...question('What does it say?'),
    system: [
      {
        type: 'text' as const,
        text: `${ttl} long document `.repeat(500),
        cache_control: { type: 'ephemeral' as const, ttl },
      },
    ],
  })
  for (const ttl of ['5m', '1h'] as const) {
    const first = await client.messages.stream(cached(ttl)).finalMessage()
    const second = await client.messages.create(cached(ttl))
    expect(first.usage.cache_creation_input_tokens).toBeGreaterThan(1000)
    expect(second.usage.cache_read_input_tokens).toBe(first.usage.cache_creation_input_tokens)
  }
  await gateway.settled()
  const rows = await gateway.items('usage', 'REQ#')
  expect(rows.some((row) => Number(row.cache_write_5m_tokens) > 1000)).toBe(true)
  expect(rows.some((row) => Number(row.cache_write_1h_tokens) > 1000)).toBe(true)
  expect(rows.some((row) => Number(row.saved_nano) > 0)).toBe(true)
})

test('S13: count_tokens counts and is not billed; the models are those of the account', async () => {
  const before = (await gateway.items('usage', 'REQ#')).length
  const { input_tokens } = await client.messages.countTokens({
    model: 'claude-opus-5-5',
    messages: [{ role: 'user', content: 'hi' }],
  })
  expect(input_tokens).toBeGreaterThan(0)
  const ids = (await client.models.list()).data.map((model) => model.id)
  expect(ids).toContain('claude-opus-5-5')
  expect(ids.every((id) => id.startsWith('claude-'))).toBe(true)
  expect((await gateway.items('usage', 'REQ#')).length).toBe(before)
})

test('an error in the middle of a stream reaches the SDK as that error, and the books still agree in number', async () => {
  gateway.bedrock?.script.next({
    kind: 'exception-mid-stream',
    type: 'modelStreamErrorException',
    message: 'lost',
    afterEvents: 4,
  })
  await expect(client.messages.stream(question('Break')).finalMessage()).rejects.toMatchObject({
    error: { error: { type: 'api_error', message: 'lost' } },
  })
})

test('rows, counters and aggregates equal what Bedrock counted', async () => {
  await expectBooksToAgree(gateway)
})

test('analytics tell the same figures', async () => {
  const analytics = (await (await gateway.admin('GET', '/admin/analytics?days=1')).json()) as {
    totals: Record<string, number>
  }
  // The gateway's own requests are nobody's.
  const rows = (await gateway.items('usage', 'REQ#')).filter(({ user_id }) => user_id !== null)
  const sum = (attribute: string) => rows.reduce((total, row) => total + Number(row[attribute]), 0)
  expect(analytics.totals).toMatchObject({
    requests: rows.length,
    input_tokens: sum('input_tokens'),
    output_tokens: sum('output_tokens'),
  })
  expect(analytics.totals.total_cost_usd).toBe(sum('cost_nano') / 1e9)
})
