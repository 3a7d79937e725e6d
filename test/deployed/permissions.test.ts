import { afterAll, beforeAll, expect, test } from 'vitest'
import { controlRoutes } from '../../contract/routes.ts'
import { ask, type Deployed, deploy } from '../support/deployed.ts'

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
  for (const stream of [true, false]) await (await ask(gateway.messagesUrl, { key: key.key, stream })).text()
  for (const path of ['/v1/models', '/health']) {
    const answer = await fetch(gateway.messagesUrl + path, { headers: { 'x-api-key': key.key } })
    expect([path, answer.status]).toEqual([path, 200])
  }
  await gateway.settled()
  // What ends something comes last, and the session itself at the very end.
  const asked = ['POST /auth/login', 'POST /admin/keys', 'POST /admin/teams']
  const rest = controlRoutes
    .map(({ method, path }) => ({ method, path, name: `${method} ${path}` }))
    .filter(({ name }) => !asked.includes(name))
    .sort((one, other) => rank(one.name) - rank(other.name))
  const bodies: Readonly<Record<string, object>> = {
    'POST /auth/setup/exchange': { token: key.setup.token },
    'POST /auth/setup/confirm': { token: key.setup.token, system: 'Linux' },
    'POST /admin/keys/{id}/setup-token': { raw_key: key.key },
  }
  const ids = { '/admin/teams': team.id, '/admin/setup-tokens': key.setup.id, '/admin/keys': key.id }
  for (const { method, path, name } of rest) {
    const [, id = ''] = Object.entries(ids).find(([prefix]) => path.startsWith(prefix)) ?? []
    const answer = await gateway.admin(method, path.replace('{id}', id), bodies[name])
    expect([name, answer.status]).toEqual([name, 200])
  }
  for (const name of ['watch', 'prices', 'outbox']) await gateway.tick(name)
  expect(gateway.logged.filter((line) => line.includes('is not authorized'))).toEqual([])
})

/** A setup is confirmed after its key was fetched; a key is set up before it is revoked, and revoked before it is deleted. */
const LAST = [/setup\/exchange$/, /setup\/confirm$/, /setup-token$/, /\/revoke$/, /^DELETE /, /logout$/]
const rank = (name: string): number => LAST.findIndex((pattern) => pattern.test(name))
