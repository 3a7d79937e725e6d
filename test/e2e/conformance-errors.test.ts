/** What a person sees of each refusal, and how often the real Claude Code asks before it shows it. Named after the points of the checklist. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Behaviour } from '../../local/bedrock/script.ts'
import { askClaude, claudeCode } from '../support/claude-code.ts'
import { type Deployed, deploy } from '../support/deployed.ts'
import { answerOf, bodyOf, type Person, peopleAt } from '../support/person.ts'

let gateway: Deployed
const people = peopleAt(() => gateway)
beforeAll(async () => {
  gateway = await deploy({ maxEnvironments: 4 })
})
afterAll(async () => {
  await people.leave()
  await gateway?.stop()
})

const refusal = (status: number, type: string, message: string, retryAfterSeconds?: number): Behaviour => ({
  kind: 'error',
  status,
  type,
  message,
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
})
const BASH = { kind: 'tool', name: 'Bash', input: { command: 'echo hi', description: 'Say hi' } } as const

const costs = async (me: Person): Promise<readonly unknown[]> => (await me.rows()).map(({ cost_nano }) => cost_nano)

describe.skipIf(claudeCode === undefined).concurrent('asked once, told once', () => {
  test('29: a revoked key: one request, and our sentence', async () => {
    const me = await people.meet()
    await gateway.admin('POST', `/admin/keys/${me.keyId}/revoke`)
    const answer = await me.claude('Say hello')
    expect([answer.failed, answer.result, answer.retries]).toEqual([
      true,
      'Failed to authenticate. API Error: 401 This API key has been revoked. Ask the administrator of this gateway for a new one.',
      [],
    ])
    expect(me.asked().map(({ status }) => status)).toEqual([401])
    expect(me.calls()).toEqual([])
  })

  test('29: a key that nobody has: the same', async () => {
    const me = await people.meet()
    const answer = await me.claude('Say hello', {
      variables: { ANTHROPIC_AUTH_TOKEN: `sk-proxy-${'1'.repeat(64)}` },
    })
    expect([answer.result, answer.retries]).toEqual([
      'Failed to authenticate. API Error: 401 This API key is not valid. Ask the administrator of this gateway for a new one.',
      [],
    ])
    expect(me.asked()).toHaveLength(1)
  })

  test('32: used up for longer than anybody waits (retry-after 300): the words at once', async () => {
    const me = await people.meet()
    me.script.always(refusal(400, 'ServiceQuotaExceededException', 'Too many tokens per day, please wait.', 300))
    const answer = await me.claude('Say hello')
    expect([answer.failed, answer.result, answer.retries]).toEqual([
      true,
      'API Error: Request rejected (429) · Too many tokens per day, please wait.',
      [],
    ])
    expect(me.asked().map(({ status, answered }) => [status, answered?.['retry-after']])).toEqual([[429, '300']])
  })

  test('33: a model that policy does not let through: exactly one request, which Bedrock does not hear of', async () => {
    const me = await people.meet()
    const answer = await me.claude('Say hello', { args: ['--model', 'gpt-5'] })
    expect([answer.failed, answer.result, answer.retries]).toEqual([
      true,
      expect.stringMatching(/^API Error: 400 The model "gpt-5" is not served here\. /),
      [],
    ])
    expect(me.asked()).toHaveLength(1)
    expect(me.calls()).toEqual([])
  })

  test('34: a model that Bedrock does not know: our message is what the person reads', async () => {
    const me = await people.meet()
    const answer = await me.claude('Say hello', { args: ['--model', 'claude-opus-9'] })
    expect([answer.failed, answer.result]).toEqual([
      true,
      'API Error: 400 Bedrock does not offer the model "claude-opus-9" to this gateway. Choose another one with /model.',
    ])
    expect(me.asked()).toHaveLength(1)
    expect(await costs(me)).toEqual([0])
  })

  test('a gateway without access to the model: who has to act is said, and no name of the account', async () => {
    const me = await people.meet()
    me.script.always(refusal(403, 'AccessDeniedException', 'User arn:aws:iam::123456789012:role/x is not authorized'))
    const answer = await me.claude('Say hello')
    expect(answer.result).toBe(
      'Failed to authenticate. API Error: 403 Bedrock refuses this gateway access to the model. Its administrator has to enable it in the AWS account.',
    )
    expect([me.asked().length, answer.stdout.includes('123456789012')]).toEqual([1, false])
  })

  test('an address where nothing is: the client is not kept waiting by an answer that is none', async () => {
    const home = mkdtempSync(join(tmpdir(), 'claude-home-'))
    const me = await people.meet()
    const answer = answerOf(
      await askClaude(home, ['Say hello'], { ...me.variables, ANTHROPIC_BASE_URL: `${me.tap.url}/nowhere` }),
    )
    expect([answer.failed, answer.retries]).toEqual([true, []])
    // Its own text hides ours at a 404, after one try with and one without streaming.
    expect(me.asked().map(({ path, status }) => [path, status])).toEqual([
      ['/nowhere/v1/messages?beta=true', 404],
      ['/nowhere/v1/messages?beta=true', 404],
    ])
    rmSync(home, { recursive: true, force: true })
  })
})

describe.skipIf(claudeCode === undefined).concurrent('what heals', () => {
  test.for([
    ['35', 'prompt is too long: 250000 tokens > 200000 maximum'],
    ['36', 'Input is too long for requested model.'],
    ['36', 'The model returned the following errors: prompt is too long: 250000 tokens > 200000 maximum'],
  ])('%s: "%s" compacts the conversation, and the turn ends well', async ([, message = '']) => {
    const me = await people.meet()
    me.script.next(BASH)
    me.script.next(refusal(400, 'ValidationException', message))
    const answer = await me.claude('Say hi', { args: ['--allowedTools', 'Bash'] })
    expect([answer.failed, answer.retries]).toEqual([false, []])
    const [first, refused, ...summing] = me.asked()
    expect([first?.status, refused?.status]).toEqual([200, 400])
    expect(JSON.parse(refused?.answer.toString() ?? '')).toMatchObject({
      error: { type: 'invalid_request_error', message },
    })
    expect(answer.events.filter(({ subtype }) => subtype === 'compact_boundary')).toHaveLength(1)
    expect(summing.every(({ status }) => status === 200)).toBe(true)
    expect(bodyOf(summing.at(-1)).messages.length).toBeGreaterThan(0)
    const rows = await me.rows()
    expect(rows.map(({ cost_nano: cost }) => Number(cost) > 0)).toEqual(me.asked().map(({ status }) => status === 200))
  })

  test('37: six quick repeats of what Bedrock refuses are nobody’s attack, cost nothing, and the next request is served', async () => {
    const me = await people.meet()
    me.script.always(refusal(400, 'ValidationException', 'something is odd here'))
    const answer = await me.claude('Say hello')
    expect([answer.failed, answer.result]).toEqual([true, 'API Error: 400 something is odd here'])
    expect(me.asked().map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400])
    expect(await costs(me)).toEqual([0, 0, 0, 0, 0, 0])
    me.script.clear()
    expect((await me.claude('Say hello')).failed).toBe(false)
  })

  test('38: a throttle is told as 529 with its retry-after: three requests, and the client’s own words', async () => {
    const me = await people.meet()
    me.script.always(refusal(429, 'ThrottlingException', 'Too many requests, please wait.', 1))
    const answer = await me.claude('Say hello')
    expect([answer.failed, answer.result]).toEqual([true, expect.stringContaining('Repeated 529 Overloaded errors')])
    expect(me.asked().map(({ status, answered }) => [status, answered?.['retry-after']])).toEqual([
      [529, '1'],
      [529, '1'],
      [529, '1'],
    ])
    expect(answer.retries.map(({ status, delayMs }) => [status, delayMs >= 1000])).toEqual([
      [529, true],
      [529, true],
    ])
  })
})
