import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Knowledge } from '../../../lambdas/bedrock/knowledge.ts'
import { SEED_RULES } from '../../../lambdas/bedrock/seed-rules.ts'
import { type AskedMessage, type Translation, translate } from '../../../lambdas/bedrock/translate.ts'
import type { UpstreamKind } from '../../../lambdas/endpoints/endpoint.ts'

type Body = Record<string, unknown>

interface Given {
  readonly kind?: UpstreamKind
  readonly model?: string
  readonly betas?: string | null
  readonly longContext?: boolean
  readonly stream?: boolean
  readonly refused?: readonly string[]
  readonly accepted?: readonly string[]
  readonly rules?: Partial<Knowledge['rules']>
}

function translated(json: string | Buffer, given: Given = {}): Translation {
  const utf8 = Buffer.from(json)
  const asked: AskedMessage = {
    utf8,
    body: JSON.parse(utf8.toString('utf8')),
    betaHeader: given.betas ?? null,
    longContext: given.longContext ?? false,
    ...(given.stream !== undefined && { stream: given.stream }),
  }
  return translate(
    asked,
    {
      kind: given.kind ?? 'invoke',
      modelId: 'global.anthropic.x',
      model: given.model ?? 'claude-sonnet-4-6',
    },
    {
      rules: { ...SEED_RULES, ...given.rules },
      refused: new Set(given.refused),
      accepted: new Set(given.accepted),
    },
  )
}

const textOf = (json: string | Buffer, given?: Given): string =>
  Buffer.from(translated(json, given).body).toString('utf8')
const read = (body: Body, given?: Given): Body => JSON.parse(textOf(JSON.stringify(body), given))
const VERSION = { anthropic_version: 'bedrock-2023-05-31' }
const least = { max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }

describe('the frame', () => {
  test('R1: the version is constant, max_tokens is kept, and 8096 where there is none', () => {
    expect(read(least)).toEqual({ ...VERSION, ...least })
    expect(read({ messages: [] })).toEqual({ ...VERSION, max_tokens: 8096, messages: [] })
    expect(read({ messages: [], max_tokens: null })).toEqual({ ...VERSION, max_tokens: 8096, messages: [] })
    expect(translated('{"messages":[]}').adjusted).toEqual(['max_tokens'])
  })
  test("Bedrock's own format keeps its version; another one is replaced", () => {
    expect(read({ ...least, anthropic_version: 'bedrock-2030-01-01' })).toHaveProperty(
      'anthropic_version',
      'bedrock-2030-01-01',
    )
    for (const odd of ['2023-06-01', null, 7])
      expect(read({ ...least, anthropic_version: odd })).toEqual({ ...VERSION, ...least })
  })
  test.each<UpstreamKind>(['invoke', 'messages'])(
    'how a guardrail is applied is not the caller’s to say: %s',
    (kind) => {
      const config = { 'amazon-bedrock-guardrailConfig': { tagSuffix: 'x', streamProcessingMode: 'ASYNCHRONOUS' } }
      const asked = JSON.stringify({ ...least, ...config })
      expect(textOf(asked, { kind })).not.toContain('guardrail')
      expect(translated(asked, { kind }).dropped).toEqual(['amazon-bedrock-guardrailConfig'])
    },
  )
  test.each<[UpstreamKind, string]>([
    ['invoke', 'auto'],
    ['invoke', 'standard_only'],
    ['messages', 'standard_only'],
    ['messages', 'priority'],
  ])('a service tier is told beside the body or not at all: %s never gets %s', (kind, service_tier) => {
    const asked = JSON.stringify({ ...least, service_tier })
    expect(textOf(asked, { kind })).not.toContain('tier')
    expect(translated(asked, { kind }).dropped).toEqual(['service_tier'])
    expect(textOf(asked, { kind, refused: ['member:service_tier'] })).toBe(textOf(asked, { kind }))
    expect(translated(JSON.stringify({ ...least, service_tier: null }), { kind }).dropped).toEqual([])
  })
  test('R10: model, stream, betas and mcp_servers never reach InvokeModel; metadata does, and what is unknown', () => {
    const kept = {
      ...least,
      metadata: { user_id: 'u' },
      brand_new: [{ a: 1 }],
      context_management: { edits: [] },
      temperature: 0,
    }
    const asked = { ...kept, model: 'm', stream: true, betas: [], anthropic_beta: [], mcp_servers: [{ url: 'x' }] }
    expect(read(asked)).toEqual({ ...VERSION, ...kept })
    expect(translated(JSON.stringify(asked)).dropped).toEqual(['mcp_servers'])
  })
  test("Bedrock's Messages endpoint gets the request as it came, with its own name of the model", () => {
    const asked = {
      model: 'm',
      stream: true,
      ...least,
      mcp_servers: [],
      brand_new: 1,
      anthropic_version: 'x',
      betas: ['a-b-c'],
      anthropic_beta: [],
    }
    expect(read(asked, { kind: 'messages' })).toEqual({
      model: 'global.anthropic.x',
      stream: true,
      ...least,
      mcp_servers: [],
      brand_new: 1,
    })
    expect(read({}, { kind: 'messages' })).toEqual({ model: 'global.anthropic.x', max_tokens: 8096 })
  })
  test('what the URL said of streaming, the body says for the Messages endpoint', () => {
    expect(read(least, { kind: 'messages', stream: true })).toHaveProperty('stream', true)
    expect(read({ ...least, stream: true }, { kind: 'messages', stream: false })).toHaveProperty('stream', false)
    expect(read(least, { kind: 'messages', stream: false })).not.toHaveProperty('stream')
    expect(read(least, { kind: 'invoke', stream: true })).not.toHaveProperty('stream')
  })
})

