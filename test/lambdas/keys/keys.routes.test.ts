import { randomUUID } from 'node:crypto'
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hashOfKey } from '../../../lambdas/keys/virtual-key.ts'
import {
  keysOfUser,
  type TableKey,
  userKey,
  virtualKeyByIdKey,
  virtualKeyKey,
} from '../../../lambdas/table/core-keys.ts'
import { auditsIn } from '../../support/audits.ts'
import { startControl, type TestControl, type TestPerson } from '../../support/control.ts'

let control: TestControl
let admin: TestPerson
beforeAll(async () => {
  control = await startControl()
  admin = await control.person({ role: 'admin' })
})
afterAll(() => control.stop())
beforeEach(() => control.advance(1000))

const create = (who: TestPerson, body: object = {}) => control.ask('POST', '/admin/keys', { token: who.token, body })
const list = async (who: TestPerson) => (await control.ask('GET', '/admin/keys', { token: who.token })).body.keys
const revoke = (who: TestPerson, id: string) => control.ask('POST', `/admin/keys/${id}/revoke`, { token: who.token })
const remove = (who: TestPerson, id: string) => control.ask('DELETE', `/admin/keys/${id}`, { token: who.token })
const newTeam = async (): Promise<string> =>
  (await control.ask('POST', '/admin/teams', { token: admin.token, body: { name: randomUUID() } })).body.id
const item = async (Key: TableKey) =>
  (await control.documents.send(new GetCommand({ TableName: control.tables.core, Key, ConsistentRead: true }))).Item

describe('creating', () => {
  test('shows the raw key once; what is kept is its hash, under the owner and their team', async () => {
    const teamId = await newTeam()
    const member = await control.person({ teamId })
    const { status, body } = await create(member, { name: '  laptop ', rate_limit_rpm: 60 })
    expect(status).toBe(201)
    expect(body).toEqual({
      key: expect.stringMatching(/^sk-proxy-[0-9a-f]{64}$/),
      id: expect.any(String),
      prefix: `${body.key.slice(0, 16)}...`,
      name: 'laptop',
      created_at: new Date(control.now()).toISOString(),
    })
    const stored = await item(virtualKeyKey(hashOfKey(body.key)))
    expect(stored).toMatchObject({
      id: body.id,
      key_prefix: body.prefix,
      name: 'laptop',
      user_id: member.id,
      team_id: null,
      owner_team_id: teamId,
      is_active: true,
      rate_limit_rpm: 60,
      rev: 1,
    })
    expect(JSON.stringify(stored)).not.toContain(body.key)
    expect(await item(virtualKeyByIdKey(body.id))).toMatchObject({ key_hash: hashOfKey(body.key) })
    expect((await create(member)).body.key).not.toBe(body.key)
    expect(control.logged.join('')).not.toContain(body.key)
  })

  test('is for members in their own name only, whatever they ask', async () => {
    const member = await control.person()
    const { body } = await create(member, { user_id: admin.id })
    expect(await list(member)).toMatchObject([{ id: body.id, user_id: member.id }])
  })

  test('is for members in their own team only', async () => {
    const [own, other] = [await newTeam(), await newTeam()]
    const member = await control.person({ teamId: own })
    expect((await create(member, { team_id: own })).status).toBe(201)
    for (const team_id of [other, randomUUID()]) {
      const refused = await create(member, { team_id })
      expect(refused.status).toBe(403)
      expect(refused.body.error.message).toMatch(/^team_id: /)
    }
    expect(await list(member)).toHaveLength(1)
  })

  test('lets admins name an owner, nobody, and any team that exists', async () => {
    const [teamId, member] = [await newTeam(), await control.person()]
    const forMember = await create(admin, { user_id: member.id, team_id: teamId })
    expect(await list(member)).toMatchObject([{ id: forMember.body.id, user_id: member.id, team_id: teamId }])
    const own = await create(admin, {})
    const nobodys = await create(admin, { user_id: null, team_id: teamId, name: null })
    const all = await list(admin)
    expect(all.find(({ id }: { id: string }) => id === own.body.id)).toMatchObject({ user_id: admin.id })
    expect(all.find(({ id }: { id: string }) => id === nobodys.body.id)).toMatchObject({
      user_id: null,
      team_id: teamId,
      name: null,
    })
  })

  test.each(['user_id', 'team_id'])('refuses an unknown %s by its name, and writes nothing', async (field) => {
    const before = (await list(admin)).length
    const refused = await create(admin, { [field]: randomUUID() })
    expect(refused.status).toBe(400)
    expect(refused.body.error.message).toMatch(new RegExp(`^${field}: there is no such`))
    expect(await list(admin)).toHaveLength(before)
  })

  test.each([
    [{ rate_limit_rpm: -1 }, 'rate_limit_rpm'],
    [{ rate_limit_rpm: 1.5 }, 'rate_limit_rpm'],
    [{ rate_limit_rpm: '60' }, 'rate_limit_rpm'],
    [{ name: '' }, 'name'],
    [{ name: '   ' }, 'name'],
    [{ name: 'x'.repeat(101) }, 'name'],
    [{ name: 'a\u0000b' }, 'name'],
    [{ name: 'line\nbreak' }, 'name'],
    [{ user_id: 'me' }, 'user_id'],
    [{ team_id: 7 }, 'team_id'],
  ])('refuses %j by the name of the field', async (body, field) => {
    const refused = await create(admin, body)
    expect(refused.status).toBe(400)
    expect(refused.body.error.message).toMatch(new RegExp(`^${field}: `))
  })

  test('takes 0 and null for no limit, and names of a hundred characters in any script', async () => {
    const member = await control.person()
    const name = 'ü'.repeat(100)
    for (const rate_limit_rpm of [0, null, undefined]) await create(member, { rate_limit_rpm, name })
    expect((await list(member)).map((key: { rate_limit_rpm: unknown }) => key.rate_limit_rpm)).toEqual([
      null,
      null,
      null,
    ])
  })
})

