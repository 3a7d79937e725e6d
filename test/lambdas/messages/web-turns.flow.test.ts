/** Turns of the model and what lies between them, with time told by hand. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { relayAnswer } from '../../../lambdas/messages/relay.flow.ts'
import { SERVER_SENT_EVENTS } from '../../../lambdas/messages/sse.ts'
import { webTurns } from '../../../lambdas/messages/web-turns.flow.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import { NO_USAGE } from '../../../lambdas/spend/usage.ts'
import { type Written, withWebTools } from '../../../lambdas/web/rewritten.ts'
import { readWebTools } from '../../../lambdas/web/web-tools.ts'
import { type SearchEngines, startSearchEngines } from '../../../local/web/search-engines.ts'
import { toldTime } from '../../support/told-time.ts'
import { openWeb, providerOf } from '../../support/web.ts'

let engines: SearchEngines
beforeAll(async () => {
  engines = await startSearchEngines()
})
beforeEach(() => engines.clear())
afterAll(() => engines?.stop())

const bytes = (event: object): Uint8Array => Buffer.from(JSON.stringify(event))

/** Bedrock's events of a turn that says something, and calls a search where it is told to. */
async function* turn(said: string, query?: string): AsyncGenerator<Uint8Array, void> {
  yield bytes({ type: 'message_start', message: { id: 'msg', usage: { input_tokens: 10, output_tokens: 1 } } })
  yield bytes({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } })
  yield bytes({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: said } })
  yield bytes({ type: 'content_block_stop', index: 0 })
  if (query !== undefined) {
    const input = { query }
    yield bytes({
      type: 'content_block_start',
      index: 1,
      content_block: { type: 'tool_use', id: 'toolu_1', name: 'web_search', input },
    })
    yield bytes({ type: 'content_block_stop', index: 1 })
  }
  const stop_reason = query === undefined ? 'end_turn' : 'tool_use'
  yield bytes({ type: 'message_delta', delta: { stop_reason }, usage: { output_tokens: 7 } })
  yield bytes({ type: 'message_stop' })
}

const BODY = {
  messages: [{ role: 'user', content: 'x' }],
  tools: [{ type: 'web_search_20250305', name: 'web_search' }],
}
const PRICED = { target: { name: 'm', bedrockId: 'global.m', scope: 'global' as const }, serviceTier: null }

/** @param turns Each as it is asked for; the last one again, if it comes to that. */
function scene(turns: readonly (() => AsyncGenerator<Uint8Array, void>)[]) {
  const time = toldTime()
  const asked: Written[] = []
  const offered = readWebTools(BODY)
  const answers = webTurns(
    {
      written: withWebTools({ utf8: bytes(BODY), body: BODY }, offered, () => true),
      offered,
      settings: {
        mode: 'global',
        fetches: false,
        providers: [providerOf(engines, 'searxng'), { ...providerOf(engines, 'custom'), price: nanoUsd(7) }],
      },
      model: 'm',
      mostTurns: 10,
      askStream: async (written) => {
        asked.push(written)
        return (turns[asked.length - 1] ?? expect.unreachable())()
      },
      askWhole: () => expect.unreachable(),
      lastAsked: () => PRICED,
      now: () => instant(0),
    },
    { ...openWeb(engines, { timers: time.timers }), failed: () => {} },
  )
  const text: string[] = []
  const relayed = relayAnswer(
    {
      requestId: 'req_1',
      model: 'm',
      format: SERVER_SENT_EVENTS,
      estimate: NO_USAGE,
      open: (signal) => answers.stream(signal),
      elapsedMs: time.nowMs,
      remainingMs: () => 900_000 - time.nowMs(),
    },
    { timers: time.timers, onHangUp: 'abort' },
  ).then(async (relay) => {
    const reading = (async () => {
      for await (const frame of relay.body) text.push(Buffer.from(frame).toString())
    })()
    return { end: relay.ended.then((end) => answers.summed(end)), reading, cancel: () => relay.body.cancel() }
  })
  return { time, asked, relayed, said: () => text.join('') }
}

test('WS10: while a search takes long, the client hears pings, and then its result', async () => {
  engines.always('searxng', { kind: 'hang' })
  const held = Promise.withResolvers<void>()
  engines.always('custom', { kind: 'hold', until: held.promise })
  const { time, relayed, said } = scene([() => turn('I look.', 'lanterns'), () => turn('So it is.')])
  const { end, reading } = await relayed
  await engines.reached('searxng')
  expect(said()).toContain('I look.')
  expect(said()).not.toContain('event: ping')
  await time.advance(12_000)
  await engines.reached('custom')
  await expect.poll(said).toContain('event: ping')
  held.resolve()
  await reading
  expect(said()).toContain('web_search_tool_result')
  expect(said()).toContain('So it is.')
  expect(await end).toMatchObject({
    status: 'ok',
    estimated: false,
    usage: { inputTokens: 20, outputTokens: 14 },
    turns: [{ usage: { inputTokens: 10 } }, { usage: { inputTokens: 10 } }],
    web: { searches: 1, cost: 7 },
  })
})

test('a turn that Bedrock breaks off is the end, and what was said until then is billed', async () => {
  async function* broken(): AsyncGenerator<Uint8Array, void> {
    for await (const event of turn('Half of an ans')) {
      if (Buffer.from(event).includes('message_delta')) return
      yield event
    }
  }
  const { relayed, said } = scene([() => turn('I look.', 'lanterns'), broken])
  const { end, reading } = await relayed
  await reading
  expect(said()).toMatch(/event: error/)
  expect(await end).toMatchObject({ status: 'failed', estimated: true, usage: { inputTokens: 20 } })
})

test('a request that is cut short while Bedrock reads a later turn is billed for that turn as well, by a guess', async () => {
  const { time, asked, relayed, said } = scene([() => turn('I look.', 'lanterns'), () => never()])
  const { end, reading } = await relayed
  await expect.poll(() => asked.length).toBe(2)
  await time.advance(885_000)
  await reading
  expect(said()).toMatch(/event: error/)
  const settled = await end
  expect(settled).toMatchObject({ status: 'aborted', estimated: true })
  expect(settled.turns).toHaveLength(2)
  expect(settled.usage.inputTokens).toBe(10 + Math.ceil((asked[1]?.utf8.length ?? 0) / 4))
})

/** Bedrock has not begun to answer. */
async function* never(): AsyncGenerator<Uint8Array, void> {
  await new Promise(() => {})
}
