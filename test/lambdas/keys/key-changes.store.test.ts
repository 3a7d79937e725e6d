import { randomUUID } from 'node:crypto'
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openAllowances } from '../../../lambdas/admission/allowance.store.ts'
import { hashOfKey } from '../../../lambdas/keys/virtual-key.ts'
import { type TableKey, virtualKeyKey } from '../../../lambdas/table/core-keys.ts'
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
beforeEach(() => control.advance(1000))

type Body = Record<string, unknown>
interface Made {
  readonly id: string
  readonly key: string
}

const ask = (method: string, path: string, body?: unknown, who: TestPerson = admin) =>
  control.ask(method, path, { token: who.token, ...(body === undefined ? {} : { body }) })
const create = async (body: Body = {}, who = admin): Promise<Made> => (await ask('POST', '/admin/keys', body, who)).body
const change = (id: string, body: Body, who = admin) => ask('PATCH', `/admin/keys/${id}`, body, who)
const rotate = (id: string, body: Body = {}, who = admin) => ask('POST', `/admin/keys/${id}/rotate`, body, who)
const newTeam = async (): Promise<string> => (await ask('POST', '/admin/teams', { name: randomUUID() })).body.id
const rows = async (query = ''): Promise<Body[]> => (await ask('GET', `/admin/keys${query}`)).body.keys
const rowOf = async (id: string): Promise<Body | undefined> => (await rows()).find((row) => row.id === id)
const keysOfTeam = async (team: string): Promise<unknown[]> =>
  (await ask('GET', `/admin/teams/${team}/keys`)).body.keys.map(({ id }: Body) => id)
const keysOf = async (person: TestPerson): Promise<unknown[]> =>
  (await ask('GET', '/admin/keys', undefined, person)).body.keys.map(({ id }: Body) => id)
const item = async (Key: TableKey, table: 'core' | 'usage' = 'core') =>
  (
    await control.documents.send(
      new GetCommand({ TableName: control.tables[table], Key: { ...Key }, ConsistentRead: true }),
    )
  ).Item
const stored = (key: string) => item(virtualKeyKey(hashOfKey(key)))
const inDays = (days: number) => new Date(control.now() + days * 86_400_000).toISOString()
const counterOf = (keyId: string) => counterKey({ kind: 'key', id: keyId }, control.now(), 0)
/** What the data plane reads of a key. */
const allowed = async (raw: string) => {
  const allowances = openAllowances(control.documents, control.tables)
  const graph = await allowances.locate(hashOfKey(raw))
  return graph && (await allowances.read(hashOfKey(raw), graph, { at: control.now(), spending: true }))?.allowance
}

const auditsOf = (target: string) => auditsIn(control, target)

