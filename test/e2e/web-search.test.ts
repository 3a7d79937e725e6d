/** Searching the web through the bundle that is deployed, as a client of Anthropic's API sees it. */
import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type SearchEngines, startSearchEngines } from '../../local/web/search-engines.ts'
import { type Deployed, deploy } from '../support/deployed.ts'

let engines: SearchEngines
let gateway: Deployed
let key: { id: string; key: string }
/** `watch` has asked for some flags. */
let callsBefore = 0
beforeAll(async () => {
  engines = await startSearchEngines()
  gateway = await deploy({ bedrock: { keepBodies: true }, maxEnvironments: 2 })
  key = await gateway.makeKey({ name: 'Searcher' })
  callsBefore = gateway.bedrock?.tally().length ?? 0
  await mode({ mode: 'global', provider: PROVIDER(), fallback: false, web_fetch: true })
})
afterAll(async () => {
  await gateway?.stop()
  await engines?.stop()
})
beforeEach(() => {
  gateway.bedrock?.script.clear()
  engines.clear()
  engines.find(FOUND)
})

const FOUND = [
  'https://example.org/a',
  'https://docs.example.org/b',
  'https://example.com/c',
  'https://example.net/d',
].map((url, place) => ({ title: `Page ${place}`, url, snippet: `Of ${url}.` }))
/** DuckDuckGo is not asked where this one fails: from here it cannot be reached. */
const PROVIDER = () => ({
  provider_type: 'searxng',
  api_url: engines.endpoints.searxng.replace(/\/search$/, ''),
  max_results: 3,
  price_per_1000_usd: 5,
})

async function mode(wish: object): Promise<void> {
  const answer = await gateway.admin('PUT', '/admin/websearch-mode', wish)
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
}

const client = () => new Anthropic({ baseURL: gateway.messagesUrl, authToken: key.key, apiKey: null, maxRetries: 0 })
const SEARCH = { type: 'web_search_20250305', name: 'web_search', max_uses: 8 } as const
const asked = (more: object = {}) => ({
  model: 'claude-opus-5-5',
  max_tokens: 1000,
  messages: [{ role: 'user' as const, content: 'Find out about lanterns' }],
  tools: [SEARCH],
  ...more,
})
let number = 0
/** No query comes twice: what was found a moment ago is not searched for again. */
const search = (query: string, ...also: string[]) => ({
  kind: 'tool' as const,
  name: 'web_search',
  input: { query: `${query} ${++number}` },
  also: also.map((other) => ({ name: 'web_search', input: { query: `${other} ${++number}` } })),
})
const bodies = () => (gateway.bedrock?.tally() ?? []).map(({ body }) => body as Record<string, never>)
const script = () => gateway.bedrock?.script ?? expect.unreachable()

interface Event {
  readonly type: string
  readonly [name: string]: unknown
}

async function eventsOf(more: object = {}): Promise<Event[]> {
  const answer = await fetch(`${gateway.messagesUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key.key}` },
    body: JSON.stringify({ ...asked(more), stream: true }),
  })
  const text = await answer.text()
  return [...text.matchAll(/^data: (.+)$/gm)].map(([, json]) => JSON.parse(json ?? '') as Event)
}

