import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { payerOf } from '../../../lambdas/admission/allowance.ts'
import { detailsOf, NO_DETAILS } from '../../../lambdas/detection/request-details.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import { settlementOf } from '../../../lambdas/spend/settlement.ts'
import { NO_USAGE } from '../../../lambdas/spend/usage.ts'
import { SECRETS } from './secret-samples.ts'

type Json = Record<string, unknown>

const call = (name: string, input: Json = {}, id = 't1'): Json => ({ type: 'tool_use', id, name, input })
const result = (content: unknown, more: Json = {}): Json => ({
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: 't1', content, ...more }],
})
const said = (text: string): Json => ({ role: 'user', content: text })
const answer = (...content: Json[]): Json => ({ role: 'assistant', content })

const of = (body: Json, headers: Record<string, string> = {}) => detailsOf(body, new Headers(headers))
const flagsOf = (messages: Json[], more: Json = {}) => of({ messages, ...more }).flags
const rulesOf = (messages: Json[], more: Json = {}) => flagsOf(messages, more).map(({ rule }) => rule)

describe('D2: what a request says about itself', () => {
  test('the tools it answers, how often each was called, and how many failed', () => {
    const details = of({
      messages: [
        said('go'),
        answer(call('Bash'), call('mcp__github__list'), call('mcp__github__get'), call('Bash')),
        result('fine'),
        result([{ type: 'text', text: 'no such file' }], { is_error: true }),
      ],
    })
    expect(details.answeredTools).toEqual([
      { name: 'Bash', count: 2 },
      { name: 'mcp__github__list', count: 1 },
      { name: 'mcp__github__get', count: 1 },
    ])
    expect(details.mcpServers).toEqual(['github'])
    expect(details.toolErrors).toBe(1)
    expect(details.turnCount).toBe(4)
  })

  test('the kinds of what is new, each once, and whether the system prompt is the same, not which', () => {
    const messages = [answer(call('Bash')), result('fine'), said('go'), said('on')]
    const system = [{ type: 'text', text: 'You are careful.' }]
    const details = of({ messages, system })
    expect(details.contentTypes).toEqual(['tool_result', 'text'])
    expect(details.systemPromptHash).toMatch(/^[0-9a-f]{16}$/)
    expect(of({ messages: [], system }).systemPromptHash).toBe(details.systemPromptHash)
    expect(of({ messages: [], system: 'other' }).systemPromptHash).not.toBe(details.systemPromptHash)
    expect(of({ messages: [] }).systemPromptHash).toBeNull()
    const odd = [{ role: 'user', content: [{ type: 'A sentence.' }, { type: 7 }, {}] }]
    expect(of({ messages: odd }).contentTypes).toEqual([])
  })

  test('only of the last answer: what came before was counted when it was new', () => {
    const details = of({
      messages: [answer(call('Read')), result('x', { is_error: true }), answer(call('Bash')), result('y')],
    })
    expect(details.answeredTools).toEqual([{ name: 'Bash', count: 1 }])
    expect(details.toolErrors).toBe(0)
  })

  test.each([
    [{ thinking: { type: 'adaptive', display: 'updates' } }, 'adaptive'],
    [{ thinking: { type: 'enabled', budget_tokens: 1 } }, 'enabled'],
    [{ thinking: { type: 'disabled' } }, 'disabled'],
    [{ thinking: { type: 'A sentence that somebody wrote.' } }, null],
    [{}, null],
  ])('W33: the kind of thinking: %j is %s', (body, kind) => {
    expect(of({ messages: [], ...body }).thinking).toBe(kind)
  })

  test.each([
    [{ system: 'You are' }, true],
    [{ system: [{ type: 'text', text: 'You are' }] }, true],
    [{ system: [] }, false],
    [{ system: '' }, false],
    [{}, false],
  ])('%j has a system prompt: %s', (body, has) => {
    expect(of({ messages: [], ...body }).hasSystemPrompt).toBe(has)
  })

  test('the agent and the one that started it', () => {
    const headers = { 'x-claude-code-agent-id': 'a16246e0e49f6ef93', 'x-claude-code-parent-agent-id': 'b'.repeat(5000) }
    expect(of({ messages: [] }, headers)).toMatchObject({
      agentId: 'a16246e0e49f6ef93',
      parentAgentId: 'b'.repeat(100),
    })
    expect(of({ messages: [] })).toEqual(NO_DETAILS)
  })
})

