import { randomUUID } from 'node:crypto'
import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { addMs, type Instant, isoOf } from '../../../lambdas/platform/instant.ts'
import { idOfSetupToken } from '../../../lambdas/setup/setup-token.ts'
import { setupTokenKey } from '../../../lambdas/table/ephemeral-keys.ts'
import { counterKey, USED_ATTRIBUTE } from '../../../lambdas/table/usage-keys.ts'
import { MESSAGES_URL, startControl, type TestControl, type TestPerson } from '../../support/control.ts'

let control: TestControl
let admin: TestPerson
let member: TestPerson
beforeAll(async () => {
  control = await startControl()
  admin = await control.person({ role: 'admin' })
  member = await control.person()
})
afterAll(() => control.stop())
// A minute later, so that what one test counts against an address does not meet the next.
beforeEach(() => control.advance(60_000))

const create = (who: TestPerson, body: object = {}) => control.ask('POST', '/admin/keys', { token: who.token, body })
const createSetup = async (who: TestPerson, body: object = {}) => (await create(who, { setup: true, ...body })).body
const tokenFor = (who: TestPerson, id: string, raw_key: string) =>
  control.ask('POST', `/admin/keys/${id}/setup-token`, { token: who.token, body: { raw_key } })
const stateOf = (who: TestPerson, id: string) => control.ask('GET', `/admin/setup-tokens/${id}`, { token: who.token })
const exchange = (token: string) => control.ask('POST', '/auth/setup/exchange', { body: { token } })
const confirm = (token: string, system = 'Linux') =>
  control.ask('POST', '/auth/setup/confirm', { body: { token, system } })
const row = async (id: string) =>
  (await control.documents.send(new GetCommand({ TableName: control.tables.ephemeral, Key: setupTokenKey(id) }))).Item
const refusal = (message: unknown) => ({ type: 'error', error: { type: 'admin_error', message } })

describe('a key made with setup', () => {
  test('comes with a token for five minutes, and without setup there is none', async () => {
    const body = await createSetup(member, { name: 'laptop' })
    expect(body.setup).toEqual({
      id: idOfSetupToken(body.setup.token),
      token: expect.stringMatching(/^st_[0-9a-f]{32}$/),
      expires_at: isoOf(addMs(control.now(), 300_000)),
    })
    for (const without of [{}, { setup: false }])
      expect((await create(member, without)).body).not.toHaveProperty('setup')
  })

  test('leaves neither token nor key readable in the table, and none of them in the log', async () => {
    const { key, setup } = await createSetup(member)
    const kept = JSON.stringify(await row(setup.id))
    for (const secret of [key, setup.token]) {
      expect(kept).not.toContain(secret)
      expect(control.logged.join('')).not.toContain(secret)
    }
  })

  test('is refused as a whole: no token is left where the team does not exist', async () => {
    const before = (await auditsOf('setup-token.created')).length
    expect((await create(admin, { setup: true, team_id: randomUUID() })).status).toBe(400)
    expect((await auditsOf('setup-token.created')).length).toBe(before)
  })
})

describe('a token for a key that exists', () => {
  test('is made by whoever has its text: the owner or an admin', async () => {
    const { id, key } = (await create(member)).body
    for (const who of [member, admin]) {
      const { status, body } = await tokenFor(who, id, key)
      expect([status, body]).toEqual([
        200,
        {
          id: idOfSetupToken(body.token),
          token: expect.stringMatching(/^st_[0-9a-f]{32}$/),
          expires_in_secs: 300,
          expires_at: isoOf(addMs(control.now(), 300_000)),
        },
      ])
      expect((await exchange(body.token)).body.key).toBe(key)
    }
  })

  test('is refused with the text of another key, or of none', async () => {
    const { id } = (await create(member)).body
    const other = (await create(member)).body.key
    expect((await tokenFor(member, id, other)).body).toEqual(refusal('raw_key: is not the text of this key'))
    for (const wrong of ['', 'sk-proxy-', other.toUpperCase(), `${other}0`, `${other}\n`, `${other}'; id`]) {
      const answer = await tokenFor(member, id, wrong)
      expect([answer.status, answer.body]).toEqual([400, refusal(expect.stringMatching(/^raw_key: /))])
    }
  })

  test('is not to be had for a key of somebody else, one that is revoked, or one that is not there', async () => {
    const theirs = (await create(admin)).body
    const revoked = (await create(member)).body
    await control.ask('POST', `/admin/keys/${revoked.id}/revoke`, { token: member.token })
    for (const { id, key } of [theirs, revoked, { id: randomUUID(), key: theirs.key }]) {
      const answer = await tokenFor(member, id, key)
      expect([answer.status, answer.body]).toEqual([404, refusal('Key not found')])
    }
  })
})

