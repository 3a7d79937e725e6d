import { randomUUID } from 'node:crypto'
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashOfKey } from '../../../lambdas/keys/virtual-key.ts'
import {
  budgetSettingsKey,
  type TableKey,
  uniqueEmailKey,
  userKey,
  virtualKeyKey,
} from '../../../lambdas/table/core-keys.ts'
import { counterKey } from '../../../lambdas/table/usage-keys.ts'
import { auditsIn } from '../../support/audits.ts'
import { startControl, type TestControl, type TestPerson } from '../../support/control.ts'

let control: TestControl
let admin: TestPerson
beforeAll(async () => {
  control = await startControl()
  admin = await control.person({ role: 'admin' })
})
afterAll(() => control.stop())

type Body = Record<string, unknown>

const ask = (method: string, path: string, body?: unknown, who: TestPerson = admin) =>
  control.ask(method, path, { token: who.token, ...(body === undefined ? {} : { body }) })
const create = (body: Body) => ask('POST', '/admin/users', body)
const change = (id: string, body: Body, who = admin) => ask('PUT', `/admin/users/${id}`, body, who)
const limit = (id: string, body: Body) => ask('PUT', `/admin/users/${id}/spend-limit`, body)
const move = (id: string, body: Body) => ask('PUT', `/admin/users/${id}/team`, body)
const remove = (id: string, who = admin) => ask('DELETE', `/admin/users/${id}`, undefined, who)
const list = async (query = ''): Promise<Body[]> => (await ask('GET', `/admin/users${query}`)).body.users
const rowOf = async (id: string): Promise<Body | undefined> => (await list()).find((row) => row.id === id)
const newTeam = async (name: string = randomUUID()): Promise<string> =>
  (await ask('POST', '/admin/teams', { name })).body.id
const newKey = async (body: Body): Promise<{ id: string; key: string }> => (await ask('POST', '/admin/keys', body)).body
const item = async (Key: TableKey) =>
  (await control.documents.send(new GetCommand({ TableName: control.tables.core, Key, ConsistentRead: true }))).Item
const address = () => `${randomUUID()}@example.com`

const auditsOf = (target: string, of: TestControl = control) => auditsIn(of, target)

describe('creating', () => {
  test('control A3, A5: a person is created in a team, listed, made an administrator, and deleted', async () => {
    const teamId = await newTeam('Platform')
    const email = `Ada.${address()}`
    const { status, body } = await create({ email, team_id: teamId, display_name: ' Ada ' })
    expect(status).toBe(201)
    expect(body).toEqual({
      id: expect.any(String),
      email,
      team_id: teamId,
      role: 'member',
      spend_limit_monthly_usd: null,
      budget_period: 'monthly',
      created_at: new Date(control.now()).toISOString(),
      active: true,
      external_id: null,
      display_name: 'Ada',
      given_name: null,
      family_name: null,
      scim_managed: false,
      idp_id: null,
      rate_limit_rpm: null,
      rate_limit_tpm: null,
    })
    expect(await rowOf(body.id)).toEqual({
      ...body,
      team_name: 'Platform',
      key_count: 0,
      spend_usd: 0,
      effective_limit: null,
      last_used_at: null,
    })
    expect((await change(body.id, { role: 'admin' })).body).toEqual({ updated: true })
    expect(await rowOf(body.id)).toMatchObject({ role: 'admin' })
    expect((await remove(body.id)).body).toEqual({ deleted: true, keys_revoked: 0, sessions_ended: 0 })
    expect(await rowOf(body.id)).toBeUndefined()
    expect((await remove(body.id)).status).toBe(404)
    expect((await auditsOf(`user:${body.id}`)).map(({ action }) => action).sort()).toEqual([
      'user.changed',
      'user.created',
      'user.deleted',
      'user.suspended',
    ])
  })

  test('control A15: an address is taken whatever its case, also by two who ask at once, and free after deletion', async () => {
    const email = address()
    const answers = await Promise.all([create({ email }), create({ email: email.toUpperCase() }), create({ email })])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409])
    const taken = answers.find(({ status }) => status === 409)
    expect(taken?.body.error.message).toMatch(/^email: /)
    const made = answers.find(({ status }) => status === 201)?.body
    expect(await item(uniqueEmailKey(email.toLowerCase()))).toMatchObject({ user_id: made.id })
    expect((await list(`?q=${email}`)).length).toBe(1)
    await remove(made.id)
    expect((await create({ email })).status).toBe(201)
  })

  test.each([
    [{ email: 'nobody' }, 'email'],
    [{ email: '' }, 'email'],
    [{ email: 'a b@example.com' }, 'email'],
    [{ email: 'a@example' }, 'email'],
    [{ email: 'a\u0000@example.com' }, 'email'],
    [{ email: `${'x'.repeat(250)}@example.com` }, 'email'],
    [{ email: 7 }, 'email'],
    [{}, 'email'],
    [{ email: 'a@example.com', role: 'owner' }, "role: Role must be 'admin' or 'member'"],
    [{ email: 'a@example.com', team_id: 'mine' }, 'team_id'],
    [{ email: 'a@example.com', team_id: randomUUID() }, 'team_id: there is no such team'],
    [{ email: 'a@example.com', display_name: 'a\nb' }, 'display_name'],
    [{ email: 'a@example.com', subject: 'x' }, 'unknown member: subject'],
  ])('%j is refused by the name of the field, and nobody is made', async (body, message) => {
    const before = (await list()).length
    const refused = await create(body)
    expect([refused.status, refused.body.error.message]).toEqual([400, expect.stringContaining(message)])
    expect(await list()).toHaveLength(before)
  })

  test('control A7: the list is for administrators', async () => {
    expect((await ask('GET', '/admin/users', undefined, await control.person())).status).toBe(403)
  })
})

