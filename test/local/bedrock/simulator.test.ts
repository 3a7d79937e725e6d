import { BedrockClient, ListInferenceProfilesCommand, paginateListInferenceProfiles } from '@aws-sdk/client-bedrock'
import {
  BedrockRuntimeClient,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type BedrockSimulator, startBedrockSimulator } from '../../../local/bedrock/simulator.ts'

const ACCESS = { region: 'eu-west-1', credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret' } }
const MODEL = 'global.anthropic.claude-opus-5-5'
/** One that answers in a given form through InvokeModel. */
const OLDER = 'global.anthropic.claude-sonnet-4-6'

let bedrock: BedrockSimulator
let client: BedrockRuntimeClient

beforeAll(async () => {
  bedrock = await startBedrockSimulator({ keepBodies: true })
  client = new BedrockRuntimeClient({ endpoint: bedrock.url, maxAttempts: 1, ...ACCESS })
})
afterEach(() => bedrock.script.clear())
afterAll(async () => {
  client?.destroy()
  await bedrock?.stop()
})

const bodyOf = (content: unknown, more: object = {}) =>
  JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 50,
    messages: [{ role: 'user', content }],
    ...more,
  })

async function stream(body = bodyOf('hi'), modelId = MODEL): Promise<Record<string, never>[]> {
  const { body: events } = await client.send(new InvokeModelWithResponseStreamCommand({ modelId, body }))
  const seen: Record<string, never>[] = []
  for await (const { chunk } of events ?? []) seen.push(JSON.parse(new TextDecoder().decode(chunk?.bytes)))
  return seen
}

async function whole(body = bodyOf('hi'), modelId = MODEL) {
  const answer = await client.send(new InvokeModelCommand({ modelId, body }))
  return JSON.parse(answer.body.transformToString()) as {
    id: string
    usage: Record<string, number>
    content: { text?: string }[]
  }
}

test('over HTTP/2 a stream has the events of the Messages API, in order, and is tallied as it was told', async () => {
  const events = await stream()
  const types = events.map(({ type }) => String(type))
  expect([types[0], types[1], ...types.slice(-3)]).toEqual([
    'message_start',
    'content_block_start',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ])
  expect(events.at(-1)).toHaveProperty(['amazon-bedrock-invocationMetrics', 'inputTokenCount'])
  const call = bedrock.tally().at(-1)
  expect(call).toMatchObject({
    operation: 'invoke-with-response-stream',
    modelId: MODEL,
    region: 'eu-west-1',
    accessKeyId: 'AKIDTEST',
    outcome: 'completed',
    eventsSent: events.length,
  })
  expect(events.at(-2)).toMatchObject({ usage: { output_tokens: call?.usage.outputTokens } })
})

test('over HTTP/1.1 the same port answers too', async () => {
  const ask = (authorization?: string) =>
    fetch(`${bedrock.url}/model/${encodeURIComponent(MODEL)}/invoke`, {
      method: 'POST',
      body: bodyOf('hi'),
      headers: { ...(authorization && { authorization }) },
    })
  expect((await ask('Bearer some-key')).status).toBe(200)
  const refused = await ask()
  expect([refused.status, refused.headers.get('x-amzn-errortype')]).toEqual([
    403,
    'MissingAuthenticationTokenException',
  ])
})

test('the same seed gives the same answers', async () => {
  const text = async () => {
    const own = await startBedrockSimulator({ seed: 7 })
    const asker = new BedrockRuntimeClient({ endpoint: own.url, ...ACCESS })
    const answer = await asker.send(new InvokeModelCommand({ modelId: MODEL, body: bodyOf('hi') }))
    asker.destroy()
    await own.stop()
    return answer.body.transformToString()
  }
  expect(await text()).toBe(await text())
})

describe('a body that Bedrock does not take is refused in its words', () => {
  test.each([
    ['another model', bodyOf('hi'), 'us.anthropic.claude-nothing', /model identifier is invalid/],
    ['a model in the body', bodyOf('hi', { model: 'x' }), MODEL, /^model: Extra inputs are not permitted$/],
    ['a stream in the body', bodyOf('hi', { stream: true }), MODEL, /^stream: Extra inputs/],
    [
      'no max_tokens',
      JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', messages: [{ role: 'user', content: 'hi' }] }),
      MODEL,
      /^max_tokens: Field required$/,
    ],
    ['no version', JSON.stringify({ max_tokens: 1, messages: [] }), MODEL, /anthropic_version/],
    ['no messages', bodyOf('hi', { messages: [] }), MODEL, /at least one message/],
    [
      'a role it does not know',
      bodyOf('hi', { messages: [{ role: 'robot', content: '' }] }),
      MODEL,
      /messages\.0\.role/,
    ],
  ])('%s', async (_name, body, modelId, message) => {
    await expect(whole(body, modelId)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(message),
    })
  })
})

describe('each scripted fault is what the SDK takes it for', () => {
  test('a refusal', async () => {
    bedrock.script.next({
      kind: 'error',
      status: 429,
      type: 'ThrottlingException',
      message: 'slow',
      retryAfterSeconds: 3,
    })
    await expect(stream()).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: 'slow',
      $response: { headers: { 'retry-after': '3' } },
    })
  })
  test.each([
    'throttlingException',
    'modelStreamErrorException',
    'internalServerException',
    'validationException',
    'serviceUnavailableException',
    'modelTimeoutException',
  ])('%s in the middle', async (type) => {
    bedrock.script.next({ kind: 'exception-mid-stream', type, message: 'no', afterEvents: 2 })
    await expect(stream()).rejects.toMatchObject({ name: type.charAt(0).toUpperCase() + type.slice(1), message: 'no' })
    expect(bedrock.tally().at(-1)?.outcome).toBe('broken')
  })
  test('a connection broken before and in the middle, and a frame cut off', async () => {
    for (const behaviour of [
      { kind: 'reset', afterEvents: 0 },
      { kind: 'reset', afterEvents: 3 },
      { kind: 'truncated-frame' },
    ] as const) {
      bedrock.script.next(behaviour)
      await expect(stream()).rejects.toThrow()
    }
  })
  test('frames in small pieces are the same frames', async () => {
    bedrock.script.next({ kind: 'slow-frames' })
    expect((await stream()).at(-1)).toMatchObject({ type: 'message_stop' })
  })
})

