import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Repair, repairOf } from '../../../lambdas/bedrock/repair.ts'
import { SEED_RULES } from '../../../lambdas/bedrock/seed-rules.ts'
import { type Translation, translate } from '../../../lambdas/bedrock/translate.ts'

type Body = Record<string, unknown>

const FLAGS = ['context-management-2025-06-27', 'effort-2025-11-24', 'tool-search-tool-2025-10-19']
const ALL_FLAGS = Object.keys(SEED_RULES.membersOfBeta)

const BODY = {
  max_tokens: 5,
  system: [{ type: 'text', text: 's', cache_control: { type: 'ephemeral', ttl: '1h' } }],
  tools: [
    { name: 'a', input_schema: { properties: { extra: {} } }, defer_loading: true, strict: true },
    { type: 'bash_20250124', name: 'bash', strict: true },
  ],
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'q', citations: [] }] },
    { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'a', input: { extra: 1 }, caller: {} }] },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 't', content: [{ type: 'tool_reference', tool_name: 'x' }] }],
    },
    { role: 'system', content: 's', output_config: { effort: 'low' } },
  ],
  thinking: { type: 'adaptive', budget_tokens: 1, display: 'updates' },
  context_management: { edits: [] },
  output_config: { effort: 'low' },
  metadata: { user_id: 'u' },
}

const repair = (
  message: string,
  { body = BODY as unknown, betas = FLAGS, accepted = [] as string[], refused = [] as string[] } = {},
): Repair | null =>
  repairOf(
    message,
    { body: Buffer.from(JSON.stringify(body)), betas, unknownBetas: [] },
    { rules: SEED_RULES, accepted: new Set(accepted), refused: new Set(refused) },
  )

const named = (...refused: string[]): Repair => ({ refused, certainty: 'named' })
const unnamed = (...refused: string[]): Repair => ({ refused, certainty: 'unnamed' })

describe('B4: flags that a refusal names', () => {
  test.each<[string, string, Repair | null]>([
    ['one', 'invalid beta flag: effort-2025-11-24', named('beta:effort-2025-11-24')],
    ['in capitals, at the end of a sentence', 'Unexpected value EFFORT-2025-11-24.', named('beta:effort-2025-11-24')],
    [
      'several, each once',
      'Unexpected value(s) `effort-2025-11-24`, `context-management-2025-06-27`, `effort-2025-11-24` for the `anthropic-beta` header.',
      named('beta:context-management-2025-06-27', 'beta:effort-2025-11-24'),
    ],
    ['none', 'messages: at least one message is required', null],
    ['one that was not sent', 'messages: made-up-2030-01-01 is not known', null],
    ['one as a part of another', 'x-effort-2025-11-24 and effort-2025-11-24-b are not known', null],
  ])('%s', (_what, message, expected) => {
    expect(repair(message)).toEqual(expected)
  })
  test('a flag that the caller wrote somewhere else too is only suspected, however he wrote it', () => {
    const flag = 'effort-2025-11-24'
    const messages = [{ role: 'user', content: `What is ${flag.toUpperCase()}?` }]
    const lesson = unnamed(`beta:${flag}`)
    expect(repair(`invalid beta flag: ${flag}`, { body: { messages } })).toEqual(lesson)
    expect(repair(`invalid beta flag: ${flag}`, { body: { tools: [{ [flag]: 1 }] } })).toEqual(lesson)
    expect(repair(`invalid beta flag: ${flag}`, { body: { anthropic_beta: [flag] } })).toEqual(named(`beta:${flag}`))
  })
  test('no flag was sent: nothing to learn', () => {
    expect(repair('invalid beta flag', { betas: [] })).toBeNull()
    expect(repair('invalid beta flag: effort-2025-11-24', { betas: [] })).toBeNull()
  })
})

describe('B14: a flag that is refused without a name', () => {
  test('those that are not proven are suspected first, then all of them', () => {
    const accepted = ['beta:effort-2025-11-24']
    expect(repair('invalid beta flag', { accepted })).toEqual(
      unnamed('beta:context-management-2025-06-27', 'beta:tool-search-tool-2025-10-19'),
    )
    expect(repair('invalid beta flag', { accepted, betas: ['effort-2025-11-24'] })).toEqual(
      unnamed('beta:effort-2025-11-24'),
    )
  })
})