describe('changing', () => {
  test('what is not named stays, and what changed is in the audit, before and after', async () => {
    const { id } = await control.person({ displayName: 'Grace' })
    await change(id, { rate_limit_rpm: 60, rate_limit_tpm: 100_000 })
    await change(id, { display_name: null })
    expect(await rowOf(id)).toMatchObject({
      role: 'member',
      active: true,
      display_name: null,
      rate_limit_rpm: 60,
      rate_limit_tpm: 100_000,
    })
    await change(id, { rate_limit_rpm: null })
    await change(id, { rate_limit_rpm: null })
    expect(await rowOf(id)).toMatchObject({ rate_limit_rpm: null, rate_limit_tpm: 100_000 })
    const details = (await auditsOf(`user:${id}`)).map(({ detail }) => detail)
    expect(details).toHaveLength(3)
    expect(details).toContainEqual(expect.objectContaining({ display_name: { from: 'Grace', to: null } }))
    expect(details).toContainEqual(expect.objectContaining({ rate_limit_rpm: { from: 60, to: null } }))
  })

  test('of two changes at once, neither is lost', async () => {
    const { id } = await control.person()
    const rpms = await Promise.all([
      change(id, { rate_limit_rpm: 7 }),
      change(id, { rate_limit_tpm: 8 }),
      change(id, { display_name: 'Nine' }),
      limit(id, { limit_usd: 10 }),
    ])
    expect(rpms.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(await rowOf(id)).toMatchObject({
      rate_limit_rpm: 7,
      rate_limit_tpm: 8,
      display_name: 'Nine',
      spend_limit_monthly_usd: 10,
    })
  })

  test.each([
    [{}, "role: Role must be 'admin' or 'member'"],
    [{ role: 'owner' }, "role: Role must be 'admin' or 'member'"],
    [{ role: null }, 'role: '],
    [{ active: 'false' }, 'active: '],
    [{ rate_limit_rpm: 0 }, 'rate_limit_rpm: must be at least 1'],
    [{ rate_limit_rpm: 10_001 }, 'rate_limit_rpm: must be at most 10,000'],
    [{ rate_limit_rpm: 1.5 }, 'rate_limit_rpm: must be a whole number'],
    [{ rate_limit_tpm: 0 }, 'rate_limit_tpm: '],
    [{ rate_limit_tpm: 100_000_001 }, 'rate_limit_tpm: must be at most 100,000,000'],
    [{ email: 'other@example.com' }, 'unknown member: email'],
  ])('%j is refused by the name of the field', async (body, message) => {
    const refused = await change(admin.id, body)
    expect([refused.status, refused.body.error.message]).toEqual([400, expect.stringContaining(message)])
  })

  test.each([
    ['PUT', '', { role: 'member' }],
    ['DELETE', '', undefined],
    ['PUT', '/team', { team_id: null }],
    ['PUT', '/spend-limit', { limit_usd: null }],
  ])('%s of somebody who is not there is 404%s', async (method, path, body) => {
    const answer = await ask(method, `/admin/users/${randomUUID()}${path}`, body)
    expect([answer.status, answer.body.error.message]).toEqual([404, 'User not found'])
  })

  test('who is suspended is refused at once, and comes back with all they had', async () => {
    const person = await control.person()
    await change(person.id, { active: false })
    expect((await ask('GET', '/admin/keys', undefined, person)).status).toBe(403)
    expect(await rowOf(person.id)).toMatchObject({ active: false })
    const refused = await ask('POST', '/admin/keys', { user_id: person.id })
    expect([refused.status, refused.body.error.message]).toEqual([400, 'user_id: this person is suspended'])
    await change(person.id, { active: true })
    expect((await ask('GET', '/admin/keys', undefined, person)).status).toBe(200)
    expect((await auditsOf(`user:${person.id}`)).map(({ action }) => action).sort()).toEqual([
      'user.reactivated',
      'user.suspended',
    ])
  })
})

describe('limits', () => {
  test('a limit of their own wins over that of their team, zero is one, and null takes it away', async () => {
    const teamId = await newTeam('Payers')
    const { id } = await control.person({ teamId })
    expect((await limit(id, { limit_usd: 12.34, budget_period: 'weekly' })).body).toEqual({ updated: true })
    expect(await rowOf(id)).toMatchObject({
      spend_limit_monthly_usd: 12.34,
      budget_period: 'weekly',
      effective_limit: { limit_usd: 12.34, period: 'weekly', source: 'explicit', source_name: null, percent: 0 },
    })
    await limit(id, { limit_usd: 0 })
    expect(await rowOf(id)).toMatchObject({
      spend_limit_monthly_usd: 0,
      effective_limit: { limit_usd: 0, period: 'weekly', percent: 100 },
    })
    await limit(id, { limit_usd: null })
    expect(await rowOf(id)).toMatchObject({ spend_limit_monthly_usd: null, effective_limit: null })
  })

  test.each([
    [{ limit_usd: -0.01 }, 'limit_usd: must not be negative'],
    [{ limit_usd: 1_000_000.01 }, 'limit_usd: must be at most 1,000,000'],
    [{ limit_usd: 0.001 }, 'limit_usd: must have at most 2 decimals'],
    [{ limit_usd: '5' }, 'limit_usd: '],
    [{ limit_usd: 5, budget_period: 'yearly' }, 'budget_period: '],
    [{}, 'limit_usd: '],
  ])('%j is refused by the name of the field', async (body, message) => {
    const refused = await limit(admin.id, body)
    expect([refused.status, refused.body.error.message]).toEqual([400, expect.stringContaining(message)])
  })

  test('the highest limit is kept to the cent', async () => {
    const { id } = await control.person()
    for (const limit_usd of [1_000_000, 0.07, 999_999.99]) {
      await limit(id, { limit_usd })
      expect(await rowOf(id)).toMatchObject({ spend_limit_monthly_usd: limit_usd })
    }
  })

  test('a person is shown the limit their requests are held to, and what is used of it', async () => {
    const mine = await startControl()
    const boss = await mine.person({ role: 'admin' })
    const rows = async (): Promise<Body[]> => (await mine.ask('GET', '/admin/users', { token: boss.token })).body.users
    const team = await mine.ask('POST', '/admin/teams', { token: boss.token, body: { name: 'Research' } })
    const [inTeam, alone] = [await mine.person({ teamId: team.body.id }), await mine.person()]
    const teamItem = await mine.documents.send(
      new GetCommand({ TableName: mine.tables.core, Key: { PK: `TEAM#${team.body.id}`, SK: 'META' } }),
    )
    await mine.put({ ...teamItem.Item, default_user_budget_nano: 20_000_000_000, budget_period: 'daily' })
    await mine.put({ ...budgetSettingsKey, budget_nano: 50_000_000_000, budget_period: 'weekly' })
    const spend = (id: string, attributes: Record<string, unknown>) =>
      mine.put({ ...counterKey({ kind: 'user', id }, mine.now(), 0), ...attributes }, 'usage')
    // 2026-11-24 lies in ISO week 48.
    await spend(inTeam.id, { m_cost: 90e9, d24_cost: 5e9, w48_cost: 30e9, used_at: '2026-11-24T10:00:00.000Z' })
    await spend(alone.id, { m_cost: 70e9, d24_cost: 1e9, w48_cost: 60e9 })
    await spend(boss.id, { m_cost: 3e9 })
    const found = await rows()
    expect(found.find(({ id }) => id === inTeam.id)).toMatchObject({
      team_name: 'Research',
      spend_usd: 5,
      effective_limit: {
        limit_usd: 20,
        period: 'daily',
        source: 'team',
        source_name: 'Research',
        percent: 25,
        resets_at: '2026-11-25T00:00:00.000Z',
      },
      last_used_at: '2026-11-24T10:00:00.000Z',
    })
    expect(found.find(({ id }) => id === alone.id)).toMatchObject({
      spend_usd: 60,
      effective_limit: { limit_usd: 50, period: 'weekly', source: 'default', source_name: null, percent: 120 },
    })
    const sorted = await mine.ask('GET', '/admin/users?sort=spend&order=desc&limit=1', { token: boss.token })
    expect(sorted.body.users).toMatchObject([{ id: alone.id }])
    await mine.stop()
  })
})

describe('the list', () => {
  test('is found, filtered and cut into pages that miss and repeat nothing', async () => {
    const mine = await startControl()
    const boss = await mine.person({ role: 'admin', displayName: 'Boss' })
    const asBoss = async (query: string) => (await mine.ask('GET', `/admin/users?${query}`, { token: boss.token })).body
    const team = (await mine.ask('POST', '/admin/teams', { token: boss.token, body: { name: 'Ångström' } })).body.id
    for (const email of ['e', 'a', 'c', 'B', 'd']) {
      await mine.ask('POST', '/admin/users', {
        token: boss.token,
        body: { email: `${email}@example.org`, ...(email === 'c' && { team_id: team }) },
      })
    }
    const emails = (body: { users: { email: string }[] }) => body.users.map(({ email }) => email.slice(0, 1))
    const first = await asBoss('limit=2&q=example.org')
    const second = await asBoss(`limit=2&q=example.org&cursor=${first.next_cursor}`)
    const third = await asBoss(`limit=2&q=example.org&cursor=${second.next_cursor}`)
    expect([first, second, third].flatMap(emails)).toEqual(['a', 'B', 'c', 'd', 'e'])
    expect([first.total, first.matching, third.next_cursor]).toEqual([6, 5, null])
    expect(emails(await asBoss('q=ångSTRÖM'))).toEqual(['c'])
    expect(emails(await asBoss(`team_id=${team}`))).toEqual(['c'])
    expect((await asBoss('team_id=none')).matching).toBe(5)
    expect((await asBoss('role=admin')).users).toMatchObject([{ id: boss.id }])
    expect((await asBoss('status=suspended')).users).toEqual([])
    expect(emails(await asBoss('q=example.org&order=desc'))).toEqual(['e', 'd', 'c', 'B', 'a'])
    const foreign = await mine.ask('GET', `/admin/users?limit=2&cursor=${first.next_cursor}`, { token: boss.token })
    expect([foreign.status, foreign.body.error.message]).toEqual([400, expect.stringMatching(/^cursor: /)])
    await mine.stop()
  })

  test('counts the keys that are not revoked', async () => {
    const { id } = await control.person()
    const [one] = [await newKey({ user_id: id }), await newKey({ user_id: id })]
    await ask('POST', `/admin/keys/${one.id}/revoke`)
    expect(await rowOf(id)).toMatchObject({ key_count: 1 })
  })

  test.each(['limit=0', 'sort=colour', 'status=gone', 'role=owner', 'team_id=mine', `q=${'x'.repeat(101)}`])(
    'refuses ?%s by the name of what is wrong',
    async (query) => {
      const { status, body } = await ask('GET', `/admin/users?${query}`)
      expect([status, body.error.message]).toEqual([400, expect.stringContaining(query.split('=')[0] ?? '')])
    },
  )
})

describe('moving', () => {
  test('changes the team of a person, and the copy of it on their keys; keys with a team of their own stay', async () => {
    const [from, to] = [await newTeam(), await newTeam()]
    const { id } = await control.person({ teamId: from })
    const following = await newKey({ user_id: id })
    const staying = await newKey({ user_id: id, team_id: from })
    const over = await newKey({ user_id: id, team_id: from })
    await ask('POST', `/admin/keys/${over.id}/revoke`)
    expect((await move(id, { team_id: to })).body).toEqual({ updated: true, pinned_keys: 1 })
    expect(await item(userKey(id))).toMatchObject({ team_id: to, GSI2PK: `TEAM#${to}` })
    expect(await item(virtualKeyKey(hashOfKey(following.key)))).toMatchObject({ owner_team_id: to, team_id: null })
    expect(await item(virtualKeyKey(hashOfKey(staying.key)))).toMatchObject({ owner_team_id: to, team_id: from })
    expect(await auditsOf(`user:${id}`)).toMatchObject([{ action: 'user.moved', detail: { from, to } }])
    // Also when nothing is left to be moved.
    expect((await move(id, { team_id: to })).body).toEqual({ updated: true, pinned_keys: 1 })
    expect((await move(id, { team_id: from })).body).toEqual({ updated: true, pinned_keys: 0 })
    await move(id, {})
    expect(await item(userKey(id))).toMatchObject({ team_id: null, GSI2PK: 'TEAM#none' })
  })

  test('into a team that is not there is refused, and nothing moves', async () => {
    const from = await newTeam()
    const { id } = await control.person({ teamId: from })
    const refused = await move(id, { team_id: randomUUID() })
    expect([refused.status, refused.body.error.message]).toEqual([400, 'team_id: there is no such team'])
    expect(await item(userKey(id))).toMatchObject({ team_id: from })
    expect(await auditsOf(`user:${id}`)).toEqual([])
  })
})

describe('control A16: the last active administrator', () => {
  const LAST = 'This is the last active administrator. Make somebody else an administrator first.'

  test('can neither be demoted, suspended nor deleted', async () => {
    const mine = await startControl()
    const boss = await mine.person({ role: 'admin' })
    await mine.person({ role: 'admin', active: false })
    const path = `/admin/users/${boss.id}`
    for (const [method, body] of [
      ['PUT', { role: 'member' }],
      ['PUT', { active: false }],
      ['DELETE', undefined],
    ] as const) {
      const refused = await mine.ask(method, path, { token: boss.token, body })
      expect([refused.status, refused.body.error.message]).toEqual([409, LAST])
    }
    // What takes nothing away is no matter.
    expect((await mine.ask('PUT', path, { token: boss.token, body: { role: 'admin' } })).status).toBe(200)
    expect(await auditsOf(`user:${boss.id}`, mine)).toEqual([])
    await mine.stop()
  })

  test('may go where there is another', async () => {
    const mine = await startControl()
    const [boss, other] = [await mine.person({ role: 'admin' }), await mine.person({ role: 'admin' })]
    const demoted = await mine.ask('PUT', `/admin/users/${boss.id}`, { token: boss.token, body: { role: 'member' } })
    expect(demoted.status).toBe(200)
    expect((await mine.ask('GET', '/admin/users', { token: boss.token })).status).toBe(403)
    expect((await mine.ask('DELETE', `/admin/users/${other.id}`, { token: other.token })).status).toBe(409)
    await mine.stop()
  })

  test.each([
    ['demote', 'PUT', { role: 'member' }],
    ['suspend', 'PUT', { active: false }],
    ['delete', 'DELETE', undefined],
  ])('is left when all %s each other at once', async (_what, method, body) => {
    const mine = await startControl()
    const admins = await Promise.all(Array.from({ length: 4 }, () => mine.person({ role: 'admin' })))
    const answers = await Promise.all(
      admins.map(({ token }, place) =>
        mine.ask(method, `/admin/users/${admins[(place + 1) % admins.length]?.id}`, { token, body }),
      ),
    )
    for (const { status } of answers) expect([200, 401, 403, 409]).toContain(status)
    const items = await Promise.all(
      admins.map(({ id }) =>
        mine.documents.send(
          new GetCommand({ TableName: mine.tables.core, Key: { ...userKey(id) }, ConsistentRead: true }),
        ),
      ),
    )
    const left = items.filter(({ Item }) => Item?.role === 'admin' && Item.active === true)
    expect(left.length).toBeGreaterThanOrEqual(1)
    expect(answers.filter(({ status }) => status === 200).length).toBe(admins.length - left.length)
    await mine.stop()
  })

  test('of two who demote each other at once, one wins', async () => {
    for (let round = 0; round < 5; round++) {
      const mine = await startControl()
      const [one, other] = [await mine.person({ role: 'admin' }), await mine.person({ role: 'admin' })]
      const demote = (by: TestPerson, whom: TestPerson) =>
        mine.ask('PUT', `/admin/users/${whom.id}`, { token: by.token, body: { role: 'member' } })
      const statuses = (await Promise.all([demote(one, other), demote(other, one)])).map(({ status }) => status)
      expect(statuses.filter((status) => status === 200)).toHaveLength(1)
      await mine.stop()
    }
  })
})

describe('control A17: deleting a person', () => {
  test('revokes their keys, ends their sessions, and keeps what they have spent', async () => {
    const person = await control.person()
    const { id, key } = await newKey({ user_id: person.id, name: 'laptop' })
    const counter = counterKey({ kind: 'user', id: person.id }, control.now(), 0)
    await control.put({ ...counter, m_cost: 5e9 }, 'usage')
    expect((await remove(person.id)).body).toEqual({ deleted: true, keys_revoked: 1, sessions_ended: 1 })
    expect(await item(virtualKeyKey(hashOfKey(key)))).toMatchObject({ is_active: false, user_id: person.id })
    expect((await ask('GET', '/admin/keys', undefined, person)).status).toBe(401)
    const listed = (await ask('GET', '/admin/keys')).body.keys.find((row: Body) => row.id === id)
    expect(listed).toMatchObject({ name: 'laptop', is_active: false, owner_email: null, spend_usd: 0 })
    const spent = await control.documents.send(new GetCommand({ TableName: control.tables.usage, Key: { ...counter } }))
    expect(spent.Item).toMatchObject({ m_cost: 5e9 })
    expect(await auditsOf(`key:${id}`)).toContainEqual(
      expect.objectContaining({ action: 'key.revoked', detail: { name: 'laptop', owner_deleted: person.id } }),
    )
    expect(await auditsOf(`user:${person.id}`)).toContainEqual(
      expect.objectContaining({
        action: 'user.deleted',
        detail: { email: person.email, keys_revoked: 1, sessions_ended: 1 },
      }),
    )
  })

  test('works with more keys than a transaction takes, and goes on where it was interrupted', async () => {
    const person = await control.person()
    const keys: { id: string; key: string }[] = []
    // A person may make fewer; keys that they are given are not bound.
    for (let i = 0; i < 105; i++) {
      const key = await newKey({ user_id: null })
      await ask('PATCH', `/admin/keys/${key.id}`, { user_id: person.id })
      keys.push(key)
    }
    // An earlier attempt got this far.
    await change(person.id, { active: false })
    await ask('POST', `/admin/keys/${keys[0]?.id}/revoke`)
    expect((await remove(person.id)).body).toMatchObject({ deleted: true, keys_revoked: 104 })
    for (const { key } of keys) expect(await item(virtualKeyKey(hashOfKey(key)))).toMatchObject({ is_active: false })
    expect(await item(userKey(person.id))).toBeUndefined()
  })

  test('of two who delete the same person at once, one is told they are gone', async () => {
    const person = await control.person()
    for (let i = 0; i < 3; i++) await newKey({ user_id: person.id })
    const statuses = (await Promise.all([remove(person.id), remove(person.id)])).map(({ status }) => status)
    expect(statuses.sort()).toEqual([200, 404])
  })

  test('who is deleted leaves no session to whoever comes under the same id', async () => {
    const person = await control.person({ role: 'admin' })
    await remove(person.id)
    await control.person({ id: person.id, role: 'admin' })
    expect((await ask('GET', '/admin/users', undefined, person)).status).toBe(401)
  })
})