describe('betas', () => {
  test('R11: header and both members of the body are merged, each once, in order, under the names of Bedrock', () => {
    const { body, betas } = translated(
      JSON.stringify({ ...least, betas: ['effort-2025-11-24'], anthropic_beta: ['compact-2026-01-12'] }),
      {
        betas:
          ' context-1m-2025-08-07 ,advanced-tool-use-2025-11-20, context-1m-2025-08-07,tool-search-tool-2025-10-19',
      },
    )
    const all = ['context-1m-2025-08-07', 'tool-search-tool-2025-10-19', 'compact-2026-01-12', 'effort-2025-11-24']
    expect(betas).toEqual(all)
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({ ...VERSION, anthropic_beta: all, ...least })
  })
  test('what is unknown is left out for InvokeModel and passed to the Messages endpoint, and told either way', () => {
    const betas = 'made-up-2030-01-01,effort-2025-11-24,oauth-2025-04-20'
    const invoke = translated(JSON.stringify(least), { betas })
    expect(invoke).toMatchObject({ betas: ['effort-2025-11-24'], unknownBetas: ['made-up-2030-01-01'] })
    expect(invoke.dropped).toEqual(['beta:oauth-2025-04-20', 'beta:made-up-2030-01-01'])
    const messages = translated(JSON.stringify(least), { betas, kind: 'messages' })
    expect(messages).toMatchObject({
      betas: ['made-up-2030-01-01', 'effort-2025-11-24'],
      unknownBetas: ['made-up-2030-01-01'],
      dropped: ['beta:oauth-2025-04-20'],
    })
    expect(read(least, { betas, kind: 'messages' })).not.toHaveProperty('anthropic_beta')
  })
  test('what was seen at the endpoint counts more than what is generally so', () => {
    const given = {
      betas: 'made-up-2030-01-01,effort-2025-11-24,oauth-2025-04-20',
      accepted: ['beta:made-up-2030-01-01', 'beta:oauth-2025-04-20', 'beta:effort-2025-11-24'],
      refused: ['beta:effort-2025-11-24'],
    }
    expect(translated(JSON.stringify(least), given)).toMatchObject({
      betas: ['made-up-2030-01-01', 'oauth-2025-04-20'],
      unknownBetas: [],
    })
  })
  test('what is no name of a flag is not looked at, nor more than 64', () => {
    const odd = ['', 'a', 'ab', 'x y z', 'constructor', '-abc', 'a'.repeat(65), '"a":1', 'é-2025', 7, null, {}]
    const { betas, unknownBetas } = translated(JSON.stringify({ ...least, betas: odd }), { kind: 'messages' })
    expect([betas, unknownBetas]).toEqual([['constructor'], ['constructor']])
    const many = Array.from({ length: 500 }, (_, count) => `flag-${count}`)
    expect(translated(JSON.stringify({ ...least, betas: many })).unknownBetas).toHaveLength(64)
    expect(translated(JSON.stringify(least), { betas: many.join() }).unknownBetas).toHaveLength(64)
    expect(read({ ...least, betas: 'effort-2025-11-24, compact-2026-01-12' })).toHaveProperty('anthropic_beta', [
      'effort-2025-11-24',
      'compact-2026-01-12',
    ])
  })
  test('[1m] asks for the long window, once', () => {
    const flag = 'context-1m-2025-08-07'
    expect(translated(JSON.stringify(least), { longContext: true }).betas).toEqual([flag])
    expect(translated(JSON.stringify(least), { longContext: true, betas: flag }).betas).toEqual([flag])
    expect(translated(JSON.stringify(least), { longContext: true, refused: [`beta:${flag}`] }).betas).toEqual([])
  })
})

