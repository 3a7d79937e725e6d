import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BOOTSTRAP_ADMIN_ID } from '../../../lambdas/people/user.ts'
import { addMs, isoOf } from '../../../lambdas/platform/instant.ts'
import { sessionKey, userKey } from '../../../lambdas/table/core-keys.ts'
import { ADMIN, ARNS, MESSAGES_URL, signingKey, startControl, type TestControl } from '../../support/control.ts'

let control: TestControl
beforeEach(async () => {
  control = await startControl()
})
afterEach(() => control.stop())

const signIn = (login: Partial<typeof ADMIN> = {}, address = '203.0.113.7') =>
  control.ask('POST', '/auth/login', { body: { ...ADMIN, ...login }, headers: { 'x-forwarded-for': address } })

const me = (token: string) => control.ask('GET', '/auth/me', { token })

describe('signing in', () => {
  test('answers with a token and a cookie that only this origin gets, and creates the administrator once', async () => {
    const first = await signIn()
    expect(first.status).toBe(200)
    expect(first.body).toEqual({ token: expect.any(String), role: 'admin', type: 'session' })
    expect(first.headers.get('set-cookie')).toBe(
      `__Host-session=${first.body.token}; Path=/; Max-Age=86400; Secure; HttpOnly; SameSite=Lax`,
    )
    expect((await signIn()).status).toBe(200)
    expect((await me(first.body.token)).body).toEqual({
      type: 'oidc',
      sub: 'admin',
      idp: 'Local',
      role: 'admin',
      user_id: BOOTSTRAP_ADMIN_ID,
      email: 'admin',
      display_name: null,
      team: null,
      session: { expires_at: isoOf(addMs(control.now(), 86_400_000)) },
      features: { virtual_keys: true, websearch_mode: 'enabled', admin_login: true },
      first_request_at: null,
      gateway: { version: expect.any(String), base_url: MESSAGES_URL },
    })
    const audits = await auditActions()
    expect(audits.filter((action) => action === 'user.created')).toHaveLength(1)
    expect(audits.filter((action) => action === 'session.begun')).toHaveLength(2)
  })

  test('two first sign-ins at once both succeed', async () => {
    const answers = await Promise.all([signIn(), signIn(), signIn()])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  })

  test('a wrong name or password is 401 in the reference’s form, and says not which', async () => {
    for (const wrong of [{ password: 'wrong' }, { username: 'root' }, { username: 'Admin' }]) {
      const answer = await signIn(wrong)
      expect(answer.status).toBe(401)
      expect(answer.body).toEqual({ error: { message: 'Invalid username or password' } })
      expect(answer.headers.get('set-cookie')).toBeNull()
    }
  })

  test('an eleventh attempt from one address in a minute is 429, and others are not locked out', async () => {
    for (let i = 0; i < 10; i++) expect((await signIn({ username: `guess-${i}`, password: 'wrong' })).status).toBe(401)
    const refused = await signIn()
    expect(refused.status).toBe(429)
    expect(refused.body).toEqual({ error: { message: 'Too many login attempts. Try again later.' } })
    expect(refused.headers.get('retry-after')).toBe('60')
    expect((await signIn({}, '198.51.100.1')).status).toBe(200)
    control.advance(60_000)
    expect((await signIn()).status).toBe(200)
  })

  test('an address is what the distribution has added, not what the client claims', async () => {
    for (let i = 0; i < 10; i++) await signIn({ password: 'wrong', username: `x${i}` }, `10.0.0.${i}, 203.0.113.7`)
    expect((await signIn({}, '10.9.9.9, 203.0.113.7')).status).toBe(429)
  })

  test('ten failures for one name from anywhere close it for the minute; successes do not count', async () => {
    for (let i = 0; i < 15; i++) expect((await signIn({}, `192.0.2.${i}`)).status).toBe(200)
    for (let i = 0; i < 10; i++) expect((await signIn({ password: 'wrong' }, `198.51.100.${i}`)).status).toBe(401)
    expect((await signIn({}, '192.0.2.99')).status).toBe(429)
    control.advance(60_000)
    expect((await signIn({}, '192.0.2.99')).status).toBe(200)
  })

  test('a changed password holds at once', async () => {
    await signIn()
    control.secrets.put(ARNS.admin, JSON.stringify({ ...ADMIN, password: 'another' }))
    expect((await signIn()).status).toBe(401)
    expect((await signIn({ password: 'another' })).status).toBe(200)
  })

  // Whoever can read the deployment's secret owns the gateway. A refusal would lock out its owner for good: nobody else may be able to sign in.
  test.each([
    ['active', false],
    ['role', 'member'],
  ])('restores the administrator whose %s was set to %s, with an entry in the audit', async (attribute, value) => {
    await signIn()
    await setUser(BOOTSTRAP_ADMIN_ID, attribute, value)
    const answer = await signIn()
    expect([answer.status, answer.body.role]).toEqual([200, 'admin'])
    expect((await control.ask('GET', '/admin/teams', { token: answer.body.token })).status).toBe(200)
    expect((await signIn()).status).toBe(200)
    expect((await auditActions()).filter((action) => action === 'user.restored')).toHaveLength(1)
  })

  test('restores the administrator who suspended themselves because others are administrators by name only', async () => {
    const { token } = (await signIn()).body
    const colleague = { email: 'nobody@example.com', role: 'admin' }
    expect((await control.ask('POST', '/admin/users', { token, body: colleague })).status).toBe(201)
    const path = `/admin/users/${BOOTSTRAP_ADMIN_ID}`
    expect((await control.ask('PUT', path, { token, body: { active: false } })).status).toBe(200)
    expect((await me(token)).status).toBe(403)
    expect((await me((await signIn()).body.token)).body).toMatchObject({ role: 'admin' })
    expect((await me(token)).status).toBe(200)
  })

  test('restoring touches role and state alone, and whoever has read the row before is told that it changed', async () => {
    await signIn()
    await setUser(BOOTSTRAP_ADMIN_ID, 'active', false)
    const before = await userRow()
    await signIn()
    expect(await userRow()).toEqual({ ...before, active: true, rev: Number(before?.rev) + 1 })
  })

  test('the administrator’s name cannot be the address of another user', async () => {
    await control.person({ email: 'Admin' })
    expect((await signIn()).status).toBe(409)
  })

  test('no password is ever logged', async () => {
    await signIn()
    await signIn({ password: 'a-wrong-secret' })
    expect(control.logged.join('')).not.toMatch(/battery|a-wrong-secret/)
  })
})

