/** The other clients: `@anthropic-ai/sdk` with an API key alone, and AWS's own for Bedrock. Named after the points of the checklist. */
import Anthropic, { APIError } from '@anthropic-ai/sdk'
import {
  BedrockRuntimeClient,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  type ResponseStream,
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Behaviour } from '../../local/bedrock/script.ts'
import { type Deployed, deploy } from '../support/deployed.ts'
import { type Person, peopleAt } from '../support/person.ts'

let gateway: Deployed
let me: Person
const people = peopleAt(() => gateway)
beforeAll(async () => {
  gateway = await deploy({ maxEnvironments: 2 })
  me = await people.meet()
})
afterEach(() => me.script.clear())
afterAll(async () => {
  await people.leave()
  await gateway?.stop()
})

const refused = (status: number, type: string, message: string): Behaviour => ({ kind: 'error', status, type, message })
const QUESTION = { max_tokens: 500, messages: [{ role: 'user' as const, content: 'How are you?' }] }
const GREETING = 'Hello from the simulated model.'

describe('53: @anthropic-ai/sdk with apiKey alone', () => {
  const client = (): Anthropic => new Anthropic({ apiKey: me.key, baseURL: me.tap.url, maxRetries: 0 })
  const question = { ...QUESTION, model: 'claude-opus-5-5' }

  test('53, 11: create gives the message and its request id, whatever version the SDK names', async () => {
    const message = await client().messages.create(question)
    expect(message.content).toMatchObject([{ type: 'text', text: expect.stringContaining(GREETING) }])
    expect(message._request_id).toMatch(/^req_[0-9a-f]{32}$/)
    const { headers } = me.asked().at(-1) ?? expect.unreachable()
    expect([headers['anthropic-version'], headers.authorization]).toEqual([
      expect.stringMatching(/^20\d\d-/),
      `Bearer ${me.key}`,
    ])
    expect(headers['x-api-key']).toBeUndefined()
  })

  test('53: stream accumulates into what the model said', async () => {
    const said = { kind: 'tool', name: 'Bash', input: { command: 'ls', deep: { list: [1, 'ü', null] } } } as const
    me.script.next({ ...said, thinking: 'a thought of several deltas, with an ending' })
    const tools = [{ name: 'Bash', input_schema: { type: 'object' as const } }]
    const stream = client().messages.stream({ ...question, tools })
    const message = await stream.finalMessage()
    expect(stream.request_id).toMatch(/^req_/)
    expect(message).toMatchObject({ id: me.calls().at(-1)?.id, model: 'claude-opus-5-5', stop_reason: 'tool_use' })
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: 'a thought of several deltas, with an ending', signature: expect.any(String) },
      { type: 'text', text: 'I will use Bash.' },
      { type: 'tool_use', name: 'Bash', input: said.input },
    ])
    expect(message.usage.output_tokens).toBe(me.calls().at(-1)?.usage.outputTokens)
  })

  test('53: models are listed, and one is retrieved', async () => {
    const listed = await client().models.list()
    expect(listed.data.map(({ id }) => id)).toContain('claude-opus-5-5')
    const one = await client().models.retrieve('claude-opus-5-5')
    expect(one).toMatchObject(listed.data.find(({ id }) => id === 'claude-opus-5-5') ?? {})
    expect(one._request_id).toMatch(/^req_/)
    await expect(client().models.retrieve('claude-opus-9')).rejects.toMatchObject({
      status: 404,
      type: 'not_found_error',
    })
  })

  test('53: tokens are counted', async () => {
    const { max_tokens: _none, ...counted } = question
    expect((await client().messages.countTokens(counted)).input_tokens).toBeGreaterThan(0)
  })

  test.each([
    [429, 'ThrottlingException', 529, 'overloaded_error'],
    [400, 'ServiceQuotaExceededException', 429, 'rate_limit_error'],
    [500, 'InternalServerException', 500, 'api_error'],
    [403, 'AccessDeniedException', 403, 'permission_error'],
    [400, 'ValidationException', 400, 'invalid_request_error'],
  ])('53, 48: %i %s of Bedrock is an APIError %i of type %s with a request id', async (status, name, told, type) => {
    me.script.next(refused(status, name, 'not today'))
    const thrown = await client()
      .messages.create(question)
      .catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(APIError)
    expect(thrown).toMatchObject({ status: told, type, requestID: expect.stringMatching(/^req_/) })
  })

  test('53, 25: an exception in a stream is an APIError with its type', async () => {
    me.script.next({ kind: 'exception-mid-stream', type: 'throttlingException', message: 'slow', afterEvents: 4 })
    await expect(client().messages.stream(question).finalMessage()).rejects.toMatchObject({
      type: 'overloaded_error',
      error: { error: { message: 'slow' } },
    })
  })

  test('15: as much as a function URL carries is taken; more is refused in the words that make a client compact', async () => {
    const sized = (bytes: number) => client().messages.create({ ...question, system: 'a'.repeat(bytes) })
    expect((await sized(5_800_000)).type).toBe('message')
    await expect(sized(5_950_000)).rejects.toMatchObject({
      status: 400,
      error: { error: { message: expect.stringMatching(/^prompt is too long: \d+ tokens > \d+ maximum$/) } },
    })
  })
})

