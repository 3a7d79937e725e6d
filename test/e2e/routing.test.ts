/** By which endpoints a request goes, and what happens when one of them does not answer. */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { UpstreamCall } from '../../local/bedrock/tally.ts'
import { type Deployed, deploy } from '../support/deployed.ts'

let gateway: Deployed
beforeAll(async () => {
  gateway = await deploy({ bedrock: { keepBodies: true }, maxEnvironments: 4 })
})
afterEach(() => {
  gateway.bedrock?.script.clear()
  // What an environment holds against an endpoint passes with time.
  gateway.clock.advance(120_000)
})
afterAll(() => gateway?.stop())

const script = () => gateway.bedrock?.script ?? expect.unreachable()

/** @returns what was asked of Bedrock meanwhile */
async function callsOf<T>(
  what: () => Promise<T>,
): Promise<{ readonly answer: T; readonly calls: readonly UpstreamCall[] }> {
  const before = gateway.bedrock?.tally().length ?? 0
  const answer = await what()
  return { answer, calls: gateway.bedrock?.tally().slice(before) ?? [] }
}

async function made(path: string, body: object, method = 'POST'): Promise<{ readonly id: string }> {
  const answer = await gateway.admin(method, path, body)
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as { id: string }
}

const newEndpoint = (wish: object = {}) =>
  made('/admin/endpoints', { name: `E ${randomUUID()}`, region: 'us-west-2', routing_prefix: 'us', ...wish })

interface Team {
  readonly id: string
  readonly key: string
}

async function teamBy(
  strategy: string,
  endpoints: readonly { readonly id: string }[],
  wish: object = {},
): Promise<Team> {
  const team = await made('/admin/teams', { name: `T ${randomUUID()}` })
  const list = endpoints.map(({ id }, priority) => ({ endpoint_id: id, priority }))
  await made(`/admin/teams/${team.id}/endpoints`, { routing_strategy: strategy, endpoints: list, ...wish }, 'PUT')
  const { key } = await gateway.makeKey({ team_id: team.id, user_id: null })
  return { id: team.id, key }
}

interface Wish {
  readonly key: string
  readonly model?: string
  readonly session?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object
}

async function ask({ key, model = 'claude-opus-5-5', session, headers = {}, body = {} }: Wish) {
  const answer = await fetch(`${gateway.messagesUrl}/v1/messages?beta=true`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      ...(session && { 'x-claude-code-session-id': session }),
      ...headers,
    },
    body: JSON.stringify({
      model,
      max_tokens: 1000,
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
      ...body,
    }),
  })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

const throttled = {
  kind: 'error',
  status: 429,
  type: 'ThrottlingException',
  message: 'Too many requests, please wait.',
} as const
const broken = { kind: 'error', status: 503, type: 'ServiceUnavailableException', message: 'Try again.' } as const

const rowOf = async (answer: { headers: Headers }) => {
  await gateway.settled()
  const id = answer.headers.get('request-id')
  return (await gateway.items('usage', 'REQ#')).find(({ request_id }) => request_id === id)
}