describe('a session', () => {
  test('says who, which session and which key, and no role', async () => {
    const { token } = (await signIn()).body
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', kid: 'first' })
    const now = Math.floor(control.now() / 1000)
    expect(decodeJwt(token)).toEqual({
      iss: 'ccag',
      sub: BOOTSTRAP_ADMIN_ID,
      sid: expect.any(String),
      idp: 'Local',
      iat: now,
      exp: now + 86_400,
    })
  })

  test('is over the moment its person signs out, and the cookie is taken back', async () => {
    const { token } = (await signIn()).body
    const out = await control.ask('POST', '/auth/logout', { token })
    expect(out.body).toEqual({ logged_out: true })
    expect(out.headers.get('set-cookie')).toMatch(/^__Host-session=; Path=\/; Max-Age=0;/)
    expect((await me(token)).status).toBe(401)
    expect((await control.ask('GET', '/admin/keys', { token })).status).toBe(401)
    expect(await auditActions()).toContain('session.ended')
  })

  test('works as a cookie, and a cookie that is no good is taken from the browser', async () => {
    const { token: cookie, sessionId } = await control.person()
    expect((await control.ask('GET', '/admin/keys', { cookie })).status).toBe(200)
    await control.put({
      ...sessionKey(sessionId),
      id: sessionId,
      user_id: 'somebody else',
      idp: 'x',
      created_at: '2026-11-24T12:00:00Z',
      expires_at: 9e9,
    })
    const refused = await control.ask('GET', '/admin/keys', { cookie })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('set-cookie')).toMatch(/^__Host-session=;/)
  })

  test('ends after 24 hours, even where its row is still there', async () => {
    const { token, sessionId } = await control.person()
    control.advance(86_400_000 - 1)
    expect((await me(token)).status).toBe(200)
    control.advance(1)
    expect((await me(token)).status).toBe(401)
    const row = await control.documents.send(
      new GetCommand({ TableName: control.tables.core, Key: sessionKey(sessionId) }),
    )
    expect(row.Item).toBeDefined()
  })

  test('has the role that the user row has now', async () => {
    const { token, id } = await control.person()
    expect((await control.ask('GET', '/admin/teams', { token })).status).toBe(403)
    await setUser(id, 'role', 'admin')
    expect((await control.ask('GET', '/admin/teams', { token })).status).toBe(200)
  })

  test('of a person who is deactivated is 403 on the next call, in the plain form on /auth/me', async () => {
    const { token, id } = await control.person()
    await setUser(id, 'active', false)
    expect((await control.ask('GET', '/admin/keys', { token })).status).toBe(403)
    const answer = await me(token)
    expect(answer.status).toBe(403)
    expect(answer.body).toEqual({ error: { message: 'Your account has been deactivated' } })
  })

  test('outlives one rotation of the signing key, not two', async () => {
    const { token } = await control.person()
    expect((await me(token)).status).toBe(200)
    control.secrets.put(ARNS.session, signingKey('second'))
    control.advance(30_000)
    const { token: newer } = await control.person()
    expect(decodeProtectedHeader(newer).kid).toBe('second')
    expect((await me(newer)).status).toBe(200)
    expect((await me(token)).status).toBe(200)
    control.secrets.put(ARNS.session, signingKey('third'))
    control.advance(30_000)
    expect((await me((await control.person()).token)).status).toBe(200)
    expect((await me(token)).status).toBe(401)
  })

  test('forged in any way is refused', async () => {
    const { id, sessionId } = await control.person()
    const now = Math.floor(control.now() / 1000)
    const { key } = JSON.parse(signingKey('first'))
    const forge = (change: {
      key?: string
      kid?: string | null
      iss?: string
      exp?: number
      sub?: string
      sid?: string
    }) => {
      const kid = change.kid === undefined ? 'first' : change.kid
      return new SignJWT({ sid: change.sid ?? sessionId, idp: 'Local' })
        .setProtectedHeader({ alg: 'HS256', ...(kid !== null && { kid }) })
        .setSubject(change.sub ?? id)
        .setIssuer(change.iss ?? 'ccag')
        .setIssuedAt(now)
        .setExpirationTime(change.exp ?? now + 60)
        .sign(new TextEncoder().encode(change.key ?? key))
    }
    const statusOf = async (change: Parameters<typeof forge>[0]) => (await me(await forge(change))).status
    expect(await statusOf({})).toBe(200)
    expect(await statusOf({ key: 'x'.repeat(70) })).toBe(401)
    expect(await statusOf({ kid: 'unknown' })).toBe(401)
    expect(await statusOf({ kid: null })).toBe(401)
    expect(await statusOf({ iss: 'somebody' })).toBe(401)
    expect(await statusOf({ exp: now })).toBe(401)
    expect(await statusOf({ sub: (await control.person({ role: 'admin' })).id })).toBe(401)
    expect(await statusOf({ sid: 'another' })).toBe(401)
    const [, payload] = (await forge({})).split('.')
    const none = Buffer.from('{"alg":"none","kid":"first"}').toString('base64url')
    expect((await me(`${none}.${payload}.`)).status).toBe(401)
  })
})

