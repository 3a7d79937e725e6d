/** The ways in which a stream goes wrong, and what else it may carry. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type BedrockSimulator, startBedrockSimulator } from '../../../local/bedrock/simulator.ts'
import { asked, type BedrockCaller, callBedrock, MODEL } from '../../support/bedrock-caller.ts'
import { signedPost } from '../../support/signed-post.ts'

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

const typesOf = (events: readonly Record<string, unknown>[]) => events.map(({ type }) => type)

test('an exception of the model in the middle tells what the model itself answered', async () => {
  bedrock.script.next({
    kind: 'exception-mid-stream',
    type: 'modelStreamErrorException',
    message: 'lost',
    afterEvents: 2,
    originalStatusCode: 529,
    originalMessage: 'Overloaded',
  })
  await expect(caller.stream(asked())).rejects.toMatchObject({
    name: 'ModelStreamErrorException',
    originalStatusCode: 529,
    originalMessage: 'Overloaded',
  })
})

test('an exception may be all that comes', async () => {
  bedrock.script.next({ kind: 'exception-mid-stream', type: 'throttlingException', message: 'no', afterEvents: 0 })
  await expect(caller.stream(asked())).rejects.toMatchObject({ name: 'ThrottlingException' })
})

test('a stream that comes byte by byte is the same stream', async () => {
  const whole = typesOf(await caller.stream(asked()))
  bedrock.script.next({ kind: 'slow-frames', bytes: 1 })
  const single = typesOf(await caller.stream(asked()))
  expect([single[0], single.at(-1)]).toEqual([whole[0], whole.at(-1)])
})

test.each(['frame', 'chunk'] as const)(
  'an event of an unknown type in the %s does not end the stream',
  async (where) => {
    bedrock.script.next({ kind: 'unknown-event', in: where })
    const types = typesOf(await caller.stream(asked()))
    expect([types[0], types.at(-1)]).toEqual(['message_start', 'message_stop'])
    expect(types.includes('novelty')).toBe(where === 'chunk')
  },
)

test.each([undefined, 3])(
  'a call that hangs after %s events is noticed when its client gives up',
  async (afterEvents) => {
    bedrock.script.next({ kind: 'hang', ...(afterEvents && { afterEvents }) })
    const away = new AbortController()
    const asking = fetch(`${bedrock.url}/model/${MODEL}/invoke-with-response-stream`, {
      method: 'POST',
      headers: { authorization: 'Bearer key' },
      body: JSON.stringify(asked()),
      signal: away.signal,
    })
    const before = bedrock.tally().length
    const read = asking.then(async (answer) => {
      const reader = answer.body?.getReader()
      for (let done = false; !done; ) done = (await reader?.read())?.done ?? true
    })
    await expect.poll(() => bedrock.tally().length).toBe(before + 1)
    await expect.poll(() => bedrock.tally().at(-1)?.eventsSent).toBe(afterEvents ?? 0)
    expect(bedrock.tally().at(-1)?.outcome).toBe('running')
    away.abort()
    await expect(read).rejects.toThrow()
    await expect.poll(() => bedrock.tally().at(-1)?.outcome).toBe('client-gone')
  },
)

test('a simulator with a hanging call still ends', async () => {
  const own = await startBedrockSimulator()
  own.script.next({ kind: 'hang' })
  const other = callBedrock(own.url)
  const asking = other.invoke(asked()).catch((thrown: Error) => thrown)
  await expect.poll(() => own.tally().length).toBe(1)
  await own.stop()
  expect(await asking).toBeInstanceOf(Error)
  other.destroy()
})

test('tool calls are judged where the request asks for it, and nowhere else', async () => {
  bedrock.script.always({ kind: 'tool', name: 'Bash', input: { command: 'ls' } })
  const safeguards = { safeguards: [{ type: 'dangerous_tool_use' }], anthropic_beta: ['dangerous-tool-use-2026-09-03'] }
  const judged = await caller.stream(asked(safeguards))
  const start = judged.find(({ content_block: block }) => (block as { type?: string } | undefined)?.type === 'tool_use')
  const id = (start?.content_block as { id?: string } | undefined)?.id ?? ''
  const verdict = [
    {
      type: 'dangerous_tool_use',
      status: { type: 'available', tool_uses: { [id]: { type: 'evaluated', outcome: 'not_flagged' } } },
    },
  ]
  expect(judged.find(({ type }) => type === 'message_delta')).toMatchObject({ delta: { safeguard_results: verdict } })
  const plain = await caller.stream(asked())
  expect(plain.find(({ type }) => type === 'message_delta')?.delta).not.toHaveProperty('safeguard_results')
})

test('a native stream hangs, breaks off and carries unknown events like the other one', async () => {
  const ask = () =>
    signedPost(`${bedrock.url}/anthropic/v1/messages`, {
      region: 'us-east-1',
      headers: { 'anthropic-version': '2023-06-01' },
      body: { model: MODEL, max_tokens: 5, stream: true, messages: [{ role: 'user', content: 'hi' }] },
    })
  bedrock.script.next({ kind: 'unknown-event', in: 'frame' })
  expect(await (await ask()).text()).toMatch(/event: novelty\n[\s\S]*event: message_stop\n/)
  bedrock.script.next({ kind: 'reset', afterEvents: 2 })
  await expect(ask().then((answer) => answer.text())).rejects.toThrow()
  bedrock.script.next({ kind: 'truncated-frame' })
  expect(await (await ask()).text()).not.toMatch(/\n\n$/)
  bedrock.script.next({ kind: 'early-end', afterEvents: 2 })
  expect(await (await ask()).text()).not.toContain('message_stop')
})
