import { describe, expect, test } from 'vitest'
import { tidyMarks } from '../../../lambdas/bedrock/cache-marks.ts'
import { JsonEdit } from '../../../lambdas/json/json-edit.ts'

type Body = Record<string, unknown>

function tidied(body: Body, ttlRefused = false): Body & { readonly told: unknown } {
  const json = JSON.stringify(body)
  const edit = new JsonEdit(Buffer.from(json))
  const told = tidyMarks(JSON.parse(json), edit, ttlRefused)
  return { ...JSON.parse(Buffer.from(edit.bytes()).toString('utf8')), told }
}

const mark = (more: Body = {}) => ({ cache_control: { type: 'ephemeral', ...more } })
const text = (name: string, more: Body = {}) => ({ type: 'text', text: name, ...more })
const user = (...content: unknown[]) => ({ role: 'user', content })
const NOTHING = { dropped: [], adjusted: [] }

describe('what a mark says', () => {
  const everywhere = (given: Body): Body => ({
    tools: [{ name: 'a', ...given }],
    system: [text('s', given)],
    messages: [user({ type: 'tool_result', content: [text('r', given)] })],
  })
  test.each<[string, Body]>([
    ['R2: type alone', mark()],
    ['R2: type and ttl', mark({ ttl: '1h' })],
    ['R4: no mark', {}],
    ['R4: null', { cache_control: null }],
    ['R4: a word', { cache_control: 'ephemeral' }],
    ['R4: a list', { cache_control: [{ scope: 1 }] }],
  ])('%s stays as it is', (_what, given) => {
    expect(tidied(everywhere(given))).toEqual({ ...everywhere(given), told: NOTHING })
  })
  test.each<[string, Body, Body]>([
    ['one unknown member', { scope: 'global' }, {}],
    ['many, and the ttl stays', { scope: 'x', ttl: '1h', priority: 1, __proto: {} }, { ttl: '1h' }],
  ])('R3, R5, R6: %s, in tools, system, messages and results of tools', (_what, more, left) => {
    expect(tidied(everywhere(mark(more)))).toEqual({
      ...everywhere(mark(left)),
      told: { dropped: [], adjusted: ['cache_control'] },
    })
  })
  test('on a message itself, and in a document', () => {
    const inDocument = (more: Body) => ({
      messages: [
        { ...user({ type: 'document', source: { type: 'content', content: [text('d', mark(more))] } }), ...mark(more) },
      ],
    })
    expect(tidied(inDocument({ scope: 1 }))).toMatchObject(inDocument({}))
  })
  test('R15: in input, schema, metadata and whatever else is not a block, it is a name like any other', () => {
    const own = { cache_control: { scope: 'mine', type: 'x' } }
    const body = {
      metadata: own,
      cache_control: { type: 'ephemeral', scope: 'global' },
      output_config: own,
      tools: [{ name: 'a', input_schema: { properties: own, ...own } }],
      messages: [
        user({ type: 'tool_use', input: { ...own, content: [own] }, ...mark() }),
        user({ type: 'text', text: 't', citations: [own], brand_new: { content: [own] } }),
      ],
    }
    expect(tidied(body)).toEqual({ ...body, told: NOTHING })
  })
  test('where only one lifetime is known, none is told', () => {
    const body = { cache_control: { type: 'ephemeral', ttl: '1h' }, ...everywhere(mark({ ttl: '1h', scope: 1 })) }
    expect(tidied(body, true)).toEqual({
      ...mark(),
      ...everywhere(mark()),
      told: { dropped: ['cache_control.ttl'], adjusted: ['cache_control'] },
    })
  })
})