describe('F20, W15: where an endpoint is throttled, the next one answers, in its own words', () => {
  let team: Team
  let west: { id: string }
  let europe: { id: string }
  beforeAll(async () => {
    west = await newEndpoint()
    europe = await newEndpoint({ region: 'eu-west-1', routing_prefix: 'eu' })
    team = await teamBy('sticky_user', [west, europe])
  })

  test('F24, W16: also for a request that searches the web, whose later turns stay where the first was answered', async () => {
    // Nobody listens there: the search itself fails, and the model hears of it.
    const provider = { provider_type: 'custom', api_url: 'http://127.0.0.1:9/' }
    await made('/admin/websearch-mode', { mode: 'global', provider, fallback: false }, 'PUT')
    script().at({ region: 'us-west-2' }).always(throttled)
    script()
      .at({ region: 'eu-west-1' })
      .next({ kind: 'tool', name: 'web_search', input: { query: 'lanterns' } })
    const body = { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }
    const { answer, calls } = await callsOf(() => ask({ key: team.key, session: 'f24', body }))
    expect([answer.status, calls.map(({ region }) => region)]).toEqual([200, ['us-west-2', 'eu-west-1', 'eu-west-1']])
    expect(answer.text).toContain('"error_code":"unavailable"')
    expect(await rowOf(answer)).toMatchObject({ status: 'ok', endpoint_id: europe.id, web_searches: 0 })
  })

  test('with its own prefix and region, and the books say who answered', async () => {
    script().at({ region: 'us-west-2' }).always(throttled)
    const { answer, calls } = await callsOf(() => ask({ key: team.key, session: 'f20' }))
    expect(answer.status).toBe(200)
    expect(calls.map(({ region, modelId, outcome }) => [region, modelId, outcome])).toEqual([
      ['us-west-2', 'us.anthropic.claude-opus-5-5', 'error'],
      ['eu-west-1', 'eu.anthropic.claude-opus-5-5', 'completed'],
    ])
    expect(await rowOf(answer)).toMatchObject({
      endpoint_id: europe.id,
      upstream_model: 'eu.anthropic.claude-opus-5-5',
      status: 'ok',
    })
  })

  test('F4, W17: the session stays there while its prompt cache is warm, in every environment; another session does not', async () => {
    script().at({ region: 'us-west-2' }).always(throttled)
    await ask({ key: team.key, session: 'stays' })
    script().clear()
    gateway.clock.advance(120_000)
    const side = Array.from({ length: 4 }, () => callsOf(() => ask({ key: team.key, session: 'stays' })))
    for (const { calls } of await Promise.all(side)) for (const { region } of calls) expect(region).toBe('eu-west-1')
    const other = await callsOf(() => ask({ key: team.key, session: 'another' }))
    expect(other.calls.map(({ region }) => region)).toEqual(['us-west-2'])
  })

  test('F4: a session that begins while its first choice is in trouble stays where it began', async () => {
    script().at({ region: 'us-west-2' }).always(throttled)
    // Every environment meets the trouble once, and passes the endpoint over from then on.
    await Promise.all(Array.from({ length: 12 }, (_, place) => ask({ key: team.key, session: `meets-${place}` })))
    await ask({ key: team.key, session: 'begins' })
    script().clear()
    gateway.clock.advance(120_000)
    const { calls } = await callsOf(() => ask({ key: team.key, session: 'begins' }))
    expect(calls.map(({ region }) => region)).toEqual(['eu-west-1'])
  })

  test('F4: half an hour later it goes where it would go by itself', async () => {
    script().at({ region: 'us-west-2' }).always(throttled)
    await ask({ key: team.key, session: 'returns' })
    script().clear()
    gateway.clock.advance(31 * 60_000)
    const { calls } = await callsOf(() => ask({ key: team.key, session: 'returns' }))
    expect(calls.map(({ region }) => region)).toEqual(['us-west-2'])
  })

  test('F20: an application profile of the one is not asked of the other', async () => {
    const arn = 'arn:aws:bedrock:eu-west-1:000000000000:application-inference-profile/f20'
    gateway.bedrock?.defineProfile({
      arn,
      model: 'eu.anthropic.claude-opus-5-5',
      account: '000000000000',
      region: 'eu-west-1',
    })
    await made(`/admin/endpoints/${europe.id}/aip-overrides`, { model_id: 'claude-opus-5-5', aip_arn: arn })
    script().at({ region: 'us-west-2' }).always(broken)
    const { answer, calls } = await callsOf(() => ask({ key: team.key }))
    expect(answer.status).toBe(200)
    expect(calls.map(({ modelId }) => modelId)).toEqual(['us.anthropic.claude-opus-5-5', arn])
    expect(await rowOf(answer)).toMatchObject({ upstream_model: arn, model: 'claude-opus-5-5' })
  })
})