describe('creating with limits', () => {
  const budget = { amount_usd: 12.5, period: 'weekly', policy: 'soft' }

  test('K5: an administrator says all that a key is held to', async () => {
    const expires_at = inDays(30)
    const { id, key } = await create({
      rate_limit_rpm: 60,
      rate_limit_tpm: 100_000,
      allowed_models: ['claude-haiku-4-5-20251001'],
      expires_at,
      budget,
    })
    expect(await rowOf(id)).toMatchObject({
      status: 'active',
      rate_limit_rpm: 60,
      rate_limit_tpm: 100_000,
      allowed_models: ['claude-haiku-4-5'],
      expires_at,
      budget: {
        amount_usd: 12.5,
        period: 'weekly',
        policy: [
          { at_percent: 80, action: 'notify' },
          { at_percent: 100, action: 'notify' },
          { at_percent: 150, action: 'block' },
        ],
      },
    })
    expect(await stored(key)).toMatchObject({ valid_until: expires_at, budget_nano: 12_500_000_000, rev: 1 })
    // That is the table's TTL attribute: with it, the key would be gone one day.
    expect(await stored(key)).not.toHaveProperty('expires_at')
  })

  test('members hold themselves to a rate and an end, and to nothing else', async () => {
    const member = await control.person()
    const { id } = await create({ rate_limit_rpm: 5, rate_limit_tpm: 6, expires_at: inDays(1) }, member)
    expect(await rowOf(id)).toMatchObject({ rate_limit_rpm: 5, rate_limit_tpm: 6, expires_at: inDays(1) })
    for (const [field, value] of [
      ['budget', budget],
      ['allowed_models', ['claude-opus-4-6']],
    ] as const) {
      const refused = await ask('POST', '/admin/keys', { [field]: value }, member)
      expect([refused.status, refused.body.error.message]).toEqual([403, `${field}: only administrators may set this`])
    }
    expect((await ask('POST', '/admin/keys', { budget: null, allowed_models: null }, member)).status).toBe(201)
  })

  test.each([
    [{ expires_at: '2026-11-24T12:00:00Z' }, 'expires_at: must lie in the future'],
    [{ expires_at: 'tomorrow' }, 'expires_at: '],
    [{ rate_limit_tpm: 0 }, 'rate_limit_tpm: '],
    [{ rate_limit_rpm: -1 }, 'rate_limit_rpm: '],
    [{ allowed_models: ['gpt-5'] }, 'allowed_models: "gpt-5" is not a Claude model'],
    [{ budget: { amount_usd: -1 } }, 'budget.amount_usd: must not be negative'],
    [{ budget: { amount_usd: 1, policy: 'lenient' } }, 'budget.policy: Unknown preset'],
    [{ budget: { amount_usd: 1, period: 'yearly' } }, 'budget.period: '],
    [{ budget: {} }, 'budget.amount_usd: '],
  ])('%j is refused by the name of the field', async (body, message) => {
    const before = (await rows()).length
    const refused = await ask('POST', '/admin/keys', body)
    expect([refused.status, refused.body.error.message]).toEqual([400, expect.stringContaining(message)])
    expect(await rows()).toHaveLength(before)
    const { id, key } = await create()
    const same = await change(id, body)
    expect([same.status, same.body.error.message]).toEqual([400, expect.stringContaining(message)])
    expect(await stored(key)).toMatchObject({ rev: 1 })
  })
})

