/**
 * Points of the checklist that take their time because the real Claude Code waits: silences, long answers, told delays.
 * `npm run test:slow` runs it, `npm test` does not. Everything waits side by side, so it takes as long as the longest.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claudeCode } from '../support/claude-code.ts'
import { type Deployed, deploy } from '../support/deployed.ts'
import { eventsIn, type Person, peopleAt } from '../support/person.ts'

let gateway: Deployed
const people = peopleAt(() => gateway)
beforeAll(async () => {
  // One environment for each that waits.
  gateway = await deploy({ maxEnvironments: 8 })
})
afterAll(async () => {
  await people.leave()
  await gateway?.stop()
})

const GREETING = 'Hello from the simulated model.'
const pingsOf = (me: Person): number => eventsIn(me.asked()[0]).filter(({ name }) => name === 'ping').length

describe.skipIf(claudeCode === undefined).concurrent('whoever waits', () => {
  // The client gives up after 12 s without a byte, so it is the pings that keep it.
  const IMPATIENT = { CLAUDE_BYTE_STREAM_IDLE_TIMEOUT_MS: '12000' }

  test.for([
    [40_000, 2],
    [90_000, 7],
  ] as const)(
    '22: Bedrock silent for %i ms before its first event: at least %i pings, and then the answer',
    async ([beforeMs, pings]) => {
      const me = await people.meet()
      me.script.next({ kind: 'silence', beforeMs })
      const answer = await me.claude('Say hello', { variables: IMPATIENT })
      expect([answer.failed, answer.result, answer.retries]).toEqual([false, GREETING, []])
      expect(me.asked().map(({ status }) => status)).toEqual([200])
      expect(pingsOf(me)).toBeGreaterThanOrEqual(pings)
    },
  )

  test('22: Bedrock silent for 40 s between its events: the same', async () => {
    const me = await people.meet()
    me.script.next({ kind: 'silence', betweenMs: 40_000 })
    const answer = await me.claude('Say hello', { variables: IMPATIENT })
    expect([answer.failed, answer.result, answer.retries]).toEqual([false, GREETING, []])
    expect(me.asked()).toHaveLength(1)
    expect(pingsOf(me)).toBeGreaterThanOrEqual(2)
  })

  test('23: an answer that takes six minutes arrives whole, and its bill with it', async () => {
    const me = await people.meet()
    // Deltas of a dozen characters, and a few events around them.
    me.script.next({ kind: 'text', text: 'word '.repeat(96), chunkDelayMs: 8_300 })
    const answer = await me.claude('Take your time', { variables: IMPATIENT })
    expect([answer.failed, answer.result, answer.retries]).toEqual([false, 'word '.repeat(96), []])
    const [call] = me.calls()
    expect(call?.outcome).toBe('completed')
    const [row] = await me.rows()
    expect(row).toMatchObject({ status: 'ok', estimated: false, output_tokens: call?.usage.outputTokens })
    expect(Number(row?.duration_ms)).toBeGreaterThan(6 * 60_000)
  })

  test('22: in Bedrock mode a silence of 40 s is nothing either', async () => {
    const me = await people.meet()
    me.script.next({ kind: 'silence', beforeMs: 40_000 })
    const answer = await me.claude('Say hello', {
      variables: {
        ...IMPATIENT,
        ANTHROPIC_BASE_URL: undefined,
        CLAUDE_CODE_USE_BEDROCK: '1',
        CLAUDE_CODE_SKIP_BEDROCK_AUTH: '1',
        ANTHROPIC_BEDROCK_BASE_URL: me.tap.url,
        AWS_REGION: 'us-east-1',
      },
    })
    expect([answer.failed, answer.result, answer.retries]).toEqual([false, GREETING, []])
    expect(me.asked()).toHaveLength(1)
  })
})

describe.skipIf(claudeCode === undefined).concurrent('whoever is told how long', () => {
  test('31: a limit with retry-after 5: one wait of at least that, and then the answer', async () => {
    const me = await people.meet()
    const type = 'ServiceQuotaExceededException'
    me.script.next({ kind: 'error', status: 400, type, message: 'Too many requests', retryAfterSeconds: 5 })
    const answer = await me.claude('Say hello')
    expect(answer.failed).toBe(false)
    expect(me.asked().map(({ status, answered }) => [status, answered?.['retry-after']])).toEqual([
      [429, '5'],
      [200, undefined],
    ])
    expect(answer.retries.map(({ status, delayMs }) => [status, delayMs >= 5_000])).toEqual([[429, true]])
  })

  test('38: an overload with retry-after 7: told as 529, waited for, and healed', async () => {
    const me = await people.meet()
    const type = 'ThrottlingException'
    me.script.next({ kind: 'error', status: 429, type, message: 'Too many tokens', retryAfterSeconds: 7 })
    const answer = await me.claude('Say hello')
    expect(answer.failed).toBe(false)
    expect(me.asked().map(({ status, answered }) => [status, answered?.['retry-after']])).toEqual([
      [529, '7'],
      [200, undefined],
    ])
    expect(answer.retries.map(({ status, delayMs }) => [status, delayMs >= 7_000])).toEqual([[529, true]])
  })

  test('an endpoint that has been silent since the beginning ends in an answer of the client’s own patience, not in a hang', async () => {
    const me = await people.meet()
    me.script.next({ kind: 'hang' })
    const answer = await me.claude('Say hello', { variables: { API_TIMEOUT_MS: '8000' } })
    // Headers come after 15 s at the latest; a client with less patience than that asks again.
    expect(answer.failed).toBe(false)
    expect(me.asked().length).toBeGreaterThan(1)
  })
})
