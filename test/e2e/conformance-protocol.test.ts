/**
 * What the real Claude Code sends, and what becomes of it on the way: credentials, probes, headers, bodies. Tests are named
 * after the points of the conformance checklist (`test/rules/conformance.test.ts`).
 */

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claudeCode } from '../support/claude-code.ts'
import { conversation } from '../support/conversation.ts'
import { type Deployed, deploy } from '../support/deployed.ts'
import { bodyOf, makeTeam, type Person, peopleAt } from '../support/person.ts'

let gateway: Deployed
const people = peopleAt(() => gateway)
beforeAll(async () => {
  gateway = await deploy({ bedrock: { keepBodies: true }, maxEnvironments: 4 })
})
afterAll(async () => {
  await people.leave()
  await gateway?.stop()
})

const NOBODY = `sk-proxy-${'0'.repeat(64)}`
const GREETING = 'Hello from the simulated model.'
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A key helper as a shell script. */
function helper({ home }: Person, lines: string): readonly string[] {
  const path = join(home, 'helper.sh')
  writeFileSync(path, `#!/bin/sh\necho once >> ${home}/helped\n${lines}\n`, { mode: 0o755 })
  return ['--settings', JSON.stringify({ apiKeyHelper: path })]
}
const helpedTimes = ({ home }: Person): number => readFileSync(join(home, 'helped'), 'utf8').split('\n').length - 1
const WITHOUT_TOKEN = { variables: { ANTHROPIC_AUTH_TOKEN: undefined } }

describe.skipIf(claudeCode === undefined).concurrent('credentials', () => {
  test('1, 54: a two-word prompt succeeds with ANTHROPIC_AUTH_TOKEN, in one request', async () => {
    const me = await people.meet()
    const answer = await me.claude('Say hello')
    expect([answer.failed, answer.result]).toEqual([false, expect.stringContaining(GREETING)])
    expect(me.asked().map(({ path, status }) => [path, status])).toEqual([['/v1/messages?beta=true', 200]])
  })

  test('2: the same with ANTHROPIC_API_KEY alone', async () => {
    const me = await people.meet()
    const answer = await me.claude('Say hello', {
      variables: { ANTHROPIC_AUTH_TOKEN: undefined, ANTHROPIC_API_KEY: me.key },
    })
    expect([answer.failed, answer.result]).toEqual([false, expect.stringContaining(GREETING)])
    const { authorization, 'x-api-key': apiKey } = me.asked()[0]?.headers ?? {}
    expect([authorization, apiKey]).toEqual([undefined, me.key])
  })

  test('3: of two different ones the bearer token decides, and neither is logged', async () => {
    const me = await people.meet()
    const decoy = `sk-proxy-${sha256(me.key)}`
    const good = await me.claude('Say hello', { variables: { ANTHROPIC_API_KEY: decoy } })
    expect(good.failed).toBe(false)
    const { authorization, 'x-api-key': apiKey } = me.asked()[0]?.headers ?? {}
    expect([authorization, apiKey]).toEqual([`Bearer ${me.key}`, decoy])
    const bad = await me.claude('Say hello', {
      variables: { ANTHROPIC_AUTH_TOKEN: decoy, ANTHROPIC_API_KEY: me.key },
    })
    expect([bad.failed, bad.result]).toEqual([true, expect.stringContaining('This API key is not valid')])
    const logged = gateway.logged.join('\n')
    for (const secret of [me.key, decoy, sha256(me.key)]) expect(logged).not.toContain(secret)
  })

  test('4: after a 401 the key helper is asked once more, and its new value is the next request', async () => {
    const me = await people.meet()
    const args = helper(me, `[ "$(wc -l < ${me.home}/helped)" -lt 2 ] && echo ${NOBODY} || echo ${me.key}`)
    const answer = await me.claude('Say hello', { args, ...WITHOUT_TOKEN })
    expect([answer.failed, answer.retries]).toEqual([false, []])
    expect(me.asked().map(({ status, headers }) => [status, headers.authorization])).toEqual([
      [401, `Bearer ${NOBODY}`],
      [200, `Bearer ${me.key}`],
    ])
    expect(helpedTimes(me)).toBe(2)
  })

  test('5: a key that ends between two turns is no error the person sees', async () => {
    const me = await people.meet()
    const next = await people.meet()
    const kept = join(me.home, 'key')
    writeFileSync(kept, me.key)
    const said = await conversation(me, { args: helper(me, `cat ${kept}`), ...WITHOUT_TOKEN }, async (say) => {
      await say('The first turn')
      expect((await gateway.admin('POST', `/admin/keys/${me.keyId}/revoke`)).status).toBe(200)
      writeFileSync(kept, next.key)
      await say('The second turn')
    })
    const results = said.filter(({ type }) => type === 'result')
    expect(results.map(({ is_error, result }) => [is_error, result])).toEqual([
      [false, expect.stringContaining(GREETING)],
      [false, expect.stringContaining(GREETING)],
    ])
    expect(said.filter(({ subtype }) => subtype === 'api_retry')).toEqual([])
    expect(me.asked().map(({ status }) => status)).toEqual([200, 401, 200])
  })

  test('6: an empty bearer of a helper that failed is an invalid credential, and reaches nobody', async () => {
    const me = await people.meet()
    const before = gateway.bedrock?.tally().length
    const answer = await me.claude('Say hello', { args: helper(me, 'exit 3'), ...WITHOUT_TOKEN })
    expect(answer.failed).toBe(true)
    expect(me.asked().length).toBeGreaterThan(0)
    for (const { status, headers, answer: told } of me.asked()) {
      expect([status, headers.authorization?.trim(), headers['x-api-key']]).toEqual([401, 'Bearer', ''])
      expect(told.toString()).toContain('authentication_error')
    }
    expect(me.calls()).toEqual([])
    expect(gateway.bedrock?.tally().length).toBeGreaterThanOrEqual(before ?? 0)
  })
})

