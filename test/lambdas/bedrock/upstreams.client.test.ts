/** Both ways of calling, against the simulated Bedrock and STS. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { countWithBedrock } from '../../../lambdas/bedrock/count.flow.ts'
import { createCountingMemory } from '../../../lambdas/bedrock/counting-memory.ts'
import { UpstreamAbsent } from '../../../lambdas/bedrock/kinds.ts'
import type { UpstreamCall } from '../../../lambdas/bedrock/upstream.ts'
import { openUpstreams, type Upstreams } from '../../../lambdas/bedrock/upstreams.client.ts'
import type { UpstreamKind } from '../../../lambdas/endpoints/endpoint.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { type Sts, startSts } from '../../../local/aws/sts.ts'
import { type BedrockSimulator, startBedrockSimulator } from '../../../local/bedrock/simulator.ts'
import type { UpstreamCall as Entry } from '../../../local/bedrock/tally.ts'
import { callLike, endpointLike, messagesBody } from '../../support/upstream-calls.ts'

const ROLE_ARN = 'arn:aws:iam::111122223333:role/ccag-claude'
const never = new AbortController().signal
const now = () => instant(Date.now())

let sts: Sts
let simulator: BedrockSimulator
let upstreams: Upstreams

beforeAll(async () => {
  sts = await startSts()
  simulator = await startBedrockSimulator({ identify: sts.identify })
})
beforeEach(() => {
  upstreams = openUpstreams({
    now,
    credentials: { accessKeyId: 'messages', secretAccessKey: 'local' },
    bedrockUrl: simulator.url,
    stsUrl: sts.endpoint,
  })
})
afterEach(() => {
  upstreams.close()
  simulator.script.clear()
  sts.forgetRoles()
})
afterAll(async () => {
  await simulator?.stop()
  await sts?.stop()
})

const last = (): Entry | undefined => simulator.tally().at(-1)
const inWords = (kind: UpstreamKind, given: Partial<UpstreamCall> = {}): UpstreamCall =>
  callLike({ ...(kind === 'messages' && { body: messagesBody(true) }), ...given })

const EVENTS = [
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
]

async function typesOf(chunks: AsyncIterable<Uint8Array> | readonly Uint8Array[]): Promise<string[]> {
  const types: string[] = []
  for await (const chunk of chunks) types.push(JSON.parse(new TextDecoder().decode(chunk)).type)
  return types
}

describe.each(['invoke', 'messages'] as const)('by %s', (kind) => {
  const elsewhere = endpointLike({ id: 'abcdef01-2', region: 'us-west-2', roleArn: ROLE_ARN, externalId: 'shared' })

  test('an endpoint in another account is called as its role, in its region, for team and user', async () => {
    sts.defineRole({ arn: ROLE_ARN, externalId: 'shared' })
    await typesOf(await upstreams[kind].stream(inWords(kind, { endpoint: elsewhere }), never))
    expect(last()).toMatchObject({
      outcome: 'completed',
      account: '111122223333',
      region: 'us-west-2',
      sessionTags: { team: 'team-1', user: 'user-1' },
      requestMetadata: { team: 'team-1', key: 'key-1', user: 'user-1' },
    })
    expect(sts.calls().at(-1)).toMatchObject({
      sessionName: 'ccag-abcdef01',
      externalId: 'shared',
      region: 'us-west-2',
    })
  })
  test('a role that takes no tags is assumed without', async () => {
    sts.defineRole({ arn: ROLE_ARN, externalId: 'shared', allowTags: false })
    await typesOf(await upstreams[kind].stream(inWords(kind, { endpoint: elsewhere }), never))
    expect(last()).toMatchObject({ account: '111122223333', sessionTags: {} })
  })
  test('a role that is refused is a fault of that endpoint alone', async () => {
    sts.defineRole({ arn: ROLE_ARN, denied: true })
    const asked = simulator.tally().length
    await expect(upstreams[kind].stream(inWords(kind, { endpoint: elsewhere }), never)).rejects.toMatchObject({
      code: 'upstream_forbidden',
      detail: { trouble: 'denied' },
    })
    expect(simulator.tally()).toHaveLength(asked)
    await typesOf(await upstreams[kind].stream(inWords(kind), never))
  })
  test('frames in pieces of one byte are whole events, in their order', async () => {
    simulator.script.next({ kind: 'slow-frames', bytes: 1 })
    const types = await typesOf(await upstreams[kind].stream(inWords(kind), never))
    expect([...new Set(types)]).toEqual(EVENTS)
    expect(last()).toMatchObject({ outcome: 'completed', eventsSent: types.length })
  })
  test.each([
    [{ type: 'throttlingException' }, 'upstream_busy'],
    [{ type: 'validationException' }, 'upstream_rejected'],
    [{ type: 'internalServerException' }, 'upstream_failed'],
    [{ type: 'modelTimeoutException' }, 'upstream_timeout'],
    [{ type: 'serviceUnavailableException' }, 'upstream_busy'],
  ])('an exception in the middle, %j, is thrown there as %s', async (exception, code) => {
    simulator.script.next({ kind: 'exception-mid-stream', ...exception, message: 'verloren – 世界', afterEvents: 2 })
    const chunks = await upstreams[kind].stream(inWords(kind), never)
    await chunks.next()
    await chunks.next()
    await expect(chunks.next()).rejects.toMatchObject({ code, message: 'verloren – 世界' })
  })
  test('whoever reads one event and no more ends the call at Bedrock', async () => {
    simulator.script.next({ kind: 'text', tokens: 400, chunkDelayMs: 5 })
    for await (const _chunk of await upstreams[kind].stream(inWords(kind), never)) break
    await expect.poll(() => last()?.outcome).toBe('client-gone')
  })
  test('of a frame that is cut off nothing is passed on', async () => {
    simulator.script.next({ kind: 'truncated-frame' })
    const seen: string[] = []
    const reading = async () => {
      for await (const chunk of await upstreams[kind].stream(inWords(kind), never))
        seen.push(...(await typesOf([chunk])))
    }
    // A binary frame that is cut off breaks the stream; of server-sent events the last one is missing.
    await reading().catch((thrown: unknown) => expect(thrown).toMatchObject({ code: 'upstream_busy' }))
    expect(seen).toHaveLength(2)
  })
})

test('a model that broke off is told by its own status', async () => {
  simulator.script.next({
    kind: 'exception-mid-stream',
    type: 'modelStreamErrorException',
    message: 'lost',
    afterEvents: 1,
    originalStatusCode: 529,
  })
  const chunks = await upstreams.invoke.stream(callLike(), never)
  await chunks.next()
  await expect(chunks.next()).rejects.toMatchObject({ code: 'upstream_busy' })
})

test('where Bedrock has no Messages API that is told apart from any refusal', async () => {
  simulator.script.nativeMessages(false)
  await expect(upstreams.messages.stream(inWords('messages'), never)).rejects.toThrow(UpstreamAbsent)
  await expect(upstreams.messages.countTokens(inWords('messages'))).rejects.toThrow(UpstreamAbsent)
})

describe('tokens are counted', () => {
  const counting = (modelId: string, memory = createCountingMemory()) =>
    countWithBedrock(
      {
        endpoint: endpointLike(),
        modelId,
        callIn: (way) => inWords(way, { modelId }),
      },
      { upstreams, memory, now },
    )
  const operations = (from: number) =>
    simulator
      .tally()
      .slice(from)
      .map(({ operation }) => operation)

  test('by the Messages API, without a second question', async () => {
    const before = simulator.tally().length
    expect(await counting('global.anthropic.claude-opus-5-5')).toBeGreaterThan(0)
    expect(operations(before)).toEqual(['messages-count-tokens'])
  })
  test('where there is none by CountTokens, for the models it counts', async () => {
    simulator.script.nativeMessages(false)
    expect(await counting('global.anthropic.claude-sonnet-4-6')).toBeGreaterThan(0)
  })
  test('by nobody for the others, and of 25 questions one is asked', async () => {
    simulator.script.nativeMessages(false)
    const before = simulator.tally().length
    const memory = createCountingMemory()
    const crowd = Array.from({ length: 25 }, () => counting('global.anthropic.claude-opus-5-5', memory))
    expect(await Promise.all(crowd)).toEqual(Array(25).fill(null))
    expect(operations(before).filter((one) => one === 'count-tokens')).toHaveLength(1)
  })
})