describe('streamed', () => {
  test('WS10: the events of a search: text, the call with its input, the result, text, one end with all usage', async () => {
    script().next(search('paper lanterns'))
    script().next({ kind: 'text', text: 'They are made of paper.' })
    const before = bodies().length
    const events = await eventsOf()
    const blocks = events.filter(({ type }) => type === 'content_block_start')
    expect(blocks.map(({ index, content_block }) => [index, (content_block as Event).type])).toEqual([
      [0, 'text'],
      [1, 'server_tool_use'],
      [2, 'web_search_tool_result'],
      [3, 'text'],
    ])
    expect(events.filter(({ type }) => type.startsWith('message')).map(({ type }) => type)).toEqual([
      'message_start',
      'message_delta',
      'message_stop',
    ])
    const pieces = events.filter(({ type, index }) => type === 'content_block_delta' && index === 1)
    expect(JSON.parse(pieces.map(({ delta }) => (delta as { partial_json: string }).partial_json).join(''))).toEqual({
      query: `paper lanterns ${number}`,
    })
    const [one, two] = gateway.bedrock?.tally().slice(before) ?? []
    expect(events.findLast(({ type }) => type === 'message_delta')).toMatchObject({
      delta: { stop_reason: 'end_turn' },
      usage: {
        input_tokens: (one?.usage.inputTokens ?? 0) + (two?.usage.inputTokens ?? 0),
        output_tokens: (one?.usage.outputTokens ?? 0) + (two?.usage.outputTokens ?? 0),
        server_tool_use: { web_search_requests: 1 },
      },
    })
  })

  test('WS10, W29: the SDK’s accumulator makes one message of it, and no text stands in it twice', async () => {
    script().next({ ...search('paper lanterns'), thinking: 'I had better look.' })
    script().next({ kind: 'text', text: 'They are made of paper.' })
    const message = await client().messages.stream(asked()).finalMessage()
    expect(message.content.map(({ type }) => type)).toEqual([
      'thinking',
      'text',
      'server_tool_use',
      'web_search_tool_result',
      'text',
    ])
    expect(message.content.at(-1)).toMatchObject({ text: 'They are made of paper.' })
    const call = message.content.find((block) => block.type === 'server_tool_use')
    const result = message.content.find((block) => block.type === 'web_search_tool_result')
    expect(call).toMatchObject({
      id: expect.stringMatching(/^srvtoolu_/),
      input: { query: `paper lanterns ${number}` },
    })
    expect(result?.tool_use_id).toBe(call?.id)
    expect(result?.content).toHaveLength(3)
    for (const one of (result?.content ?? []) as { type: string; url: string }[]) {
      expect(one).toMatchObject({
        type: 'web_search_result',
        title: expect.any(String),
        url: expect.stringMatching(/^https?:/),
      })
    }
  })

  test('the first words arrive before the search begins', async () => {
    script().next(search('paper lanterns'))
    script().next({ kind: 'text', text: 'Done.' })
    const held = Promise.withResolvers<void>()
    engines.always('searxng', { kind: 'hold', until: held.promise })
    const stream = client().messages.stream(asked())
    await new Promise<void>((resolve) => stream.once('text', () => resolve()))
    await engines.reached('searxng')
    held.resolve()
    expect((await stream.finalMessage()).content.at(-1)).toMatchObject({ text: 'Done.' })
  })

  test('searches of one turn run side by side', async () => {
    script().next(search('paper lanterns', 'oil lanterns', 'magic lanterns'))
    script().next({ kind: 'text', text: 'Three kinds.' })
    const held = Promise.withResolvers<void>()
    engines.always('searxng', { kind: 'hold', until: held.promise })
    const done = client().messages.stream(asked()).finalMessage()
    await engines.reached('searxng', 3)
    held.resolve()
    const { usage, content } = await done
    expect(usage.server_tool_use).toMatchObject({ web_search_requests: 3 })
    expect(content.map(({ type }) => type)).toEqual([
      'text',
      ...Array(3).fill('server_tool_use'),
      ...Array(3).fill('web_search_tool_result'),
      'text',
    ])
  })

  test('what the model reads is the very same when the conversation comes back', async () => {
    script().next({ ...search('paper lanterns', 'oil lanterns'), thinking: 'Two kinds.' })
    script().next({ kind: 'text', text: 'Paper or oil.' })
    const first = await client().messages.stream(asked()).finalMessage()
    const told = bodies().at(-1)
    script().next({ kind: 'text', text: 'You are welcome.' })
    const messages = [
      { role: 'user', content: 'Find out about lanterns' },
      { role: 'assistant', content: first.content },
      { role: 'user', content: 'Thanks' },
    ]
    await client().messages.stream(asked({ messages })).finalMessage()
    const again = bodies().at(-1)
    expect(((again?.messages ?? []) as unknown[]).slice(0, 3)).toEqual(told?.messages)
    // Also where the client offers no tool any more.
    script().next({ kind: 'text', text: 'Good bye.' })
    const { tools: _, ...bare } = asked({ messages })
    expect(
      (
        await client()
          .messages.stream(bare as never)
          .finalMessage()
      ).content,
    ).toMatchObject([{ text: 'Good bye.' }])
  })
})