describe('probes and paths', () => {
  test('7: the probes before anybody has signed in are answered below 500, and cost nothing', async () => {
    const rows = (await gateway.items('usage')).length
    for (const base of [gateway.messagesUrl, gateway.gatewayUrl]) {
      const told = await Promise.all(
        ['/api/hello', '/'].map((path) => fetch(base + path, { method: 'HEAD', redirect: 'manual' })),
      )
      for (const { status } of told) expect(status).toBeLessThan(500)
      expect(told[0]?.status).toBe(200)
    }
    expect((await gateway.items('usage')).length).toBe(rows)
  })

  test('8: whatever the query says, the path decides', async () => {
    const me = await people.meet()
    for (const query of ['', '?beta=true', '?beta=false&beta=true', '?model=gpt-5&x=%2F..%2Fadmin', '?'])
      expect([query, (await post(me.key, { path: `/v1/messages${query}` })).status]).toEqual([query, 200])
  })

  test('11: every anthropic-version is taken: that of the client, that of the SDK, none, one nobody knows', async () => {
    const me = await people.meet()
    for (const version of ['2023-06-01', '2026-10-21', '2031-01-01', undefined]) {
      const { status } = await post(me.key, { headers: version === undefined ? {} : { 'anthropic-version': version } })
      expect([version, status]).toEqual([version, 200])
    }
  })

  test('48, 49: every answer has a request-id; every refusal is Anthropic’s, with its status, from either address', async () => {
    const me = await people.meet()
    const bare = (method: string, path: string, body?: string) => ({ method, path, ...(body && { body }) })
    const cases = [
      [401, bare('POST', '/v1/messages', '{}'), {}],
      [401, bare('GET', '/v1/models'), {}],
      [400, bare('POST', '/v1/messages', '{'), { authorization: `Bearer ${me.key}` }],
      [400, bare('POST', '/v1/messages', '{"model":"gpt-5","messages":[]}'), { authorization: `Bearer ${me.key}` }],
      [404, bare('GET', '/v1/nothing'), {}],
      [405, bare('DELETE', '/v1/messages'), {}],
    ] as const
    for (const base of [gateway.messagesUrl, gateway.gatewayUrl]) {
      for (const [status, { path, ...init }, credential] of cases) {
        const headers = { ...credential, ...('body' in init && { 'content-type': 'application/json' }) }
        const answer = await fetch(base + path, { ...init, headers })
        expect([base, path, answer.status]).toEqual([base, path, status])
        expect(await answer.json()).toEqual({
          type: 'error',
          error: { type: expect.stringMatching(/_(?:error|blocked)$/), message: expect.stringMatching(/.{10}/) },
          request_id: answer.headers.get('request-id'),
        })
        expect(answer.headers.get('request-id')).toMatch(/^req_[0-9a-f]{32}$/)
      }
      const good = [
        await post(me.key, { base }),
        await fetch(`${base}/v1/models`, { headers: { 'x-api-key': me.key } }),
      ]
      for (const answer of good) expect([answer.status, answer.headers.get('request-id')?.length]).toEqual([200, 36])
    }
  })

  test('50: no path of the API redirects, from either address', async () => {
    const me = await people.meet()
    const paths = [
      '/v1/messages',
      '/v1/messages/',
      '//v1/messages',
      '/v1/messages/count_tokens',
      '/v1/models',
      '/v1',
      '/v1/',
    ]
    for (const base of [gateway.messagesUrl, gateway.gatewayUrl]) {
      for (const path of paths) {
        for (const method of ['GET', 'POST']) {
          const answer = await fetch(base + path, { method, redirect: 'manual', headers: { 'x-api-key': me.key } })
          expect([path, method, Math.floor(answer.status / 100) === 3]).toEqual([path, method, false])
        }
      }
    }
  })
})