describe('changing', () => {
  test('K14: null clears, absent keeps, and every list follows', async () => {
    const [team, other] = [await newTeam(), await newTeam()]
    const [owner, heir] = [await control.person({ teamId: team }), await control.person({ teamId: other })]
    const { id, key } = await create({ user_id: owner.id, team_id: team, name: 'one' })
    expect((await change(id, { team_id: null })).body).toEqual({ updated: true })
    expect(await rowOf(id)).toMatchObject({ user_id: owner.id, team_id: null, name: 'one' })
    expect(await keysOfTeam(team)).toEqual([])
    await change(id, { user_id: heir.id })
    expect([await keysOf(owner), await keysOf(heir)]).toEqual([[], [id]])
    expect(await stored(key)).toMatchObject({ user_id: heir.id, owner_team_id: other, team_id: null })
    expect((await allowed(key))?.team).toMatchObject({ id: other })
    await change(id, { user_id: null, team_id: team, name: 'pipeline' })
    expect(await rowOf(id)).toMatchObject({ user_id: null, team_id: team, name: 'pipeline' })
    expect([await keysOf(heir), await keysOfTeam(team)]).toEqual([[], [id]])
    const pipeline = await stored(key)
    expect(pipeline).toMatchObject({ owner_team_id: null })
    expect(pipeline).not.toHaveProperty('GSI3PK')
    await change(id, { team_id: null })
    expect(await stored(key)).not.toHaveProperty('GSI2PK')
    expect((await allowed(key))?.team).toBeNull()
    expect((await auditsOf(`key:${id}`)).filter(({ action }) => action === 'key.changed')).toHaveLength(4)
  })

  test('any row of changes leaves what the last word on each member was', async () => {
    const [team, owner] = [await newTeam(), await control.person()]
    const wish = fc.record(
      {
        name: fc.constantFrom(null, 'a', 'b'),
        user_id: fc.constantFrom(null, owner.id),
        team_id: fc.constantFrom(null, team),
        rate_limit_rpm: fc.constantFrom(null, 1, 10_000),
        rate_limit_tpm: fc.constantFrom(null, 1, 100_000_000),
        allowed_models: fc.constantFrom(null, ['claude-opus-4-6']),
        expires_at: fc.constantFrom(null, inDays(1), inDays(2)),
        budget: fc.constantFrom(null, { amount_usd: 0, period: 'daily', policy: null }),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { minLength: 1, maxLength: 4 }), async (wishes) => {
        const { id } = await create({ user_id: owner.id, name: 'a' })
        for (const one of wishes) expect((await change(id, one)).status).toBe(200)
        const start = {
          name: 'a',
          user_id: owner.id,
          team_id: null,
          rate_limit_rpm: null,
          rate_limit_tpm: null,
          allowed_models: null,
          expires_at: null,
          budget: null,
        }
        expect(await rowOf(id)).toMatchObject(Object.assign(start, ...wishes))
        expect((await keysOf(owner)).includes(id)).toBe(start.user_id === owner.id)
        expect((await keysOfTeam(team)).includes(id)).toBe(start.team_id === team)
        await ask('DELETE', `/admin/keys/${id}`)
      }),
      { numRuns: 25 },
    )
  })

  test('of changes at once none is lost', async () => {
    const { id } = await create()
    await Promise.all([
      change(id, { name: 'new' }),
      change(id, { rate_limit_rpm: 3 }),
      change(id, { rate_limit_tpm: 4 }),
      change(id, { expires_at: inDays(3) }),
    ])
    expect(await rowOf(id)).toMatchObject({
      name: 'new',
      rate_limit_rpm: 3,
      rate_limit_tpm: 4,
      expires_at: inDays(3),
    })
  })

  test('a key that is revoked while it is changed stays revoked', async () => {
    const { id } = await create()
    await Promise.all([change(id, { name: 'new' }), ask('POST', `/admin/keys/${id}/revoke`)])
    expect(await rowOf(id)).toMatchObject({ status: 'revoked', is_active: false })
  })

  test.each([
    [{ user_id: 'me' }, 'Invalid UUID for user_id'],
    [{ team_id: 'ours' }, 'Invalid UUID for team_id'],
    [{ user_id: 7 }, 'user_id must be a UUID string or null'],
    [{ user_id: randomUUID() }, 'Referenced user or team does not exist'],
    [{ team_id: randomUUID() }, 'Referenced user or team does not exist'],
    [{ is_active: true }, 'unknown member: is_active'],
  ])('%j is refused, and nothing changes', async (body, message) => {
    const { id, key } = await create()
    const before = await stored(key)
    const refused = await change(id, body)
    expect([refused.status, refused.body.error.message]).toEqual([400, expect.stringContaining(message)])
    expect(await stored(key)).toEqual(before)
    expect((await auditsOf(`key:${id}`)).map(({ action }) => action)).toEqual(['key.created'])
  })

  test('is for administrators, and an unknown key is 404', async () => {
    const member = await control.person()
    const { id } = await create({}, member)
    expect((await change(id, { name: 'x' }, member)).status).toBe(403)
    const answer = await change(randomUUID(), { name: 'x' })
    expect([answer.status, answer.body.error.message]).toEqual([404, 'Key not found'])
  })

  test('a key is renamed whose owner is suspended, but is given to nobody who is', async () => {
    const owner = await control.person()
    const { id } = await create({ user_id: owner.id })
    await ask('PUT', `/admin/users/${owner.id}`, { active: false })
    expect((await change(id, { name: 'renamed' })).status).toBe(200)
    const other = await create()
    const refused = await change(other.id, { user_id: owner.id })
    expect([refused.status, refused.body.error.message]).toEqual([400, 'user_id: this person is suspended'])
  })
})

