import { describe, expect, test } from 'vitest'
import { createLearnedMemory, type Learned, type LearnedMemory } from '../../../lambdas/bedrock/learned.ts'
import { SEED_RULES } from '../../../lambdas/bedrock/seed-rules.ts'
import type { RoutedEndpoint } from '../../../lambdas/endpoints/routing.ts'
import { addMs, type Instant, instant } from '../../../lambdas/platform/instant.ts'
import { routedEndpoint } from '../../support/endpoints.ts'

const AT = instant(Date.UTC(2026, 10, 27))
const DAY_MS = 24 * 3_600_000
const MODEL = 'claude-opus-5-5'
const MODEL_ID = 'us.anthropic.claude-opus-5-5'
const FLAG = 'beta:some-flag'

const learned = (but: Partial<Learned> = {}): Learned => ({
  endpointId: 'e1',
  model: MODEL,
  thing: FLAG,
  takes: true,
  isSuspicion: false,
  until: addMs(AT, DAY_MS),
  ...but,
})

/** What is known of the flag: `null` where nothing is. */
function verdict(
  memory: LearnedMemory,
  at: Instant = AT,
  endpoint: RoutedEndpoint = routedEndpoint('e1'),
  [model, modelId] = [MODEL, MODEL_ID],
): boolean | null {
  const { refused, accepted } = memory.knowledgeOf(endpoint, model, modelId, SEED_RULES, at)
  expect(refused.has(FLAG) && accepted.has(FLAG)).toBe(false)
  return refused.has(FLAG) ? false : accepted.has(FLAG) ? true : null
}

test('B1: what nobody has seen is unknown; what was seen is so, and the later mark wins', () => {
  const memory = createLearnedMemory()
  expect(verdict(memory)).toBeNull()
  memory.note(learned({ takes: false }))
  expect(verdict(memory)).toBe(false)
  memory.note(learned({ takes: true }))
  expect(verdict(memory)).toBe(true)
  memory.note(learned({ takes: false }))
  expect(verdict(memory)).toBe(false)
})

test('it is true of one endpoint and one model', () => {
  const memory = createLearnedMemory()
  memory.note(learned({ takes: false }))
  expect(verdict(memory, AT, routedEndpoint('e2'))).toBeNull()
  expect(verdict(memory, AT, routedEndpoint('e1'), ['claude-sonnet-4-6', 'us.anthropic.claude-sonnet-4-6'])).toBeNull()
})

test('W21: under whatever name Bedrock is called for the model there', () => {
  const memory = createLearnedMemory()
  memory.note(learned({ takes: false }))
  const arn = 'arn:aws:bedrock:us-east-1:1:application-inference-profile/x'
  expect(verdict(memory, AT, routedEndpoint('e1'), [MODEL, arn])).toBe(false)
})

test('B2: it is believed until its time is over, to the millisecond', () => {
  const memory = createLearnedMemory()
  memory.note(learned())
  expect(verdict(memory, addMs(AT, DAY_MS - 1))).toBe(true)
  expect(verdict(memory, addMs(AT, DAY_MS))).toBeNull()
})

describe('B9: what an administrator says', () => {
  const said = (supported: boolean, profile: string = MODEL): RoutedEndpoint =>
    routedEndpoint('e1', { betaOverrides: [{ profile, beta: 'some-flag', supported }] })

  test.each([true, false])('beats what was learnt: %s', (supported) => {
    const memory = createLearnedMemory()
    memory.note(learned({ takes: !supported }))
    expect(verdict(memory, AT, said(supported))).toBe(supported)
  })

  test('B2: never ends', () => {
    expect(verdict(createLearnedMemory(), addMs(AT, 4_000 * DAY_MS), said(false))).toBe(false)
  })

  test('may name the model, or what Bedrock is called with; another one is not meant', () => {
    const memory = createLearnedMemory()
    expect(verdict(memory, AT, said(false, MODEL_ID))).toBe(false)
    expect(verdict(memory, AT, said(false, 'claude-opus-5'))).toBeNull()
    expect(verdict(memory, AT, said(false, 'eu.anthropic.claude-opus-5-5'))).toBeNull()
  })

  test('B12: is of no effect once it was taken back; what was learnt counts again', () => {
    const memory = createLearnedMemory()
    memory.note(learned({ takes: false }))
    expect(verdict(memory, AT, said(true))).toBe(true)
    expect(verdict(memory)).toBe(false)
  })
})

test('a suspicion is one until something surer is known, or its time is over', () => {
  const memory = createLearnedMemory()
  const probe = { endpointId: 'e1', model: MODEL, flag: 'some-flag' }
  expect(memory.isSuspected(probe, AT)).toBe(false)
  memory.note(learned({ takes: false, isSuspicion: true }))
  expect([verdict(memory), memory.isSuspected(probe, AT)]).toEqual([false, true])
  expect(memory.isSuspected(probe, addMs(AT, DAY_MS))).toBe(false)
  memory.note(learned({ takes: false }))
  expect([verdict(memory), memory.isSuspected(probe, AT)]).toEqual([false, false])
})

describe('W39: what clients make up has an end', () => {
  const noteMany = (memory: LearnedMemory, count: number): void => {
    for (let place = 0; place < count; place++) memory.note(learned({ thing: `beta:made-up-${place}` }))
  }

  test('the oldest is forgotten for the two thousand and first', () => {
    const memory = createLearnedMemory()
    memory.note(learned())
    noteMany(memory, 1_999)
    expect(verdict(memory)).toBe(true)
    memory.note(learned({ thing: 'beta:one-more' }))
    expect(verdict(memory)).toBeNull()
  })

  test('what is seen again is young again', () => {
    const memory = createLearnedMemory()
    memory.note(learned())
    noteMany(memory, 1_999)
    memory.note(learned())
    memory.note(learned({ thing: 'beta:one-more' }))
    expect(verdict(memory)).toBe(true)
  })

  const ask = (memory: LearnedMemory, flag: string, minutes = 0): boolean =>
    memory.noteProbe({ endpointId: 'e1', model: MODEL, flag }, addMs(AT, minutes * 60_000))

  test('a flag asks to be tried once in a while, however long an environment lives', () => {
    const memory = createLearnedMemory()
    const asked = [0, 1, 59, 60, 61, 24 * 60].map((minutes) => ask(memory, 'one', minutes))
    expect(asked).toEqual([true, false, false, true, false, true])
  })

  test('flags that callers make up keep others out for an hour, and not for ever', () => {
    const memory = createLearnedMemory()
    const made = Array.from({ length: 200 }, (_, place) => ask(memory, `made-up-${place}`))
    expect(made.filter(Boolean)).toHaveLength(100)
    expect([ask(memory, 'new'), ask(memory, 'new', 60)]).toEqual([false, true])
  })
})

test('what another environment has learnt is not put in the place of what was learnt here later', () => {
  const memory = createLearnedMemory()
  memory.note(learned({ takes: true, until: addMs(AT, DAY_MS) }))
  memory.noteShared(learned({ takes: false, until: addMs(AT, DAY_MS - 1) }))
  expect(verdict(memory)).toBe(true)
  memory.noteShared(learned({ takes: false, until: addMs(AT, DAY_MS + 1) }))
  expect(verdict(memory)).toBe(false)
})
