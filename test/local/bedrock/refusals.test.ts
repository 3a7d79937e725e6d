/** What Bedrock refuses of a request, in the words that its clients heal themselves by. */
import { CountTokensCommand } from '@aws-sdk/client-bedrock-runtime'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type BedrockSimulator, startBedrockSimulator } from '../../../local/bedrock/simulator.ts'
import { asked, type BedrockCaller, callBedrock, MODEL } from '../../support/bedrock-caller.ts'

const OLDER = 'global.anthropic.claude-sonnet-4-5-20250929-v1:0'

let bedrock: BedrockSimulator
let caller: BedrockCaller
beforeAll(async () => {
  bedrock = await startBedrockSimulator()
  caller = callBedrock(bedrock.url)
})
afterEach(() => bedrock.script.clear())
afterAll(async () => {
  caller?.destroy()
  await bedrock?.stop()
})

const refusedWith = async (more: object, message: unknown, modelId = MODEL): Promise<void> => {
  await expect(caller.invoke(asked(more), { modelId })).rejects.toMatchObject({ name: 'ValidationException', message })
}
const passes = async (more: object, modelId = MODEL): Promise<void> => {
  expect(await caller.invoke(asked(more), { modelId })).toHaveProperty('usage')
}

describe('beta flags', () => {
  const NEW = { anthropic_beta: ['effort-2025-11-24', 'oauth-2025-04-20'] }
  test('one unknown flag costs the request, and is not named', () => refusedWith(NEW, 'invalid beta flag'))
  test('it is named where the test says so', async () => {
    bedrock.script.nameBetas(true)
    await refusedWith(NEW, 'invalid beta flag: oauth-2025-04-20')
  })
  test('what a place accepts and what it refuses can be told', async () => {
    bedrock.script.at({ model: 'claude-opus-5-5' }).acceptBetas('oauth-2025-04-20')
    await passes(NEW)
    bedrock.script.refuseBetas('effort-2025-11-24')
    await refusedWith(NEW, 'invalid beta flag')
  })
  test('an older model does not know the newer flags', () =>
    refusedWith({ anthropic_beta: ['mid-conversation-tool-changes-2026-07-01'] }, 'invalid beta flag', OLDER))
})

describe('members', () => {
  const TOOL = { name: 'Bash', input_schema: { type: 'object' } }
  const CONTEXT = { context_management: { edits: [] } }
  test.each<[string, object, string]>([
    ['nobody knows it', { speed: 'fast' }, 'speed'],
    ['its flag is missing', CONTEXT, 'context_management'],
    ['a tool has it', { tools: [TOOL, { ...TOOL, defer_loading: true }] }, 'tools.1.custom.defer_loading'],
    [
      'current models answer in no given form',
      { output_config: { format: { type: 'json_schema' } } },
      'output_config.format',
    ],
  ])('%s: extra inputs', (_name, more, path) => refusedWith(more, `${path}: Extra inputs are not permitted`))

  test('with its flag a member passes', () =>
    passes({
      ...CONTEXT,
      tools: [{ ...TOOL, defer_loading: true }],
      anthropic_beta: ['context-management-2025-06-27', 'tool-search-tool-2025-10-19'],
    }))

  test('effort is extra for models that have none', async () => {
    await refusedWith(
      { output_config: { effort: 'high' } },
      'output_config.effort: Extra inputs are not permitted',
      OLDER,
    )
    await passes({ output_config: { effort: 'high' } })
  })

  test('any member can be refused, at any depth, with the kind of each object on the way', async () => {
    bedrock.script.refuseMember('messages.*.content.*.citations')
    bedrock.script.refuseMember('messages.*.output_config')
    bedrock.script.refuseMember('thinking.display')
    const citing = { type: 'text', text: 'hi', citations: [] }
    await refusedWith(
      { messages: [{ role: 'user', content: [citing] }] },
      'messages.0.content.0.text.citations: Extra inputs are not permitted',
    )
    const user = { role: 'user', content: 'hi' }
    await refusedWith(
      { messages: [user, { role: 'system', content: 'x', output_config: { effort: 'low' } }] },
      'messages.1.output_config: Extra inputs are not permitted',
    )
    await refusedWith(
      { thinking: { type: 'adaptive', display: 'updates' } },
      'thinking.adaptive.display: Extra inputs are not permitted',
    )
  })

  test('a role can be refused', async () => {
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'system', content: 'x' },
    ]
    await passes({ messages })
    bedrock.script.refuseRole('system')
    await refusedWith({ messages }, "messages.1.role: Input should be 'user' or 'assistant'")
  })
})

describe('tools that Anthropic’s own platform runs', () => {
  const custom = { name: 'Bash', input_schema: { type: 'object' } }
  test.each(['web_search_20250305', 'web_fetch_20250910', 'code_execution_20250825'])('%s is not here', (type) =>
    refusedWith(
      { tools: [custom, { type, name: 'it' }] },
      expect.stringMatching(
        `^tools\\.1: Input tag '${type}' found using 'type' does not match any of the expected tags: `,
      ),
    ),
  )
  test('those that the client runs are', () => passes({ tools: [custom, { type: 'bash_20250124', name: 'bash' }] }))
})

