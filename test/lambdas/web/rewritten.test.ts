import { describe, expect, test } from 'vitest'
import { nextTurn, withWebTools } from '../../../lambdas/web/rewritten.ts'
import { readWebTools } from '../../../lambdas/web/web-tools.ts'

const SEARCH = { type: 'web_search_20250305', name: 'web_search', max_uses: 8 }
const BASH = { name: 'Bash', input_schema: { type: 'object' } }
const USER = { role: 'user', content: 'x' }
const written = (body: object) => ({ utf8: Buffer.from(JSON.stringify(body)), body: body as Record<string, unknown> })

function rewrite(body: object, offered = true) {
  const one = written(body)
  const { utf8, body: next } = withWebTools(one, readWebTools(one.body), () => offered)
  expect(JSON.parse(Buffer.from(utf8).toString())).toEqual(next)
  return next
}

describe('a tool of the web', () => {
  test('WS1, R7: becomes an ordinary one at its place, with its mark; the others pass untouched', () => {
    const mark = { type: 'ephemeral' }
    const body = {
      tools: [BASH, { ...SEARCH, cache_control: mark }, { type: 'bash_20250124', name: 'bash' }],
      messages: [USER],
    }
    expect(rewrite(body).tools).toEqual([
      BASH,
      {
        name: 'web_search',
        description: expect.any(String),
        input_schema: expect.objectContaining({ required: ['query'] }),
        cache_control: mark,
      },
      { type: 'bash_20250124', name: 'bash' },
    ])
    expect(readWebTools(body)).toMatchObject([{ kind: 'search', name: 'web_search', maxUses: 8, place: 1 }])
    expect(readWebTools({ tools: [{ type: 'web_search_20260209' }] })).toMatchObject([
      { name: 'web_search', maxUses: null },
    ])
  })

  test('an empty list of domains binds nobody, also beside one that does', () => {
    const read = (more: object) => readWebTools({ tools: [{ ...SEARCH, ...more }] })[0]
    expect(read({ allowed_domains: ['example.com'], blocked_domains: [] })).toMatchObject({
      allowedDomains: ['example.com'],
      blockedDomains: null,
    })
    expect(read({ allowed_domains: [] })).toMatchObject({ allowedDomains: null })
  })

  test('goes by no other name: it could not be told from other tools when the conversation comes back', () => {
    expect(() => readWebTools({ tools: [{ ...SEARCH, name: 'search' }] })).toThrow('tools.0.name: must be "web_search"')
  })

  test('every version is one, and of nobody else', () => {
    const tools = [
      'web_search_20250305',
      'web_search_20260318',
      'web_fetch_20250910',
      'code_execution_20250522',
      'custom',
    ]
    expect(readWebTools({ tools: tools.map((type) => ({ type })) }).map(({ kind }) => kind)).toEqual([
      'search',
      'search',
      'fetch',
    ])
  })

  test('that is switched off is gone, and a choice that names it too', () => {
    const choice = { type: 'tool', name: 'web_search' }
    expect(rewrite({ tools: [SEARCH, BASH], tool_choice: choice, messages: [USER] }, false)).toEqual({
      tools: [BASH],
      messages: [USER],
    })
    expect(rewrite({ tools: [SEARCH], tool_choice: { type: 'auto' }, messages: [USER] }, false)).toEqual({
      messages: [USER],
    })
  })

  test('that was used before is told of where the client offers it no more, and may not be called', () => {
    const messages = [
      USER,
      {
        role: 'assistant',
        content: [{ type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'q' } }],
      },
      USER,
    ]
    expect(rewrite({ messages })).toMatchObject({
      tools: [{ name: 'web_search' }, { name: 'web_fetch' }],
      tool_choice: { type: 'none' },
    })
    expect(rewrite({ messages, tools: [BASH] }).tools).toEqual([BASH])
  })
})

describe('the next turn', () => {
  const said = [{ type: 'tool_use', id: 'toolu_1', name: 'web_search', input: {} }]
  const results = [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'x' }]
  const turnAfter = (body: object, choice: 'free' | 'none' = 'free') => {
    const { utf8, body: next } = nextTurn(written(body), said, results, choice)
    expect(JSON.parse(Buffer.from(utf8).toString())).toEqual(next)
    return next
  }

  test('is the same request with one exchange more, byte for byte before it', () => {
    const text = '{"max_tokens" : 1e3,"messages":[ {"role":"user","content":"\\u00fc"} ]}'
    const { utf8 } = nextTurn({ utf8: Buffer.from(text), body: JSON.parse(text) }, said, results, 'free')
    const now = Buffer.from(utf8).toString()
    expect(now.startsWith(text.slice(0, -' ]}'.length))).toBe(true)
    expect(JSON.parse(now).messages.slice(1)).toEqual([
      { role: 'assistant', content: said },
      { role: 'user', content: results },
    ])
  })

  test.each([
    [{ type: 'tool', name: 'web_search' }, { type: 'auto' }],
    [
      { type: 'any', disable_parallel_tool_use: true },
      { type: 'auto', disable_parallel_tool_use: true },
    ],
    [{ type: 'auto' }, { type: 'auto' }],
    [undefined, undefined],
  ])('W30: forces nothing again: %j', (before, now) => {
    expect(turnAfter({ messages: [USER], ...(before && { tool_choice: before }) }).tool_choice).toEqual(now)
  })

  test('says nothing where the model said nothing', () => {
    const { body } = nextTurn(written({ messages: [USER] }), [{ type: 'text', text: '' }, ...said], results, 'free')
    expect((body.messages as unknown[])[1]).toEqual({ role: 'assistant', content: said })
  })

  test('may call nothing where everything is used up', () => {
    expect(turnAfter({ messages: [USER], tool_choice: { type: 'auto' } }, 'none').tool_choice).toEqual({ type: 'none' })
  })
})
