import { afterAll, beforeAll, expect, test } from 'vitest'
import { controlRoutes } from '../../contract/routes.ts'
import { FIRST_ENDPOINT_ID } from '../../lambdas/endpoints/endpoint.ts'
import { openEventWriter } from '../../lambdas/notifications/event-writer.store.ts'
import { instant } from '../../lambdas/platform/instant.ts'
import { openDocuments } from '../../lambdas/table/document.store.ts'
import { ask, type Deployed, deploy } from '../support/deployed.ts'
import { budgetEvent } from '../support/outbox.ts'

/** In another account: its role is assumed. */
const ENDPOINT = {
  name: 'Elsewhere',
  region: 'eu-west-1',
  routing_prefix: 'eu',
  role_arn: 'arn:aws:iam::111122223333:role/ccag-claude',
}
/** The colons and the slash have to come through the distribution and the function URL. */
const PROFILE_ARN = 'arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/a1b2'
const MODEL = 'claude-opus-4-8'
const BETA = 'context-1m-2025-08-07'
const TOPIC_ARN = 'arn:aws:sns:us-east-1:000000000000:budgets'
/** Other than 200. */
const ANSWERS: Readonly<Record<string, number>> = {
  'POST /admin/endpoints/{id}/aip-overrides': 201,
  'POST /admin/keys/{id}/rotate': 201,
  'DELETE /admin/teams/{id}/members/{user_id}': 204,
}

let gateway: Deployed

beforeAll(async () => {
  gateway = await deploy({ faultProxy: true, maxEnvironments: 1 })
})
afterAll(() => gateway?.stop())

test('every role allows what its function does with the database, route by route and schedule by schedule', async () => {
  const key = (await gateway.makeKey({ name: 'Allowed', setup: true })) as Awaited<ReturnType<Deployed['makeKey']>> & {
    readonly setup: { readonly id: string; readonly token: string }
  }
  const created = await gateway.admin('POST', '/admin/teams', { name: 'Allowed' })
  const team = (await created.json()) as { id: string }
  const invited = await gateway.admin('POST', '/admin/users', { email: 'allowed@example.com', team_id: team.id })
  const user = (await invited.json()) as { id: string }
  const made = await gateway.admin('POST', '/admin/endpoints', { ...ENDPOINT, inference_profile_arn: PROFILE_ARN })
  const endpoint = (await made.json()) as { id: string }
  for (const stream of [true, false]) await (await ask(gateway.messagesUrl, { key: key.key, stream })).text()
  for (const path of ['/v1/models', '/health']) {
    const answer = await fetch(gateway.messagesUrl + path, { headers: { 'x-api-key': key.key } })
    expect([path, answer.status]).toEqual([path, 200])
  }
  await askOfTheOther(endpoint.id)
  await gateway.settled()
  // What ends something comes last, and the session itself at the very end.
  const asked = [
    'POST /auth/login',
    'POST /admin/keys',
    'POST /admin/teams',
    'POST /admin/users',
    'POST /admin/endpoints',
  ]
  const rest = controlRoutes
    .map(({ method, path }) => ({ method, path, name: `${method} ${path}` }))
    .filter(({ name }) => !asked.includes(name))
    .sort((one, other) => rank(one.name) - rank(other.name))
  const bodies: Readonly<Record<string, object>> = {
    'POST /auth/setup/exchange': { token: key.setup.token },
    'POST /auth/setup/confirm': { token: key.setup.token, system: 'Linux' },
    'POST /admin/keys/{id}/setup-token': { raw_key: key.key },
    'POST /admin/endpoints/test': ENDPOINT,
    'PUT /admin/endpoints/{id}': ENDPOINT,
    'PATCH /admin/endpoints/{id}': { priority: 2 },
    'POST /admin/endpoints/{id}/aip-overrides': { model_id: MODEL, aip_arn: PROFILE_ARN },
    'POST /admin/beta-overrides': {
      endpoint_id: endpoint.id,
      profile_id: PROFILE_ARN,
      beta_name: BETA,
      supported: true,
    },
    'PUT /admin/teams/{id}/endpoints': { endpoints: [{ endpoint_id: endpoint.id, priority: 1 }] },
    'PUT /admin/users/{id}': { role: 'admin' },
    'PUT /admin/users/{id}/team': { team_id: team.id },
    'PUT /admin/users/{id}/spend-limit': { limit_usd: 10 },
    'PATCH /admin/teams/{id}': { name: 'Allowed still' },
    'POST /admin/teams/{id}/members': { user_id: user.id },
    'PUT /admin/teams/{id}/budget': { budget_amount_usd: 100 },
    'PUT /admin/settings/default-budget': { budget_amount_usd: 10 },
    'POST /admin/budget/preview': { scope: 'team', id: team.id, amount_usd: 1 },
    'PATCH /admin/keys/{id}': { budget: { amount_usd: 5, period: 'daily' } },
    'POST /admin/keys/{id}/rotate': {},
    'PUT /admin/notifications/config': { destination_type: 'sns', destination_value: TOPIC_ARN },
    'PUT /admin/notifications/categories': { event_categories: ['budget'] },
    'PUT /admin/search-providers': { provider_type: 'searxng', api_url: 'http://localhost:9/' },
    'POST /admin/search-providers/activate': { provider_type: 'searxng' },
    // With a key, so that it is sealed for all and opened to be tried.
    'PUT /admin/websearch-mode': {
      mode: 'global',
      provider: { provider_type: 'custom', api_url: 'http://localhost:9/', api_key: 'key' },
    },
    'POST /admin/search-providers/test': { provider_type: 'custom', use_stored_key: true, scope: 'global' },
    'PUT /admin/pricing/{model}': { input_rate: 5, output_rate: 25, cache_read_rate: 0.5, cache_write_rate: 6.25 },
    'PUT /admin/bedrock/rules': {
      rules: { accepted_betas: [], refused_betas: [], renamed_betas: {}, members_of_beta: {}, models: [] },
    },
  }
  const ids = {
    // The default cannot be deleted while others are there.
    '/admin/endpoints/{id}/default': FIRST_ENDPOINT_ID,
    '/admin/endpoints': endpoint.id,
    '/admin/teams': team.id,
    '/admin/users': user.id,
    '/admin/setup-tokens': key.setup.id,
    '/admin/keys': key.id,
    '/admin/notifications/deliveries': await putEvent(),
  }
  for (const { method, path, name } of rest) {
    const [, id = ''] = Object.entries(ids).find(([prefix]) => path.startsWith(prefix)) ?? []
    const asking = path
      .replace('{id}', id)
      .replace('{endpoint_id}', endpoint.id)
      .replace('{user_id}', user.id)
      .replace('{profile_id}', encodeURIComponent(PROFILE_ARN))
      .replace('{beta_name}', BETA)
      .replace('{model_id}', MODEL)
      .replace('{model}', MODEL)
      .replace('{type}', 'searxng')
    const answer = await gateway.admin(method, asking, bodies[name])
    expect([name, answer.status]).toEqual([name, ANSWERS[name] ?? 200])
  }
  for (const name of ['watch', 'prices', 'outbox']) await gateway.tick(name)
  // `watch` has asked Bedrock and kept its books of it.
  expect(await gateway.items('ephemeral', 'PROBED#')).not.toEqual([])
  expect(gateway.logged.filter((line) => line.includes('is not authorized'))).toEqual([])
})