describe('the exchange', () => {
  test('gives key, address and name, as often as it is asked, until the setup is confirmed', async () => {
    const name = 'O\'Brien "$(id)" `id`'
    const { key, setup } = await createSetup(member, { name })
    for (let time = 1; time <= 3; time++) {
      const answer = await exchange(setup.token)
      expect([answer.status, answer.body]).toEqual([200, { key, base_url: MESSAGES_URL, name }])
    }
    expect((await confirm(setup.token)).body).toEqual({ confirmed: true })
    const answer = await exchange(setup.token)
    expect([answer.status, answer.body]).toEqual([404, refusal(expect.stringContaining('has been used'))])
    expect(await row(setup.id)).not.toHaveProperty('sealed')
  })

  test('ends with the fifth minute, by the clock and not by the table', async () => {
    const { setup } = await createSetup(member)
    control.advance(299_999)
    expect((await exchange(setup.token)).status).toBe(200)
    control.advance(1)
    const answer = await exchange(setup.token)
    expect([answer.status, answer.body]).toEqual([404, refusal(expect.stringContaining('has expired'))])
  })

  test('is refused for a token that was never made, in one sentence that says what to do', async () => {
    const answer = await exchange(`st_${'0'.repeat(32)}`)
    expect([answer.status, answer.body]).toEqual([404, refusal(expect.stringContaining('Make a new command'))])
    expect((await exchange('st_0')).status).toBe(400)
  })

  test('is refused when the key has been revoked in the meantime', async () => {
    const { id, setup } = await createSetup(member)
    await control.ask('POST', `/admin/keys/${id}/revoke`, { token: member.token })
    expect((await exchange(setup.token)).body).toEqual(refusal(expect.stringContaining('revoked')))
  })

  test('is closed to an address that guesses, for the rest of the minute; those who know are not counted', async () => {
    const { setup } = await createSetup(member)
    for (let time = 1; time <= 70; time++) expect((await exchange(setup.token)).status).toBe(200)
    for (let guess = 1; guess <= 60; guess++)
      expect((await exchange(`st_${String(guess).padStart(32, '0')}`)).status).toBe(404)
    const answer = await exchange(setup.token)
    expect(answer.status).toBe(429)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    const elsewhere = await control.ask('POST', '/auth/setup/exchange', {
      body: { token: setup.token },
      headers: { 'x-forwarded-for': '198.51.100.1' },
    })
    expect(elsewhere.status).toBe(200)
  })
})

