/** Bedrock's own `/anthropic/v1/messages`, signed as the gateway signs it. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type BedrockSimulator, startBedrockSimulator } from '../../../local/bedrock/simulator.ts'
import { signedPost } from '../../support/signed-post.ts'

const MODEL = 'global.anthropic.claude-opus-5-5'
const ASKED = { model: MODEL, max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] }
const VERSION = { 'anthropic-version': '2023-06-01' }

let bedrock: BedrockSimulator
beforeAll(async () => {
  bedrock = await startBedrockSimulator({ keepBodies: true })
})
afterEach(() => bedrock.script.clear())
afterAll(() => bedrock?.stop())

const ask = (body: object = ASKED, headers: Record<string, string> = VERSION, path = '/anthropic/v1/messages') =>
  signedPost(bedrock.url + path, { body, headers, region: 'eu-west-1' })

const errorOf = async (answer: Response) => ({
  status: answer.status,
  ...((await answer.json()) as { type: string; error: { type: string; message: string } }),
})

test('a stream is server-sent events without the metrics of InvokeModel; an answer is a whole message', async () => {
  const streamed = await ask({ ...ASKED, stream: true })
  expect(streamed.headers.get('content-type')).toBe('text/event-stream')
  const said = await streamed.text()
  expect(said).toMatch(
    /^event: message_start\ndata: \{[\s\S]*event: message_stop\ndata: \{"type":"message_stop"\}\n\n$/,
  )
  expect(await (await ask()).json()).toMatchObject({ type: 'message', role: 'assistant', model: MODEL })
})

test('the books tell version and betas from the headers, and the place from the signature', async () => {
  await ask(ASKED, { ...VERSION, 'anthropic-beta': 'effort-2025-11-24, interleaved-thinking-2025-05-14' })
  expect(bedrock.tally().at(-1)).toMatchObject({
    operation: 'messages',
    modelId: MODEL,
    account: '000000000000',
    region: 'eu-west-1',
    anthropicVersion: '2023-06-01',
    betas: ['effort-2025-11-24', 'interleaved-thinking-2025-05-14'],
    outcome: 'completed',
  })
})

test('tokens are counted for any model, without max_tokens and without a bill', async () => {
  const { max_tokens: _, ...asked } = ASKED
  const path = '/anthropic/v1/messages/count_tokens'
  const counted = (await (await ask(asked, VERSION, path)).json()) as { input_tokens: number }
  expect(counted.input_tokens).toBeGreaterThan(10)
  expect(bedrock.tally().at(-1)).toMatchObject({ operation: 'messages-count-tokens', usage: { inputTokens: 0 } })
  expect(await errorOf(await ask(ASKED, VERSION, path))).toMatchObject({
    status: 400,
    error: { message: 'max_tokens: Extra inputs are not permitted' },
  })
})

test('a count fails as the test says, on this path alone where it says so', async () => {
  const { max_tokens: _, ...asked } = ASKED
  const count = async () => (await ask(asked, VERSION, '/anthropic/v1/messages/count_tokens')).status
  bedrock.script.countTokens(false, 'invoke')
  expect(await count()).toBe(200)
  bedrock.script.countTokens(false)
  expect(await count()).toBe(400)
  bedrock.script.countTokens({ status: 503, type: 'ServiceUnavailableException', message: 'down' }, 'messages')
  expect(await count()).toBe(503)
})

describe('a refusal is told in Anthropic’s envelope', () => {
  test.each([
    ['no version', ASKED, {}, 400, 'invalid_request_error', 'anthropic-version: header is required'],
    [
      'a flag in the body',
      { ...ASKED, anthropic_beta: [] },
      VERSION,
      400,
      'invalid_request_error',
      'anthropic_beta: Extra',
    ],
    [
      'an unknown flag',
      ASKED,
      { ...VERSION, 'anthropic-beta': 'new-2027-01-01' },
      400,
      'invalid_request_error',
      'invalid beta flag',
    ],
    [
      'an unknown model',
      { ...ASKED, model: 'claude-opus-5-5' },
      VERSION,
      400,
      'invalid_request_error',
      'The provided model',
    ],
  ])('%s', async (_name, body, headers, status, type, message) => {
    expect(await errorOf(await ask(body, headers))).toMatchObject({
      status,
      type: 'error',
      error: { type, message: expect.stringContaining(message) },
    })
  })

  test.each([
    [429, 'ThrottlingException', 'rate_limit_error'],
    [403, 'AccessDeniedException', 'permission_error'],
    [503, 'ServiceUnavailableException', 'overloaded_error'],
    [500, 'InternalServerException', 'api_error'],
  ])('%i as it was scripted', async (status, type, name) => {
    bedrock.script.next({ kind: 'error', status, type, message: 'no', retryAfterSeconds: 3 })
    const answer = await ask()
    expect(answer.headers.get('retry-after')).toBe('3')
    expect(await errorOf(answer)).toEqual({ status, type: 'error', error: { type: name, message: 'no' } })
  })

  test('no signature', async () => {
    const answer = await fetch(`${bedrock.url}/anthropic/v1/messages`, { method: 'POST', body: JSON.stringify(ASKED) })
    expect(await errorOf(answer)).toMatchObject({ status: 403, error: { type: 'permission_error' } })
  })
})

test.each([
  ['throttlingException', undefined, 'rate_limit_error'],
  ['serviceUnavailableException', undefined, 'overloaded_error'],
  ['modelTimeoutException', undefined, 'timeout_error'],
  ['modelStreamErrorException', 529, 'overloaded_error'],
  ['internalServerException', undefined, 'api_error'],
])('%s in the middle is an error event', async (type, originalStatusCode, name) => {
  bedrock.script.next({
    kind: 'exception-mid-stream',
    type,
    message: 'no',
    afterEvents: 2,
    ...(originalStatusCode && { originalStatusCode }),
  })
  const said = await (await ask({ ...ASKED, stream: true })).text()
  expect(said.split('\n\n').at(-2)).toBe(
    `event: error\ndata: {"type":"error","error":{"type":"${name}","message":"no"}}`,
  )
})

test('where a region does not offer the path it is not there, while InvokeModel and other regions go on', async () => {
  bedrock.script.at({ region: 'eu-west-1' }).nativeMessages(false)
  const before = bedrock.tally().length
  const answer = await ask()
  expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([404, 'UnknownOperationException'])
  expect(bedrock.tally().length).toBe(before)
  const invoke = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 5, messages: ASKED.messages }
  expect((await ask(invoke, {}, `/model/${MODEL}/invoke`)).status).toBe(200)
  const elsewhere = await signedPost(`${bedrock.url}/anthropic/v1/messages`, {
    body: ASKED,
    headers: VERSION,
    region: 'us-east-1',
  })
  expect(elsewhere.status).toBe(200)
})

test('structured output is the native path’s alone on current models', async () => {
  const format = { type: 'json_schema', schema: { type: 'object', required: ['title'] } }
  expect((await ask({ ...ASKED, output_config: { format } })).status).toBe(200)
})

test('what is told of one key happens to its calls alone', async () => {
  bedrock.script.at({ key: 'one' }).always({ kind: 'error', status: 429, type: 'ThrottlingException', message: 'busy' })
  const of = (key: string) => ask(ASKED, { ...VERSION, 'x-amzn-bedrock-request-metadata': JSON.stringify({ key }) })
  expect([(await of('one')).status, (await of('other')).status, (await ask()).status]).toEqual([429, 200, 200])
})

test('a tool is called after a thought, and its verdict is the one that was told', async () => {
  const flags = { ...VERSION, 'anthropic-beta': 'dangerous-tool-use-2026-09-03' }
  const guarded = { ...ASKED, safeguards: [{ type: 'dangerous_tool_use' }] }
  const tool = { kind: 'tool', name: 'Bash', input: { command: 'ls' } } as const
  const verdictOf = async (): Promise<unknown> => {
    const { content, safeguard_results: results } = (await (await ask(guarded, flags)).json()) as {
      content: readonly { readonly type: string; readonly id?: string }[]
      safeguard_results: readonly { readonly status: { readonly tool_uses: Readonly<Record<string, unknown>> } }[]
    }
    return results[0]?.status.tool_uses[content.at(-1)?.id ?? '']
  }
  bedrock.script.next({ ...tool, thinking: 'let me see' })
  const said = (await (await ask()).json()) as { content: readonly { readonly type: string }[] }
  expect(said.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use'])
  bedrock.script.next(tool)
  expect(await verdictOf()).toEqual({ type: 'evaluated', outcome: 'not_flagged' })
  bedrock.script.next({ ...tool, flagged: 'no' })
  expect(await verdictOf()).toEqual({ type: 'evaluated', outcome: 'flagged', explanation: 'no' })
})