/** One that waits to be told. */
async function putEvent(): Promise<string> {
  const documents = openDocuments({ endpoint: gateway.databaseEndpoint })
  const event = budgetEvent(instant(Date.now()))
  await openEventWriter(documents, gateway.tables.get('events') ?? '').write(event)
  documents.destroy()
  return event.id
}

/** Everything that a request may leave behind: its first endpoint is busy, the second answers, without flags that it does not take. */
async function askOfTheOther(first: string): Promise<void> {
  const created = await gateway.admin('POST', '/admin/teams', { name: 'Of two endpoints' })
  const { id: team } = (await created.json()) as { id: string }
  const endpoints = [first, FIRST_ENDPOINT_ID].map((endpoint_id, priority) => ({ endpoint_id, priority }))
  expect((await gateway.admin('PUT', `/admin/teams/${team}/endpoints`, { endpoints })).status).toBe(200)
  const { key } = await gateway.makeKey({ team_id: team, user_id: null })
  const busy = { kind: 'error', status: 429, type: 'ThrottlingException', message: 'Too many requests' } as const
  gateway.bedrock?.script.at({ region: ENDPOINT.region }).next(busy)
  gateway.bedrock?.script.refuseBetas('compact-2026-01-12')
  const answer = await fetch(`${gateway.messagesUrl}/v1/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'anthropic-beta': 'compact-2026-01-12,made-up-2026-01-01',
    },
    body: JSON.stringify({ model: MODEL, max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] }),
  })
  expect([answer.status, answer.headers.get('x-ccag-adjusted')]).toEqual([200, expect.stringContaining('beta:')])
  await answer.text()
  await gateway.settled()
  const left = (await gateway.items('ephemeral')).map(({ PK }) => String(PK).split('#')[0])
  expect(left).toEqual(expect.arrayContaining(['AFFINITY', 'FAULTS', 'LEARNED', 'PROBES']))
}

/**
 * A setup is confirmed after its key was fetched; a key is set up before it is revoked, and revoked before it is deleted. An endpoint
 * takes its overrides along.
 */
const LAST = [
  /setup\/exchange$/,
  /setup\/confirm$/,
  /setup-token$/,
  /\/rotate$/,
  /\/revoke$/,
  /^DELETE .*members/,
  /^DELETE .*overrides/,
  /^DELETE /,
  /logout$/,
]
const rank = (name: string): number => LAST.findIndex((pattern) => pattern.test(name))
