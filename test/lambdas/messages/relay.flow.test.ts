import { expect, test } from 'vitest'
import { type Relay, relayAnswer } from '../../../lambdas/messages/relay.flow.ts'
import { SERVER_SENT_EVENTS } from '../../../lambdas/messages/sse.ts'
import { Fault } from '../../../lambdas/platform/fault.ts'
import { NO_USAGE } from '../../../lambdas/spend/usage.ts'
import { toldTime } from '../../support/told-time.ts'

const START = '{"type":"message_start","message":{"model":"x","usage":{"input_tokens":10,"output_tokens":1}}}'
const TEXT = '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hello"}}'
const TOOL =
  '{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"Bash","input":{}}}'
const DELTA = '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}}'
const STOP = '{"type":"message_stop"}'
const WHOLE = [START, TEXT, TOOL, DELTA, STOP]

const ESTIMATE = { ...NO_USAGE, inputTokens: 1234, outputTokens: 400 }

/** Bedrock, as the test lets it speak: each chunk, an end or a break when told. */
function upstream() {
  const waiting: ((next: IteratorResult<Uint8Array, void> | Error) => void)[] = []
  const said: (string | Error | null)[] = []
  let asked = 0
  const deliver = (): void => {
    while (waiting.length > 0 && said.length > 0) {
      const what = said.shift()
      const give = waiting.shift()
      if (what instanceof Error) give?.(what)
      else if (what === null || what === undefined) give?.({ done: true, value: undefined })
      else give?.({ done: false, value: new TextEncoder().encode(what) })
    }
  }
  async function* chunks(): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      asked++
      const next = await new Promise<IteratorResult<Uint8Array, void> | Error>((resolve) => {
        waiting.push(resolve)
        deliver()
      })
      if (next instanceof Error) throw next
      if (next.done === true) return
      yield next.value
    }
  }
  return {
    chunks: chunks(),
    asked: () => asked,
    say: (...what: (string | Error | null)[]) => {
      said.push(...what)
      deliver()
    },
  }
}

function scene(onHangUp: 'drain' | 'abort' = 'drain', remainingMs = 900_000) {
  const time = toldTime()
  const bedrock = upstream()
  let open: (how: 'open' | Fault) => void = () => {}
  const opening = new Promise<AsyncGenerator<Uint8Array, void>>((resolve, reject) => {
    open = (how) => (how instanceof Fault ? reject(how) : resolve(bedrock.chunks))
  })
  const relay = relayAnswer(
    {
      requestId: 'req_1',
      model: 'mine',
      format: SERVER_SENT_EVENTS,
      estimate: ESTIMATE,
      open: () => opening,
      elapsedMs: time.nowMs,
      remainingMs: () => remainingMs - time.nowMs(),
    },
    { timers: time.timers, onHangUp },
  )
  return { time, bedrock, open: (how: 'open' | Fault = 'open') => open(how), relay }
}

async function textOf({ body }: Relay): Promise<string> {
  return await new Response(body).text()
}

test('events pass in order, and the bill is what Bedrock reported', async () => {
  const { bedrock, open, relay } = scene()
  bedrock.say(...WHOLE, null)
  open()
  const text = await textOf(await relay)
  expect([...text.matchAll(/^event: (\w+)$/gm)].map((match) => match[1])).toEqual([
    'message_start',
    'content_block_delta',
    'content_block_start',
    'message_delta',
    'message_stop',
  ])
  expect(text).toContain('"model":"mine"')
  expect(await (await relay).ended).toMatchObject({
    status: 'ok',
    estimated: false,
    stopReason: 'end_turn',
    tools: ['Bash'],
    usage: { inputTokens: 10, outputTokens: 7 },
  })
})

test('a refusal within the hold is a refusal, not a stream; nothing is billed', async () => {
  const { open, relay } = scene()
  const no = new Fault('upstream_rejected', 'prompt is too long: 3 tokens > 2 maximum')
  open(no)
  const { refused, ended } = await relay
  expect(refused).toBe(no)
  expect(await ended).toMatchObject({ status: 'failed', estimated: false, usage: { inputTokens: 0, outputTokens: 0 } })
})

test('S16: after 15 seconds of silence status and first ping go out together, then a ping after each 10 s of silence', async () => {
  const { time, bedrock, open, relay } = scene()
  await time.advance(15_000)
  const reader = (await relay).body.getReader()
  const next = async () => new TextDecoder().decode((await reader.read()).value)
  expect(await next()).toBe('event: ping\ndata: {"type":"ping"}\n\n')
  await time.advance(10_000)
  expect(await next()).toContain('event: ping')
  bedrock.say(...WHOLE, null)
  open()
  expect(await next()).toContain('event: message_start')
})

test('a refusal after the hold is told inside the stream', async () => {
  const { time, open, relay } = scene()
  await time.advance(15_000)
  const opened = await relay
  open(new Fault('upstream_busy', 'too many'))
  const text = await textOf(opened)
  expect(text).toContain(
    'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"too many"},"request_id":"req_1"}',
  )
  expect(await opened.ended).toMatchObject({ status: 'failed', usage: { inputTokens: 0 } })
})

