/** Streams on their way through the gateway, and what the real Claude Code makes of those that break. Named after the points of the checklist. */
import { spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claudeCode } from '../support/claude-code.ts'
import { type Deployed, deploy } from '../support/deployed.ts'
import { type Answer, bodyOf, eventsIn, makeTeam, type Person, peopleAt } from '../support/person.ts'
import type { Exchange } from '../support/wiretap.ts'

let gateway: Deployed
const people = peopleAt(() => gateway)
beforeAll(async () => {
  gateway = await deploy({ bedrock: { keepBodies: true }, maxEnvironments: 4 })
})
afterAll(async () => {
  await people.leave()
  await gateway?.stop()
})

const WEST = { region: 'us-west-2', prefix: 'us' } as const
const EUROPE = { region: 'eu-west-1', prefix: 'eu' } as const
const INPUT = { command: 'echo "ü $((40 + 2))"', description: 'Add' }
const BASH = { args: ['--allowedTools', 'Bash'] }
/** As many as come before the first block of the greeting has ended, and its end. */
const FIRST_BLOCK = 6
const GREETING = 'Hello from the simulated model.'

const namesIn = (exchange: Exchange | undefined): readonly string[] => eventsIn(exchange).map(({ name }) => name)

/** As Anthropic's API streams a message, with pings anywhere. */
function expectWholeStream(exchange: Exchange | undefined): void {
  const events = eventsIn(exchange)
  const names = events.map(({ name }) => name).filter((name) => name !== 'ping')
  expect([names[0], ...names.slice(-2)]).toEqual(['message_start', 'message_delta', 'message_stop'])
  expect(names.filter((name) => name === 'message_start')).toHaveLength(1)
  expect(events.at(-2)?.data.usage).toMatchObject({ output_tokens: expect.any(Number) })
  for (const { name, data } of events) expect(name).toBe(data.type)
}

const byEach = [
  ['InvokeModel', 'invoke', 'invoke-with-response-stream'],
  ['the Messages API', 'messages', 'messages'],
] as const

describe.skipIf(claudeCode === undefined).concurrent('whole', () => {
  test.for(byEach)(
    '18, 19, 20: by %s tool input comes as deltas, every event by its name, all in their order',
    async ([, upstream, operation]) => {
      const me = await people.meet({ teamId: await makeTeam(gateway, 'primary_fallback', [{ ...WEST, upstream }]) })
      me.script.next({ kind: 'tool', name: 'Bash', input: INPUT })
      const answer = await me.claude('Add them', BASH)
      expect([answer.failed, answer.result]).toEqual([false, expect.stringContaining('ü 42')])
      expect(me.calls().map((call) => call.operation)).toEqual([operation, operation])
      const [exchange] = me.asked()
      expectWholeStream(exchange)
      const events = eventsIn(exchange)
      expect(events.find(({ data }) => typeIn(data.content_block) === 'tool_use')?.data.content_block).toMatchObject({
        input: {},
      })
      const pieces = events.flatMap(({ data }) => {
        const delta = data.delta as { type?: string; partial_json?: string } | undefined
        return delta?.type === 'input_json_delta' ? [String(delta.partial_json)] : []
      })
      expect(pieces.length).toBeGreaterThan(2)
      expect(JSON.parse(pieces.join(''))).toEqual(INPUT)
    },
  )

  test('20: the same after another endpoint had to answer', async () => {
    const me = await people.meet({ teamId: await makeTeam(gateway, 'primary_fallback', [WEST, EUROPE]) })
    gateway.bedrock?.script
      .at({ key: me.keyId, region: 'us-west-2' })
      .always({ kind: 'error', status: 503, type: 'ServiceUnavailableException', message: 'Try again.' })
    const answer = await me.claude('Say hello')
    expect([answer.failed, answer.retries]).toEqual([false, []])
    expect(me.calls().map(({ region, outcome }) => [region, outcome])).toEqual([
      ['us-west-2', 'error'],
      ['eu-west-1', 'completed'],
    ])
    expect(me.asked()).toHaveLength(1)
    expectWholeStream(me.asked()[0])
  })

  test('21, 24: the first words are there while Bedrock still writes; whoever leaves then pays for all that was written', async () => {
    const me = await people.meet()
    me.script.next({ kind: 'text', tokens: 60, chunkDelayMs: 60 })
    await untilFirstWords(me)
    const [call] = me.calls()
    expect(call?.outcome).toBe('running')
    expect(namesIn(me.asked()[0])).toContain('content_block_delta')
    expect(namesIn(me.asked()[0])).not.toContain('message_stop')
    // A function URL does not tell that somebody has hung up: the answer is read to its end, and settled like any other.
    const [row] = await me.rows()
    expect(row).toMatchObject({ status: 'ok', estimated: false, output_tokens: call?.usage.outputTokens })
    expect(call?.outcome).toBe('completed')
    expect(me.asked()[0]?.ended).toBeUndefined()
  })
})

const typeIn = (value: unknown): unknown => (value as { type?: unknown } | undefined)?.type

/** Asks, and kills Claude Code as soon as it shows a word. */
async function untilFirstWords(me: Person): Promise<void> {
  const args = ['-p', 'Say hello', '--output-format', 'stream-json', '--verbose', '--include-partial-messages']
  const child = spawn(claudeCode ?? '', args, {
    cwd: me.home,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, HOME: me.home, ...me.variables, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
  })
  const closed = new Promise((resolve) => child.once('close', resolve))
  let shown = ''
  for await (const piece of child.stdout) {
    shown += String(piece)
    if (shown.includes('text_delta')) break
  }
  child.kill('SIGKILL')
  await closed
  expect(shown).toContain('text_delta')
}