describe('a flag and its members go together', () => {
  const asked = {
    ...least,
    context_management: { edits: [] },
    output_config: { effort: 'low', format: { type: 'json_schema' } },
  }
  const betas = 'context-management-2025-06-27,effort-2025-11-24'
  test('R13: effort and context management are forwarded with their flags', () => {
    expect(read(asked, { betas })).toEqual({ ...VERSION, anthropic_beta: betas.split(','), ...asked })
  })
  test('R13: a refused flag takes its members along, knowingly', () => {
    const given = { betas, refused: ['beta:context-management-2025-06-27', 'beta:effort-2025-11-24'] }
    expect(read(asked, given)).toEqual({ ...VERSION, ...least, output_config: { format: { type: 'json_schema' } } })
    expect(translated(JSON.stringify(asked), given).dropped).toEqual([
      'beta:context-management-2025-06-27',
      'beta:effort-2025-11-24',
      'context_management',
      'output_config.effort',
    ])
  })
  test('a refused member takes along the flag that is there for nothing else', () => {
    const given = { betas: `${betas},compact-2026-01-12`, refused: ['member:context_management'] }
    const { context_management: _gone, ...rest } = asked
    expect(read(asked, given)).toEqual({ ...VERSION, anthropic_beta: ['effort-2025-11-24'], ...rest })
  })
  test('a member stays while another flag that is sent needs it', () => {
    const given = { betas: `${betas},compact-2026-01-12`, refused: ['beta:context-management-2025-06-27'] }
    expect(read(asked, given)).toHaveProperty('context_management')
  })
  test('an object that has lost its last member goes too', () => {
    const effort = { ...least, output_config: { effort: 'low' } }
    expect(read(effort, { refused: ['member:output_config.effort'] })).toEqual({ ...VERSION, ...least })
  })
  test('a flag that is merely unknown leaves its members alone', () => {
    const body = { ...least, tools: [{ name: 'a', input_schema: {}, input_examples: [] }] }
    expect(read(body, { betas: 'tool-examples-2025-10-29' })).toEqual({ ...VERSION, ...body })
  })
  test('members of tools and messages pass, and go everywhere where they are refused', () => {
    const tool = { name: 'a', input_schema: { properties: { strict: {}, defer_loading: {} } } }
    const body = {
      max_tokens: 1,
      messages: [{ role: 'user', content: 'hi', output_config: { effort: 'low' } }, 7],
      tools: [{ ...tool, strict: true, defer_loading: true }, tool, { ...tool, defer_loading: false }, null],
      safeguards: [{ type: 'dangerous_tool_use' }],
    }
    const flags = 'advanced-tool-use-2025-11-20,dangerous-tool-use-2026-09-03,per-turn-control-2026-07-01'
    const sent = ['tool-search-tool-2025-10-19', 'dangerous-tool-use-2026-09-03']
    expect(read(body, { betas: flags })).toEqual({ ...VERSION, anthropic_beta: sent, ...body })
    const refused = [
      'member:tools.*.defer_loading',
      'member:tools.*.strict',
      'member:safeguards',
      'member:messages.*.output_config',
    ]
    expect(read(body, { betas: flags, refused })).toEqual({
      ...VERSION,
      anthropic_beta: ['tool-search-tool-2025-10-19'],
      max_tokens: 1,
      messages: [{ role: 'user', content: 'hi' }, 7],
      tools: [tool, tool, tool, null],
    })
  })
  test('what a request is about is never taken out, whatever is said to be refused', () => {
    const body = { ...least, system: 's', tools: [{ name: 'a', input_schema: {} }], stop_sequences: ['x'] }
    const refused = [
      'messages',
      'messages.*',
      'messages.*.content',
      'system',
      'tools',
      'tools.*',
      'tools.*.name',
      'max_tokens',
      'stop_sequences',
    ]
    expect(read(body, { refused: refused.map((path) => `member:${path}`) })).toEqual({ ...VERSION, ...body })
  })
})