describe('a budget', () => {
  test('that is given, changed and taken away leaves alone what the key has spent, which is what it counts', async () => {
    const owner = await control.person()
    for (const user_id of [owner.id, null]) {
      const { id } = await create({ user_id })
      const counter = { ...counterOf(id), m_cost: 4e9, d24_cost: 1e9 }
      await control.put(counter, 'usage')
      await change(id, { budget: { amount_usd: 10 } })
      await change(id, { budget: { amount_usd: 20, period: 'daily' } })
      expect(await rowOf(id)).toMatchObject({ budget: { amount_usd: 20, period: 'daily', policy: null } })
      await change(id, { budget: null })
      expect(await item(counterOf(id), 'usage')).toEqual(counter)
      expect(await rowOf(id)).toMatchObject({ spend_usd: 4 })
    }
  })
})

describe('an end', () => {
  test('shows a key as expired once it has come, and a new one brings it back', async () => {
    const { id, key } = await create({ expires_at: inDays(1 / 24) })
    const at = async () => (await rowOf(id))?.status
    expect(await at()).toBe('active')
    control.advance(3_600_000)
    expect(await at()).toBe('expired')
    expect((await rows('?status=expired')).map((row) => row.id)).toContain(id)
    expect((await rows('?status=active')).map((row) => row.id)).not.toContain(id)
    const me = await control.ask('GET', '/auth/me', { token: key })
    expect(me.status).toBe(401)
    const token = await ask('POST', `/admin/keys/${id}/setup-token`, { raw_key: key })
    expect(token.status).toBe(404)
    await change(id, { expires_at: null })
    expect(await at()).toBe('active')
    expect((await control.ask('GET', '/auth/me', { token: key })).status).toBe(200)
  })
})