describe('F21: what goes on to the next endpoint, and what does not', () => {
  let team: Team
  beforeAll(async () => {
    team = await teamBy('primary_fallback', [await newEndpoint(), await newEndpoint({ region: 'us-east-2' })])
  })

  test.each([
    ['throttling', throttled],
    ['a service that is not available', broken],
    ['an internal failure', { kind: 'error', status: 500, type: 'InternalServerException', message: 'Oh.' }],
    ['a model that takes too long', { kind: 'error', status: 408, type: 'ModelTimeoutException', message: 'Late.' }],
    ['a model that is not ready', { kind: 'error', status: 429, type: 'ModelNotReadyException', message: 'Soon.' }],
    ['access denied', { kind: 'error', status: 403, type: 'AccessDeniedException', message: 'No.' }],
    ['a model that is not there', { kind: 'error', status: 404, type: 'ResourceNotFoundException', message: 'No.' }],
    ['a connection that breaks before anything came', { kind: 'reset', afterEvents: 0 }],
    ['a stream that ends before it begins', { kind: 'early-end', afterEvents: 0 }],
  ] as const)('%s: the next one answers', async (_, behaviour) => {
    script().at({ region: 'us-west-2' }).always(behaviour)
    const { answer, calls } = await callsOf(() => ask({ key: team.key }))
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('message_stop')
    expect(calls.at(-1)?.region).toBe('us-east-2')
  })

  test('a request that is wrong is wrong everywhere', async () => {
    const behaviour = { kind: 'error', status: 400, type: 'ValidationException', message: 'messages: too odd' } as const
    script().at({ region: 'us-west-2' }).always(behaviour)
    const { answer, calls } = await callsOf(() => ask({ key: team.key }))
    expect([answer.status, JSON.parse(answer.text).error]).toEqual([
      400,
      { type: 'invalid_request_error', message: 'messages: too odd' },
    ])
    expect(calls).toHaveLength(1)
  })

  test('S14: once the answer has begun nobody else is asked: one error event ends it, and it is on the books', async () => {
    script()
      .at({ region: 'us-west-2' })
      .always({ kind: 'exception-mid-stream', type: 'throttlingException', message: 'Slow down.', afterEvents: 3 })
    const { answer, calls } = await callsOf(() => ask({ key: team.key }))
    expect(answer.status).toBe(200)
    expect(calls).toHaveLength(1)
    expect(answer.text.match(/^event: error$/gm)).toHaveLength(1)
    expect(answer.text).toContain('overloaded_error')
    expect(await rowOf(answer)).toMatchObject({ status: 'failed', estimated: true })
  })

  test('when all are in trouble the client is told to try again, and when', async () => {
    script().always(throttled)
    const { answer, calls } = await callsOf(() => ask({ key: team.key }))
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([529, '5'])
    expect(calls).toHaveLength(2)
  })

  test('trouble that passes is told before trouble that does not', async () => {
    script().at({ region: 'us-west-2' }).always(throttled)
    script()
      .at({ region: 'us-east-2' })
      .always({ kind: 'error', status: 403, type: 'AccessDeniedException', message: 'No.' })
    expect((await ask({ key: team.key })).status).toBe(529)
  })
})

test('F22, W12: a team whose endpoints do not answer is never served by the gateway’s own', async () => {
  const team = await teamBy('sticky_user', [await newEndpoint()])
  script().at({ region: 'us-west-2' }).always(throttled)
  const { answer, calls } = await callsOf(() => ask({ key: team.key }))
  expect(answer.status).toBe(529)
  expect(calls.map(({ region }) => region)).toEqual(['us-west-2'])
})

test('F22: a team whose only endpoint is disabled is told so at once, in every environment', async () => {
  const endpoint = await newEndpoint()
  const team = await teamBy('sticky_user', [endpoint])
  await Promise.all(Array.from({ length: 4 }, () => ask({ key: team.key })))
  await made(`/admin/endpoints/${endpoint.id}`, { enabled: false }, 'PATCH')
  const { answer, calls } = await callsOf(() => Promise.all(Array.from({ length: 4 }, () => ask({ key: team.key }))))
  expect(answer.map(({ status }) => status)).toEqual([529, 529, 529, 529])
  expect(answer[0]?.text).toContain('No endpoint of your team is enabled')
  expect(calls).toEqual([])
})

test('F2: round robin spreads a team’s requests', async () => {
  const endpoints = [
    await newEndpoint(),
    await newEndpoint({ region: 'us-east-2' }),
    await newEndpoint({ region: 'us-east-1' }),
  ]
  const team = await teamBy('round_robin', endpoints)
  const { calls } = await callsOf(async () => {
    for (let i = 0; i < 9; i++) await ask({ key: team.key })
  })
  const counts = Map.groupBy(calls, ({ region }) => region)
  expect([...counts.keys()].sort()).toEqual(['us-east-1', 'us-east-2', 'us-west-2'])
})