describe('what is allowed', () => {
  test('WS12: a tool that is used up says so, and the model answers once more', async () => {
    script().next(search('paper lanterns', 'oil lanterns'))
    script().next(search('magic lanterns'))
    script().next({ kind: 'text', text: 'That is all.' })
    const { content, usage } = await client()
      .messages.stream(asked({ tools: [{ ...SEARCH, max_uses: 1 }] }))
      .finalMessage()
    const results = content.filter((block) => block.type === 'web_search_tool_result')
    expect(results.map((result) => (Array.isArray(result.content) ? 'found' : result.content.error_code))).toEqual([
      'found',
      'max_uses_exceeded',
      'max_uses_exceeded',
    ])
    expect(usage.server_tool_use).toMatchObject({ web_search_requests: 1 })
    expect(bodies().at(-1)?.tool_choice).toEqual({ type: 'none' })
    expect(content.at(-1)).toMatchObject({ text: 'That is all.' })
  })

  test('WS14: only pages of the domains that are allowed are found', async () => {
    for (const [rule, expected] of [
      [{ allowed_domains: ['example.org'] }, /^https:\/\/(?:[^/]+\.)?example\.org\//],
      [{ blocked_domains: ['example.com'] }, /^https:\/\/(?!(?:[^/]+\.)?example\.com)/],
    ] as const) {
      script().next(search('paper lanterns'))
      script().next({ kind: 'text', text: 'So.' })
      const { content } = await client()
        .messages.stream(asked({ tools: [{ ...SEARCH, ...rule }] }))
        .finalMessage()
      const result = content.find((block) => block.type === 'web_search_tool_result')
      const urls = ((result?.content ?? []) as { url: string }[]).map(({ url }) => url)
      expect(urls.length).toBeGreaterThan(0)
      for (const url of urls) expect(url).toMatch(expected)
    }
  })

  test.each([
    [{ max_uses: 0 }, /^tools\.0\.max_uses: /],
    [{ max_uses: -1 }, /^tools\.0\.max_uses: /],
    [{ allowed_domains: ['a.com'], blocked_domains: ['b.com'] }, /^tools\.0\.blocked_domains: /],
    [{ allowed_domains: ['https://a.com'] }, /^tools\.0\.allowed_domains\.0: /],
    [{ blocked_domains: 'a.com' }, /^tools\.0\.blocked_domains: /],
    [{ user_location: 'Paris' }, /^tools\.0\.user_location: /],
  ])('a tool that makes no sense is refused by the name of its field: %j', async (wrong, message) => {
    const before = bodies().length
    const answer = await fetch(`${gateway.messagesUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key.key}` },
      body: JSON.stringify(asked({ tools: [{ ...SEARCH, ...wrong }] })),
    })
    const { error } = (await answer.json()) as { error: { type: string; message: string } }
    expect([answer.status, error.type, error.message]).toEqual([
      400,
      'invalid_request_error',
      expect.stringMatching(message),
    ])
    expect(bodies().length).toBe(before)
  })

  test('a forced choice is forced once', async () => {
    script().next(search('paper lanterns'))
    script().next({ kind: 'text', text: 'So.' })
    await client()
      .messages.stream(asked({ model: 'claude-sonnet-4-5', tool_choice: { type: 'tool', name: 'web_search' } }))
      .finalMessage()
    expect(
      bodies()
        .slice(-2)
        .map(({ tool_choice }) => tool_choice),
    ).toEqual([{ type: 'tool', name: 'web_search' }, { type: 'auto' }])
  })

  test('R9: it is offered to the model in the modes `enabled` and `global` alike', async () => {
    const bash = { name: 'Bash', input_schema: { type: 'object' as const } }
    for (const wish of [{ mode: 'enabled' }, { mode: 'global', provider: PROVIDER(), fallback: false }]) {
      await mode({ ...wish, web_fetch: true })
      await client()
        .messages.stream(asked({ tools: [bash, SEARCH] }))
        .finalMessage()
      expect(bodies().at(-1)?.tools).toEqual([bash, expect.objectContaining({ name: 'web_search' })])
    }
  })

  test('switched off it is not offered; where nothing else is, its use says so', async () => {
    await mode({ mode: 'disabled' })
    try {
      const bash = { name: 'Bash', input_schema: { type: 'object' as const } }
      await client()
        .messages.stream(asked({ tools: [SEARCH, bash] }))
        .finalMessage()
      expect(bodies().at(-1)?.tools).toEqual([bash])
      script().next(search('paper lanterns'))
      script().next({ kind: 'text', text: 'I cannot look.' })
      const { content } = await client().messages.stream(asked()).finalMessage()
      expect(content.find((block) => block.type === 'web_search_tool_result')?.content).toMatchObject({
        error_code: 'unavailable',
      })
    } finally {
      await mode({ mode: 'global', provider: PROVIDER(), fallback: false, web_fetch: true })
    }
  })
})