test('a reference to a tool passes; where such blocks are refused it is told in words', () => {
  const reference = { type: 'tool_reference', tool_name: 'WebFetch', cache_control: { type: 'ephemeral' } }
  const result = { type: 'tool_result', tool_use_id: 't', content: [reference] }
  const body = { max_tokens: 1, messages: [{ role: 'user', content: [result] }] }
  expect(read(body)).toEqual({ ...VERSION, ...body })
  const folded = { type: 'text', cache_control: { type: 'ephemeral' }, text: 'Tool found: WebFetch' }
  const given = { refused: ['member:messages.*.content.*.content.*.tool_reference'] }
  expect(read(body, given)).toEqual({
    ...VERSION,
    max_tokens: 1,
    messages: [{ role: 'user', content: [{ ...result, content: [folded] }] }],
  })
  expect(translated(JSON.stringify(body), given).dropped).toEqual(['messages.*.content.*.content.*.tool_reference'])
})

describe('rules of the 5.5 generation', () => {
  const thinking = (model: string, given: unknown) => {
    const { body, adjusted } = translated(JSON.stringify({ ...least, thinking: given }), { model })
    return [JSON.parse(Buffer.from(body).toString()).thinking, adjusted]
  }
  const enabled = { type: 'enabled', budget_tokens: 9, display: 'updates' }
  test.each(['claude-opus-5-5', 'claude-fable-5-1'])('%s thinks as it sees fit', (model) => {
    expect(thinking(model, enabled)).toEqual([{ type: 'adaptive', display: 'updates' }, ['thinking.type']])
    expect(thinking(model, { type: 'disabled' })).toEqual([undefined, ['thinking.type']])
    expect(thinking(model, { type: 'adaptive', display: 'updates' })).toEqual([
      { type: 'adaptive', display: 'updates' },
      [],
    ])
  })
  test('Sonnet 5.5 thinks between tools where it is told not to think', () => {
    expect(thinking('claude-sonnet-5-5', enabled)).toEqual([
      { type: 'adaptive', display: 'updates' },
      ['thinking.type'],
    ])
    expect(thinking('claude-sonnet-5-5', { type: 'disabled' })).toEqual([{ type: 'between_tools' }, ['thinking.type']])
  })
  test('earlier ones are told what was said', () => {
    expect(thinking('claude-sonnet-4-5', enabled)).toEqual([enabled, []])
  })
  test.each(['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-fable-5-1'])(
    '%s is not forced to call a tool',
    (model) => {
      const choice = (given: unknown) => read({ ...least, tool_choice: given }, { model }).tool_choice
      expect(choice({ type: 'tool', name: 'a', disable_parallel_tool_use: true })).toEqual({
        type: 'auto',
        disable_parallel_tool_use: true,
      })
      expect(choice({ type: 'any' })).toEqual({ type: 'auto' })
      expect(choice({ type: 'none' })).toEqual({ type: 'none' })
      expect(read({ ...least, tool_choice: { type: 'any' } })).toHaveProperty('tool_choice', { type: 'any' })
    },
  )
  test('a number is brought down to what a model takes', () => {
    const rules = { models: [{ models: ['claude-sonnet-4-6'], path: 'max_tokens', max: 64_000 }] }
    expect(read({ ...least, max_tokens: 128_000 }, { rules })).toHaveProperty('max_tokens', 64_000)
    expect(read({ ...least, max_tokens: 63_999 }, { rules })).toHaveProperty('max_tokens', 63_999)
    expect(translated(JSON.stringify({ ...least, max_tokens: 128_000 }), { rules }).adjusted).toEqual(['max_tokens'])
  })
})

