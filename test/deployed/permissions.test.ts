import { afterAll, beforeAll, expect, test } from 'vitest'
import { controlRoutes } from '../../contract/routes.ts'
import { ask, type Deployed, deploy } from '../support/deployed.ts'

let gateway: Deployed

beforeAll(async () => {
  gateway = await deploy({ faultProxy: true, maxEnvironments: 1 })
})
afterAll(() => gateway?.stop())

test('every role allows what its function does with the database, route by route and schedule by schedule', async () => {
  const key = await gateway.makeKey({ name: 'Allowed' })
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
  for (const { method, path, name } of rest) {
    const id = path.startsWith('/admin/teams') ? team.id : key.id
    const answer = await gateway.admin(method, path.replace('{id}', id))
    expect([name, answer.status]).toEqual([name, 200])
  }
  for (const name of ['watch', 'prices', 'outbox']) await gateway.tick(name)
  expect(gateway.logged.filter((line) => line.includes('is not authorized'))).toEqual([])
})

const rank = (name: string): number => (name === 'POST /auth/logout' ? 2 : /^(DELETE|POST) /.test(name) ? 1 : 0)