describe('an endpoint in another account', () => {
  const ROLE = 'arn:aws:iam::111122223333:role/ccag-claude'

  test('is called with the credentials of its role, which name team and payer, and Bedrock’s log names key and session too', async () => {
    gateway.sts?.defineRole({ arn: ROLE, externalId: 'outside', allowTags: true })
    const team = await teamBy('sticky_user', [await newEndpoint({ role_arn: ROLE, external_id: 'outside' })])
    const { answer, calls } = await callsOf(() => ask({ key: team.key, session: 'accounted' }))
    expect(answer.status).toBe(200)
    expect(calls[0]).toMatchObject({ account: '111122223333', region: 'us-west-2', sessionTags: { team: team.id } })
    expect(calls[0]?.requestMetadata).toMatchObject({ team: team.id, session: 'accounted' })
  })

  test('whose role refuses us is passed over', async () => {
    gateway.sts?.defineRole({ arn: `${ROLE}-closed`, externalId: 'right' })
    const closed = await newEndpoint({ role_arn: `${ROLE}-closed`, external_id: 'wrong' })
    const team = await teamBy('primary_fallback', [closed, await newEndpoint({ region: 'us-east-2' })])
    const { answer, calls } = await callsOf(() => ask({ key: team.key }))
    expect([answer.status, calls.map(({ region }) => region)]).toEqual([200, ['us-east-2']])
    const alone = await teamBy('primary_fallback', [closed])
    const refused = await ask({ key: alone.key })
    expect([refused.status, JSON.parse(refused.text).error.type]).toEqual([403, 'permission_error'])
    expect(refused.text).not.toContain('111122223333')
  })
})

test('guardrail, tier and latency: the team’s over the endpoint’s, member by member', async () => {
  const endpoint = await newEndpoint({ guardrail_id: 'abcdef123456', guardrail_version: '1', service_tier: 'flex' })
  const team = await teamBy('sticky_user', [endpoint], { bedrock: { service_tier: 'priority', latency: 'optimized' } })
  const { answer, calls } = await callsOf(() => ask({ key: team.key }))
  expect(await rowOf(answer)).toMatchObject({ service_tier: 'priority' })
  expect(calls[0]).toMatchObject({
    guardrail: { id: 'abcdef123456', version: '1' },
    serviceTier: 'priority',
    latency: 'optimized',
  })
})

describe('a client that names a tier in Anthropic’s words is served', () => {
  const tiersOf = async (bedrock: object, service_tier: string, upstream = 'invoke') => {
    const team = await teamBy('sticky_user', [await newEndpoint({ upstream, ...bedrock })])
    const { answer, calls } = await callsOf(() => ask({ key: team.key, body: { service_tier } }))
    expect([answer.status, calls.map(({ outcome }) => outcome)]).toEqual([200, ['completed']])
    expect(calls[0]?.body).not.toHaveProperty('service_tier')
    expect(answer.headers.get('x-ccag-adjusted')).toBe('service_tier')
    return [calls[0]?.serviceTier, (await rowOf(answer))?.service_tier]
  }

  test.each([
    ['invoke', 'standard_only', 'priority', undefined],
    ['messages', 'standard_only', 'priority', undefined],
    ['invoke', 'auto', 'priority', 'priority'],
    ['invoke', 'standard_only', 'flex', 'flex'],
    ['invoke', 'standard_only', 'reserved', 'reserved'],
    ['invoke', 'priority', null, undefined],
    ['messages', 'priority', null, undefined],
  ])(
    'at once, by %s with %s: of %s Bedrock is asked for %s, and the row says so',
    async (upstream, asked, set, tier) => {
      expect(await tiersOf({ service_tier: set }, asked, upstream)).toEqual([tier, tier ?? null])
    },
  )
})

