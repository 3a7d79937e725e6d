import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nameOfRoute, type Route } from '../../../../contract/route.ts'
import { controlRoutes } from '../../../../contract/routes.ts'
import { ARNS, ORIGIN_VALUE, startControl, type TestControl } from '../../../support/control.ts'

let control: TestControl
beforeAll(async () => {
  control = await startControl()
})
afterAll(() => control.stop())

const pathOf = (route: Route): string =>
  route.path.replace('{model}', 'claude-opus-5-5').replaceAll(/\{\w+\}/g, () => randomUUID())

/** Left out where it does not apply, so that nothing is counted as skipped. */
const testIf =
  (applies: unknown) =>
  (name: string, run: () => Promise<void>): void => {
    if (applies) test(name, run)
  }

const adminError = (message: unknown) => ({ type: 'error', error: { type: 'admin_error', message } })

describe.each(controlRoutes.map((route) => [nameOfRoute(route), route] as const))('%s', (_name, route) => {
  const ask = (request: Parameters<TestControl['ask']>[2]) =>
    control.ask(route.method, pathOf(route), { ...(route.body && { body: {} }), ...request })

  test('is refused when it has not come through the distribution', async () => {
    for (const value of [null, '', 'a guess']) {
      const answer = await ask({ headers: { 'x-origin-verify': value } })
      expect(answer.status).toBe(403)
    }
  })

  testIf(!(route.access === 'public'))(
    'is refused without a credential, and with a bad one, before its body is judged',
    async () => {
      expect((await ask({ rawBody: 'not JSON' })).status).toBe(401)
      expect((await ask({ token: 'nonsense', rawBody: 'not JSON' })).status).toBe(401)
    },
  )

  testIf(!(route.access === 'public' || route.path === '/auth/me'))('takes no virtual key', async () => {
    const admin = await control.person({ role: 'admin' })
    const { body } = await control.ask('POST', '/admin/keys', { token: admin.token, body: {} })
    const answer = await ask({ token: body.key })
    expect(answer.status).toBe(401)
    expect(answer.body).toEqual(adminError('Invalid credentials'))
  })

  testIf(!(route.access === 'public'))('is refused to a person who is not active', async () => {
    const answer = await ask({ token: (await control.person({ role: 'admin', active: false })).token })
    expect(answer.status).toBe(403)
    expect(answer.body.error.message).toBe('Your account has been deactivated')
  })

  testIf(route.access === 'admin')('is refused to members', async () => {
    const answer = await ask({ token: (await control.person()).token })
    expect(answer.status).toBe(403)
    expect(answer.body).toEqual(adminError('Admin access required'))
  })

  testIf(route.access !== 'admin')('is open to those it is for', async () => {
    const { token } = await control.person()
    expect([200, 201, 400, 404]).toContain((await ask({ token })).status)
  })

  testIf(!(route.access === 'public'))('is open to admins', async () => {
    const { token } = await control.person({ role: 'admin' })
    expect([200, 201, 400, 404]).toContain((await ask({ token })).status)
  })

  testIf(route.body)('takes JSON only', async () => {
    const { token } = await control.person({ role: 'admin' })
    for (const type of [null, 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      expect((await ask({ token, headers: { 'content-type': type } })).status).toBe(415)
    }
    expect((await ask({ token, headers: { 'content-type': 'application/scim+json; charset=utf-8' } })).status).not.toBe(
      415,
    )
  })

  testIf(route.body)('names an unknown member of its body', async () => {
    const { token } = await control.person({ role: 'admin' })
    const answer = await ask({ token, body: { surprise: 1 } })
    expect(answer.status).toBe(400)
    expect(answer.body.error.message).toContain('unknown member: surprise')
  })

  testIf(route.body)('refuses what is not JSON without repeating it, and what is too long', async () => {
    const { token } = await control.person({ role: 'admin' })
    const broken = await ask({ token, rawBody: '{"password": "hunter2' })
    expect(broken.status).toBe(400)
    expect(broken.body.error.message).toBe('The body is not valid JSON')
    expect((await ask({ token, rawBody: `"${'x'.repeat(2 * 1024 * 1024)}"` })).status).toBe(413)
    expect(control.logged.join('')).not.toContain('hunter2')
  })

  testIf(route.params)('refuses an id that is none', async () => {
    const { token } = await control.person({ role: 'admin' })
    const answer = await control.ask(route.method, route.path.replaceAll(/\{\w+\}/g, 'seven'), { token })
    expect(answer.status).toBe(400)
    const [, first] = /\{(\w+)\}/.exec(route.path) ?? []
    expect(answer.body.error.message.startsWith(`${first}: `)).toBe(true)
  })

  test('is not answered for another method, and says which it has', async () => {
    const answer = await control.ask('PROPFIND', pathOf(route))
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')?.split(', ')).toContain(route.method)
    expect(answer.body.error.message).toContain(route.method)
  })

  testIf(!(route.access === 'public' || route.method === 'GET'))(
    'lets a cookie write only from a page of the gateway, as JSON',
    async () => {
      const { token: cookie } = await control.person({ role: 'admin' })
      const json = { 'content-type': 'application/json' }
      for (const origin of [
        null,
        'null',
        'https://evil.example',
        'https://gateway.example.evil.example',
        'https://gateway.example:444',
      ]) {
        expect((await ask({ cookie, headers: { ...json, origin } })).status).toBe(403)
      }
      const origin = 'https://gateway.example'
      expect((await ask({ cookie, headers: { origin, 'content-type': null } })).status).toBe(415)
      expect((await ask({ cookie, headers: { origin, 'content-type': 'text/plain' } })).status).toBe(415)
      expect((await ask({ cookie, headers: { ...json, origin, 'x-gateway-host': null } })).status).toBe(403)
      expect([200, 201, 400, 404]).toContain((await ask({ cookie, headers: { ...json, origin } })).status)
    },
  )
})

test('an unknown path is 404 in the envelope', async () => {
  for (const path of ['/admin', '/admin/nothing', '/auth/', '/scim/v2/Users', '/metrics']) {
    const answer = await control.ask('GET', path)
    expect(answer.status).toBe(404)
    expect(answer.body).toEqual(adminError('There is nothing at this path'))
  }
})

test('every answer carries its request id and is not to be stored', async () => {
  for (const path of ['/admin/keys', '/nowhere', '/auth/me', '/health/deep']) {
    const { headers } = await control.ask('GET', path)
    expect(headers.get('request-id')).toMatch(/^req_[0-9a-f]{32}$/)
    expect(headers.get('x-request-id')).toBe(headers.get('request-id'))
    expect(headers.get('cache-control')).toBe('no-store')
  }
})

test('a rotated origin secret is believed without a restart, and asked for at most every 30 seconds', async () => {
  const withOrigin = (value: string) => control.ask('GET', '/health/deep', { headers: { 'x-origin-verify': value } })
  expect((await withOrigin(ORIGIN_VALUE)).status).toBe(200)
  control.advance(30_000)
  expect((await withOrigin('rotated')).status).toBe(403)
  control.secrets.put(ARNS.origin, 'rotated')
  control.advance(29_999)
  expect((await withOrigin('rotated')).status).toBe(403)
  control.advance(1)
  expect((await withOrigin('rotated')).status).toBe(200)
  control.secrets.put(ARNS.origin, ORIGIN_VALUE)
  control.advance(30_000)
  expect((await withOrigin(ORIGIN_VALUE)).status).toBe(200)
})

test('x-api-key wins over authorization, even when it is invalid', async () => {
  const { token } = await control.person()
  expect((await control.ask('GET', '/admin/keys', { token, headers: { 'x-api-key': 'bad' } })).status).toBe(401)
  expect(
    (await control.ask('GET', '/admin/keys', { headers: { 'x-api-key': token, authorization: 'bad' } })).status,
  ).toBe(200)
  expect((await control.ask('GET', '/admin/keys', { headers: { authorization: token } })).status).toBe(200)
})

test('a bug answers 500 with the request id and nothing of its cause, and a line in the log', async () => {
  const { token, id } = await control.person({ role: 'admin' })
  const item = { PK: `KEYHASH#broken`, SK: 'META', GSI1PK: 'KEYS', GSI1SK: '2026', id: 7, secret: 'of-the-row' }
  await control.put({ ...item, GSI3PK: `USER#${id}#KEYS`, GSI3SK: '2026' })
  const answer = await control.ask('GET', '/admin/keys', { token })
  expect(answer.status).toBe(500)
  const requestId = answer.headers.get('request-id')
  expect(answer.body).toEqual(
    adminError(`Something went wrong inside the gateway. Its log has the details under ${requestId}.`),
  )
  expect(
    control.logged.filter((line) => line.includes('control.bug') && line.includes(String(requestId))),
  ).toHaveLength(1)
  expect(control.logged.join('')).not.toContain('of-the-row')
})

test('the API document names every route', async () => {
  const { token } = await control.person()
  const { status, body } = await control.ask('GET', '/admin/openapi.json', { token })
  expect(status).toBe(200)
  for (const route of controlRoutes)
    expect(body.paths[route.path][route.method.toLowerCase()].summary).toBe(route.summary)
})

test('a database that does not answer is 503 with retry-after, and unhealthy', async () => {
  const mine = await startControl()
  const { token } = await mine.person()
  await mine.stopDatabase()
  const answer = await mine.ask('GET', '/admin/keys', { token })
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('10')
  expect(answer.headers.get('request-id')).toMatch(/^req_/)
  expect((await mine.ask('GET', '/health/deep')).body).toEqual({
    status: 'unhealthy',
    checks: { db: 'unreachable', bedrock: 'unknown', key_cache_size: 0 },
  })
  await mine.stop()
})