describe('how many', () => {
  /** Straight into the table: the bounds are hundreds. */
  const putKeys = async (count: number, attributes: Record<string, unknown>) => {
    const ids = Array.from({ length: count }, () => randomUUID())
    const at = new Date(control.now()).toISOString()
    const put = async (id: string) => {
      const lists = { GSI1PK: 'KEYS', GSI1SK: `${at}#${id}`, GSI3SK: `${at}#${id}` }
      const key = { id, key_prefix: 'p', created_at: at, ...lists, ...attributes }
      await control.put({ ...virtualKeyKey(hashOfKey(id)), ...key })
      await control.put({ ...virtualKeyByIdKey(id), key_hash: hashOfKey(id) })
    }
    for (let from = 0; from < count; from += 50) await Promise.all(ids.slice(from, from + 50).map(put))
    return ids
  }
  const ofUser = (id: string) => ({ user_id: id, GSI3PK: keysOfUser(id), is_active: true })

  test('a person has a hundred active keys at most, whoever makes them; those that are over do not count', async () => {
    const member = await control.person()
    await putKeys(98, ofUser(member.id))
    await putKeys(2, { ...ofUser(member.id), is_active: false })
    await putKeys(2, { ...ofUser(member.id), valid_until: new Date(control.now()).toISOString() })
    const { id } = (await create(member)).body
    expect((await create(admin, { user_id: member.id })).status).toBe(201)
    for (const refused of [await create(member), await create(admin, { user_id: member.id, setup: true })]) {
      expect([refused.status, refused.body.error.message]).toEqual([
        409,
        'user_id: a person can have 100 active keys at most; revoke one that is not needed any more',
      ])
    }
    expect((await create(admin, { user_id: null })).status).toBe(201)
    // A rotation replaces a key, and is not refused.
    const rotated = await control.ask('POST', `/admin/keys/${id}/rotate`, { token: member.token, body: {} })
    expect(rotated.status).toBe(201)
    // Until its end the old one counts beside the new one.
    for (const one of [id, rotated.body.id]) await revoke(member, one)
    expect((await create(member)).status).toBe(201)
  })

  test('a person has a thousand keys at most that are listed, so that revoking makes no endless list', async () => {
    const member = await control.person()
    const [first] = await putKeys(1000, { ...ofUser(member.id), is_active: false })
    const refused = await create(member)
    expect([refused.status, refused.body.error.message]).toEqual([
      409,
      'user_id: a person can have 1000 keys at most, with those that are revoked or expired; delete some of these',
    ])
    expect((await remove(member, first ?? '')).status).toBe(200)
    expect((await create(member)).status).toBe(201)
  })

  test('a thousand active keys belong to nobody at most, beside those of people', async () => {
    const mine = await startControl()
    const boss = await mine.person({ role: 'admin' })
    const before = control
    control = mine
    await putKeys(999, { is_active: true })
    await putKeys(1, { is_active: false })
    await putKeys(1, ofUser(boss.id))
    control = before
    const make = (user_id: string | null) => mine.ask('POST', '/admin/keys', { token: boss.token, body: { user_id } })
    expect((await make(null)).status).toBe(201)
    const refused = await make(null)
    expect([refused.status, refused.body.error.message]).toEqual([
      409,
      'user_id: a gateway can have 1000 active keys without owner at most; revoke one that is not needed any more',
    ])
    expect((await make(boss.id)).status).toBe(201)
    await mine.stop()
  })
})