describe('betas and members that an endpoint does not take', () => {
  const CONTEXT = 'context-management-2025-06-27'
  const EDITS = { context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] } }
  let team: Team
  beforeAll(async () => {
    team = await teamBy('primary_fallback', [await newEndpoint(), await newEndpoint({ region: 'us-east-2' })])
  })
  const withContext = (model: string) =>
    ask({ key: team.key, model, headers: { 'anthropic-beta': CONTEXT }, body: EDITS })

  test('R11: what the header asks for reaches Bedrock in the body', async () => {
    const { answer, calls } = await callsOf(() => withContext('claude-opus-4-8'))
    expect(answer.status).toBe(200)
    expect(calls[0]?.betas).toContain(CONTEXT)
    expect(calls[0]?.body).toMatchObject(EDITS)
  })

  test('B11: a flag that is refused by name is left out with what belongs to it, and not sent again', async () => {
    script().at({ model: 'claude-sonnet-4-6' }).refuseBetas(CONTEXT)
    script().at({ model: 'claude-sonnet-4-6' }).nameBetas(true)
    const first = await callsOf(() => withContext('claude-sonnet-4-6'))
    expect(first.answer.status).toBe(200)
    expect(first.calls.map(({ outcome }) => outcome)).toEqual(['error', 'completed'])
    expect(first.calls[1]?.betas).not.toContain(CONTEXT)
    expect(first.calls[1]?.body).not.toHaveProperty('context_management')
    expect(first.answer.headers.get('x-ccag-adjusted')).toContain(`beta:${CONTEXT}`)
    expect((await callsOf(() => withContext('claude-sonnet-4-6'))).calls).toHaveLength(1)
  })

  test('B14, W55: a refusal that names no flag leads to an answer all the same', async () => {
    script().at({ model: 'claude-haiku-4-5' }).refuseBetas(CONTEXT)
    const { answer, calls } = await callsOf(() => withContext('claude-haiku-4-5'))
    expect(answer.status).toBe(200)
    expect(calls.at(-1)).toMatchObject({ outcome: 'completed' })
    expect(calls.length).toBeLessThanOrEqual(3)
  })

  test('a member that is extra here is left out, with its flag', async () => {
    script().at({ model: 'claude-opus-4-7' }).refuseMember('context_management')
    const { answer, calls } = await callsOf(() => withContext('claude-opus-4-7'))
    expect(answer.status).toBe(200)
    expect(calls.at(-1)?.body).not.toHaveProperty('context_management')
    expect(calls.at(-1)?.betas).not.toContain(CONTEXT)
  })

  test('a system message that may not stand among the messages is told in the user’s turn', async () => {
    script().at({ model: 'claude-opus-4-6' }).refuseRole('system')
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'system', content: 'Be brief.' },
    ]
    const { answer, calls } = await callsOf(() => ask({ key: team.key, model: 'claude-opus-4-6', body: { messages } }))
    expect(answer.status).toBe(200)
    const sent = calls.at(-1)?.body?.messages as { role: string }[]
    expect(sent.map(({ role }) => role)).toEqual(['user'])
    expect(JSON.stringify(sent)).toContain('Be brief.')
  })

  test('B13: what one endpoint has refused is still said to the other', async () => {
    script().at({ region: 'us-west-2', model: 'claude-opus-5' }).refuseBetas(CONTEXT)
    script().at({ region: 'us-west-2', model: 'claude-opus-5' }).nameBetas(true)
    await withContext('claude-opus-5')
    script().at({ region: 'us-west-2' }).always(broken)
    const { calls } = await callsOf(() => withContext('claude-opus-5'))
    expect(calls.at(-1)).toMatchObject({ region: 'us-east-2' })
    expect(calls.at(-1)?.betas).toContain(CONTEXT)
  })

  test('B12, W27: an administrator’s word wins over what was learnt, until he takes it back', async () => {
    const [endpoint] = [await newEndpoint()]
    const own = await teamBy('primary_fallback', [endpoint ?? expect.unreachable()])
    const asking = () => ask({ key: own.key, headers: { 'anthropic-beta': CONTEXT }, body: EDITS })
    const betas = async () => (await callsOf(asking)).calls[0]?.betas
    expect(await betas()).toContain(CONTEXT)
    const override = { endpoint_id: endpoint?.id, profile_id: 'us.anthropic.claude-opus-5-5', beta_name: CONTEXT }
    await made('/admin/beta-overrides', { ...override, supported: false })
    expect(await betas()).not.toContain(CONTEXT)
    await gateway.admin('DELETE', `/admin/beta-overrides/${endpoint?.id}/us.anthropic.claude-opus-5-5/${CONTEXT}`)
    expect(await betas()).toContain(CONTEXT)
  })
})