const post = (
  key: string,
  {
    path = '/v1/messages',
    base = gateway.messagesUrl,
    headers = {},
  }: { path?: string; base?: string; headers?: object },
): Promise<Response> =>
  fetch(base + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
    body: JSON.stringify({ model: 'claude-opus-5-5', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }),
  })

describe.skipIf(claudeCode === undefined).concurrent('a request on its way', () => {
  /** Bedrock's Messages API is Anthropic's own, so nothing has to be said otherwise. */
  const native = () =>
    makeTeam(gateway, 'primary_fallback', [{ region: 'us-west-2', prefix: 'us', upstream: 'messages' }])

  /** As it was sent, but for the model's name. */
  const underBedrocksName = (body: string, model: string): string =>
    body.replace(`"model":"${model}"`, `"model":"us.anthropic.${model}"`)

  test('9: a system message with an effort of its own passes byte for byte, like everything around it', async () => {
    const me = await people.meet({ teamId: await native() })
    expect((await me.claude('Say hello')).failed).toBe(false)
    const sent = me.asked()[0]?.body ?? ''
    expect(bodyOf(me.asked()[0]).messages.map(({ role }) => role)).toContain('system')
    expect(sent).toMatch(/"role":"system".*"output_config":\{"effort"/)
    expect(me.calls().map(({ operation }) => operation)).toEqual(['messages'])
    expect(me.calls()[0]?.text).toBe(underBedrocksName(sent, 'claude-opus-5-5'))
  })

  test('9: the same through InvokeModel: the messages as they were sent', async () => {
    const me = await people.meet()
    expect((await me.claude('Say hello')).failed).toBe(false)
    expect(me.calls()[0]?.operation).toBe('invoke-with-response-stream')
    const messages = (text = ''): string => text.slice(text.indexOf('"messages":['), text.indexOf('"system":['))
    expect(messages(me.calls()[0]?.text).length).toBeGreaterThan(5000)
    expect(messages(me.calls()[0]?.text)).toBe(messages(me.asked()[0]?.body))
  })

  test('10: every beta flag arrives, also one that nobody knows', async () => {
    const me = await people.meet({ teamId: await native() })
    me.script.acceptBetas('made-up-2031-01-01', 'afk-mode-2026-01-31')
    const answer = await me.claude('Say hello', { variables: { ANTHROPIC_BETAS: 'made-up-2031-01-01' } })
    expect(answer.failed).toBe(false)
    const flags = String(me.asked()[0]?.headers['anthropic-beta']).split(',')
    expect(flags.length).toBeGreaterThan(8)
    expect(flags).toContain('made-up-2031-01-01')
    // Bedrock has another name for one of them.
    const expected = flags.map((flag) => flag.replace('advanced-tool-use-2025-11-20', 'tool-search-tool-2025-10-19'))
    expect(me.calls()[0]?.betas).toEqual(expected)
  })

  test('12: deferred tools, references to tools, eager input and safeguards pass as they were sent', async () => {
    const me = await people.meet({ teamId: await native() })
    me.script.acceptBetas('afk-mode-2026-01-31')
    me.script.next({ kind: 'tool', name: 'ToolSearch', input: { query: 'select:WebFetch' } })
    const answer = await me.claude('Find a tool', {
      args: ['--permission-mode', 'auto'],
      variables: { CLAUDE_CODE_ENABLE_FINE_GRAINED_TOOL_STREAMING: '1' },
    })
    expect(answer.failed).toBe(false)
    const last = me.asked().at(-1)?.body ?? ''
    for (const word of ['"defer_loading":true', '"type":"tool_reference"', '"eager_input_streaming"', '"safeguards":['])
      expect(last).toContain(word)
    expect(me.calls().at(-1)?.text).toBe(underBedrocksName(last, 'claude-opus-5-5'))
  })

  test('13, 47: marks of the prompt cache keep place and lifetime; the second turn reads what the first wrote', async () => {
    const me = await people.meet()
    me.script.next({ kind: 'tool', name: 'Bash', input: { command: 'echo hi', description: 'Say hi' } })
    const answer = await me.claude('Say hi', {
      args: ['--allowedTools', 'Bash'],
      variables: { ENABLE_PROMPT_CACHING_1H: '1' },
    })
    expect(answer.failed).toBe(false)
    const marks = (body: unknown): string[] => marksIn(body, '')
    for (const [place, exchange] of me.asked().entries()) {
      const sent = marks(bodyOf(exchange))
      expect(sent.length).toBeGreaterThan(2)
      expect(sent.every((mark) => mark.endsWith('{"type":"ephemeral","ttl":"1h"}'))).toBe(true)
      expect(marks(me.calls()[place]?.body)).toEqual(sent)
    }
    const rows = await me.rows()
    expect(rows).toHaveLength(2)
    expect(Number(rows[0]?.cache_write_1h_tokens)).toBeGreaterThan(1000)
    expect(Number(rows[1]?.cache_read_tokens)).toBe(Number(rows[0]?.cache_write_1h_tokens))
    for (const [place, row] of rows.entries()) {
      const told = me.calls()[place]?.usage
      expect(row).toMatchObject({
        input_tokens: told?.inputTokens,
        output_tokens: told?.outputTokens,
        cache_read_tokens: told?.cacheReadTokens,
        cache_write_5m_tokens: 0,
        cache_write_1h_tokens: told?.cacheWrite1hTokens,
      })
    }
  })

  test('14: the line of attribution, other in each conversation, moves nobody to another endpoint', async () => {
    const regions = [
      { region: 'us-west-2', prefix: 'us' },
      { region: 'eu-west-1', prefix: 'eu' },
      { region: 'us-east-2', prefix: 'us' },
    ]
    const me = await people.meet({ teamId: await makeTeam(gateway, 'sticky_user', regions) })
    me.script.next({ kind: 'tool', name: 'Bash', input: { command: 'echo hi', description: 'Say hi' } })
    const session = '0b6a1f2e-5a3c-4d7e-8f90-112233445566'
    await me.claude('Say hi', { args: ['--allowedTools', 'Bash', '--session-id', session] })
    expect((await me.claude('And once more', { args: ['--resume', session] })).failed).toBe(false)
    // The same session, as if it had begun with other words.
    const { headers, path, body } = me.asked()[0] ?? expect.unreachable()
    const line = /cc_version=[\d.]+\.([0-9a-f]{3});/.exec(body)
    const other = body.replace(line?.[0] ?? '', line?.[0].replace(`.${line[1]};`, '.0f0;') ?? '')
    expect(other).not.toBe(body)
    const again = { authorization: String(headers.authorization), 'content-type': 'application/json' }
    const answer = await fetch(gateway.messagesUrl + path, {
      method: 'POST',
      headers: { ...again, 'x-claude-code-session-id': session, 'anthropic-beta': String(headers['anthropic-beta']) },
      body: other,
    })
    await answer.text()
    expect(me.calls().length).toBeGreaterThanOrEqual(4)
    expect(new Set(me.calls().map(({ region }) => region)).size).toBe(1)
    const rows = await me.rows()
    // The prompt cache is Bedrock's, and to it the line is a part of the prompt like any other.
    for (const row of rows.slice(1, -1)) expect(Number(row.cache_read_tokens)).toBeGreaterThan(0)
  })

  test('16, 54: a Bash loop takes two requests and the tool result reaches Bedrock', async () => {
    const me = await people.meet()
    me.script.next({ kind: 'tool', name: 'Bash', input: { command: 'echo "sum $((40 + 2))"', description: 'Add' } })
    const answer = await me.claude('Add them', { args: ['--allowedTools', 'Bash'] })
    expect([answer.failed, answer.result]).toEqual([false, expect.stringContaining('sum 42')])
    expect(me.asked()).toHaveLength(2)
    expect(JSON.stringify(me.calls()[1]?.body?.messages)).toContain('"content":"sum 42"')
  })

  test('17: the signature of a thought comes back as it went out', async () => {
    const me = await people.meet()
    const thinking = 'Forty and two, let me see what that makes when one adds them'
    me.script.next({ kind: 'tool', name: 'Bash', input: { command: 'echo 42', description: 'Add' }, thinking })
    expect((await me.claude('Add them', { args: ['--allowedTools', 'Bash'] })).failed).toBe(false)
    const signature = Buffer.from(`signed:${thinking}`).toString('base64')
    const messages = (me.calls()[1]?.body?.messages ?? []) as { role: string; content: unknown }[]
    expect(messages.find(({ role }) => role === 'assistant')?.content).toMatchObject([
      { type: 'thinking', thinking, signature },
      { type: 'text' },
      { type: 'tool_use', name: 'Bash' },
    ])
  })

  test('46: the session is told to the books and to Bedrock; a request that names none is served as well', async () => {
    const me = await people.meet()
    const session = '3f2b1c44-0d8e-4c77-9a51-c0ffee112233'
    expect((await me.claude('Say hello', { args: ['--session-id', session] })).failed).toBe(false)
    expect(me.asked()[0]?.headers['x-claude-code-session-id']).toBe(session)
    expect(me.calls()[0]?.requestMetadata?.session).toBe(session)
    expect((await post(me.key, {})).status).toBe(200)
    expect((await me.rows()).map(({ session_id: told }) => told)).toEqual([session, null])
  })

  test.for([
    ['a trailing slash', '', '/', '/v1/messages?beta=true'],
    ['a path before that of the gateway, which a proxy takes away', '/llm/gateway', '', '/v1/messages?beta=true'],
    ['the version in it', '', '/v1', '/v1/v1/messages?beta=true'],
  ])('51: a base URL with %s works', async ([, prefix = '', end, path]) => {
    const me = await people.meet({ prefix })
    const answer = await me.claude('Say hello', { variables: { ANTHROPIC_BASE_URL: `${me.tap.url}${end}` } })
    expect([answer.failed, answer.result]).toEqual([false, expect.stringContaining(GREETING)])
    expect(me.asked().map((exchange) => [exchange.path, exchange.status])).toEqual([[path, 200]])
  })
})

/** Where a mark stands, and what it says. */
function marksIn(value: unknown, at: string): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'cache_control' ? [`${at} ${JSON.stringify(inner)}`] : marksIn(inner, `${at}/${name}`),
  )
}