describe('listing', () => {
  test('shows members their own keys, newest first, without key or hash', async () => {
    const [one, other] = [await control.person(), await control.person()]
    const first = (await create(one, { name: 'first' })).body
    control.advance(1)
    const second = (await create(one, { name: 'second' })).body
    await create(other)
    const keys = await list(one)
    expect(keys.map(({ name }: { name: string }) => name)).toEqual(['second', 'first'])
    expect(keys[0]).toEqual({
      id: second.id,
      prefix: second.prefix,
      name: 'second',
      user_id: one.id,
      team_id: null,
      is_active: true,
      status: 'active',
      rate_limit_rpm: null,
      rate_limit_tpm: null,
      allowed_models: null,
      budget: null,
      created_at: second.created_at,
      expires_at: null,
      owner_email: one.email,
      owner_name: one.displayName,
      team_name: null,
      spend_usd: 0,
      last_used_at: null,
    })
    for (const { key } of [first, second]) {
      expect(JSON.stringify(keys)).not.toContain(key)
      expect(JSON.stringify(keys)).not.toContain(hashOfKey(key))
    }
  })

  test('is searched by name, prefix, owner and team, whatever the case', async () => {
    const boss = await control.person({ role: 'admin' })
    const [one, other] = [await control.person({ displayName: 'Åsa Öberg' }), await control.person()]
    await create(one, { name: 'Workstation' })
    await create(other, { name: '<img onerror>' })
    const namesFor = async (q: string) =>
      (await control.ask('GET', `/admin/keys?q=${encodeURIComponent(q)}`, { token: boss.token })).body.keys.map(
        ({ name }: { name: string }) => name,
      )
    expect(await namesFor('workSTATION')).toEqual(['Workstation'])
    expect(await namesFor('åsa')).toEqual(['Workstation'])
    expect(await namesFor(other.email)).toEqual(['<img onerror>'])
    expect((await namesFor('SK-PROXY')).length).toBeGreaterThan(1)
    expect(await namesFor('nothing of the kind')).toEqual([])
  })

  test('comes in pages that miss and repeat nothing, also when keys are made in between', async () => {
    const member = await control.person()
    for (const name of ['e', 'a', 'c', 'b', 'd']) await create(member, { name })
    const page = async (cursor?: string) =>
      (
        await control.ask('GET', `/admin/keys?limit=2&sort=name&order=asc${cursor ? `&cursor=${cursor}` : ''}`, {
          token: member.token,
        })
      ).body
    const first = await page()
    await create(member, { name: 'bb' })
    const second = await page(first.next_cursor)
    const third = await page(second.next_cursor)
    expect([first, second, third].flatMap(({ keys }) => keys.map(({ name }: { name: string }) => name))).toEqual([
      'a',
      'b',
      'bb',
      'c',
      'd',
      'e',
    ])
    expect([first.total, first.matching, third.next_cursor]).toEqual([5, 5, null])
  })

  test('refuses a cursor that was made up, or is of another query or person', async () => {
    const [member, other] = [await control.person(), await control.person()]
    for (const name of ['a', 'b']) await create(member, { name })
    const ask = (token: string, query: string) => control.ask('GET', `/admin/keys?limit=1&${query}`, { token })
    const cursor = (await ask(member.token, 'sort=name')).body.next_cursor
    for (const [token, query] of [
      [member.token, `sort=created&cursor=${cursor}`],
      [other.token, `sort=name&cursor=${cursor}`],
      [member.token, 'sort=name&cursor=bm90aGluZw'],
      [member.token, `sort=name&cursor=${cursor.slice(0, -2)}`],
    ] as const) {
      const { status, body } = await ask(token, query)
      expect([status, body.error.message]).toEqual([400, expect.stringMatching(/^cursor: /)])
    }
  })

  test.each(['limit=0', 'limit=201', 'limit=x', 'sort=colour', 'status=gone', `q=${'x'.repeat(101)}`])(
    'refuses ?%s by the name of what is wrong',
    async (query) => {
      const { status, body } = await control.ask('GET', `/admin/keys?${query}`, {
        token: (await control.person()).token,
      })
      expect([status, body.error.message]).toEqual([400, expect.stringContaining(query.split('=')[0] ?? '')])
    },
  )

  test('shows admins all, however many pages the database makes of them', async () => {
    const mine = await startControl()
    const boss = await mine.person({ role: 'admin' })
    // A page is a megabyte: 30 items of 50 kB are two.
    for (let i = 0; i < 30; i++) {
      const id = randomUUID()
      const order = `2026-11-24T12:00:00.000Z#${id}`
      const key = {
        id,
        key_prefix: 'p',
        is_active: true,
        created_at: '2026-11-24T12:00:00.000Z',
        filler: 'x'.repeat(50_000),
      }
      await mine.put({ ...virtualKeyKey(hashOfKey(id)), GSI1PK: 'KEYS', GSI1SK: order, ...key })
    }
    const { body } = await mine.ask('GET', '/admin/keys', { token: boss.token })
    expect(body.keys).toHaveLength(30)
    expect(body.keys[0]).toMatchObject({ name: null, user_id: null, team_id: null, rate_limit_rpm: null })
    expect(JSON.stringify(body)).not.toContain('filler')
    await mine.stop()
  })
})

