import { expect, test } from 'vitest'
import { readEvent } from '../../../lambdas/bedrock/from-bedrock.ts'
import { createMeter } from '../../../lambdas/messages/meter.ts'

function readingOf(...events: readonly object[]) {
  const meter = createMeter()
  for (const event of events) {
    const read = readEvent(Buffer.from(JSON.stringify(event)), 'claude-opus-5-5')
    if (read !== null) meter.see(read)
  }
  return meter.read()
}

const usage = { input_tokens: 10, cache_read_input_tokens: 5, cache_creation_input_tokens: 7, output_tokens: 1 }
const start = { type: 'message_start', message: { id: 'msg_1', usage } }
const delta = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 30 } }
const stop = (metrics: object) => ({ type: 'message_stop', 'amazon-bedrock-invocationMetrics': metrics })
const AGREEING = {
  inputTokenCount: 10,
  outputTokenCount: 30,
  cacheReadInputTokenCount: 5,
  cacheWriteInputTokenCount: 7,
  invocationLatency: 9,
}

test('what Bedrock counts beside an answer is held against what the answer reports', () => {
  expect(readingOf(start, delta, stop(AGREEING)).contradicted).toBeNull()
  expect(readingOf(start, delta, stop({ inputTokenCount: 10 })).contradicted).toBeNull()
  expect(readingOf(start, delta, { type: 'message_stop' }).contradicted).toBeNull()
  const differing = { ...AGREEING, outputTokenCount: 31, cacheWriteInputTokenCount: 0 }
  expect(readingOf(start, delta, stop(differing)).contradicted).toEqual({ output: 31, cacheWrite: 0 })
})

test('the bill goes by the answer, whatever is counted beside it', () => {
  expect(readingOf(start, delta, stop({ ...AGREEING, outputTokenCount: 9_000 })).usage.outputTokens).toBe(30)
})
