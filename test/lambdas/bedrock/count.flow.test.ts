import { describe, expect, test } from 'vitest'
import { type CountTools, countWithBedrock } from '../../../lambdas/bedrock/count.flow.ts'
import { type CountingWay, createCountingMemory } from '../../../lambdas/bedrock/counting-memory.ts'
import { faultOf } from '../../../lambdas/bedrock/faults.ts'
import { UpstreamAbsent } from '../../../lambdas/bedrock/kinds.ts'
import { addMs, instant } from '../../../lambdas/platform/instant.ts'
import { callLike, endpointLike } from '../../support/upstream-calls.ts'

const START = instant(Date.UTC(2026, 10, 27, 12))
const endpoint = endpointLike()
const HOUR = 3_600_000

const failing = (name: string, status: number) =>
  faultOf({ name, message: 'no', status, retryAfterSeconds: undefined }, 'claude-opus-5-5')
const NOT_FOR_THIS_MODEL = failing('ValidationException', 400)
const THROTTLED = failing('ThrottlingException', 429)

type Answer = number | Error
/** Two counters that answer what they are told to, and keep how often they were asked. */
function counters(answers: Record<CountingWay, Answer>) {
  const asked: CountingWay[] = []
  let at = START
  const way = (name: CountingWay) => ({
    async countTokens() {
      asked.push(name)
      await new Promise((resolve) => setImmediate(resolve))
      const answer = answers[name]
      if (typeof answer !== 'number') throw answer
      return answer
    },
  })
  const tools: CountTools = {
    upstreams: { messages: way('messages'), invoke: way('invoke') },
    memory: createCountingMemory(),
    now: () => at,
  }
  const count = (modelId = 'global.anthropic.claude-opus-5-5', where = endpoint) =>
    countWithBedrock({ endpoint: where, modelId, callIn: () => callLike() }, tools)
  return {
    asked,
    answers,
    count,
    later: (ms: number) => {
      at = addMs(at, ms)
    },
    crowd: () => Promise.all(Array.from({ length: 25 }, () => count())),
  }
}

describe('the Messages API counts first', () => {
  test('and nobody else is asked where it does', async () => {
    const { count, asked } = counters({ messages: 7, invoke: 8 })
    expect([await count(), await count()]).toEqual([7, 7])
    expect(asked).toEqual(['messages', 'messages'])
  })
  test.each([
    ['has no such operation', new UpstreamAbsent()],
    ['does not count for the model', NOT_FOR_THIS_MODEL],
    ['does not know the model', failing('ResourceNotFoundException', 404)],
    ['is not allowed', failing('AccessDeniedException', 403)],
  ])('where it %s CountTokens is asked, and for an hour at once', async (_, refusal) => {
    const { count, asked, later } = counters({ messages: refusal, invoke: 8 })
    expect([await count(), await count()]).toEqual([8, 8])
    expect(asked).toEqual(['messages', 'invoke', 'invoke'])
    later(HOUR)
    await count()
    expect(asked.slice(3)).toEqual(['messages', 'invoke'])
  })
  test('where neither counts, nobody is asked for an hour', async () => {
    const { count, asked } = counters({ messages: new UpstreamAbsent(), invoke: NOT_FOR_THIS_MODEL })
    expect([await count(), await count(), await count()]).toEqual([null, null, null])
    expect(asked).toEqual(['messages', 'invoke'])
  })
  test('what one says of a model at an endpoint it says of no other', async () => {
    const { count, asked } = counters({ messages: new UpstreamAbsent(), invoke: NOT_FOR_THIS_MODEL })
    await count()
    await count('global.anthropic.claude-sonnet-5-5')
    await count(undefined, endpointLike({ id: 'another' }))
    await count(undefined, endpointLike({ rev: 2 }))
    expect(asked).toHaveLength(8)
  })
  test('a trouble that passes is not remembered', async () => {
    const { count, asked, answers } = counters({ messages: THROTTLED, invoke: 8 })
    expect(await count()).toBe(8)
    answers.messages = 7
    expect(await count()).toBe(7)
    expect(asked).toEqual(['messages', 'invoke', 'messages'])
  })
  test('a way that has counted is not given up for a request that is wrong', async () => {
    const { count, answers } = counters({ messages: 7, invoke: NOT_FOR_THIS_MODEL })
    await count()
    answers.messages = failing('invalid_request_error', 400)
    expect(await count()).toBeNull()
    answers.messages = 7
    expect(await count()).toBe(7)
  })
})

describe('of 25 that ask at the same time, as /context does', () => {
  test('one finds out for all that neither counts', async () => {
    const { crowd, asked } = counters({ messages: new UpstreamAbsent(), invoke: NOT_FOR_THIS_MODEL })
    expect(await crowd()).toEqual(Array(25).fill(null))
    expect(asked).toEqual(['messages', 'invoke'])
  })
  test('one finds out for all who counts, and each is counted there', async () => {
    const { crowd, asked } = counters({ messages: new UpstreamAbsent(), invoke: 8 })
    expect(await crowd()).toEqual(Array(25).fill(8))
    expect(asked).toEqual(['messages', ...Array(25).fill('invoke')])
  })
  test('none queues behind a throttle', async () => {
    const { crowd, asked } = counters({ messages: THROTTLED, invoke: THROTTLED })
    expect(await crowd()).toEqual(Array(25).fill(null))
    expect(asked).toEqual(['messages', 'invoke'])
  })
})

test('what is no refusal is a bug, and thrown', async () => {
  const bug = new TypeError('of ours')
  const { count } = counters({ messages: bug, invoke: 8 })
  await expect(count()).rejects.toBe(bug)
})