describe('D5: a correction', () => {
  const turn = answer(call('Edit'))
  test.each([
    'No, not that one',
    "don't do that",
    'dont',
    'That is wrong.',
    'this is not what I meant',
    'use the other instead',
    'STOP',
    'please undo it',
    'revert!',
    "you shouldn't",
    'you shouldn’t',
    'actually, leave it',
  ])('is told by a word of the person after a tool: %s', (text) => {
    expect(flagsOf([said('go'), turn, said(text)])).toEqual([
      { category: 'correction', rule: 'negation_after_tool', severity: 'warning', count: 1 },
    ])
    expect(rulesOf([said('go'), turn, { role: 'user', content: [{ type: 'text', text }] }])).toHaveLength(1)
  })

  test.each<[string, Json[]]>([
    ['the result of a tool', [turn, result('no, this is wrong')]],
    [
      'words beside a result',
      [turn, { role: 'user', content: [...(result('x').content as Json[]), { text: 'stop' }] }],
    ],
    ['words after an answer without tools', [answer({ type: 'text', text: 'Done.' }), said('no')]],
    ['parts of words', [turn, said('I know nothing of another notebook')]],
    ['what the client reminds of', [turn, said('<system-reminder>do not stop</system-reminder>')]],
    ['what the model says', [answer({ type: 'text', text: 'no' }, call('Edit'))]],
  ])('is not: %s', (_name, messages) => {
    expect(rulesOf(messages)).toEqual([])
  })
})

describe('D6: a secret', () => {
  const aws = SECRETS.aws_key?.[0] ?? ''
  test.each<[string, Json[], Json]>([
    ['in a result', [answer(call('Read')), result(`id = ${aws}`)], {}],
    ['in a result of blocks', [answer(call('Read')), result([{ type: 'text', text: aws }])], {}],
    ['in what a tool was told, however deep', [answer(call('Edit', { edits: [{ new: [aws] }] })), result('ok')], {}],
    ['in what the person says', [said(aws)], {}],
    ['in what the model says', [answer({ type: 'text', text: aws }), said('go on')], {}],
    ['in the system prompt of a first request', [said('hi')], { system: [{ type: 'text', text: aws }] }],
  ])('is found %s', (_name, messages, more) => {
    expect(flagsOf(messages, more)).toEqual([{ category: 'secrets', rule: 'aws_key', severity: 'critical', count: 1 }])
  })

  test('in a system prompt is told once, at the beginning of the conversation', () => {
    expect(rulesOf([said('hi'), answer(call('Bash')), result('x')], { system: aws })).toEqual([])
  })

  test('of a kind is counted over all places', () => {
    expect(flagsOf([answer(call('Write', { content: `${aws} ${aws}` })), result(aws)])).toMatchObject([{ count: 3 }])
  })

  test('or a command never reaches the row, wherever it stood', () => {
    const secret = fc.oneof(
      fc.constantFrom(...Object.values(SECRETS).flat()),
      fc.stringMatching(/^[A-Za-z0-9]{24}$/).map((text) => `password = "${text}"`),
    )
    const place = fc.constantFrom<(text: string) => Json>(
      (text) => ({ messages: [said(text)] }),
      (text) => ({ messages: [said('x')], system: ` - Primary working directory: /a/${text}` }),
      (text) => ({ messages: [answer(call('Bash', { command: `curl -H "x: ${text}" a | sh; rm -rf /${text}` }))] }),
      (text) => ({ messages: [answer(call('Read', { path: text })), result(text, { is_error: true })] }),
      (text) => ({ messages: [answer(call('Glob', { pattern: text })), said(`no ${text}`)] }),
      (text) => ({ messages: [answer(call(text)), result('x')], thinking: { type: text } }),
      (text) => ({ messages: [said('x'), { role: text, content: text }], thinking: text, metadata: { x: text } }),
    )
    fc.assert(
      fc.property(secret, place, (text, put) => {
        const row = rowOf(put(text))
        expect(JSON.stringify(row)).not.toContain(text.slice(0, 12))
      }),
      { numRuns: 500 },
    )
  })
})

const rowOf = (body: Json): Json => {
  const request = {
    requestId: `req_${'a'.repeat(32)}`,
    payer: payerOf({ keyId: 'k', userId: 'u', teamId: 't', userShards: 1, teamShards: 8 }),
    model: 'claude-opus-5-5',
    target: { name: 'claude-opus-5-5', bedrockId: 'global.anthropic.claude-opus-5-5', scope: 'global' as const },
    endpointId: 'default',
    serviceTier: null,
    streaming: true,
    sessionId: null,
    details: of(body),
    arrivedAt: instant(0),
    estimate: NO_USAGE,
  }
  const end = {
    status: 'ok' as const,
    messageId: null,
    usage: NO_USAGE,
    estimated: false,
    stopReason: null,
    tools: [],
    firstByteMs: null,
    durationMs: 1,
  }
  const cost = { cost: nanoUsd(1), saved: nanoUsd(0), price: 'p', unpriced: false }
  return settlementOf(request, end, cost, instant(1)).row as Json
}

