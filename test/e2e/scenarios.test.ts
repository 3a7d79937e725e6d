/** What the data plane promises, story by story, from outside. The numbers are those of `test/rules/scenarios.test.ts`. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { teamKey, userKey } from '../../lambdas/table/core-keys.ts'
import type { UpstreamCall } from '../../local/bedrock/tally.ts'
import { ask, type Deployed, deploy } from '../support/deployed.ts'

let gateway: Deployed
let documents: DynamoDBDocumentClient
let key: { readonly id: string; readonly key: string }

beforeAll(async () => {
  gateway = await deploy({ bedrock: { keepBodies: true }, maxEnvironments: 4 })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  documents = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: gateway.databaseEndpoint, region: 'us-east-1', credentials }),
  )
  key = await gateway.makeKey({ name: 'Scenarios' })
})
afterEach(() => gateway.bedrock?.script.clear())
afterAll(async () => {
  documents?.destroy()
  await gateway?.stop()
})

const GOOD = { model: 'claude-opus-5-5', max_tokens: 500, messages: [{ role: 'user', content: 'Hi' }] }

interface Got {
  readonly status: number
  readonly json: Record<string, unknown> & { readonly error?: { readonly type: string; readonly message: string } }
  readonly text: string
  readonly calls: readonly UpstreamCall[]
}

async function post(body: object | string, headers: Record<string, string> = {}, credential = key.key): Promise<Got> {
  const before = gateway.bedrock?.tally().length ?? 0
  const answer = await fetch(`${gateway.messagesUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': credential, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await answer.text()
  const json = text.startsWith('{') ? (JSON.parse(text) as Got['json']) : {}
  return { status: answer.status, json, text, calls: gateway.bedrock?.tally().slice(before) ?? [] }
}

const eventsOf = (text: string): Record<string, unknown>[] =>
  [...text.matchAll(/^data: (.*)$/gm)].map(([, json = '']) => JSON.parse(json) as Record<string, unknown>)

describe('who asks', () => {
  test('A1: a known key is served, and the row names key, payer and endpoint', async () => {
    const answer = await ask(gateway.messagesUrl, { key: key.key })
    await answer.text()
    await gateway.settled()
    const row = (await gateway.items('usage', 'REQ#')).find(
      ({ request_id }) => request_id === answer.headers.get('request-id'),
    )
    expect(row).toMatchObject({ key_id: key.id, status: 'ok', endpoint_id: '00000000-0000-4000-8000-000000000002' })
  })

  test('A2: an unknown key is nobody, and a known one stays itself beside it', async () => {
    const unknown = await post(GOOD, {}, `sk-proxy-${'0'.repeat(64)}`)
    expect([unknown.status, unknown.json.error?.type, unknown.calls]).toEqual([401, 'authentication_error', []])
    expect((await post(GOOD)).status).toBe(200)
  })

  test('A17: a new key works at once, in every environment', async () => {
    const fresh = await gateway.makeKey({ name: 'Fresh' })
    const answers = await Promise.all(Array.from({ length: 4 }, () => post(GOOD, {}, fresh.key)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  })

  test('A18, A19, A26: a deactivated owner’s key is refused on the next request; an active one’s is served', async () => {
    const own = await gateway.makeKey({ name: 'Owned' })
    expect((await post(GOOD, {}, own.key)).status).toBe(200)
    const row = (await gateway.items('core', 'KEYHASH#')).find(({ id }) => id === own.id)
    const active = (value: boolean) =>
      documents.send(
        new UpdateCommand({
          TableName: gateway.tables.get('core'),
          Key: { ...userKey(String(row?.user_id)) },
          UpdateExpression: 'SET active = :active',
          ExpressionAttributeValues: { ':active': value },
        }),
      )
    await active(false)
    const refused = await post(GOOD, {}, own.key)
    expect([refused.status, refused.json.error?.type, refused.calls]).toEqual([401, 'authentication_error', []])
    expect(refused.json.error?.message).toContain('not active')
    await active(true)
    expect((await post(GOOD, {}, own.key)).status).toBe(200)
  })

  test('A20: whose owner is in a team is routed and billed by it, without a word in the key', async () => {
    const made = await gateway.admin('POST', '/admin/teams', { name: 'A20' })
    const team = (await made.json()) as { id: string }
    const own = await gateway.makeKey({ name: 'Of the team', team_id: team.id })
    await post(GOOD, {}, own.key)
    await gateway.settled()
    const rows = await gateway.items('usage', 'REQ#')
    expect(rows.find(({ key_id }) => key_id === own.id)).toMatchObject({ team_id: team.id })
    expect((await gateway.items('core', teamKey(team.id).PK))[0]).toMatchObject({ name: 'A20' })
  })
})

describe('what is asked', () => {
  test('R8: a request without any search tool is as it was', async () => {
    const tools = [{ name: 'Bash', description: 'Runs', input_schema: { type: 'object' } }]
    expect((await post({ ...GOOD, tools })).calls[0]?.body?.tools).toEqual(tools)
  })

  test('R14: marks of the prompt cache in system and messages reach Bedrock, and pay off on the second turn', async () => {
    const mark = { cache_control: { type: 'ephemeral' } }
    const system = [{ type: 'text', text: 'You are brief. '.repeat(400), ...mark }]
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'Hi', ...mark }] }]
    const first = await post({ ...GOOD, system, messages })
    expect(first.calls[0]?.body).toMatchObject({ system, messages })
    const second = await post({ ...GOOD, system, messages })
    expect((second.json.usage as Record<string, number>).cache_read_input_tokens).toBeGreaterThan(0)
  })

  test('R16: several turns, a tool’s result and a large system prompt are answered', async () => {
    const answer = await post({
      ...GOOD,
      system: 'x'.repeat(300_000),
      messages: [
        { role: 'user', content: 'Look' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { command: 'ls' } }] },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'README.md', is_error: false }],
        },
      ],
    })
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('The tool said')
  })

  test('R17: an unknown model is an error in the envelope that names it', async () => {
    const answer = await post({ ...GOOD, model: 'claude-nobody-9' })
    expect([answer.status, answer.json.error?.type]).toEqual([400, 'policy_blocked'])
    expect(answer.json.error?.message).toContain('claude-nobody-9')
  })
})

describe('W24, W28: whatever a body holds, it is survived, and changes nothing but itself', () => {
  const withMember = (json: string): string =>
    `{"model":"claude-opus-5-5","max_tokens":50,${json},"messages":[{"role":"user","content":"Hi"}]}`

  test.each([
    ['a number beyond every number', '"metadata":{"n":1e999}'],
    ['a number with more digits than a double has', '"metadata":{"n":123456789012345678901234567890.123456789}'],
    ['names of prototypes', '"metadata":{"__proto__":{"admin":true},"constructor":{"prototype":1}}'],
    ['a name said twice', '"metadata":{"a":1,"a":2}'],
    ['a hundred thousand levels', `"metadata":${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['a lone surrogate and a NUL', '"metadata":{"user_id":"\\ud800\\u0000"}'],
    ['text beyond ASCII everywhere', '"metadata":{"user_id":"確認 ünïcode 🦊"}'],
  ])('%s', async (_, member) => {
    const { status, calls } = await post(withMember(member))
    expect(status).toBe(200)
    expect(calls[0]?.body).toMatchObject({ max_tokens: 50, messages: [{ role: 'user', content: 'Hi' }] })
    expect(Object.keys(calls[0]?.body ?? {}).sort()).toEqual([
      'anthropic_version',
      'max_tokens',
      'messages',
      'metadata',
    ])
  })

  test('a member of the request that is said twice counts as it was said last', async () => {
    const { status, calls } = await post(
      '{"model":"gpt-5","max_tokens":1,"max_tokens":77,"model":"claude-opus-5-5","messages":[{"role":"user","content":"Hi"}]}',
    )
    expect([status, calls[0]?.body?.max_tokens]).toEqual([200, 77])
  })

  test.each([
    ['model', { ...GOOD, model: 7 }],
    ['model', { ...GOOD, model: '' }],
    ['messages', { ...GOOD, messages: 'Hi' }],
    ['messages', { ...GOOD, messages: undefined }],
    ['stream', { ...GOOD, stream: 'yes' }],
    ['max_tokens', { ...GOOD, max_tokens: 0 }],
    ['max_tokens', { ...GOOD, max_tokens: 1.5 }],
    ['body', '[]'],
    ['body', '"text"'],
    ['body', '{"model":'],
    ['body', ''],
  ])('what is wrong is told by its name: %s', async (field, body) => {
    const answer = await post(body)
    expect([answer.status, answer.json.error?.type, answer.calls]).toEqual([400, 'invalid_request_error', []])
    expect(answer.json.error?.message).toMatch(new RegExp(`^${field}`))
  })

  test('W28: an error text beyond ASCII arrives as it is', async () => {
    gateway.bedrock?.script.next({
      kind: 'error',
      status: 400,
      type: 'ValidationException',
      message: 'messages: 確認 ünïcode 🦊',
    })
    expect((await post(GOOD)).json.error?.message).toBe('messages: 確認 ünïcode 🦊')
  })
})

describe('what comes back', () => {
  test('S2: a refusal of the model’s survives, streamed or whole', async () => {
    gateway.bedrock?.script.always({ kind: 'stop', reason: 'refusal' })
    expect((await post(GOOD)).json.stop_reason).toBe('refusal')
    const streamed = eventsOf((await post({ ...GOOD, stream: true })).text)
    expect(streamed.find(({ type }) => type === 'message_delta')).toMatchObject({ delta: { stop_reason: 'refusal' } })
  })

  test('S3, S5: every event line is followed by its data, and the stream ends with usage and message_stop', async () => {
    const { text } = await post({ ...GOOD, stream: true })
    const lines = text.split('\n')
    for (const [place, line] of lines.entries()) {
      if (!line.startsWith('event: ')) continue
      const data = lines[place + 1] ?? ''
      expect(data.startsWith('data: ')).toBe(true)
      expect((JSON.parse(data.slice(6)) as { type: string }).type).toBe(line.slice(7))
      expect(lines[place + 2]).toBe('')
    }
    const [delta, stop] = eventsOf(text).slice(-2)
    expect(delta).toMatchObject({ type: 'message_delta', usage: { output_tokens: expect.any(Number) } })
    expect(stop).toEqual({ type: 'message_stop' })
  })

  test('S6: thoughts arrive with their signature, then the text', async () => {
    gateway.bedrock?.script.next({ kind: 'thinking', text: 'let me see' })
    const events = eventsOf((await post({ ...GOOD, thinking: { type: 'adaptive' }, stream: true })).text)
    const kinds = events.flatMap(({ type, content_block }) =>
      type === 'content_block_start' ? [(content_block as { type: string }).type] : [],
    )
    expect(kinds).toEqual(['thinking', 'text'])
    expect(events.some(({ delta }) => (delta as { type?: string } | undefined)?.type === 'signature_delta')).toBe(true)
  })

  test('W26: an unavailable model is told in Anthropic’s types, with the time to try again', async () => {
    gateway.bedrock?.script.next({
      kind: 'error',
      status: 429,
      type: 'ThrottlingException',
      message: 'Too many tokens',
      retryAfterSeconds: 17,
    })
    const answer = await ask(gateway.messagesUrl, { key: key.key })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([529, '17'])
    expect(await answer.json()).toMatchObject({ error: { type: 'overloaded_error', message: 'Too many tokens' } })
  })
})

describe('GET /v1/models', () => {
  const list = async () => {
    const answer = await fetch(`${gateway.messagesUrl}/v1/models`, { headers: { 'x-api-key': key.key } })
    return (await answer.json()) as {
      data: Record<string, unknown>[]
      first_id: string
      last_id: string
      has_more: boolean
    }
  }

  test('S8, S10: an item has its members, first and last id agree, and no name is Bedrock’s', async () => {
    const { data, first_id, last_id, has_more } = await list()
    expect([first_id, last_id, has_more]).toEqual([data[0]?.id, data.at(-1)?.id, false])
    expect(data.find(({ id }) => id === 'claude-opus-4-8')).toMatchObject({
      type: 'model',
      display_name: 'Claude Opus 4.8',
      created_at: '2025-01-01T00:00:00Z',
      max_input_tokens: 1_000_000,
      capabilities: { thinking: { supported: true }, batch: { supported: false } },
    })
    const ids = data.map(({ id }) => String(id))
    expect(ids.filter((id) => id.includes('anthropic') || id.includes('.'))).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('S11, S12: a long window is listed once it has been tried, after the bare names, each in order', async () => {
    for (let minute = 0; minute < 12; minute++) {
      gateway.clock.advance(60_000)
      await gateway.tick('watch')
    }
    const { data } = await list()
    const ids = data.map(({ id }) => String(id))
    const variants = ids.filter((id) => id.endsWith('[1m]'))
    expect(variants.length).toBeGreaterThan(0)
    expect(ids.slice(-variants.length)).toEqual(variants)
    expect(variants).toEqual([...variants].sort())
    expect(data.find(({ id }) => id === variants[0])?.display_name).toMatch(/ \(1M context\)$/)
    for (const variant of variants) expect(ids).toContain(variant.replace('[1m]', ''))
  })

  test('W20: the trying is bounded, on the books, and of Claude alone', async () => {
    const rows = (await gateway.items('usage', 'REQ#')).filter(({ identity }) => identity === 'gateway')
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.length).toBeLessThanOrEqual(40)
    expect(rows.every(({ cost_nano }) => Number(cost_nano) >= 0)).toBe(true)
  })
})