interface Capture {
  readonly name: string
  readonly 'anthropic-beta': string | null
  readonly body: Body
}
const captures: readonly Capture[] = JSON.parse(
  readFileSync(new URL('../../fixtures/claude-code/translation.json', import.meta.url), 'utf8'),
)

describe('what Claude Code sends', () => {
  test.each(captures)(
    'R12: $name: passes byte for byte but for what is said elsewhere',
    ({ 'anthropic-beta': betas, body }) => {
      const json = JSON.stringify(body)
      const { body: sent, betas: flags, dropped, adjusted } = translated(json, { betas, model: 'claude-opus-5' })
      const { model: _model, stream: _stream, anthropic_beta: _flags, ...kept } = body
      const added = {
        ...(!('anthropic_version' in body) && VERSION),
        ...(flags.length > 0 && { anthropic_beta: flags }),
        ...(!('max_tokens' in body) && { max_tokens: 8096 }),
      }
      expect(Buffer.from(sent).toString('utf8')).toBe(JSON.stringify({ ...added, ...kept }))
      expect(dropped.filter((name) => !name.startsWith('beta:'))).toEqual([])
      expect(adjusted.filter((name) => name !== 'max_tokens')).toEqual([])
      expect(flags).not.toContain('claude-code-20250219')
    },
  )
  test.each(captures)(
    '$name: the Messages endpoint gets it byte for byte but for the name of the model',
    ({ 'anthropic-beta': betas, body }) => {
      const { body: sent, betas: flags } = translated(JSON.stringify(body), {
        betas,
        kind: 'messages',
        model: 'claude-opus-5',
      })
      const { anthropic_beta: inBody, anthropic_version: _version, ...kept } = body
      const expected = {
        ...(!('model' in body) && { model: '' }),
        ...(!('max_tokens' in body) && { max_tokens: 8096 }),
        ...kept,
      }
      expect(Buffer.from(sent).toString('utf8')).toBe(JSON.stringify({ ...expected, model: 'global.anthropic.x' }))
      const asked = [...(betas ?? '').split(','), ...((inBody as string[] | undefined) ?? [])].filter(
        (flag) => flag !== '',
      )
      expect(flags).toHaveLength(new Set(asked.map((flag) => SEED_RULES.renamedBetas[flag] ?? flag)).size)
    },
  )
})