describe('/auth/me', () => {
  test('knows the holder of a virtual key, by any of the three headers', async () => {
    const { token, id } = await control.person()
    const { body } = await control.ask('POST', '/admin/keys', { token, body: { name: 'laptop' } })
    const expected = { type: 'virtual_key', name: 'laptop', user_id: id, team_id: null, role: 'member' }
    for (const headers of [
      { 'x-api-key': body.key },
      { 'anthropic-api-key': body.key },
      { authorization: `Bearer ${body.key}` },
    ]) {
      expect((await control.ask('GET', '/auth/me', { headers })).body).toEqual(expected)
    }
    await control.ask('POST', `/admin/keys/${body.id}/revoke`, { token })
    const revoked = await me(body.key)
    expect(revoked.status).toBe(401)
    expect(revoked.body).toEqual({ type: 'error', error: { type: 'authentication_error', message: 'Invalid API key' } })
  })

  test('refuses the key of a person who is deactivated, and takes it again when they are back', async () => {
    const { token, id } = await control.person()
    const { body } = await control.ask('POST', '/admin/keys', { token, body: {} })
    await setUser(id, 'active', false)
    expect((await me(body.key)).status).toBe(403)
    await setUser(id, 'active', true)
    expect((await me(body.key)).status).toBe(200)
  })

  test('refuses in the data plane’s envelope', async () => {
    const missing = await control.ask('GET', '/auth/me')
    expect(missing.status).toBe(401)
    expect(missing.body).toEqual({ type: 'error', error: { type: 'authentication_error', message: 'Missing API key' } })
    for (const bad of ['nonsense', `sk-proxy-${'0'.repeat(64)}`]) {
      expect((await me(bad)).body.error.message).toBe('Invalid API key')
    }
  })
})

async function setUser(id: string, attribute: string, value: unknown): Promise<void> {
  await control.documents.send(
    new UpdateCommand({
      TableName: control.tables.core,
      Key: userKey(id),
      UpdateExpression: 'SET #a = :v',
      ExpressionAttributeNames: { '#a': attribute },
      ExpressionAttributeValues: { ':v': value },
    }),
  )
}

const userRow = async () =>
  (
    await control.documents.send(
      new GetCommand({ TableName: control.tables.core, Key: userKey(BOOTSTRAP_ADMIN_ID), ConsistentRead: true }),
    )
  ).Item

async function auditActions(): Promise<string[]> {
  const { Items = [] } = await control.documents.send(
    new QueryCommand({
      TableName: control.tables.events,
      KeyConditionExpression: 'PK = :month',
      ExpressionAttributeValues: { ':month': 'AUDIT#2026-11' },
    }),
  )
  return Items.map((item) => String(item.action))
}