describe.skipIf(claudeCode === undefined).concurrent('broken', () => {
  test.for([
    ['a lost connection', { kind: 'reset', afterEvents: FIRST_BLOCK }],
    [
      'an exception',
      { kind: 'exception-mid-stream', type: 'modelStreamErrorException', message: 'lost', afterEvents: FIRST_BLOCK },
    ],
    [
      'a throttle',
      { kind: 'exception-mid-stream', type: 'throttlingException', message: 'slow down', afterEvents: FIRST_BLOCK },
    ],
    ['an end too early', { kind: 'early-end', afterEvents: FIRST_BLOCK }],
  ] as const)(
    '25, 54: %s after a block is an error event, and the client goes on from there',
    async ([, behaviour]) => {
      const me = await people.meet()
      me.script.next(behaviour)
      const answer = await me.claude('Say hello')
      expect(answer.retries).toEqual([])
      expect(namesIn(me.asked()[0]).slice(-2)).toEqual(['content_block_stop', 'error'])
      if (!goesOn(answer)) {
        expect([answer.failed, answer.stdout]).toEqual([true, expect.stringContaining(GREETING)])
        expect(answer.result).toMatch(/^API Error: .{4}/)
        expect((await me.rows()).map(({ status }) => status)).toEqual(['failed'])
        return
      }
      expect(answer.failed).toBe(false)
      expect(me.asked()).toHaveLength(2)
      const [said] = bodyOf(me.asked()[1]).messages.filter(({ role }) => role === 'assistant')
      expect(said?.content).toMatchObject([{ type: 'text', text: GREETING }])
      const statuses = (await me.rows()).map(({ status }) => status)
      expect(statuses).toEqual(['failed', 'ok'])
    },
  )

  test('26: a connection lost before the first event is tried again here, and the client does not notice', async () => {
    const me = await people.meet()
    me.script.next({ kind: 'reset', afterEvents: 0 })
    const answer = await me.claude('Say hello')
    expect([answer.failed, answer.retries]).toEqual([false, []])
    expect(me.calls().map(({ outcome }) => outcome)).toEqual(['broken', 'completed'])
    expect(me.asked().map(({ status }) => status)).toEqual([200])
  })

  test('26: where nobody can be reached the answer is a 529 in Anthropic’s form, never an empty 200', async () => {
    const me = await people.meet()
    me.script.always({ kind: 'reset', afterEvents: 0 })
    const { status, told } = await ask(me)
    expect([status, JSON.parse(told)]).toMatchObject([529, { type: 'error', error: { type: 'overloaded_error' } }])
    for (const row of await me.rows()) expect(row).toMatchObject({ status: 'failed', cost_nano: 0 })
  })

  test('27: the copy without streaming that follows a failed stream is a whole message, and a request of its own in the books', async () => {
    const me = await people.meet()
    me.script.next({ kind: 'exception-mid-stream', type: 'internalServerException', message: 'lost', afterEvents: 1 })
    const answer = await me.claude('Say hello')
    expect([answer.failed, answer.result]).toEqual([false, expect.stringContaining(GREETING)])
    const [streamed, whole] = me.asked()
    expect([bodyOf(streamed).stream, bodyOf(whole).stream ?? false]).toEqual([true, false])
    expect(whole?.answered?.['content-type']).toBe('application/json')
    expect(JSON.parse(whole?.answer.toString() ?? '')).toMatchObject({ type: 'message', model: bodyOf(whole).model })
    const rows = await me.rows()
    expect(rows.map(({ streaming, status }) => [streaming, status])).toEqual([
      [true, 'failed'],
      [false, 'ok'],
    ])
    expect(rows[1]).toMatchObject({ output_tokens: me.calls()[1]?.usage.outputTokens })
  })

  test('28: once an answer has begun no other endpoint says anything in it', async () => {
    const me = await people.meet({ teamId: await makeTeam(gateway, 'primary_fallback', [WEST, EUROPE]) })
    gateway.bedrock?.script.at({ key: me.keyId, region: 'us-west-2' }).always({ kind: 'reset', afterEvents: 3 })
    const { status, told } = await ask(me)
    expect(status).toBe(200)
    expect(told.match(/event: message_start/g)).toHaveLength(1)
    expect(told).toMatch(/event: error\ndata: .*"overloaded_error".*\n\n$/)
    expect(told).not.toContain('message_stop')
    expect(me.calls().map(({ region }) => region)).toEqual(['us-west-2'])
    expect((await me.rows()).map(({ message_id: id }) => id)).toEqual(me.calls().map(({ id }) => id))
  })
})

/** Old clients keep the words that came, and show ours for the rest; 2.1.197 is such a one. */
const goesOn = ({ events }: Answer): boolean =>
  !/^2\.1\.(?:\d{1,2}|1\d\d)$/.test(String(events.find(({ subtype }) => subtype === 'init')?.claude_code_version))

/** One request without a client that repeats it. */
async function ask(me: Person): Promise<{ readonly status: number; readonly told: string }> {
  const answer = await fetch(`${gateway.messagesUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${me.key}` },
    body: JSON.stringify({
      model: 'claude-opus-5-5',
      max_tokens: 100,
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
    }),
  })
  const told = await answer.text()
  return { status: answer.status, told }
}