describe('what passes is not written anew', () => {
  test('order, white space, numbers and escapes are those of the client', () => {
    const messages = '[ {"role":"user", "content":"\\u00e9 \\ud800 \\"}, \\\\" } ]'
    const json = `{ "model" : "m", "messages": ${messages} ,"temperature":1.0e0,"seed":12345678901234567890, "max_tokens":5}`
    expect(textOf(json)).toBe(
      `{ "anthropic_version":"bedrock-2023-05-31","messages": ${messages} ,"temperature":1.0e0,"seed":12345678901234567890, "max_tokens":5}`,
    )
  })
  test('a mark is cleaned without touching what stands around it', () => {
    const json =
      '{"max_tokens":1,"messages":[{"role":"user","content":[ {"n":1e400,"cache_control":{ "type":"ephemeral" , "scope":"x"},"z":"\\u0041"} ]}]}'
    expect(textOf(json)).toContain('[ {"n":1e400,"cache_control":{ "type":"ephemeral" },"z":"\\u0041"} ]')
  })
  test('of a name that is told twice the last one counts, in escapes or not', () => {
    const json = '{"m\\u006fdel":"a","max_tokens":9,"messages":["first"],"model":"b","max_tokens":1,"messages":[]}'
    expect(textOf(json)).toBe('{"anthropic_version":"bedrock-2023-05-31","max_tokens":1,"messages":[]}')
  })
  test('names that every object inherits are names like others', () => {
    const json =
      '{"max_tokens":1,"messages":[],"__proto__":{"model":"x","betas":["effort-2025-11-24"]},"constructor":1,"toString":2}'
    expect(textOf(json)).toBe(`{"anthropic_version":"bedrock-2023-05-31",${json.slice(1)}`)
  })
  test('bytes that are no UTF-8 pass as they came', () => {
    const json = Buffer.concat([
      Buffer.from('{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"'),
      Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0xe2, 0x82]),
      Buffer.from('"}]}'),
    ])
    const { body } = translated(json)
    const tail = json.subarray(json.indexOf('"max_tokens"'))
    expect(Buffer.from(body).subarray(-tail.length).equals(tail)).toBe(true)
  })
  test('a hundred thousand levels cost nothing, wherever they stand', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const blocks = `${'[{"content":'.repeat(100_000)}1${'}]'.repeat(100_000)}`
    const json = `{"max_tokens":1,"x":${deep},"messages":[{"role":"user","content":${blocks}}]}`
    expect(textOf(json)).toBe(`{"anthropic_version":"bedrock-2023-05-31",${json.slice(1)}`)
  })
})

const scalar = fc.oneof(
  fc.constantFrom('1e400', '-0', '12345678901234567890123', '1.0E+2', 'null', '"\\ud800"', '"\\u0041\\\\\\""'),
  fc.string({ unit: 'binary' }).map((said) => JSON.stringify(said)),
)
const written = fc.oneof(
  scalar,
  fc.array(scalar).map((list) => `[ ${list.join(' ,\n')}]`),
  fc.array(scalar).map((list) => `{${list.map((value, place) => `"cache_control${place}"\t:${value}`).join(', ')} }`),
)

test('byte for byte: whatever stands in members that nothing is known of, however it is written', () => {
  const members = fc.array(
    fc.tuple(fc.constantFrom('metadata', 'system', 'tools', 'messages', 'brand_new', '__proto__'), written),
  )
  fc.assert(
    fc.property(members, fc.constantFrom('', ' ', '\n\t'), (told, space) => {
      const distinct = [...new Map(told)].map(([name, value]) => `"${name}"${space}:${space}${value}${space}`)
      const kept = ['"max_tokens":1', ...distinct].join(`,${space}`)
      expect(textOf(`{"model":"m",${kept}}`)).toBe(`{"anthropic_version":"bedrock-2023-05-31",${kept}}`)
    }),
    { numRuns: 300 },
  )
})

const text = fc.string({ unit: 'binary', maxLength: 8 })
const mark = fc.record(
  {
    cache_control: fc.record(
      { type: fc.constant('ephemeral'), ttl: fc.constantFrom('5m', '1h') },
      { requiredKeys: ['type'] },
    ),
  },
  { requiredKeys: [] },
)
const block = fc.oneof(
  fc.tuple(fc.record({ type: fc.constant('text'), text }), mark).map(([own, marked]) => ({ ...own, ...marked })),
  fc.record({ type: fc.constant('tool_use'), id: text, name: text, input: fc.jsonValue() }),
  fc
    .tuple(
      fc.record({
        type: fc.constant('tool_result'),
        tool_use_id: text,
        content: fc.array(fc.record({ type: fc.constant('text'), text })),
      }),
      mark,
    )
    .map(([own, marked]) => ({ ...own, ...marked })),
  fc.record({ type: text, brand_new: fc.jsonValue() }),
)
const legalBody = fc.record(
  {
    model: text,
    max_tokens: fc.integer({ min: 1 }),
    messages: fc.array(
      fc.record({
        role: fc.constantFrom('user', 'assistant', 'system'),
        content: fc.oneof(text, fc.array(block, { maxLength: 4 })),
      }),
      { maxLength: 5 },
    ),
    system: fc.oneof(text, fc.array(fc.record({ type: fc.constant('text'), text }), { maxLength: 2 })),
    tools: fc.array(
      fc.record({ name: text, input_schema: fc.jsonValue(), defer_loading: fc.boolean() }, { requiredKeys: ['name'] }),
      { maxLength: 3 },
    ),
    thinking: fc.record({ type: fc.constantFrom('adaptive', 'enabled'), display: text }),
    metadata: fc.dictionary(text, fc.jsonValue()),
    output_config: fc.record({ effort: text, extra: fc.jsonValue() }, { requiredKeys: ['extra'] }),
    stream: fc.boolean(),
  },
  { requiredKeys: ['messages'] },
)

