import { expect, test } from 'vitest'
import { NO_USAGE, noteUsage } from '../../../lambdas/spend/usage.ts'

const start = {
  input_tokens: 10,
  output_tokens: 1,
  cache_read_input_tokens: 500,
  cache_creation_input_tokens: 300,
  cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
}

test('the two kinds of cache write are told apart', () => {
  expect(noteUsage(NO_USAGE, start)).toEqual({
    inputTokens: 10,
    outputTokens: 1,
    cacheReadTokens: 500,
    cacheWrite5mTokens: 100,
    cacheWrite1hTokens: 200,
  })
})

test('cache writes without a split are five-minute writes', () => {
  expect(noteUsage(NO_USAGE, { cache_creation_input_tokens: 300 })).toMatchObject({
    cacheWrite5mTokens: 300,
    cacheWrite1hTokens: 0,
  })
})

test('message_delta repeats the total of cache writes without the split: they are not counted a second time', () => {
  const soFar = noteUsage(NO_USAGE, start)
  const end = noteUsage(soFar, { output_tokens: 42, input_tokens: 10, cache_creation_input_tokens: 300 })
  expect(end).toEqual({ ...soFar, outputTokens: 42 })
})

test('a split that is told after the total divides it', () => {
  const soFar = noteUsage(NO_USAGE, { cache_creation_input_tokens: 300 })
  expect(noteUsage(soFar, start)).toMatchObject({ cacheWrite5mTokens: 100, cacheWrite1hTokens: 200 })
})

test('zeros and absent counts in message_delta take nothing back', () => {
  const soFar = noteUsage(NO_USAGE, start)
  const end = noteUsage(soFar, {
    output_tokens: 42,
    input_tokens: 0,
    cache_read_input_tokens: null,
    cache_creation_input_tokens: 0,
  })
  expect(end).toEqual({ ...soFar, outputTokens: 42 })
})

test.each([[null], [undefined], ['many'], [{ output_tokens: -5 }], [{ output_tokens: 1.5 }], [{ output_tokens: '7' }]])(
  'a report that is no token count (%j) cannot poison the bill',
  (reported) => {
    expect(noteUsage(NO_USAGE, reported)).toEqual(NO_USAGE)
  },
)

test('a conversation that is made shorter on the way is paid for too: what is told at the top leaves it out', () => {
  const reported = {
    input_tokens: 23_000,
    output_tokens: 1_000,
    iterations: [
      { type: 'compaction', input_tokens: 180_000, output_tokens: 3_500, cache_creation_input_tokens: 100 },
      { type: 'message', input_tokens: 23_000, output_tokens: 1_000, cache_read_input_tokens: 50 },
    ],
  }
  expect(noteUsage(NO_USAGE, reported)).toEqual({
    inputTokens: 203_000,
    outputTokens: 4_500,
    cacheReadTokens: 50,
    cacheWrite5mTokens: 100,
    cacheWrite1hTokens: 0,
  })
  // Told again, or told of one alone, it is the same.
  expect(noteUsage(noteUsage(NO_USAGE, reported), reported).inputTokens).toBe(203_000)
  expect(noteUsage(NO_USAGE, { input_tokens: 5, iterations: [{ input_tokens: 5 }] }).inputTokens).toBe(5)
  for (const iterations of [null, 'x', [], [null], [{ input_tokens: -1 }]])
    expect(noteUsage(NO_USAGE, { input_tokens: 5, iterations }).inputTokens).toBe(5)
  // The split that message_start has told stays.
  const later = { cache_creation_input_tokens: 300, iterations: [{ cache_creation_input_tokens: 300 }] }
  expect(noteUsage(noteUsage(NO_USAGE, start), later)).toMatchObject({
    cacheWrite5mTokens: 100,
    cacheWrite1hTokens: 200,
  })
})