describe('52: AWS’s SDK with the key as a bearer token', () => {
  const client = (token = me.key): BedrockRuntimeClient =>
    new BedrockRuntimeClient({
      endpoint: me.tap.url,
      region: 'us-east-1',
      token: { token },
      authSchemePreference: ['httpBearerAuth'],
      maxAttempts: 1,
      // The SDK's own choice for this service is HTTP/2, which a function URL does not speak.
      requestHandler: new NodeHttpHandler(),
    })
  const BODY = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', ...QUESTION })
  const input = { modelId: 'us.anthropic.claude-haiku-4-5-20251001-v1:0', contentType: 'application/json', body: BODY }
  const streamed = async () => (await client().send(new InvokeModelWithResponseStreamCommand(input))).body
  const failing = (what: Promise<unknown>) =>
    what.then(
      () => expect.unreachable(),
      (thrown: unknown) => thrown,
    )

  test('52: InvokeModel gives the message; the name of the model reaches us with its colon', async () => {
    const answer = await client().send(new InvokeModelCommand(input))
    expect(JSON.parse(answer.body.transformToString())).toMatchObject({ type: 'message', role: 'assistant' })
    const { path, headers } = me.asked().at(-1) ?? expect.unreachable()
    expect([decodeURIComponent(path), headers.authorization]).toEqual([
      `/model/${input.modelId}/invoke`,
      `Bearer ${me.key}`,
    ])
    expect(me.calls().at(-1)?.modelId).toBe('global.anthropic.claude-haiku-4-5-20251001-v1:0')
  })

  test('52: chunks of a stream decode to the events of the message, Bedrock’s metrics with them', async () => {
    const events = await eventsOf(await streamed())
    const types = events.map(({ type }) => type)
    expect([types[0], ...types.slice(-2)]).toEqual(['message_start', 'message_delta', 'message_stop'])
    const text = events.map(({ delta }) => (delta as { text?: string } | undefined)?.text ?? '').join('')
    expect(text).toContain(GREETING)
    expect(events.at(-1)?.['amazon-bedrock-invocationMetrics']).toMatchObject({
      inputTokenCount: me.calls().at(-1)?.usage.inputTokens,
      outputTokenCount: me.calls().at(-1)?.usage.outputTokens,
    })
  })

  test.each([
    ['throttlingException', 'ThrottlingException'],
    ['serviceUnavailableException', 'ServiceUnavailableException'],
    ['internalServerException', 'InternalServerException'],
    ['validationException', 'ValidationException'],
    ['modelTimeoutException', 'ModelTimeoutException'],
  ])('52: %s in the middle of a stream is thrown as %s', async (type, name) => {
    me.script.next({ kind: 'exception-mid-stream', type, message: 'broke off', afterEvents: 4 })
    expect(await failing(eventsOf(await streamed()))).toMatchObject({ name, message: 'broke off' })
  })

  test.each([
    [429, 'ThrottlingException', 'ThrottlingException'],
    [503, 'ServiceUnavailableException', 'ServiceUnavailableException'],
    [400, 'ServiceQuotaExceededException', 'ThrottlingException'],
    [403, 'AccessDeniedException', 'AccessDeniedException'],
    [400, 'ValidationException', 'ValidationException'],
    [408, 'ModelTimeoutException', 'ModelTimeoutException'],
    [500, 'InternalServerException', 'InternalServerException'],
  ])('52: %i %s of Bedrock is thrown as %s, for a stream as for a whole answer', async (status, type, name) => {
    for (const command of [new InvokeModelCommand(input), new InvokeModelWithResponseStreamCommand(input)]) {
      me.script.next(refused(status, type, 'not today'))
      expect(await failing(client().send(command as InvokeModelCommand))).toMatchObject({
        name,
        message: expect.stringMatching(/not today|refuses this gateway/),
      })
    }
  })

  test('52: an unknown key and an unknown model are thrown by their names', async () => {
    expect(await failing(client(`sk-proxy-${'2'.repeat(64)}`).send(new InvokeModelCommand(input)))).toMatchObject({
      name: 'UnrecognizedClientException',
      message: expect.stringContaining('This API key is not valid'),
    })
    const stranger = new InvokeModelCommand({ ...input, modelId: 'amazon.nova-pro-v1:0' })
    expect(await failing(client().send(stranger))).toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('amazon.nova-pro-v1:0'),
    })
  })

  test('52: CountTokens counts the body of an InvokeModel request', async () => {
    const count = new CountTokensCommand({
      modelId: 'anthropic.claude-sonnet-4-6',
      input: { invokeModel: { body: new TextEncoder().encode(BODY) } },
    })
    expect((await client().send(count)).inputTokens).toBeGreaterThan(0)
  })
})

async function eventsOf(body: AsyncIterable<ResponseStream> | undefined): Promise<readonly Record<string, unknown>[]> {
  const events: Record<string, unknown>[] = []
  for await (const { chunk } of body ?? [])
    if (chunk?.bytes !== undefined) events.push(JSON.parse(new TextDecoder().decode(chunk.bytes)))
  return events
}