describe('what goes wrong', () => {
  test('WS11, W30: a search that fails goes to the model, which answers', async () => {
    engines.always('searxng', { kind: 'status', status: 429 })
    script().next(search('rare lanterns'))
    script().next({ kind: 'text', text: 'I could not look it up.' })
    const { content, usage } = await client().messages.stream(asked()).finalMessage()
    expect(content.find((block) => block.type === 'web_search_tool_result')?.content).toEqual({
      type: 'web_search_tool_result_error',
      error_code: expect.stringMatching(/^(?:too_many_requests|unavailable)$/),
    })
    expect(content.at(-1)).toMatchObject({ text: 'I could not look it up.' })
    expect(usage.server_tool_use).toMatchObject({ web_search_requests: 0 })
  })

  test('WS13: a turn that calls a tool of the client too is handed over, with what was found in it', async () => {
    const bash = { name: 'Bash', input_schema: { type: 'object' as const } }
    script().next({ ...search('paper lanterns'), also: [{ name: 'Bash', input: { command: 'ls' } }] })
    const first = await client()
      .messages.stream(asked({ tools: [SEARCH, bash] }))
      .finalMessage()
    expect([first.stop_reason, first.content.map(({ type }) => type)]).toEqual([
      'tool_use',
      ['text', 'server_tool_use', 'tool_use', 'web_search_tool_result'],
    ])
    const call = first.content.find((block) => block.type === 'tool_use')
    script().next({ kind: 'text', text: 'Both.' })
    const messages = [
      { role: 'user', content: 'Find out about lanterns' },
      { role: 'assistant', content: first.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id, content: 'a b' }] },
    ]
    const second = await client()
      .messages.stream(asked({ tools: [SEARCH, bash], messages }))
      .finalMessage()
    expect(second.content).toMatchObject([{ text: 'Both.' }])
  })

  test('after ten turns the answer pauses, and goes on when it is sent back', async () => {
    script().always(search('paper lanterns'))
    const paused = await client()
      .messages.stream(asked({ tools: [{ ...SEARCH, max_uses: 20 }] }))
      .finalMessage()
    expect([paused.stop_reason, paused.usage.server_tool_use?.web_search_requests]).toEqual(['pause_turn', 10])
    script().clear()
    script().next({ kind: 'text', text: 'At last.' })
    const messages = [
      { role: 'user', content: 'Find out about lanterns' },
      { role: 'assistant', content: paused.content },
    ]
    const { content } = await client().messages.stream(asked({ messages })).finalMessage()
    expect(content).toMatchObject([{ text: 'At last.' }])
  })

  test('a later turn that fails is told in the stream, and what came before is billed', async () => {
    await gateway.settled()
    const before = (await gateway.items('usage', 'REQ#')).length
    script().next(search('paper lanterns'))
    script().next({ kind: 'error', status: 400, type: 'ValidationException', message: 'No.' })
    const calls = gateway.bedrock?.tally().length ?? 0
    const events = await eventsOf()
    expect(events.at(-1)).toMatchObject({ type: 'error' })
    await gateway.settled()
    const rows = await gateway.items('usage', 'REQ#')
    expect(rows).toHaveLength(before + 1)
    const [first] = gateway.bedrock?.tally().slice(calls) ?? []
    const row = rows.find(({ status, web_searches }) => status === 'failed' && web_searches === 1)
    expect(row).toMatchObject({ input_tokens: first?.usage.inputTokens, output_tokens: first?.usage.outputTokens })
  })
})

test('in one piece, an answer that is cut short in a call shows no tool that the client does not have', async () => {
  script().next({ kind: 'tool', name: 'web_search', input: { query: 'x' }, stops: 'max_tokens' })
  const message = await client().messages.create(asked())
  expect([message.stop_reason, message.content.map(({ type }) => type)]).toEqual([
    'max_tokens',
    ['text', 'server_tool_use'],
  ])
})