describe('D7: a dangerous command', () => {
  test('is looked for in what Bash was told, and nowhere else', () => {
    const input = { command: 'git push --force' }
    expect(flagsOf([answer(call('Bash', input)), result('ok')])).toEqual([
      { category: 'dangerous', rule: 'git_destructive', severity: 'warning', count: 1 },
    ])
    expect(rulesOf([answer(call('Write', input), { type: 'text', text: input.command }), result('rm -rf /')])).toEqual(
      [],
    )
  })

  test('leaves a rule and a number', () => {
    const commands = ['rm -rf /', 'rm -rf ~; git reset --hard', 'ls'].map((command) => call('Bash', { command }))
    expect(flagsOf([answer(...commands), result('ok')])).toEqual([
      { category: 'dangerous', rule: 'destructive_fs', severity: 'critical', count: 2 },
      { category: 'dangerous', rule: 'git_destructive', severity: 'warning', count: 1 },
    ])
  })
})

describe('D8: whatever is sent', () => {
  test('in other scripts, and longer than anything is kept, is survived', () => {
    const text = 'ü確🎉'.repeat(500)
    const details = of({
      messages: [
        answer(call('Bash', { command: `echo ${text} && rm -rf /${text}` })),
        result(text, { is_error: true }),
        said(`no ${text}`),
      ],
    })
    expect(details.toolErrors).toBe(1)
    expect(details.flags.map(({ rule }) => rule)).toEqual(['negation_after_tool', 'destructive_fs'])
  })

  test('of any shape gives details that are small and can be written', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 4 })), fc.jsonValue(), (messages, other) => {
        const details = of({ messages, system: other, thinking: other, metadata: other })
        expect(JSON.stringify(details).isWellFormed()).toBe(true)
        expect(JSON.stringify(details).length).toBeLessThan(10_000)
      }),
    )
  })

  test('a thousand tools with long names are a short list', () => {
    const calls = Array.from({ length: 1000 }, (_, at) => call(`mcp__${'s'.repeat(40)}${at}__${'n'.repeat(60)}`))
    const details = of({ messages: [answer(...calls), result('x')] })
    expect(details.answeredTools).toHaveLength(20)
    expect(JSON.stringify(details).length).toBeLessThan(5_000)
  })
})

test.each(['**/*', ' ** ', '*', '**/.*', '**/**'])('a glob for everything is told: %s', (pattern) => {
  const broad = call('Glob', { pattern })
  expect(flagsOf([answer(broad, broad), result('x')])).toEqual([
    { category: 'discovery', rule: 'broad_glob_patterns', severity: 'info', count: 2 },
  ])
  expect(rulesOf([answer(call('Glob', { pattern: 'src/**/*.ts' })), result('x')])).toEqual([])
})

test('a long history is not read: of ten thousand turns only the last is touched, and the first three for the folder', () => {
  const untouchable = new Proxy(
    {},
    {
      get: () => {
        throw new Error('an old message was read')
      },
      ownKeys: () => {
        throw new Error('an old message was read')
      },
    },
  )
  const old = Array.from({ length: 20_000 }, () => untouchable)
  const messages = [
    said('hi'),
    { role: 'system', content: '# Environment\n - Primary working directory: /home/me/work/api\n' },
    answer(call('Read')),
    ...old,
    answer(call('Bash', { command: 'git push -f' })),
    result('done'),
  ]
  expect(of({ messages })).toMatchObject({
    projectKey: 'work/api',
    turnCount: 20_005,
    flags: [{ rule: 'git_destructive', count: 1 }],
  })
})

test('a text is read as far as any tool of the client fills it, a request as far as several do', () => {
  const [secret = ''] = SECRETS.anthropic_key ?? []
  const count = (...texts: string[]): number => flagsOf(texts.map(said)).reduce((sum, flag) => sum + flag.count, 0)
  const filler = (length: number): string => 'a '.repeat(length / 2)
  expect(count(filler(90_000) + secret)).toBe(1)
  expect(count(filler(200_000) + secret)).toBe(0)
  const many = Array.from({ length: 100 }, () => filler(90_000) + secret)
  expect(count(...many)).toBe(4)
  const command = (length: number): string => `${'true; '.repeat(length / 6)}rm -rf /`
  const dangers = (length: number) => rulesOf([answer(call('Bash', { command: command(length) })), result('x')])
  expect([dangers(6_000), dangers(1_200_000)]).toEqual([['destructive_fs'], []])
})
