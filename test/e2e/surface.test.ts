/** What a client sees of the data plane before and around its answers, through both of its doors: the function's URL and the plain server. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Deployed, deploy } from '../support/deployed.ts'
import { ROOT } from '../support/repository.ts'

let gateway: Deployed
let key: { id: string; key: string }
let other: { id: string; key: string }
let server: ChildProcess
const doors: Record<string, string> = {}

beforeAll(async () => {
  gateway = await deploy({ bedrock: { keepBodies: true }, maxEnvironments: 2 })
  key = await gateway.makeKey({ name: 'One' })
  other = await gateway.makeKey({ name: 'Other' })
  server = startServer()
  doors['function URL'] = gateway.messagesUrl
  doors['plain server'] = await addressOf(server)
})
afterAll(async () => {
  if (server !== undefined && server.exitCode === null) {
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
  await gateway?.stop()
})

/** The very program that runs in a container. A page of one more origin may call it. */
function startServer(): ChildProcess {
  return spawn(process.execPath, [join(ROOT, 'lambdas/functions/messages/server.ts')], {
    env: {
      ...gateway.functions.get('messages')?.definition.environment,
      AWS_ENDPOINT_URL_DYNAMODB: gateway.databaseEndpoint,
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: gateway.bedrock?.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      PORT: '0',
      ALLOWED_ORIGINS: 'https://*.example.com',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the server has no output')
  for await (const line of createInterface({ input: stdout })) {
    const { event, url } = JSON.parse(line) as { event: string; url: string }
    if (event === 'listening') return url
  }
  throw new Error('the server has ended')
}

const GOOD = { model: 'claude-opus-5-5', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }

interface Wish {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array<ArrayBuffer>
}

const lastBody = () => gateway.bedrock?.tally().at(-1)?.body as Record<string, unknown>
const calls = (): number => gateway.bedrock?.tally().length ?? 0

/** The row of a request says which key paid. */
async function rowOf(requestId: string | null): Promise<Record<string, unknown> | undefined> {
  await gateway.settled()
  return (await gateway.items('usage', 'REQ#')).find((row) => row.request_id === requestId)
}

describe.each(['function URL', 'plain server'])('through the %s', (door) => {
  const ask = (path: string, { method = 'POST', headers = {}, body = JSON.stringify(GOOD) }: Wish = {}) =>
    fetch(doors[door] + path, {
      method,
      redirect: 'manual',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key.key}`, ...headers },
      ...(method === 'POST' && { body }),
    })
  const probe = (path: string, method: string, headers: Record<string, string> = {}) =>
    fetch(doors[door] + path, { method, headers, redirect: 'manual' })
  const told = async (answer: Response) => {
    const json = (await answer.json()) as { type: string; request_id: string; error: { type: string; message: string } }
    expect(json.type).toBe('error')
    expect(json.request_id).toBe(answer.headers.get('request-id'))
    expect(answer.headers.get('request-id')).toMatch(/^req_[0-9a-f]{32}$/)
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    return { status: answer.status, ...json.error }
  }

  describe('the credential', () => {
    test.each<[string, () => Record<string, string>]>([
      ['a bearer, before all', () => ({ authorization: `Bearer ${key.key}`, 'x-api-key': other.key })],
      ['x-api-key, before anthropic-api-key', () => ({ 'x-api-key': key.key, 'anthropic-api-key': other.key })],
      ['anthropic-api-key', () => ({ 'anthropic-api-key': key.key })],
      ['x-api-key beside an Authorization of a proxy', () => ({ authorization: 'Basic dTpw', 'x-api-key': key.key })],
    ])('A24: is %s', async (_name, headers) => {
      const answer = await fetch(`${doors[door]}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers() },
        body: JSON.stringify(GOOD),
      })
      await answer.text()
      expect((await rowOf(answer.headers.get('request-id')))?.key_id).toBe(key.id)
    })

    test('A24: the first that is present decides, even when it is bad', async () => {
      const refused = await told(
        await ask('/v1/messages', { headers: { authorization: 'Bearer x', 'x-api-key': key.key } }),
      )
      expect(refused).toMatchObject({ status: 401, type: 'authentication_error' })
    })

    test('an empty bearer, as a failed key helper sends it, is an invalid credential and reaches nobody', async () => {
      const before = calls()
      const answer = await ask('/v1/messages', { headers: { authorization: 'Bearer ', 'x-api-key': key.key } })
      expect(answer.headers.get('x-should-retry')).toBe('false')
      expect(await told(answer)).toMatchObject({ status: 401, message: expect.stringContaining('not valid') })
      expect(calls()).toBe(before)
    })
  })

  describe('A27: a body', () => {
    test.each<[string, Wish, number, RegExp]>([
      ['that is no JSON', { body: '{"model":' }, 400, /^body: not valid JSON$/],
      ['of the wrong shape', { body: '{"model":7,"messages":[]}' }, 400, /^model: must be/],
      ['of another type', { headers: { 'content-type': 'text/plain' } }, 415, /^content-type: /],
      ['in another compression', { headers: { 'content-encoding': 'br' } }, 415, /^content-encoding: "br" is not/],
      ['that is not the gzip it says', { headers: { 'content-encoding': 'gzip' } }, 400, /^body: is not the gzip/],
      [
        'that grows beyond all measure',
        { body: new Uint8Array(gzipSync(Buffer.alloc(40_000_000, ' '))), headers: { 'content-encoding': 'gzip' } },
        400,
        /^prompt is too long: 10000000 tokens > 8000000 maximum$/,
      ],
    ])('%s is refused in the envelope, and only to somebody known', async (_name, wish, status, message) => {
      const before = calls()
      const refused = await told(await ask('/v1/messages', wish))
      expect(refused).toEqual({ status, type: 'invalid_request_error', message: expect.stringMatching(message) })
      const stranger = { ...wish, headers: { ...wish.headers, authorization: `Bearer sk-proxy-${'0'.repeat(64)}` } }
      expect(await told(await ask('/v1/messages', stranger))).toMatchObject({ status: 401 })
      expect(calls()).toBe(before)
    })

    test('W25: that is compressed is understood, and reaches Bedrock whole', async () => {
      const sent = { ...GOOD, messages: [{ role: 'user', content: `${'確 '.repeat(200_000)}` }] }
      const answer = await ask('/v1/messages', {
        headers: { 'content-encoding': 'gzip' },
        body: new Uint8Array(gzipSync(JSON.stringify(sent))),
      })
      expect(answer.status).toBe(200)
      await answer.text()
      expect(lastBody().messages).toEqual(sent.messages)
    })

    test('with bytes that are no UTF-8 is survived', async () => {
      const [before = '', after = ''] = JSON.stringify(GOOD).split('hi')
      const body = new Uint8Array(Buffer.concat([Buffer.from(`${before}h`), Buffer.from([0xff]), Buffer.from(after)]))
      const answer = await ask('/v1/messages', { body })
      expect(answer.status).toBe(200)
      await answer.text()
      expect(lastBody().messages).toEqual([{ role: 'user', content: 'h\ufffd' }])
    })
  })

  describe('probes', () => {
    test.each([
      ['HEAD', '/api/hello'],
      ['GET', '/api/hello'],
      ['HEAD', '/'],
      ['GET', '/'],
      ['HEAD', '/health'],
      ['GET', '/health'],
      ['HEAD', '/v1/api/hello'],
    ])('%s %s is answered without a credential', async (method, path) => {
      const before = calls()
      const answer = await probe(path, method)
      expect([answer.status, answer.headers.get('request-id')]).toEqual([200, expect.stringMatching(/^req_/)])
      const text = await answer.text()
      if (method === 'HEAD') expect(text).toBe('')
      expect(calls()).toBe(before)
    })

    test('health tells the database and the version', async () => {
      expect(await (await probe('/health', 'GET')).json()).toEqual({
        status: 'ok',
        db: true,
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      })
    })
  })

  describe('paths', () => {
    test.each([
      '/v1/messages?beta=true',
      '/v1/messages?beta=true&of_next_year=1&beta=false',
      '/v1/messages/',
      '//v1/messages',
      '/v1/v1/messages?beta=true',
    ])('POST %s is a request for an answer', async (path) => {
      const answer = await ask(path)
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject({ type: 'message' })
    })

    test('the doubled path counts tokens and lists models too', async () => {
      expect((await ask('/v1/v1/messages/count_tokens')).status).toBe(200)
      expect((await ask('/v1/v1/models?limit=1000', { method: 'GET' })).status).toBe(200)
    })

    test.each([
      ['POST', '/v1/nothing', 404, 'not_found_error', /^There is nothing at \/v1\/nothing\.$/],
      ['GET', '/protocol', 404, 'not_found_error', /\/protocol/],
      ['POST', '/prefix/v1/messages', 404, 'not_found_error', /Set ANTHROPIC_BASE_URL to the gateway's address/],
      ['POST', '/v1/complete', 404, 'not_found_error', /\/v1\/complete/],
      ['GET', '/v1/messages', 405, 'invalid_request_error', /^GET is not possible at \/v1\/messages, only POST\.$/],
      ['PUT', '/v1/messages', 405, 'invalid_request_error', /only POST/],
      ['DELETE', '/v1/models/claude-opus-5-5', 405, 'invalid_request_error', /only GET, HEAD/],
      ['OPTIONS', '/v1/messages', 405, 'invalid_request_error', /only POST/],
      ['POST', '/', 405, 'invalid_request_error', /only GET, HEAD/],
    ])('%s %s is %i in the envelope, and never a redirect', async (method, path, status, type, message) => {
      const refused = await told(await ask(path, { method }))
      expect(refused).toEqual({ status, type, message: expect.stringMatching(message) })
    })

    test('a path that is no path is survived', async () => {
      for (const path of ['/%', '/%ff', '/v1/models/%E0%A4%A', '/v1/models/%00', '///', '/..%2f..%2fetc']) {
        const status = await rawStatus(doors[door] ?? '', path)
        expect([path, status >= 200 && status < 500]).toEqual([path, true])
      }
    })
  })

  describe('models', () => {
    const list = async () => (await (await ask('/v1/models', { method: 'GET' })).json()) as { data: { id: string }[] }

    test('the list is there for HEAD as well', async () => {
      const answer = await ask('/v1/models', { method: 'HEAD' })
      expect([answer.status, await answer.text()]).toEqual([200, ''])
    })

    test('one of the list is found by its id', async () => {
      const { data } = await list()
      expect(data.length).toBeGreaterThan(0)
      for (const model of data) {
        const answer = await ask(`/v1/models/${encodeURIComponent(model.id)}`, { method: 'GET' })
        expect([answer.status, await answer.json()]).toEqual([200, model])
      }
    })

    // `[1m]` is a model of the list of its own as soon as an environment has heard that it works.
    test.each([
      ['claude-opus-4-5-20251101', 'claude-opus-4-5'],
      ['claude-opus-4-5[fast]', 'claude-opus-4-5'],
      ['claude-opus-4-5%5Bfast%5D', 'claude-opus-4-5'],
    ])('%s is %s', async (asked, id) => {
      expect(await (await ask(`/v1/models/${asked}`, { method: 'GET' })).json()).toMatchObject({ type: 'model', id })
    })

    test.each(['gpt-5', 'claude-opus-1', 'us.anthropic.claude-opus-5-5%2Fx', '[1m]'])('%s is none', async (asked) => {
      expect(await told(await ask(`/v1/models/${asked}`, { method: 'GET' }))).toMatchObject({
        status: 404,
        type: 'not_found_error',
        message: expect.stringMatching(/is not offered to you/),
      })
    })

    test('it is nothing for strangers', async () => {
      expect(await told(await probe('/v1/models/claude-opus-5-5', 'GET'))).toMatchObject({ status: 401 })
    })
  })

  describe('pages', () => {
    const preflight = (origin: string, path = '/v1/messages') =>
      probe(path, 'OPTIONS', {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,anthropic-version',
      })

    test.each(['https://claude.ai', 'https://pivot.claude.ai'])(
      'A22: of %s may ask without a credential whether they may call, and read every header of an answer',
      async (origin) => {
        for (const path of ['/v1/messages', '/v1/messages/count_tokens', '/v1/models', '/v1/v1/messages']) {
          const answer = await preflight(origin, path)
          expect([path, answer.status]).toEqual([path, 204])
          expect(Object.fromEntries(answer.headers)).toMatchObject({
            'access-control-allow-origin': origin,
            'access-control-allow-methods': 'GET, HEAD, POST, OPTIONS',
            'access-control-allow-headers': 'authorization,content-type,anthropic-version',
            'access-control-max-age': '7200',
            vary: 'Origin',
          })
          expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
        }
        const good = await ask('/v1/messages', { headers: { origin } })
        await good.text()
        const refused = await ask('/v1/messages', { headers: { origin, authorization: 'Bearer x' } })
        await refused.text()
        expect([good.status, refused.status]).toEqual([200, 401])
        for (const { headers } of [good, refused]) {
          expect(headers.get('access-control-allow-origin')).toBe(origin)
          expect(headers.get('access-control-expose-headers')).toBe('*')
          expect(headers.get('vary')).toBe('Origin')
        }
      },
    )

    test.each([
      'http://claude.ai',
      'https://fakeclaude.ai',
      'https://evil.claude.ai.attacker.com',
      'https://claude.ai:1',
    ])('A23: of %s may not', async (origin) => {
      const answer = await preflight(origin)
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
      expect(await told(answer)).toMatchObject({ status: 403 })
      const direct = await ask('/v1/messages', { headers: { origin } })
      await direct.text()
      expect(direct.headers.get('access-control-allow-origin')).toBeNull()
    })

    test('of an origin that the deployment names may, where it names it', async () => {
      const { status } = await preflight('https://app.example.com')
      expect(status).toBe(door === 'plain server' ? 204 : 403)
    })
  })

  test.each(['2023-06-01', '2026-10-21', 'of-next-year', undefined])('anthropic-version %s works', async (version) => {
    const answer = await ask('/v1/messages', { headers: version === undefined ? {} : { 'anthropic-version': version } })
    expect(answer.status).toBe(200)
    await answer.text()
  })

  test('every answer has a request-id of its own, by which its row is found', async () => {
    const answers = await Promise.all([
      ask('/v1/messages'),
      ask('/v1/messages', { body: JSON.stringify({ ...GOOD, stream: true }) }),
      ask('/v1/messages/count_tokens'),
      ask('/v1/models', { method: 'GET' }),
    ])
    await Promise.all(answers.map((answer) => answer.text()))
    const ids = answers.map((answer) => answer.headers.get('request-id'))
    expect(new Set(ids).size).toBe(4)
    for (const id of ids) expect(id).toMatch(/^req_[0-9a-f]{32}$/)
    expect([await rowOf(ids[0] ?? ''), await rowOf(ids[1] ?? '')]).toMatchObject([
      { streaming: false },
      { streaming: true },
    ])
  })

  test('a row tells what its request was about, and nothing of what was said', async () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`
    const answer = await ask('/v1/messages', {
      headers: { 'x-claude-code-agent-id': 'a16246e0e49f6ef93', 'x-claude-code-session-id': 'session-7' },
      body: JSON.stringify({
        ...GOOD,
        thinking: { type: 'adaptive' },
        messages: [
          { role: 'user', content: 'clean up' },
          { role: 'system', content: ' - Primary working directory: /home/me/work/api' },
          {
            role: 'assistant',
            content: [{ type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'rm -rf /home/me' } }],
          },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: secret, is_error: true }] },
        ],
      }),
    })
    await answer.text()
    const row = await rowOf(answer.headers.get('request-id'))
    expect(row).toMatchObject({
      session_id: 'session-7',
      agent_id: 'a16246e0e49f6ef93',
      parent_agent_id: null,
      project_key: 'work/api',
      turn_count: 4,
      thinking: 'adaptive',
      has_system_prompt: false,
      answered_tools: [{ name: 'Bash', count: 1 }],
      tool_errors: 1,
      mcp_servers: [],
      flags: [
        { category: 'secrets', rule: 'github_token', severity: 'critical', count: 1 },
        { category: 'dangerous', rule: 'destructive_fs', severity: 'critical', count: 1 },
      ],
    })
    expect(JSON.stringify(row)).not.toMatch(/ghp_|rm -rf|clean up/)
  })
})

describe('through the distribution', () => {
  test('an unknown path is answered in the envelope, and a page may ask whether it may call', async () => {
    const unknown = await fetch(`${gateway.gatewayUrl}/v1/nothing`, { redirect: 'manual' })
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { type: 'not_found_error' } }])
    const preflight = await fetch(`${gateway.gatewayUrl}/v1/messages`, {
      method: 'OPTIONS',
      headers: { origin: 'https://pivot.claude.ai', 'access-control-request-method': 'POST' },
    })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://pivot.claude.ai',
    ])
  })

  test('a base URL that ends in a slash or in /v1 works', async () => {
    for (const path of ['//v1/messages', '/v1/v1/messages?beta=true']) {
      const answer = await fetch(gateway.gatewayUrl + path, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/json', 'x-api-key': key.key },
        body: JSON.stringify(GOOD),
      })
      expect([path, answer.status]).toEqual([path, 200])
      await answer.text()
    }
  })
})

test('nothing that was asked here was taken for a bug', () => {
  expect(gateway.logged.filter((line) => line.includes('"event":"bug"'))).toEqual([])
  expect(gateway.logged.some((line) => line.includes('"event":"refused"'))).toBe(true)
})

/** As it is written: `fetch` would put a path in order first. */
function rawStatus(base: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base)
    const call = request({ hostname, port, path, method: 'GET' }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    call.on('error', reject)
    call.end()
  })
}