describe('marks of the cache', () => {
  const mark = (more: object = {}) => ({ type: 'ephemeral', ...more })
  const text = (cache_control?: object) => ({ type: 'text', text: 'x', ...(cache_control && { cache_control }) })
  const user = (...content: object[]) => ({ messages: [{ role: 'user', content }] })
  test.each<[string, object, string]>([
    ['in a message', user(text(mark({ scope: 'global' }))), 'messages.0.content.0.text.cache_control.ephemeral.scope'],
    ['in the system prompt', { system: [text(mark({ scope: 'global' }))] }, 'system.0.cache_control.ephemeral.scope'],
    [
      'in a tool',
      { tools: [{ name: 'a', input_schema: { type: 'object' }, cache_control: mark({ priority: 1 }) }] },
      'tools.0.custom.cache_control.ephemeral.priority',
    ],
    [
      'in what a tool answered',
      user({ type: 'tool_result', tool_use_id: 'x', content: [text(mark({ scope: 'x' }))] }),
      'messages.0.content.0.tool_result.content.0.text.cache_control.ephemeral.scope',
    ],
  ])('a member beside type and ttl %s', (_name, more, path) =>
    refusedWith(more, `${path}: Extra inputs are not permitted`),
  )

  test('a schema that has a property of that name is no mark', () =>
    passes({
      tools: [{ name: 'a', input_schema: { type: 'object', properties: { cache_control: { scope: 'x' } } } }],
    }))
  test('four are enough', async () => {
    await passes(user(text(mark()), text(mark()), text(mark()), text(mark())))
    await refusedWith(
      { system: [text(mark()), text(mark())], ...user(text(mark()), text(mark()), text(mark())) },
      'A maximum of 4 blocks with cache_control may be provided. Found 5.',
    )
  })
  test('an hour does not follow five minutes', async () => {
    await passes({ system: [text(mark({ ttl: '1h' }))], ...user(text(mark())) })
    await refusedWith(
      { system: [text(mark())], ...user(text(mark({ ttl: '1h' }))) },
      "messages.0.content.0.text.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`.",
    )
  })
})

describe('what the newest models do not do', () => {
  test.each<[string, object, RegExp]>([
    [
      'thinking with a budget',
      { thinking: { type: 'enabled', budget_tokens: 1024 } },
      /^"thinking.type.enabled" is not/,
    ],
    ['no thinking', { thinking: { type: 'disabled' } }, /^"thinking.type.disabled" is not supported/],
    ['a tool that must be used', { tool_choice: { type: 'any' } }, /^tool_choice: type "tool" and "any" are not/],
    ['this tool and no other', { tool_choice: { type: 'tool', name: 'a' } }, /^tool_choice: /],
  ])('%s', async (_name, more, message) => {
    await expect(caller.invoke(asked(more))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(message),
    })
    await passes(more, OLDER)
  })
})

test('a prompt above the limit is told its length, so that the client can shorten it', async () => {
  bedrock.script.at({ region: 'us-east-1' }).promptLimit(100)
  await passes({})
  const error = await caller.invoke(asked({ system: 'long '.repeat(200) })).catch((thrown: Error) => thrown)
  expect(error).toMatchObject({ name: 'ValidationException' })
  const [, tokens, most] = /^prompt is too long: (\d+) tokens > (\d+) maximum$/.exec(String(error.message)) ?? []
  expect([Number(tokens) > 250, most]).toEqual([true, '100'])
})

describe('CountTokens', () => {
  const count = (modelId: string, body: object = asked()) =>
    caller.runtime.send(
      new CountTokensCommand({ modelId, input: { invokeModel: { body: Buffer.from(JSON.stringify(body)) } } }),
    )
  const refused = { name: 'ValidationException', message: "The provided model doesn't support counting tokens." }
  test('counts for a model by its own id, and refuses profiles and models that have profiles only', async () => {
    expect((await count('anthropic.claude-sonnet-4-6')).inputTokens).toBeGreaterThan(10)
    await expect(count('us.anthropic.claude-sonnet-4-6')).rejects.toMatchObject(refused)
    await expect(count(MODEL)).rejects.toMatchObject(refused)
  })
  test('can be told to count, or not to', async () => {
    bedrock.script.countTokens(true)
    expect((await count(MODEL)).inputTokens).toBeGreaterThan(10)
    bedrock.script.countTokens(false)
    await expect(count('anthropic.claude-sonnet-4-6')).rejects.toMatchObject(refused)
  })
  test('demands what InvokeModel demands', () =>
    expect(count('anthropic.claude-sonnet-4-6', { messages: [] })).rejects.toThrow(/anthropic_version/))
})