describe('Bedrock’s own Messages API as the upstream', () => {
  test('streams, with the betas in the header, whatever they are', async () => {
    const team = await teamBy('primary_fallback', [await newEndpoint({ upstream: 'messages' })])
    const { answer, calls } = await callsOf(() =>
      ask({ key: team.key, headers: { 'anthropic-beta': 'context-management-2025-06-27' } }),
    )
    expect(answer.status).toBe(200)
    expect(answer.text).toMatch(/^event: message_start\ndata: \{"type":"message_start".*"model":"claude-opus-5-5"/)
    expect(answer.text).toContain('event: message_stop')
    expect(calls[0]).toMatchObject({ operation: 'messages', betas: ['context-management-2025-06-27'] })
    expect(await rowOf(answer)).toMatchObject({ status: 'ok', output_tokens: calls[0]?.usage.outputTokens })
  })

  test('a version that is none is not passed on: AWS would refuse the signature, and the endpoint be blamed', async () => {
    const team = await teamBy('primary_fallback', [await newEndpoint({ upstream: 'messages' })])
    for (const version of ['2023-06-01\xfc', '2023-06-01, 2023-06-01', 'x'.repeat(5000)]) {
      const { answer, calls } = await callsOf(() => ask({ key: team.key, headers: { 'anthropic-version': version } }))
      expect([answer.status, calls[0]?.anthropicVersion]).toEqual([200, '2023-06-01'])
    }
  })

  test('where a region does not have it, InvokeModel answers, and is asked at once the next time', async () => {
    script().at({ region: 'us-east-2' }).nativeMessages(false)
    const team = await teamBy('primary_fallback', [await newEndpoint({ upstream: 'messages', region: 'us-east-2' })])
    const first = await callsOf(() => ask({ key: team.key }))
    expect(first.answer.status).toBe(200)
    expect(first.calls.at(-1)?.operation).toBe('invoke-with-response-stream')
  })
})

describe('GET /v1/models', () => {
  const listOf = async (key: string) => {
    const answer = await fetch(`${gateway.messagesUrl}/v1/models?limit=1000`, { headers: { 'x-api-key': key } })
    return ((await answer.json()) as { data: { id: string }[] }).data.map(({ id }) => id)
  }

  test('S8: lists what the caller’s endpoints offer, under Anthropic’s names, each once', async () => {
    const team = await teamBy('sticky_user', [await newEndpoint(), await newEndpoint({ region: 'us-east-2' })])
    await gateway.tick('watch')
    const ids = await listOf(team.key)
    expect(ids).toContain('claude-opus-5-5')
    expect(ids).toContain('claude-haiku-4-5')
    expect(ids.every((id) => id.startsWith('claude-'))).toBe(true)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('S9: what nobody has looked at offers nothing yet: no names are made up', async () => {
    const team = await teamBy('sticky_user', [await newEndpoint({ region: 'ca-central-1' })])
    const answer = await fetch(`${gateway.messagesUrl}/v1/models`, { headers: { 'x-api-key': team.key } })
    expect(await answer.json()).toEqual({ data: [], has_more: false, first_id: null, last_id: null })
  })

  test('F18, M20: the answer’s model is the caller’s own string', async () => {
    const team = await teamBy('sticky_user', [await newEndpoint()])
    for (const model of [
      'claude-sonnet-4-5',
      'claude-sonnet-4-5-20250929',
      'claude-opus-5-5[1m]',
      'us.anthropic.claude-opus-5-5',
    ]) {
      expect((await ask({ key: team.key, model })).text).toContain(`"model":"${model}"`)
    }
  })
})

describe('health', () => {
  test('an endpoint that cannot be looked at for two minutes is asked last, and first again when it is well', async () => {
    const west = await newEndpoint()
    const team = await teamBy('primary_fallback', [west, await newEndpoint({ region: 'us-east-2' })])
    const minute = async (times: number) => {
      for (let i = 0; i < times; i++) {
        gateway.clock.advance(60_000)
        await gateway.tick('watch')
      }
    }
    const firstAsked = async () => (await callsOf(() => ask({ key: team.key }))).calls[0]?.region
    await minute(1)
    expect(await firstAsked()).toBe('us-west-2')
    script()
      .at({ region: 'us-west-2' })
      .refuseControl({ status: 403, type: 'AccessDeniedException', message: 'not authorized' })
    await minute(2)
    expect(await firstAsked()).toBe('us-east-2')
    const row = (await (await gateway.admin('GET', `/admin/endpoints/${west.id}`)).json()) as Record<string, unknown>
    expect(row).toMatchObject({
      health: 'unhealthy',
      health_reason: expect.stringContaining('bedrock:ListInferenceProfiles'),
    })
    script().clear()
    await minute(2)
    expect(await firstAsked()).toBe('us-west-2')
  })
})