describe('the confirmation', () => {
  test('uses the token up once, and says so again without changing anything', async () => {
    const { setup } = await createSetup(member)
    await exchange(setup.token)
    expect((await confirm(setup.token, 'macOS')).status).toBe(200)
    const usedAt = isoOf(control.now())
    control.advance(1000)
    expect((await confirm(setup.token, 'Windows')).body).toEqual({ confirmed: true })
    expect((await stateOf(member, setup.id)).body).toMatchObject({ state: 'used', used_at: usedAt, used_from: 'macOS' })
  })

  test('of two at once, one is written', async () => {
    const { setup } = await createSetup(member)
    await exchange(setup.token)
    const answers = await Promise.all(['macOS', 'Linux'].map((system) => confirm(setup.token, system)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    const { used_from: system } = (await stateOf(member, setup.id)).body
    expect(['macOS', 'Linux']).toContain(system)
    expect(await auditsOf('setup-token.used', setup.id)).toMatchObject([{ detail: { system } }])
  })

  test('is late and still good for a script that had the key in time; before the exchange there is nothing to confirm', async () => {
    const { setup } = await createSetup(member)
    expect((await confirm(setup.token)).status).toBe(404)
    await exchange(setup.token)
    control.advance(400_000)
    expect((await stateOf(member, setup.id)).body.state).toBe('expired')
    expect((await confirm(setup.token)).status).toBe(200)
    expect((await stateOf(member, setup.id)).body.state).toBe('used')
  })

  test.each(['', '   ', 'x'.repeat(41), 'Linux\n', 'a\u0000b', 'a\u009bb'])(
    'refuses %j for a system',
    async (system) => {
      const { setup } = await createSetup(member)
      const answer = await confirm(setup.token, system)
      expect([answer.status, answer.body]).toEqual([400, refusal(expect.stringMatching(/^system: /))])
    },
  )
})

describe('what became of a token', () => {
  test('is told step by step, up to the first request', async () => {
    const { id, setup } = await createSetup(member)
    const made = control.now()
    const told = { id: setup.id, key_id: id, expires_at: isoOf(addMs(made, 300_000)), first_request_at: null }
    const nothing = { fetched_at: null, used_at: null, used_from: null }
    expect((await stateOf(member, setup.id)).body).toEqual({ ...told, ...nothing, state: 'waiting' })
    control.advance(1000)
    await exchange(setup.token)
    const fetched_at = isoOf(control.now())
    control.advance(1000)
    await exchange(setup.token)
    expect((await stateOf(member, setup.id)).body).toEqual({ ...told, ...nothing, state: 'fetched', fetched_at })
    control.advance(1000)
    await confirm(setup.token, 'WSL')
    const used = { state: 'used', fetched_at, used_at: isoOf(control.now()), used_from: 'WSL' }
    expect((await stateOf(member, setup.id)).body).toEqual({ ...told, ...used })
    await useKey(id, addMs(made, -1))
    expect((await stateOf(member, setup.id)).body.first_request_at).toBeNull()
    await useKey(id, addMs(made, 5000))
    expect((await stateOf(member, setup.id)).body.first_request_at).toBe(isoOf(addMs(made, 5000)))
  })

  test('is told to who made it and to admins; for everybody else there is no such token', async () => {
    const { setup } = await createSetup(member)
    expect((await stateOf(admin, setup.id)).status).toBe(200)
    for (const [who, id] of [
      [await control.person(), setup.id],
      [admin, '0'.repeat(64)],
    ] as const) {
      const answer = await stateOf(who, id)
      expect([answer.status, answer.body]).toEqual([404, refusal('Setup token not found')])
    }
  })

  test('is told for an hour after the expiry, whatever the table still holds', async () => {
    const { setup } = await createSetup(member)
    control.advance(300_000 + 3_599_999)
    expect((await stateOf(member, setup.id)).body.state).toBe('expired')
    control.advance(1)
    expect((await stateOf(member, setup.id)).status).toBe(404)
    expect((await exchange(setup.token)).status).toBe(404)
    expect(await row(setup.id)).toBeDefined()
  })
})

test('every step leaves an audit entry under the name of who made the token, without token or key', async () => {
  const { id, key, setup } = await createSetup(member)
  await exchange(setup.token)
  await exchange(setup.token)
  await confirm(setup.token, 'macOS')
  await confirm(setup.token, 'macOS')
  const entries = await Promise.all(
    ['setup-token.created', 'setup-token.fetched', 'setup-token.used'].map((action) => auditsOf(action, setup.id)),
  )
  for (const [entry, ...more] of entries) {
    expect(more).toEqual([])
    expect(entry).toMatchObject({ target: `key:${id}`, actor_id: member.id, actor_email: member.email })
    expect(JSON.stringify(entry)).not.toContain(setup.token)
    expect(JSON.stringify(entry)).not.toContain(key)
  }
  expect(entries[2]?.[0]).toMatchObject({ detail: { system: 'macOS', client_address: '203.0.113.7' } })
})

describe('the scripts', () => {
  const script = (query = '', headers = {}) => control.ask('GET', `/auth/setup${query}`, { headers })

  test('are plain text that nobody keeps, for a shell or for PowerShell', async () => {
    for (const [path, begins] of [
      ['/auth/setup', '#!/bin/sh\n'],
      ['/auth/setup?platform=linux', '#!/bin/sh\n'],
      ['/auth/setup?platform=windows', 'param('],
      ['/auth/setup/remove', '#!/bin/sh\n'],
      ['/auth/setup/remove?platform=windows', 'param('],
    ] as const) {
      const { status, headers, body } = await control.ask('GET', path)
      expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
        200,
        'text/plain; charset=utf-8',
        'no-store',
      ])
      expect(body.startsWith(begins)).toBe(true)
      // Whatever code page a console has, these characters are the same in it.
      expect(body).toMatch(/^[\n\x20-\x7e]*$/)
    }
  })

  test('call back where they were fetched from, and never over plain HTTP but on one’s own machine', async () => {
    for (const [host, gateway] of [
      ['d111.cloudfront.net', 'https://d111.cloudfront.net'],
      ['gateway.example:8443', 'https://gateway.example:8443'],
      ['localhost:8787', 'http://localhost:8787'],
      ['127.0.0.1:8787', 'http://127.0.0.1:8787'],
      ['[::1]:8787', 'http://[::1]:8787'],
      ['localhost.example', 'https://localhost.example'],
      ['127.0.0.1.example', 'https://127.0.0.1.example'],
    ]) {
      expect((await script('', { 'x-gateway-host': host })).body).toContain(`\nGATEWAY='${gateway}'\n`)
    }
  })

  test('are refused, by a script that says so, where the host could be anything but a host', async () => {
    const hosts = ["a'; id; '", 'a b', 'a$(id)', 'user@host', 'a/b', '-a', 'a..b', `${'a.'.repeat(150)}a`, 'a:b', null]
    for (const platform of ['', '?platform=windows']) {
      for (const host of hosts) {
        const { status, body } = await script(platform, { 'x-gateway-host': host })
        expect(status).toBe(200)
        expect(body).toMatch(
          platform === '' ? /^#!\/bin\/sh\nprintf '%s\\n' '[^']*' >&2\nexit 1\n$/ : /^throw '[^']*'\n$/,
        )
      }
    }
  })

  test('take token and scope of the query as defaults, and refuse what is neither without repeating it', async () => {
    const token = `st_${'0'.repeat(32)}`
    expect((await script(`?token=${token}&scope=project`)).body).toContain(`\nTOKEN='${token}'\nSCOPE='project'\n`)
    expect((await script(`?token=${token}&platform=windows`)).body).toContain(`[string] $Token = '${token}'`)
    const hostile = encodeURIComponent("st_'; echo hacked; '")
    expect((await script(`?token=${hostile}`)).body).toMatch(/^#!\/bin\/sh\nprintf '%s\\n' '[^']*' >&2\nexit 3\n$/)
    expect((await script(`?token=${hostile}&platform=windows`)).body).toMatch(/^throw '[^']*'\n$/)
    expect((await script(`?scope=${hostile}`)).body).toMatch(/exit 1\n$/)
    expect((await script(`?scope=${hostile}`)).body).not.toContain('hacked')
  })

  test('are read by a link preview, and the token is as good as before', async () => {
    const { setup } = await createSetup(member)
    for (const method of ['GET', 'HEAD']) {
      for (const query of [`?token=${setup.token}`, `?token=${setup.token}&platform=windows`]) {
        expect((await control.ask(method, `/auth/setup${query}`)).status).toBe(200)
      }
      expect((await control.ask(method, '/auth/setup/exchange')).status).toBe(405)
    }
    expect((await stateOf(member, setup.id)).body).toMatchObject({ state: 'waiting', fetched_at: null })
    expect((await exchange(setup.token)).status).toBe(200)
  })
})

async function useKey(keyId: string, at: Instant): Promise<void> {
  await control.documents.send(
    new UpdateCommand({
      TableName: control.tables.usage,
      Key: counterKey({ kind: 'key', id: keyId }, at, 0),
      UpdateExpression: 'SET #used = :at',
      ExpressionAttributeNames: { '#used': USED_ATTRIBUTE },
      ExpressionAttributeValues: { ':at': isoOf(at) },
    }),
  )
}

async function auditsOf(action: string, tokenId?: string): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await control.documents.send(
    new QueryCommand({
      TableName: control.tables.events,
      KeyConditionExpression: 'PK = :month',
      FilterExpression: `#action = :action${tokenId === undefined ? '' : ' AND detail.token_id = :token'}`,
      ExpressionAttributeNames: { '#action': 'action' },
      ExpressionAttributeValues: {
        ':month': 'AUDIT#2026-11',
        ':action': action,
        ...(tokenId !== undefined && { ':token': tokenId }),
      },
    }),
  )
  return Items
}
