import { expect, test } from 'vitest'
import { wholeAnswer } from '../../../lambdas/messages/whole-answer.flow.ts'
import { Fault } from '../../../lambdas/platform/fault.ts'
import { NO_USAGE } from '../../../lambdas/spend/usage.ts'
import { toldTime } from '../../support/told-time.ts'

const ESTIMATE = { ...NO_USAGE, inputTokens: 1234, outputTokens: 400 }
const MESSAGE = {
  type: 'message',
  id: 'msg_1',
  stop_reason: 'end_turn',
  content: [{ type: 'tool_use', name: 'Bash' }],
  usage: { input_tokens: 10, output_tokens: 7 },
}

function scene(throughDistribution: boolean) {
  const time = toldTime()
  let answer: (how: object | Fault) => void = () => {}
  const job = {
    requestId: 'req_1',
    model: 'mine',
    estimate: ESTIMATE,
    throughDistribution,
    ask: (signal: AbortSignal) =>
      new Promise<Uint8Array>((resolve, reject) => {
        answer = (how) => (how instanceof Fault ? reject(how) : resolve(Buffer.from(JSON.stringify(how))))
        signal.addEventListener('abort', () => reject(new Error('aborted')))
      }),
    elapsedMs: time.nowMs,
    remainingMs: () => 900_000 - time.nowMs(),
  }
  return { time, whole: wholeAnswer(job, time.timers), answer: (how: object | Fault) => answer(how) }
}

test('the answer names the model as the client did, and the bill is what Bedrock reported', async () => {
  const { whole, answer } = scene(false)
  answer(MESSAGE)
  const { answer: body, ended } = await whole
  expect(JSON.parse(Buffer.from(body as Uint8Array).toString())).toEqual({ ...MESSAGE, model: 'mine' })
  expect(await ended).toMatchObject({
    status: 'ok',
    estimated: false,
    tools: ['Bash'],
    usage: { inputTokens: 10, outputTokens: 7 },
  })
})

test('a refusal is a refusal, and costs nothing', async () => {
  const { whole, answer } = scene(false)
  const no = new Fault('upstream_busy', 'slow down')
  answer(no)
  expect((await whole).answer).toBe(no)
  expect(await (await whole).ended).toMatchObject({ status: 'failed', estimated: false, usage: NO_USAGE })
})

test('an answer that takes too long is refused, and billed at the estimate: Bedrock has been working on it', async () => {
  const { time, whole } = scene(false)
  await time.advance(885_000)
  expect((await whole).answer).toMatchObject({ code: 'upstream_out_of_time' })
  expect(await (await whole).ended).toMatchObject({ status: 'aborted', estimated: true, usage: ESTIMATE })
})

test('behind the distribution whitespace goes out after 15 s and every 10 s, then the answer or its refusal', async () => {
  for (const [how, told] of [
    [MESSAGE, { ...MESSAGE, model: 'mine' }],
    [new Fault('upstream_busy', 'slow down'), { type: 'error', error: { type: 'overloaded_error' } }],
  ] as const) {
    const { time, whole, answer } = scene(true)
    await time.advance(35_000)
    const text = new Response((await whole).answer as ReadableStream).text()
    answer(how)
    expect(await text).toMatch(/^\n{3}\{/)
    expect(JSON.parse(await text)).toMatchObject(told)
  }
})

test('a client that is gone when the answer comes disturbs nobody, and is billed for it', async () => {
  const { time, whole, answer } = scene(true)
  await time.advance(15_000)
  await ((await whole).answer as ReadableStream).cancel()
  await time.advance(60_000)
  answer(MESSAGE)
  expect(await (await whole).ended).toMatchObject({ status: 'ok', usage: { outputTokens: 7 } })
})