describe('members that a refusal names', () => {
  test.each<[string, Repair]>([
    ['context_management', named('member:context_management')],
    ['tools.0.custom.defer_loading', named('member:tools.*.defer_loading')],
    ['tools.0.defer_loading', named('member:tools.*.defer_loading')],
    ['messages.3.output_config', named('member:messages.*.output_config')],
    ['messages.1.content.0.tool_use.caller', named('member:messages.*.content.*.caller')],
    [
      'messages.2.content.0.tool_result.content.0.tool_reference',
      named('member:messages.*.content.*.content.*.tool_reference'),
    ],
    [
      'messages.2.content.0.tool_result.content.0.tool_reference.tool_name',
      named('member:messages.*.content.*.content.*.tool_reference'),
    ],
    ['system.0.text.cache_control.ephemeral.ttl', named('member:cache_control.ttl')],
    ['thinking.adaptive.display', named('member:thinking.display')],
    ['output_config.effort', named('member:output_config.effort')],
    ['metadata', named('member:metadata')],
  ])('%s', (path, expected) => {
    const betas = ALL_FLAGS
    expect(repair(`${path}: Extra inputs are not permitted`, { betas })).toEqual(expected)
    expect(repair(`ValidationException: ${path}: extra inputs are not permitted`, { betas })).toEqual(expected)
  })
  test('several at once', () => {
    const message =
      'context_management: Extra inputs are not permitted\ntools.0.custom.strict: Extra inputs are not permitted'
    expect(repair(message)).toEqual(named('member:context_management', 'member:tools.*.strict'))
  })
  test("in Bedrock's own words", () => {
    const said = (owner: string, key: string) =>
      `Malformed input request: #${owner}: extraneous key [${key}] is not permitted, please reformat your input and try again.`
    expect(repair(said('', 'context_management'))).toEqual(named('member:context_management'))
    expect(repair(said('/tools/0', 'strict'))).toEqual(named('member:tools.*.strict'))
  })
  test('what may be so for one kind of thing only is taken out of this request, and not held against all', () => {
    expect(repair('tools.1.bash_20250124.strict: Extra inputs are not permitted')).toEqual(
      unnamed('member:tools.*.strict'),
    )
    expect(repair('messages.0.content.0.text.citations: Extra inputs are not permitted')).toEqual(
      unnamed('member:messages.*.content.*.citations'),
    )
    expect(repair('system.0.text.cache_control: Extra inputs are not permitted')).toEqual(
      unnamed('member:system.*.cache_control'),
    )
  })
  test('what is extra without its flag is not held against those who ask for the flag', () => {
    const betas: string[] = []
    for (const member of ['context_management', 'output_config.effort', 'output_config'])
      expect(repair(`${member}: Extra inputs are not permitted`, { betas })).toEqual(unnamed(`member:${member}`))
    expect(repair('metadata: Extra inputs are not permitted', { betas })).toEqual(named('member:metadata'))
  })
  test('a reference to a tool, where that kind of block is not known', () => {
    const message =
      "messages.2.content.0.tool_result.content.0: Input tag 'tool_reference' found using 'type' does not match any of the expected tags: 'text', 'image'"
    expect(repair(message)).toEqual(named('member:messages.*.content.*.content.*.tool_reference'))
    expect(repair(message, { body: { messages: [] } })).toBeNull()
  })
  test.each([
    "messages.3.role: Input should be 'user' or 'assistant'",
    'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter',
  ])('the role system: %s', (message) => {
    expect(repair(message)).toEqual(named('role:system'))
    expect(repair(message, { body: { messages: [{ role: 'user' }] } })).toBeNull()
  })
  test.each([
    'messages',
    'messages.0',
    'messages.0.content',
    'messages.0.content.0',
    'messages.0.content.0.text.text',
    'messages.1.content.0.tool_use.input',
    'messages.1.content.0.tool_use.input.extra',
    'max_tokens',
    'system',
    'tools',
    'tools.0',
    'tools.0.custom.name',
    'tools.0.custom.input_schema',
    'tools.0.custom.input_schema.properties.extra',
    'thinking.type',
    'thinking.adaptive.budget_tokens',
    'not_there',
    'tools.7.custom.strict',
    'tools.0.custom.not_there',
    'constructor',
    '__proto__.x',
    '...',
    Array.from({ length: 40 }, () => 'tools').join('.'),
  ])('%s is never taken out', (path) => {
    expect(repair(`${path}: Extra inputs are not permitted`)).toBeNull()
  })
  test.each([
    'thinking.type: Input should be `adaptive`',
    'prompt is too long: 210000 tokens > 200000 maximum',
    'messages.0.role: Input should be a valid string',
    'max_tokens: 5 > 4, which is the maximum',
    '',
  ])("it is the caller's: %s", (message) => {
    expect(repair(message)).toBeNull()
  })
  test('a name that is too long to be kept is not learned', () => {
    const name = 'n'.repeat(49)
    expect(repair(`${name}: Extra inputs are not permitted`, { body: { [name]: 1 } })).toBeNull()
    expect(repair('a b: Extra inputs are not permitted', { body: { 'a b': 1, b: 2 } })).toEqual(named('member:b'))
  })
  test('what is known already is not learned again', () => {
    const refused = ['member:context_management', 'beta:effort-2025-11-24']
    expect(repair('context_management: Extra inputs are not permitted', { refused })).toBeNull()
    expect(repair('invalid beta flag: effort-2025-11-24', { refused })).toBeNull()
  })
  test('a body that is no JSON teaches nothing', () => {
    expect(
      repairOf(
        'context_management: Extra inputs are not permitted',
        { body: Buffer.from('{'), betas: [], unknownBetas: [] },
        { rules: SEED_RULES, accepted: new Set(), refused: new Set() },
      ),
    ).toBeNull()
  })
})