/** Without marks of the cache and what belongs to the frame: the rest has to be the same on both sides. */
function substanceOf(body: Body): unknown {
  const { model, stream, betas, anthropic_beta, anthropic_version, max_tokens, ...rest } = body
  const isMark = (value: unknown) => typeof value === 'object' && value !== null && (value as Body).type === 'ephemeral'
  return JSON.parse(
    JSON.stringify(rest, (key, value) => (key === 'cache_control' && isMark(value) ? undefined : value)),
  )
}

describe('whatever a legal request says', () => {
  test.each<UpstreamKind>(['invoke', 'messages'])('%s: all that is not known to be refused is kept', (kind) => {
    fc.assert(
      fc.property(legalBody, fc.constantFrom(0, 1), (body, space) => {
        const json = JSON.stringify(body, undefined, space)
        const sent = JSON.parse(textOf(json, { kind }))
        expect(substanceOf(sent)).toEqual(substanceOf(JSON.parse(json)))
        expect(sent.max_tokens).toBe(body.max_tokens ?? 8096)
      }),
      { numRuns: 200 },
    )
  })
  test('what is refused goes, and nothing else', () => {
    fc.assert(
      fc.property(legalBody, (body) => {
        const sent = JSON.parse(
          textOf(JSON.stringify(body), { refused: ['member:tools.*.defer_loading', 'member:thinking.display'] }),
        )
        const told = JSON.parse(JSON.stringify(body)) as Body & { tools?: Body[]; thinking?: Body }
        for (const tool of told.tools ?? []) delete tool.defer_loading
        delete told.thinking?.display
        expect(substanceOf(sent)).toEqual(substanceOf(told))
      }),
      { numRuns: 200 },
    )
  })
})

test('no JSON object makes it fail, and none is made into something that is no JSON', () => {
  const odd = fc.dictionary(
    fc.constantFrom(
      'messages',
      'system',
      'tools',
      'thinking',
      'tool_choice',
      'cache_control',
      'betas',
      'max_tokens',
      'model',
      '__proto__',
    ),
    fc.jsonValue(),
  )
  const nested = fc.record({
    messages: fc.array(
      fc.oneof(
        fc.jsonValue(),
        fc.record({
          role: fc.constantFrom('system', 'user', 'assistant'),
          content: fc.jsonValue(),
          cache_control: fc.jsonValue(),
        }),
      ),
    ),
    tools: fc.array(fc.jsonValue()),
    thinking: fc.jsonValue(),
  })
  const refused = [
    'role:system',
    'member:tools.*.strict',
    'member:thinking',
    'member:cache_control.ttl',
    'member:messages.*.content.*.content.*.tool_reference',
  ]
  fc.assert(
    fc.property(fc.oneof(odd, nested), fc.constantFrom<UpstreamKind>('invoke', 'messages'), (body, kind) => {
      expect(() =>
        read(body as Body, { kind, refused, model: 'claude-opus-5-5', betas: 'x,effort-2025-11-24' }),
      ).not.toThrow()
    }),
    { numRuns: 500 },
  )
})