test('one tool that is used up leaves the other', async () => {
  const fetch = { type: 'web_fetch_20250910', name: 'web_fetch' }
  script().next(search('paper lanterns', 'oil lanterns'))
  script().next({ kind: 'text', text: 'So.' })
  await client()
    .messages.stream(asked({ tools: [{ ...SEARCH, max_uses: 1 }, fetch] }) as never)
    .finalMessage()
  expect(bodies().at(-1)?.tool_choice).toBeUndefined()
})

test('in one piece it is the same answer', async () => {
  script().next(search('paper lanterns', 'oil lanterns'))
  script().next({ kind: 'text', text: 'Paper or oil.' })
  const message = await client().messages.create(asked())
  expect(message.content.map(({ type }) => type)).toEqual([
    'text',
    'server_tool_use',
    'server_tool_use',
    'web_search_tool_result',
    'web_search_tool_result',
    'text',
  ])
  expect(message.usage.server_tool_use).toMatchObject({ web_search_requests: 2 })
})

test('a page is read that stands in the conversation, and no other', async () => {
  const FETCH = { type: 'web_fetch_20250910', name: 'web_fetch', max_uses: 3 }
  engines.page('/pages/lanterns', {
    body: '<html><title>Lanterns</title><p>They are made of paper, mostly.</p></html>',
  })
  const page = `${engines.endpoint}/pages/lanterns`
  script().next({
    kind: 'tool',
    name: 'web_fetch',
    input: { url: page },
    also: [{ name: 'web_fetch', input: { url: `${engines.endpoint}/pages/lanterns?stolen=secret` } }],
  })
  script().next({ kind: 'text', text: 'I have read it.' })
  const message = await client()
    .messages.stream(asked({ tools: [FETCH], messages: [{ role: 'user', content: `Read ${page}.` }] }) as never)
    .finalMessage()
  const results = message.content.filter(({ type }) => (type as string) === 'web_fetch_tool_result')
  expect(results.map((result) => (result as { content: unknown }).content)).toMatchObject([
    { type: 'web_fetch_result', url: page, content: { type: 'document' } },
    { type: 'web_fetch_tool_result_error', error_code: 'url_not_in_prior_context' },
  ])
})

test('each search is in the books: counted, priced, and never in a word', async () => {
  await gateway.settled()
  const rows = (await gateway.items('usage', 'REQ#')).filter(({ key_id }) => key_id === key.id)
  const calls = (gateway.bedrock?.tally() ?? []).slice(callsBefore)
  const sum = (numbers: readonly unknown[]): number =>
    numbers.reduce<number>((total, one) => total + Number(one ?? 0), 0)
  expect(sum(rows.map((row) => row.input_tokens))).toBe(sum(calls.map(({ usage }) => usage.inputTokens)))
  expect(sum(rows.map((row) => row.output_tokens))).toBe(sum(calls.map(({ usage }) => usage.outputTokens)))
  const keys = await gateway.items('usage', `SPEND#KEY#${key.id}`)
  expect(sum(keys.map((counter) => counter.m_cost))).toBe(sum(rows.map((row) => row.cost_nano)))
  expect(sum(keys.map((counter) => counter.m_searches))).toBe(sum(rows.map((row) => row.web_searches)))
  expect(sum(keys.map((counter) => counter.m_search_cost))).toBe(sum(rows.map((row) => row.web_cost_nano)))
  const aggregates = (await gateway.items('usage', 'AGG#')).filter(({ identity }) => identity === rows[0]?.identity)
  expect(sum(aggregates.map((one) => one.web_searches))).toBe(sum(rows.map((row) => row.web_searches)))
  const searched = rows.filter(({ web_searches }) => Number(web_searches) > 0)
  expect(searched.length).toBeGreaterThan(0)
  // What was found a moment ago is told again, and paid once.
  for (const { web_cost_nano: cost, web_searches: searches } of searched) {
    expect([Number(cost) % 5_000_000, Number(cost) <= Number(searches) * 5_000_000, Number(cost) > 0]).toEqual([
      0,
      true,
      true,
    ])
  }
  expect(searched.find(({ web_searches }) => web_searches === 3)?.web_cost_nano).toBe(15_000_000)
  expect(JSON.stringify(rows)).not.toContain('lanterns')
  expect(gateway.logged.join('\n')).not.toContain('lanterns')
})
