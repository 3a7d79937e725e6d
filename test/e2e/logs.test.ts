/** What the deployed functions write: one line a request, with figures that CloudWatch understands, and not a word of anybody. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ask, type Deployed, deploy } from '../support/deployed.ts'

let gateway: Deployed
let key: { id: string; key: string }

beforeAll(async () => {
  gateway = await deploy({ faultProxy: true, maxEnvironments: 3 })
  key = await gateway.makeKey({ name: 'Logged' })
})
afterEach(() => {
  gateway.bedrock?.script.clear()
  gateway.faults?.clear()
})
afterAll(() => gateway?.stop())

interface Line {
  readonly event: string
  readonly requestId?: string
  readonly [member: string]: unknown
}

/** The functions' own lines, without what the platform says about them. */
const linesOf = (from: number): Line[] =>
  gateway.logged.slice(from).flatMap((line) => {
    const json = /^\w+: (\{.*\})$/.exec(line)?.[1]
    return json === undefined ? [] : [JSON.parse(json) as Line]
  })

/** Resolves with all that a request wrote, when it has written something. */
async function linesOfRequest(from: number, answer: Response): Promise<Line[]> {
  const requestId = answer.headers.get('request-id') ?? 'none'
  await answer.text()
  const own = () => linesOf(from).filter((line) => line.requestId === requestId)
  await expect.poll(() => own().length, { timeout: 10_000 }).toBeGreaterThan(0)
  await gateway.settled()
  return own()
}

const PROMPT = 'the merger with Umbrella is to stay between us'
const ANSWER = 'then burn this after reading it'
const PASSWORD = 'not-the-password-of-anybody'

test('an answered request writes one line: its figures, and the gateway they belong to', async () => {
  const from = gateway.logged.length
  gateway.bedrock?.script.next({ kind: 'text', text: ANSWER })
  const lines = await linesOfRequest(from, await ask(gateway.messagesUrl, { key: key.key, content: PROMPT }))
  expect(lines).toEqual([
    expect.objectContaining({
      event: 'request',
      status: 'ok',
      Gateway: 'ClaudeCodeGateway',
      Requests: 1,
      Outcome: 'ok',
      Family: 'opus',
      Cost: lines[0]?.costNano,
      DurationMs: lines[0]?.durationMs,
      FirstByteMs: lines[0]?.firstByteMs,
      _aws: expect.objectContaining({ CloudWatchMetrics: expect.any(Array) }),
    }),
  ])
})

test.each([
  [
    'before its first event',
    { kind: 'error', status: 429, type: 'ThrottlingException', message: 'Slow down.' } as const,
  ],
  [
    'in the middle',
    { kind: 'exception-mid-stream', type: 'throttlingException', message: 'Slow down.', afterEvents: 3 } as const,
  ],
])('a request that Bedrock refuses %s writes one line, with the kind of refusal', async (_, behaviour) => {
  const from = gateway.logged.length
  gateway.bedrock?.script.next(behaviour)
  const lines = await linesOfRequest(from, await ask(gateway.messagesUrl, { key: key.key, content: PROMPT }))
  expect(lines).toEqual([
    expect.objectContaining({ event: 'request', Outcome: 'failed', BedrockFaults: 1, Kind: 'upstream_busy' }),
  ])
})

test('why Bedrock refuses access stands in the log, for whoever can do something about it, and not in the answer', async () => {
  const from = gateway.logged.length
  const message = 'User: arn:aws:sts::1:assumed-role/Messages is not authorized to perform: bedrock:InvokeModel'
  gateway.bedrock?.script.next({ kind: 'error', status: 403, type: 'AccessDeniedException', message })
  const answer = await ask(gateway.messagesUrl, { key: key.key, content: PROMPT })
  expect(await answer.clone().text()).not.toContain('assumed-role')
  expect(await linesOfRequest(from, answer)).toEqual([
    expect.objectContaining({
      fault: 'upstream_forbidden',
      upstream: { upstream: 'AccessDeniedException', status: 403, trouble: 'denied', said: message },
    }),
  ])
})

test('a request that another endpoint has answered writes one line, with who it was and what it took', async () => {
  const made = async (method: string, path: string, body: object): Promise<string> =>
    ((await (await gateway.admin(method, path, body)).json()) as { id: string }).id
  const place = { region: 'us-west-2', routing_prefix: 'us' }
  const west = await made('POST', '/admin/endpoints', { name: 'West', ...place })
  const east = await made('POST', '/admin/endpoints', { name: 'East', ...place, region: 'us-east-2' })
  const team = await made('POST', '/admin/teams', { name: 'Two endpoints' })
  const endpoints = [west, east].map((endpoint_id, priority) => ({ endpoint_id, priority }))
  await made('PUT', `/admin/teams/${team}/endpoints`, { endpoints })
  const own = await gateway.makeKey({ team_id: team, user_id: null })
  const from = gateway.logged.length
  const busy = { kind: 'error', status: 429, type: 'ThrottlingException', message: 'Slow down.' } as const
  gateway.bedrock?.script.at({ region: 'us-west-2' }).next(busy)
  const answer = await ask(gateway.messagesUrl, { key: own.key, content: PROMPT })
  expect(await linesOfRequest(from, answer)).toEqual([
    expect.objectContaining({
      event: 'request',
      status: 'ok',
      endpointId: east,
      failovers: 1,
      adjusted: 0,
      Failovers: 1,
      Requests: 1,
    }),
  ])
})