describe('rotating', () => {
  test('gives a new key that is held to the same, and an end to the old one', async () => {
    const team = await newTeam()
    const owner = await control.person({ teamId: team })
    const { id, key } = await create({
      name: 'laptop',
      user_id: owner.id,
      team_id: team,
      rate_limit_rpm: 7,
      rate_limit_tpm: 8,
      allowed_models: ['claude-opus-4-6'],
      expires_at: inDays(90),
      budget: { amount_usd: 5, period: 'weekly' },
    })
    await control.put({ ...counterOf(id), m_cost: 4e9, d24_cost: 1e9, w48_cost: 2e9, m_requests: 9 }, 'usage')
    const { status, body } = await rotate(id, { overlap_hours: 24 }, owner)
    expect(status).toBe(201)
    expect(body).toEqual({
      key: expect.stringMatching(/^sk-proxy-[0-9a-f]{64}$/),
      id: expect.any(String),
      prefix: `${body.key.slice(0, 16)}...`,
      name: 'laptop',
      created_at: new Date(control.now()).toISOString(),
      expires_at: inDays(90),
      previous: { id, expires_at: inDays(1) },
    })
    const [before, after] = [await rowOf(id), await rowOf(body.id)]
    const { id: _, prefix: __, created_at: ___, expires_at: ____, spend_usd: spent, ...held } = before ?? {}
    expect(after).toMatchObject({ ...held, expires_at: inDays(90) })
    // A budget goes on where it was; what each key has spent by itself is not told twice.
    expect([spent, after?.spend_usd]).toEqual([4, 0])
    expect(before).toMatchObject({ status: 'active', expires_at: inDays(1) })
    expect(await stored(body.key)).toMatchObject({ owner_team_id: team, is_active: true })
    // A budget that is spent stays spent.
    expect(await item(counterOf(body.id), 'usage')).toEqual({
      ...counterOf(body.id),
      m_cost: 4e9,
      d24_cost: 1e9,
      w48_cost: 2e9,
      carried_cost: 4e9,
    })
    expect((await control.ask('GET', '/auth/me', { token: key })).status).toBe(200)
    expect((await auditsOf(`key:${id}`)).map(({ action }) => action).sort()).toEqual(['key.created', 'key.rotated'])
    const audits = JSON.stringify([await auditsOf(`key:${id}`), await auditsOf(`key:${body.id}`)])
    for (const raw of [key, body.key]) {
      expect(audits).not.toContain(raw)
      expect(control.logged.join('')).not.toContain(raw)
    }
  })

  test('without overlap ends the old key at once, and never later than it would have ended', async () => {
    const one = await create()
    await rotate(one.id, { overlap_hours: 0 })
    expect(await rowOf(one.id)).toMatchObject({ status: 'expired' })
    expect((await control.ask('GET', '/auth/me', { token: one.key })).status).toBe(401)
    const two = await create({ expires_at: inDays(1) })
    expect((await rotate(two.id, { overlap_hours: 168 })).body.previous.expires_at).toBe(inDays(1))
  })

  test('is not for the keys of others, nor for one that is over', async () => {
    const [member, other] = [await control.person(), await control.person()]
    const { id } = await create({}, member)
    const foreign = await rotate(id, {}, other)
    expect([foreign.status, foreign.body.error.message]).toEqual([404, 'Key not found'])
    expect((await rotate(randomUUID())).status).toBe(404)
    await ask('POST', `/admin/keys/${id}/revoke`)
    expect((await rotate(id, {}, member)).status).toBe(409)
    for (const overlap_hours of [-1, 169, 1.5, '24']) {
      const refused = await rotate(id, { overlap_hours })
      expect([refused.status, refused.body.error.message]).toEqual([400, expect.stringMatching(/^overlap_hours: /)])
    }
  })

  test('again replaces what came of it: of one key there is never more than one successor, whose answer may have been lost', async () => {
    const owner = await control.person()
    const budget = { amount_usd: 10 }
    const { id } = await create({ user_id: owner.id, rate_limit_rpm: 10, budget, expires_at: inDays(90) })
    const made: Body[] = []
    for (let i = 0; i < 4; i++) {
      control.advance(1000)
      made.push((await rotate(id, { overlap_hours: 168 }, owner)).body)
    }
    const last = made.at(-1)
    const active = (await rows()).filter((row) => row.user_id === owner.id && row.status === 'active')
    expect(active.map((row) => row.id)).toEqual([last?.id, id])
    // Neither does the old one live longer by it, nor the new one shorter.
    expect(new Set(made.map(({ previous }) => (previous as Body).expires_at)).size).toBe(1)
    expect(made.map(({ expires_at }) => expires_at)).toEqual(made.map(() => active[0]?.expires_at))
    expect((await auditsOf(`key:${made[0]?.id}`)).map(({ action }) => action).sort()).toEqual([
      'key.created',
      'key.revoked',
    ])
  })

  test('again, of a key without end, gives one without end', async () => {
    const { id } = await create()
    expect((await rotate(id)).body.expires_at).toBeNull()
    expect((await rotate(id)).body.expires_at).toBeNull()
  })

  test('again gives back nothing: what the replaced key has spent stays spent, and what it was held to since holds', async () => {
    const owner = await control.person()
    const { id } = await create({ user_id: owner.id, budget: { amount_usd: 10 } })
    await control.put({ ...counterOf(id), m_cost: 4e9 }, 'usage')
    const { body: first } = await rotate(id, {}, owner)
    await control.put({ ...counterOf(first.id), m_cost: 9e9 }, 'usage')
    await change(first.id, { budget: { amount_usd: 5 }, rate_limit_rpm: 3, expires_at: inDays(2) })
    const { body: second } = await rotate(id, {}, owner)
    expect(await item(counterOf(second.id), 'usage')).toMatchObject({ m_cost: 9e9 })
    expect(await rowOf(second.id)).toMatchObject({
      budget: { amount_usd: 5 },
      rate_limit_rpm: 3,
      expires_at: inDays(2),
    })
    await ask('DELETE', `/admin/keys/${second.id}`, undefined, owner)
    const { body: third } = await rotate(id, {}, owner)
    expect(await item(counterOf(third.id), 'usage')).toMatchObject({ m_cost: 9e9 })
    expect(await rowOf(third.id)).toMatchObject({ status: 'active', expires_at: null })
  })

  test('a key whose predecessor is still accepted has to wait: a chain makes no more keys than two', async () => {
    const { id } = await create()
    const { body: next } = await rotate(id, { overlap_hours: 168 })
    const refused = await rotate(next.id)
    expect([refused.status, refused.body.error.message]).toEqual([
      409,
      `The key that this one replaces is accepted until ${inDays(7)}. Revoke that one first, or wait for its end.`,
    ])
    await ask('POST', `/admin/keys/${id}/revoke`)
    expect((await rotate(next.id)).status).toBe(201)
    expect((await rotate(id)).status).toBe(409)
  })

  test('a key that an administrator gives a new end is on its own again', async () => {
    const { id } = await create()
    const { body: first } = await rotate(id)
    await change(id, { expires_at: null })
    const { body: second } = await rotate(id)
    expect(second.expires_at).toBeNull()
    for (const one of [first, second]) expect(await rowOf(one.id)).toMatchObject({ status: 'active' })
    expect((await rotate(first.id)).status).toBe(201)
  })

  test('what was given to somebody else is not taken from them', async () => {
    const [owner, heir] = [await control.person(), await control.person()]
    const { id } = await create({ user_id: owner.id })
    const { body: first } = await rotate(id, {}, owner)
    await change(first.id, { user_id: heir.id })
    expect((await rotate(id, {}, owner)).status).toBe(201)
    expect(await rowOf(first.id)).toMatchObject({ status: 'active', user_id: heir.id })
  })

  test('at once, however often, leaves one successor', async () => {
    const { id } = await create({ name: randomUUID() })
    const answers = await Promise.all([rotate(id), rotate(id), rotate(id)])
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    const statuses = await Promise.all(answers.map(async ({ body }) => (await rowOf(body.id))?.status))
    expect(statuses.sort()).toEqual(['active', 'revoked', 'revoked'])
    expect((await auditsOf(`key:${id}`)).filter(({ action }) => action === 'key.rotated')).toHaveLength(3)
  })
})

test('K12: the keys of somebody who is suspended are refused on the next request, and accepted again later', async () => {
  const owner = await control.person()
  const { key } = await create({ user_id: owner.id })
  expect(await allowed(key)).toMatchObject({ owner: { active: true } })
  await ask('PUT', `/admin/users/${owner.id}`, { active: false })
  expect(await allowed(key)).toMatchObject({ owner: { active: false } })
  expect((await control.ask('GET', '/auth/me', { token: key })).status).toBe(403)
  await ask('PUT', `/admin/users/${owner.id}`, { active: true })
  expect(await allowed(key)).toMatchObject({ owner: { active: true } })
  await ask('DELETE', `/admin/users/${owner.id}`)
  expect(await allowed(key)).toMatchObject({ owner: 'missing', key: { isActive: false } })
})

test('a key of before there were revisions is changed like any other', async () => {
  const { id, key } = await create()
  await control.documents.send(
    new UpdateCommand({
      TableName: control.tables.core,
      Key: { ...virtualKeyKey(hashOfKey(key)) },
      UpdateExpression: 'REMOVE rev',
    }),
  )
  expect((await change(id, { name: 'old' })).status).toBe(200)
  expect(await stored(key)).toMatchObject({ name: 'old', rev: 1 })
})