test('S14, W32: an answer that breaks off ends with an error event, and is billed as seen and guessed', async () => {
  const { bedrock, open, relay } = scene()
  bedrock.say(START, TEXT, TEXT, new Fault('upstream_failed', 'broke'))
  open()
  const text = await textOf(await relay)
  expect(text).toMatch(/event: error\n.*"api_error"/)
  const end = await (await relay).ended
  expect(end).toMatchObject({ status: 'failed', estimated: true, usage: { inputTokens: 10 } })
  expect(end.usage.outputTokens).toBeGreaterThan(1)
})

test('what happens to the connection behind the last event is nobody’s trouble: the answer is whole', async () => {
  const { bedrock, open, relay } = scene()
  bedrock.say(...WHOLE, new Fault('upstream_failed', 'broke'))
  open()
  expect(await textOf(await relay)).not.toContain('event: error')
  expect(await (await relay).ended).toMatchObject({ status: 'ok', estimated: false, usage: { outputTokens: 7 } })
})

test('a client that has the last event and goes has not hung up', async () => {
  const { bedrock, open, relay } = scene('abort')
  bedrock.say(...WHOLE)
  open()
  const { body, ended } = await relay
  const reader = body.getReader()
  for (const _event of WHOLE) await reader.read()
  await reader.cancel()
  expect(await ended).toMatchObject({ status: 'ok', estimated: false, usage: { outputTokens: 7 } })
})

test('an answer that ends without its last event does not end silently', async () => {
  const { bedrock, open, relay } = scene()
  bedrock.say(START, TEXT, null)
  open()
  expect(await textOf(await relay)).toMatch(/event: error\n.*"overloaded_error"/)
})

test('S15: behind Lambda a hang-up does not stop the meter: the true usage is billed', async () => {
  const { bedrock, open, relay } = scene('drain')
  bedrock.say(START)
  open()
  const { body, ended } = await relay
  const reader = body.getReader()
  await reader.read()
  await reader.cancel()
  bedrock.say(TEXT, DELTA, STOP, null)
  expect(await ended).toMatchObject({ status: 'ok', estimated: false, usage: { outputTokens: 7 } })
})

test('S15: behind a plain server a hang-up ends the call upstream, and what was seen is billed as an estimate', async () => {
  const { bedrock, open, relay } = scene('abort')
  bedrock.say(START, TEXT)
  open()
  const { body, ended } = await relay
  const reader = body.getReader()
  await reader.read()
  await reader.cancel()
  expect(await ended).toMatchObject({ status: 'aborted', estimated: true, usage: { inputTokens: 10 } })
})

test('15 seconds before the deadline the stream ends well-formed and is settled as seen', async () => {
  const { time, bedrock, open, relay } = scene('drain', 900_000)
  bedrock.say(START, TEXT)
  open()
  const { body, ended } = await relay
  const text = new Response(body).text()
  await time.advance(885_000)
  expect(await text).toMatch(/event: error\n.*"overloaded_error".*15 minutes/)
  expect(await ended).toMatchObject({ status: 'aborted', estimated: true })
})

test('a client that does not read holds Bedrock back', async () => {
  const { time, bedrock, open, relay } = scene()
  bedrock.say(START, ...Array.from({ length: 1000 }, () => TEXT))
  open()
  const { body } = await relay
  await time.advance(1)
  expect(bedrock.asked()).toBeLessThan(100)
  const reader = body.getReader()
  for (let i = 0; i < 500; i++) await reader.read()
  expect(bedrock.asked()).toBeGreaterThan(400)
  await reader.cancel()
})

test('a client that stops reading does not keep the deadline from settling what was seen', async () => {
  const { time, bedrock, open, relay } = scene('drain', 900_000)
  bedrock.say(START, ...Array.from({ length: 1000 }, () => TEXT))
  open()
  const { ended } = await relay
  await time.advance(885_000)
  expect(await ended).toMatchObject({ status: 'aborted', estimated: true, usage: { inputTokens: 10 } })
})

test('a deadline that comes before the first event is billed at the estimate: Bedrock has been working on it', async () => {
  const { time, relay } = scene('drain', 900_000)
  await time.advance(15_000)
  const { body, ended } = await relay
  const text = new Response(body).text()
  await time.advance(870_000)
  expect(await text).toMatch(/event: error\n.*"overloaded_error".*15 minutes/)
  expect(await ended).toMatchObject({ status: 'aborted', estimated: true, usage: ESTIMATE })
})

test('the first event leaves before those that came along with it are read', async () => {
  const { bedrock, open, relay } = scene()
  bedrock.say(...WHOLE, null)
  open()
  const reader = (await relay).body.getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toContain('message_start')
  // A socket is written to when the machine has its turn. Until then Bedrock is asked for nothing more.
  expect(bedrock.asked()).toBe(1)
  await new Promise((resolve) => setImmediate(resolve))
  expect(bedrock.asked()).toBe(WHOLE.length + 1)
})
