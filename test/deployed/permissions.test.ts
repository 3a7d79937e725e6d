import { afterAll, beforeAll, expect, test } from 'vitest'
import { controlRoutes } from '../../contract/routes.ts'
import { FIRST_ENDPOINT_ID } from '../../lambdas/endpoints/endpoint.ts'
import { ask, type Deployed, deploy } from '../support/deployed.ts'

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
const CREATING = new Set(['POST /admin/endpoints/{id}/aip-overrides'])

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
  const made = await gateway.admin('POST', '/admin/endpoints', { ...ENDPOINT, inference_profile_arn: PROFILE_ARN })
  const endpoint = (await made.json()) as { id: string }
  for (const stream of [true, false]) await (await ask(gateway.messagesUrl, { key: key.key, stream })).text()
  for (const path of ['/v1/models', '/health']) {
    const answer = await fetch(gateway.messagesUrl + path, { headers: { 'x-api-key': key.key } })
    expect([path, answer.status]).toEqual([path, 200])
  }
  await gateway.settled()
  // What ends something comes last, and the session itself at the very end.
  const asked = ['POST /auth/login', 'POST /admin/keys', 'POST /admin/teams', 'POST /admin/endpoints']
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
    'PUT /admin/bedrock/rules': {
      rules: { accepted_betas: [], refused_betas: [], renamed_betas: {}, members_of_beta: {}, models: [] },
    },
  }
  const ids = {
    // The default cannot be deleted while others are there.
    '/admin/endpoints/{id}/default': FIRST_ENDPOINT_ID,
    '/admin/endpoints': endpoint.id,
    '/admin/teams': team.id,
    '/admin/setup-tokens': key.setup.id,
    '/admin/keys': key.id,
  }
  for (const { method, path, name } of rest) {
    const [, id = ''] = Object.entries(ids).find(([prefix]) => path.startsWith(prefix)) ?? []
    const asking = path
      .replace('{id}', id)
      .replace('{endpoint_id}', endpoint.id)
      .replace('{profile_id}', encodeURIComponent(PROFILE_ARN))
      .replace('{beta_name}', BETA)
      .replace('{model_id}', MODEL)
    const answer = await gateway.admin(method, asking, bodies[name])
    expect([name, answer.status]).toEqual([name, CREATING.has(name) ? 201 : 200])
  }
  for (const name of ['watch', 'prices', 'outbox']) await gateway.tick(name)
  expect(gateway.logged.filter((line) => line.includes('is not authorized'))).toEqual([])
})

/**
 * A setup is confirmed after its key was fetched; a key is set up before it is revoked, and revoked before it is deleted. An endpoint
 * takes its overrides along.
 */
const LAST = [
  /setup\/exchange$/,
  /setup\/confirm$/,
  /setup-token$/,
  /\/revoke$/,
  /^DELETE .*overrides/,
  /^DELETE /,
  /logout$/,
]
const rank = (name: string): number => LAST.findIndex((pattern) => pattern.test(name))