test('a refusal of ours writes one line, with its reason', async () => {
  const from = gateway.logged.length
  const lines = await linesOfRequest(
    from,
    await ask(gateway.messagesUrl, { key: `${key.key.slice(0, -1)}x`, content: PROMPT }),
  )
  expect(lines).toEqual([expect.objectContaining({ event: 'refused', Refusals: 1, Reason: 'unauthenticated' })])
})

test('a suspended key’s request is settled at nothing and writes one line', async () => {
  const suspended = await gateway.makeKey({ name: 'Suspended' })
  await (await ask(gateway.messagesUrl, { key: suspended.key })).text()
  expect((await gateway.admin('POST', `/admin/keys/${suspended.id}/revoke`)).status).toBe(200)
  const from = gateway.logged.length
  const lines = await linesOfRequest(from, await ask(gateway.messagesUrl, { key: suspended.key, content: PROMPT }))
  expect(lines.map(({ event, Refusals }) => [event, Refusals])).toEqual([['refused', 1]])
})

test('a request that met no database is counted as such', async () => {
  const from = gateway.logged.length
  gateway.faults?.down()
  const answer = await ask(gateway.messagesUrl, { key: key.key, content: PROMPT })
  expect(answer.status).toBe(503)
  gateway.faults?.up()
  const lines = await linesOfRequest(from, answer)
  expect(lines).toContainEqual(
    expect.objectContaining({ event: 'database_unavailable', DatabaseUnavailable: 1, Reason: 'database_unavailable' }),
  )
})

test('a settlement that does not get through is counted, and its request too', async () => {
  const from = gateway.logged.length
  gateway.faults?.inject({ fault: 'internal-error', times: 1000, operation: 'TransactWriteItems' })
  await (await ask(gateway.messagesUrl, { key: key.key, content: PROMPT })).text()
  const failed = () => linesOf(from).filter(({ event }) => event === 'settlement_failed')
  await expect.poll(failed, { timeout: 10_000 }).toHaveLength(1)
  expect(failed()[0]).toMatchObject({ SettlementFailures: 1, Requests: 1, Outcome: 'ok' })
  gateway.faults?.clear()
  gateway.clock.advance(20 * 60_000)
  await gateway.tick('watch')
  const estimated = () => linesOf(from).filter(({ event }) => event === 'request_abandoned')
  await expect.poll(estimated).toEqual([expect.objectContaining({ EstimatedSettlements: 1 })])
})

test('a request of the control plane writes one line, with the class of its status', async () => {
  const from = gateway.logged.length
  const lines = await linesOfRequest(from, await gateway.admin('GET', '/admin/keys'))
  expect(lines).toEqual([expect.objectContaining({ event: 'control.request', ControlRequests: 1, Status: '2xx' })])
})

test('the scheduled functions tell what their alarms read', async () => {
  const from = gateway.logged.length
  await gateway.tick('prices')
  const told = () => linesOf(from).find(({ event }) => event === 'prices')
  await expect.poll(told).toBeDefined()
  expect(told()?.PriceRows).toBe((await gateway.items('core', 'PRICE')).length)
  expect(told()?.PriceRows).toBeGreaterThan(10)
})

test('an unhealthy endpoint is told of each minute, as a figure', async () => {
  const from = gateway.logged.length
  const refusal = { status: 403, type: 'AccessDeniedException', message: 'not authorized' }
  gateway.bedrock?.script.at({ region: 'us-west-2' }).refuseControl(refusal)
  for (let minute = 0; minute < 3; minute++) {
    gateway.clock.advance(60_000)
    await gateway.tick('watch')
  }
  const told = () => linesOf(from).filter(({ event }) => event === 'endpoints_unhealthy')
  await expect.poll(() => told().length).toBeGreaterThan(0)
  expect(told().map((line) => line.EndpointsUnhealthy)).toEqual(told().map(() => 1))
  gateway.bedrock?.script.clear()
})

test('no line of all these holds a prompt, an answer or a credential', async () => {
  await fetch(`${gateway.gatewayUrl}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: gateway.adminUser, password: PASSWORD }),
  })
  // A body that is no JSON is quoted by the parser's own message.
  await fetch(`${gateway.messagesUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key.key}` },
    body: `{"messages": "${PROMPT}`,
  })
  const origin = gateway.secrets.get(
    [...gateway.functions.values()].flatMap(({ definition }) => definition.environment.ORIGIN_SECRET_ARN ?? [])[0] ??
      '',
  )
  const secret = [PROMPT, ANSWER, PASSWORD, key.key, gateway.adminPassword, gateway.adminToken, origin]
  await gateway.settled()
  expect(gateway.logged.length).toBeGreaterThan(10)
  expect(origin).toMatch(/^\w{64}$/)
  const all = gateway.logged.join('\n')
  expect(secret.filter((one) => one === undefined || all.includes(one))).toEqual([])
})