describe('revoking and deleting', () => {
  test('a revoked key stays listed as inactive; revoking again changes nothing', async () => {
    const member = await control.person()
    const { id } = (await create(member)).body
    expect((await revoke(member, id)).body).toEqual({ revoked: true })
    expect((await revoke(member, id.toUpperCase())).body).toEqual({ revoked: true })
    expect(await list(member)).toMatchObject([{ id, is_active: false }])
    expect((await auditsOf(`key:${id}`)).map(({ action }) => action)).toEqual(['key.created', 'key.revoked'])
  })

  test('a deleted key leaves neither item nor pointer', async () => {
    const member = await control.person()
    const { id, key } = (await create(member)).body
    expect((await remove(member, id)).body).toEqual({ deleted: true })
    expect(await list(member)).toEqual([])
    expect(await item(virtualKeyKey(hashOfKey(key)))).toBeUndefined()
    expect(await item(virtualKeyByIdKey(id))).toBeUndefined()
    expect((await remove(member, id)).status).toBe(404)
    expect((await revoke(member, id)).status).toBe(404)
  })

  test('the key of somebody else does not exist for a member', async () => {
    const [one, other] = [await control.person(), await control.person()]
    const { id } = (await create(one)).body
    const nobodys = (await create(admin, { user_id: null })).body
    for (const foreign of [id, nobodys.id, randomUUID()]) {
      for (const answer of [await revoke(other, foreign), await remove(other, foreign)]) {
        expect(answer.status).toBe(404)
        expect(answer.body).toEqual({ type: 'error', error: { type: 'admin_error', message: 'Key not found' } })
      }
    }
    expect(await list(one)).toMatchObject([{ id, is_active: true }])
    expect((await revoke(admin, id)).status).toBe(200)
    expect((await remove(admin, id)).status).toBe(200)
  })

  test('two deletions at once: one finds the key, the other does not', async () => {
    const member = await control.person()
    const { id } = (await create(member)).body
    const statuses = (await Promise.all([remove(member, id), remove(member, id)])).map(({ status }) => status)
    expect(statuses.sort()).toEqual([200, 404])
  })
})

test('every change leaves an audit entry that says who did it, and holds no key', async () => {
  const member = await control.person()
  const { id, key } = (await create(member, { name: 'audited', rate_limit_rpm: 5 })).body
  await remove(admin, id)
  const audits = await auditsOf(`key:${id}`)
  expect(audits).toMatchObject([
    {
      action: 'key.created',
      actor_id: member.id,
      actor_email: member.email,
      at: new Date(control.now()).toISOString(),
      request_id: expect.stringMatching(/^req_/),
      detail: { name: 'audited', user_id: member.id, team_id: null, rate_limit_rpm: 5 },
    },
    { action: 'key.deleted', actor_id: admin.id },
  ])
  expect(JSON.stringify(audits)).not.toContain(key)
  expect(JSON.stringify(audits)).not.toContain(hashOfKey(key))
})

test('an owner who changed teams has the new one on their next key', async () => {
  const [before, after] = [await newTeam(), await newTeam()]
  const member = await control.person({ teamId: before })
  await control.documents.send(
    new UpdateCommand({
      TableName: control.tables.core,
      Key: userKey(member.id),
      UpdateExpression: 'SET team_id = :team',
      ExpressionAttributeValues: { ':team': after },
    }),
  )
  const { key } = (await create(member)).body
  expect(await item(virtualKeyKey(hashOfKey(key)))).toMatchObject({ owner_team_id: after })
})

const auditsOf = async (target: string) =>
  // Entries of one millisecond have no order among them.
  (await auditsIn(control, target)).sort((one, other) => String(one.action).localeCompare(String(other.action)))