describe('there are four at most', () => {
  const names = (body: Body): string[] => {
    const found: string[] = []
    JSON.stringify(body, (_key, value: unknown) => {
      const block = value as { text?: string; cache_control?: unknown } | null
      if (block?.cache_control !== undefined && block.text !== undefined) found.push(block.text)
      return value
    })
    return found
  }
  const body = (tools: number, system: number, messages: number): Body => ({
    tools: Array.from({ length: tools }, (_, count) => text(`t${count}`, mark())),
    system: Array.from({ length: system }, (_, count) => text(`s${count}`, mark())),
    messages: Array.from({ length: messages }, (_, count) => user(text(`m${count}`, mark()), text('plain'))),
  })
  test.each<[[number, number, number], string[]]>([
    [
      [0, 2, 2],
      ['s0', 's1', 'm0', 'm1'],
    ],
    [
      [1, 2, 4],
      ['t0', 's0', 's1', 'm3'],
    ],
    [
      [0, 0, 7],
      ['m3', 'm4', 'm5', 'm6'],
    ],
    [
      [2, 3, 2],
      ['s0', 's1', 's2', 'm1'],
    ],
    [
      [0, 6, 0],
      ['s2', 's3', 's4', 's5'],
    ],
  ])('of %j stay the shared ones and the last', (counts, left) => {
    expect(names(tidied(body(...counts)))).toEqual(left)
  })
  test('the automatic one is one of them', () => {
    const told = tidied({ ...body(0, 2, 2), ...mark() })
    expect(names(told)).toEqual(['s0', 's1', 'm1'])
    expect(told.told).toEqual({ dropped: ['cache_control'], adjusted: [] })
  })
  test('what is no mark does not count', () => {
    const many = {
      system: Array.from({ length: 9 }, (_, count) => text(`s${count}`, { cache_control: null })),
      ...mark(),
    }
    expect(tidied(many)).toEqual({ ...many, told: NOTHING })
  })
})

describe('a longer life never comes behind a shorter one', () => {
  const body = (...ttls: (string | undefined)[]): Body => ({
    tools: [{ name: 'a', ...mark(ttls[0] === undefined ? {} : { ttl: ttls[0] }) }],
    system: [text('s', mark(ttls[1] === undefined ? {} : { ttl: ttls[1] }))],
    messages: [user(text('m', mark(ttls[2] === undefined ? {} : { ttl: ttls[2] })))],
  })
  test.each<[(string | undefined)[], (string | undefined)[]]>([
    [
      ['1h', '1h', '1h'],
      ['1h', '1h', '1h'],
    ],
    [
      ['1h', '1h', '5m'],
      ['1h', '1h', '5m'],
    ],
    [
      ['1h', undefined, '5m'],
      ['1h', undefined, '5m'],
    ],
    [
      ['5m', '1h', '1h'],
      ['5m', undefined, undefined],
    ],
    [
      [undefined, '1h', '5m'],
      [undefined, undefined, '5m'],
    ],
    [
      ['1h', '5m', '1h'],
      ['1h', '5m', undefined],
    ],
    [
      ['1h', '24h', '1h'],
      ['1h', undefined, undefined],
    ],
    [
      ['5m', 'soon', '1h'],
      ['5m', 'soon', undefined],
    ],
  ])('%j becomes %j', (given, left) => {
    const told = tidied(body(...given))
    expect(told).toMatchObject(body(...left))
    expect(told.told).toEqual({ dropped: [], adjusted: given.join() === left.join() ? [] : ['cache_control.ttl'] })
    expect(JSON.stringify(told)).toBe(JSON.stringify({ ...body(...left), told: told.told }))
  })
  test('a mark that is one too many is not looked at', () => {
    const short = [
      mark({ ttl: '5m' }),
      mark({ ttl: '1h' }),
      mark({ ttl: '1h' }),
      mark({ ttl: '1h' }),
      mark({ ttl: '1h' }),
    ]
    const marked = { messages: [user(...short.map((one, count) => text(`m${count}`, one)))] }
    expect(tidied(marked).told).toEqual({ dropped: ['cache_control'], adjusted: [] })
  })
})