/** Bedrock as far as this is about: refuses what it does not know, by name or not, one thing after the other. */
interface Upstream {
  readonly flags: readonly string[]
  readonly members: readonly string[]
  readonly knowsSystem: boolean
  readonly namesFlags: boolean
}

function refusalBy({ flags, members, knowsSystem, namesFlags }: Upstream, { body, betas }: Translation): string | null {
  const flag = betas.find((one) => flags.includes(one))
  if (flag !== undefined)
    return namesFlags ? `Unexpected value(s) \`${flag}\` for the \`anthropic-beta\` header` : 'invalid beta flag'
  const sent = JSON.parse(Buffer.from(body).toString('utf8')) as typeof BODY
  const place = sent.messages.findIndex(({ role }) => role === 'system')
  if (!knowsSystem && place >= 0) return `messages.${place}.role: Input should be 'user' or 'assistant'`
  const path = members.find((one) => isIn(one, sent))
  return path === undefined ? null : `${path}: Extra inputs are not permitted`
}

function isIn(path: string, sent: Body): boolean {
  const steps = path.split('.').filter((step) => step !== 'custom' && step !== 'adaptive')
  const value = steps.reduce<unknown>((owner, step) => (owner as Body | undefined)?.[step], sent)
  return value !== undefined
}

/** As a caller does it. @returns what went through, and after how many calls. */
function untilAccepted(upstream: Upstream, body: Body, betas: readonly string[], accepted: readonly string[]) {
  const refused = new Set<string>()
  const json = JSON.stringify(body)
  const asked = { utf8: Buffer.from(json), body: JSON.parse(json), betaHeader: betas.join(), longContext: false }
  const knowledge = { rules: SEED_RULES, refused, accepted: new Set(accepted) }
  for (let calls = 1; ; calls++) {
    const sent = translate(asked, { kind: 'messages', modelId: 'm', model: 'x' }, knowledge)
    const refusal = refusalBy(upstream, sent)
    if (refusal === null) return { sent, calls }
    const lesson = repairOf(refusal, sent, knowledge)
    if (lesson === null) throw new Error(`nothing learned from: ${refusal}`)
    for (const name of lesson.refused) refused.add(name)
  }
}

const open: Upstream = { flags: [], members: [], knowsSystem: true, namesFlags: true }

test('B11: a refusal that names a flag is followed by one call without it and its members', () => {
  const { sent, calls } = untilAccepted({ ...open, flags: ['effort-2025-11-24'] }, BODY, FLAGS, [])
  expect(calls).toBe(2)
  expect(sent.betas).toEqual(FLAGS.filter((flag) => flag !== 'effort-2025-11-24'))
  expect(JSON.parse(Buffer.from(sent.body).toString())).not.toHaveProperty('output_config')
})

test('B14: a refusal that does not name the flag still leads to an answer, after one call or two', () => {
  const upstream = { ...open, flags: ['effort-2025-11-24'], namesFlags: false }
  const proven = ['beta:context-management-2025-06-27']
  const { sent, calls } = untilAccepted(upstream, BODY, FLAGS, proven)
  expect([calls, sent.betas]).toEqual([2, ['context-management-2025-06-27']])
  const wrong = untilAccepted(upstream, BODY, FLAGS, [...proven, 'beta:effort-2025-11-24'])
  expect([wrong.calls, wrong.sent.betas]).toEqual([3, []])
})

test('whatever an endpoint refuses, it is found out, in as many calls as there are things to learn', () => {
  const members = [
    'context_management',
    'tools.0.custom.defer_loading',
    'tools.0.custom.strict',
    'thinking.adaptive.display',
    'messages.3.output_config',
    'output_config.effort',
    'metadata',
  ]
  const upstream = fc.record({
    flags: fc.subarray(FLAGS),
    members: fc.subarray(members),
    knowsSystem: fc.boolean(),
    namesFlags: fc.boolean(),
  })
  fc.assert(
    fc.property(upstream, fc.subarray(FLAGS), (one, proven) => {
      const { calls, sent } = untilAccepted(
        one,
        BODY,
        FLAGS,
        proven.map((flag) => `beta:${flag}`),
      )
      expect(calls).toBeLessThanOrEqual(1 + Math.max(2, one.flags.length) + one.members.length + 1)
      const { messages, max_tokens } = JSON.parse(Buffer.from(sent.body).toString())
      expect([JSON.stringify(messages).includes('"q"'), max_tokens]).toEqual([true, 5])
    }),
  )
})

test('no words make it fail, or learn of what was not sent', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      ': Extra inputs are not permitted',
      'messages',
      'tools.0',
      '.',
      'strict',
      'invalid beta flag',
      ...FLAGS,
      "messages.3.role: Input should be 'user'",
      '#/tools/0: extraneous key [strict] is not permitted',
    ),
  )
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const lesson = repair(pieces.join(''))
      for (const name of lesson?.refused ?? []) {
        expect(name.length).toBeLessThanOrEqual(130)
        if (name.startsWith('beta:')) expect(FLAGS).toContain(name.slice(5))
      }
      expect(lesson?.refused).not.toEqual([])
    }),
    { numRuns: 500 },
  )
})
