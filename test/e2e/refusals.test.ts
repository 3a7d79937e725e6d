import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FIRST_ENDPOINT_ID } from '../../lambdas/endpoints/endpoint.ts'
import { ask, type Deployed, deploy } from '../support/deployed.ts'

let gateway: Deployed
let key: { id: string; key: string }

beforeAll(async () => {
  gateway = await deploy({ faultProxy: true, maxEnvironments: 2 })
  key = await gateway.makeKey({ name: 'Refused' })
})
afterAll(() => gateway?.stop())

const GOOD = { model: 'claude-opus-5-5', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }

interface Wish {
  readonly path?: string
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

async function refusal({ path = '/v1/messages', method = 'POST', headers = {}, body = JSON.stringify(GOOD) }: Wish) {
  const answer = await fetch(gateway.messagesUrl + path, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key.key}`, ...headers },
    ...(method !== 'GET' && { body }),
  })
  const json = (await answer.json()) as { type: string; error: { type: string; message: string }; request_id: string }
  return {
    status: answer.status,
    type: json.error.type,
    message: json.error.message,
    envelope: json,
    headers: answer.headers,
  }
}

async function calls(): Promise<number> {
  return gateway.bedrock?.tally().length ?? 0
}

describe('each refusal has its status, its type and a sentence, and never reaches Bedrock', () => {
  const unknownKey = `Bearer sk-proxy-${'0'.repeat(64)}`
  test.each<[string, Wish, number, string, RegExp]>([
    ['an unknown key', { headers: { authorization: unknownKey } }, 401, 'authentication_error', /not valid/],
    ['an empty bearer', { headers: { authorization: 'Bearer ' } }, 401, 'authentication_error', /not valid/],
    [
      'an unknown key with a bad body',
      { headers: { authorization: unknownKey }, body: '{' },
      401,
      'authentication_error',
      /not valid/,
    ],
    ['malformed JSON', { body: '{"model":' }, 400, 'invalid_request_error', /^body: not valid JSON$/],
    ['no model', { body: '{"messages":[]}' }, 400, 'invalid_request_error', /^model: /],
    [
      'messages of the wrong shape',
      { body: '{"model":"claude-opus-5-5","messages":"hi"}' },
      400,
      'invalid_request_error',
      /^messages: /,
    ],
    [
      'another wrong content type',
      { headers: { 'content-type': 'text/plain' } },
      415,
      'invalid_request_error',
      /content-type/,
    ],
    [
      'an unknown key with a wrong content type',
      { headers: { authorization: unknownKey, 'content-type': 'text/plain' } },
      401,
      'authentication_error',
      /not valid/,
    ],
    ['an unknown path', { path: '/v1/nothing' }, 404, 'not_found_error', /\/v1\/nothing/],
    ['a wrong method', { method: 'PUT' }, 405, 'invalid_request_error', /only POST/],
    ['another vendor’s model', { body: JSON.stringify({ ...GOOD, model: 'gpt-5' }) }, 400, 'policy_blocked', /gpt-5/],
    [
      'another vendor’s Bedrock id',
      { body: JSON.stringify({ ...GOOD, model: 'us.amazon.nova-pro-v1:0' }) },
      400,
      'policy_blocked',
      /not served here/,
    ],
    [
      'more than a function URL can carry',
      { body: JSON.stringify({ ...GOOD, system: 'a'.repeat(5_950_000) }) },
      400,
      'invalid_request_error',
      /^prompt is too long: \d+ tokens > \d+ maximum$/,
    ],
  ])('%s', async (_name, wish, status, type, message) => {
    const before = await calls()
    const got = await refusal(wish)
    expect(got).toMatchObject({ status, type })
    expect(got.message).toMatch(message)
    expect(got.envelope.type).toBe('error')
    expect(got.headers.get('request-id')).toMatch(/^req_[0-9a-f]{32}$/)
    expect(got.envelope.request_id).toBe(got.headers.get('request-id'))
    if (status === 401) expect(got.headers.get('x-should-retry')).toBe('false')
    if (status === 405) expect(got.headers.get('allow')).toBe('POST')
    expect(await calls()).toBe(before)
  })

  test('A16: no credential at all', async () => {
    const answer = await fetch(`${gateway.messagesUrl}/v1/messages`, { method: 'POST', body: '{}' })
    expect([answer.status, await answer.json()]).toMatchObject([
      401,
      { error: { type: 'authentication_error', message: expect.stringContaining('No API key') } },
    ])
  })
})

test('beyond the platform’s own limit the platform answers before us', async () => {
  const answer = await fetch(`${gateway.messagesUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key.key}` },
    body: JSON.stringify({ ...GOOD, system: 'a'.repeat(6_400_000) }),
  })
  expect(answer.status).toBe(413)
})

test('A21: a revoked key is refused on the next request, in every environment', async () => {
  const own = await gateway.makeKey()
  const both = () => Promise.all([1, 2].map(() => ask(gateway.messagesUrl, { key: own.key })))
  for (const answer of await both()) {
    expect(answer.status).toBe(200)
    await answer.text()
  }
  expect((await gateway.admin('POST', `/admin/keys/${own.id}/revoke`)).status).toBe(200)
  for (const answer of await both()) {
    expect([answer.status, await answer.json()]).toMatchObject([
      401,
      { error: { message: expect.stringContaining('revoked') } },
    ])
    expect(answer.headers.get('x-should-retry')).toBe('false')
  }
  await gateway.settled()
  const rows = (await gateway.items('usage', 'REQ#')).filter((row) => row.key_id === own.id)
  expect(rows.map((row) => [row.status, row.cost_nano === 0]).sort()).toEqual([
    ['ok', false],
    ['ok', false],
    ['refused', true],
    ['refused', true],
  ])
})

test('A21: a deleted key is refused on the next request and leaves nothing pending', async () => {
  const own = await gateway.makeKey()
  await (await ask(gateway.messagesUrl, { key: own.key })).text()
  await gateway.settled()
  expect((await gateway.admin('DELETE', `/admin/keys/${own.id}`)).status).toBe(200)
  expect((await ask(gateway.messagesUrl, { key: own.key })).status).toBe(401)
  await gateway.settled()
})

test('with the database down nothing is served: 503, to be tried again', async () => {
  await (await ask(gateway.messagesUrl, { key: key.key })).text()
  await gateway.settled()
  const before = await calls()
  gateway.faults?.down()
  const answer = await ask(gateway.messagesUrl, { key: key.key })
  expect([answer.status, await answer.json()]).toMatchObject([503, { error: { type: 'api_error' } }])
  expect(answer.headers.get('retry-after')).toBe('10')
  expect(await (await fetch(`${gateway.messagesUrl}/health`)).json()).toMatchObject({ status: 'degraded', db: false })
  gateway.faults?.up()
  expect(await calls()).toBe(before)
  const after = await ask(gateway.messagesUrl, { key: key.key })
  expect(after.status).toBe(200)
  await after.text()
})

test('a database that goes down after the credential was read is the same refusal', async () => {
  // The configuration has changed, so it is read after the allowance.
  await gateway.admin('PATCH', `/admin/endpoints/${FIRST_ENDPOINT_ID}`, { priority: 1 })
  gateway.faults?.inject({ fault: 'internal-error', times: 1000, operation: 'Query' })
  const answer = await fetch(`${gateway.messagesUrl}/v1/models`, { headers: { 'x-api-key': key.key } })
  gateway.faults?.clear()
  expect([answer.status, await answer.json()]).toMatchObject([503, { error: { type: 'api_error' } }])
})

describe('Bedrock’s refusals keep their meaning', () => {
  test.each([
    [429, 'ThrottlingException', 'Too many tokens', 529, 'overloaded_error', '5'],
    [503, 'ServiceUnavailableException', 'Busy', 529, 'overloaded_error', '5'],
    [429, 'ModelNotReadyException', 'Warming up', 529, 'overloaded_error', '5'],
    [400, 'ValidationException', 'messages.0.role: wrong', 400, 'invalid_request_error', null],
    [400, 'ValidationException', 'prompt is too long: 5 tokens > 4 maximum', 400, 'invalid_request_error', null],
    [403, 'AccessDeniedException', 'no access to arn:secret', 403, 'permission_error', null],
    [408, 'ModelTimeoutException', 'Too slow', 504, 'timeout_error', null],
    [500, 'InternalServerException', 'Oops', 500, 'api_error', null],
    [400, 'ValidationException', 'The provided model identifier is invalid.', 400, 'policy_blocked', null],
  ])('%i %s "%s" is told as %i %s', async (status, type, message, toldStatus, toldType, retryAfter) => {
    for (const stream of [true, false]) {
      gateway.bedrock?.script.next({ kind: 'error', status, type, message })
      const answer = await ask(gateway.messagesUrl, { key: key.key, stream })
      expect([answer.status, await answer.json()]).toMatchObject([toldStatus, { error: { type: toldType } }])
      expect(answer.headers.get('retry-after')).toBe(retryAfter)
    }
  })

  test('its own words stay where they heal the client, and stay inside where they tell about the account', async () => {
    gateway.bedrock?.script.next({
      kind: 'error',
      status: 400,
      type: 'ValidationException',
      message: 'prompt is too long: 5 tokens > 4 maximum',
    })
    expect(await (await ask(gateway.messagesUrl, { key: key.key })).json()).toMatchObject({
      error: { message: 'prompt is too long: 5 tokens > 4 maximum' },
    })
    gateway.bedrock?.script.next({
      kind: 'error',
      status: 403,
      type: 'AccessDeniedException',
      message: 'arn:aws:iam::123456789012:role/x',
    })
    expect(await (await ask(gateway.messagesUrl, { key: key.key })).text()).not.toContain('123456789012')
  })
})

test('the control plane refuses whoever comes past the distribution', async () => {
  const answer = await fetch(`${gateway.controlUrl}/admin/keys`, {
    headers: { authorization: `Bearer ${gateway.adminToken}` },
  })
  expect(answer.status).toBe(403)
  expect((await gateway.admin('GET', '/admin/keys')).status).toBe(200)
})

test('the probes of the client are answered without a credential', async () => {
  expect((await fetch(`${gateway.messagesUrl}/api/hello`, { method: 'HEAD' })).status).toBe(200)
  expect((await fetch(`${gateway.gatewayUrl}/`, { method: 'HEAD', redirect: 'manual' })).status).toBe(302)
  expect(await (await fetch(`${gateway.messagesUrl}/health`)).json()).toMatchObject({ status: 'ok', db: true })
})

test('a body sent in chunks is read as one', async () => {
  const status = await new Promise((resolve, reject) => {
    const call = request(
      `${gateway.messagesUrl}/v1/messages`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': key.key, 'transfer-encoding': 'chunked' },
      },
      (answer) => {
        answer.resume()
        answer.on('end', () => resolve(answer.statusCode))
      },
    )
    call.on('error', reject)
    const body = JSON.stringify(GOOD)
    call.write(body.slice(0, 20))
    call.end(body.slice(20))
  })
  expect(status).toBe(200)
})

test('no prompt, no answer and no credential is in the log', async () => {
  const secret = 'the-prompt-that-nobody-may-read'
  const answer = await ask(gateway.messagesUrl, { key: key.key, content: secret })
  const text = await answer.text()
  expect(text).toContain('Hello from')
  await gateway.settled()
  const logged = gateway.logged.join('\n')
  expect(logged).toContain('"event":"request"')
  for (const word of [secret, 'Hello from', key.key, gateway.adminPassword, gateway.adminToken])
    expect(logged).not.toContain(word)
})