test('tools, thinking and JSON are answered as a client needs them', async () => {
  bedrock.script.next({ kind: 'tool', name: 'Bash', input: { command: 'ls' } })
  const pieces = (await stream()).flatMap(
    ({ delta }) => (delta as { partial_json?: string } | undefined)?.partial_json ?? [],
  )
  expect(JSON.parse(pieces.join(''))).toEqual({ command: 'ls' })
  const tools = [{ name: 'Bash', input_schema: { type: 'object' } }]
  expect((await whole(bodyOf('run the tool: echo hi', { tools }))).content.at(-1)).toMatchObject({
    name: 'Bash',
    input: { command: 'echo hi' },
  })
  const messages = [
    { role: 'user', content: 'run the tool: echo hi' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'x', name: 'Bash', input: { command: 'echo hi' } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: 'hi there' }] },
  ]
  expect((await whole(bodyOf('', { messages }))).content[0]?.text).toBe('The tool said: hi there')
  await expect(whole(bodyOf('', { messages: messages.slice(2) }))).rejects.toThrow(/unexpected `tool_use_id`/)
  await expect(whole(bodyOf('', { messages: [...messages.slice(0, 2), messages[0]] }))).rejects.toThrow(
    /without `tool_result` blocks/,
  )
  const format = { type: 'json_schema', schema: { type: 'object', required: ['title'] } }
  expect(
    JSON.parse((await whole(bodyOf('a title', { output_config: { format } }), OLDER)).content[0]?.text ?? ''),
  ).toHaveProperty('title')
})

test('a cached prefix is written once and read afterwards, by its time to live', async () => {
  for (const ttl of ['5m', '1h']) {
    const system = [{ type: 'text', text: `${ttl} ${'long '.repeat(2000)}`, cache_control: { type: 'ephemeral', ttl } }]
    const body = JSON.stringify({ system, ...JSON.parse(bodyOf('hi')) })
    const [first, second] = [await whole(body), await whole(body)]
    expect(first.usage.cache_creation_input_tokens).toBeGreaterThan(1000)
    expect(second.usage).toMatchObject({
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: first.usage.cache_creation_input_tokens,
    })
  }
})

test('tokens are counted and not billed', async () => {
  const body = new TextEncoder().encode(bodyOf('hi'))
  const { inputTokens } = await client.send(
    new CountTokensCommand({ modelId: 'anthropic.claude-sonnet-4-6', input: { invokeModel: { body } } }),
  )
  expect(inputTokens).toBeGreaterThan(10)
  expect(bedrock.tally().at(-1)).toMatchObject({ operation: 'count-tokens', usage: { inputTokens: 0 } })
})

test('inference profiles come in pages', async () => {
  const control = new BedrockClient({ endpoint: bedrock.url, ...ACCESS })
  const first = await control.send(new ListInferenceProfilesCommand({ maxResults: 5 }))
  expect([first.inferenceProfileSummaries?.length, typeof first.nextToken]).toEqual([5, 'string'])
  const ids: string[] = []
  for await (const page of paginateListInferenceProfiles({ client: control, pageSize: 7 }, {})) {
    ids.push(...(page.inferenceProfileSummaries ?? []).map(({ inferenceProfileId }) => inferenceProfileId ?? ''))
  }
  expect(ids).toContain('eu.anthropic.claude-sonnet-5-5')
  expect(new Set(ids).size).toBe(ids.length)
  control.destroy()
})

test('a client that goes away is noticed, and billed what had been generated', async () => {
  bedrock.script.next({ kind: 'text', tokens: 400, chunkDelayMs: 5 })
  const away = new AbortController()
  const asked = { method: 'POST', body: bodyOf('hi'), headers: { authorization: 'Bearer key' }, signal: away.signal }
  const answer = await fetch(`${bedrock.url}/model/${MODEL}/invoke-with-response-stream`, asked)
  await answer.body?.getReader().read()
  away.abort()
  await expect.poll(() => bedrock.tally().at(-1)?.outcome).toBe('client-gone')
  expect(bedrock.tally().at(-1)?.usage.outputTokens).toBeLessThan(400)
})

describe('a simulator that does not read answers whatever is asked', () => {
  let unread: BedrockSimulator
  beforeAll(async () => {
    unread = await startBedrockSimulator({ unread: true })
    unread.script.always({ kind: 'text', text: 'Always this.' })
  })
  afterAll(() => unread?.stop())
  const ask = (path: string, body: string) =>
    fetch(unread.url + path, { method: 'POST', headers: { authorization: 'Bearer x' }, body })

  test('by InvokeModel', async () => {
    const answer = await ask(`/model/${MODEL}/invoke`, 'not even JSON')
    expect(await answer.json()).toMatchObject({ content: [{ type: 'text', text: 'Always this.' }] })
  })
  test('by the native path, as a stream where the body wants one', async () => {
    const path = '/anthropic/v1/messages'
    expect((await ask(path, '{"stream":true,')).headers.get('content-type')).toBe('text/event-stream')
    expect((await ask(path, '{')).headers.get('content-type')).toBe('application/json')
  })
})
