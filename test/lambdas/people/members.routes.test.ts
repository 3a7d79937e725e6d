import { randomUUID } from 'node:crypto'
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashOfKey } from '../../../lambdas/keys/virtual-key.ts'
import { type TableKey, teamKey, userKey, virtualKeyKey } from '../../../lambdas/table/core-keys.ts'
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

const ask = (method: string, path: string, body?: unknown) =>
  control.ask(method, path, { token: admin.token, ...(body === undefined ? {} : { body }) })
const newTeam = async (name: string = randomUUID()): Promise<string> =>
  (await ask('POST', '/admin/teams', { name })).body.id
const newKey = async (body: Body): Promise<{ id: string; key: string }> => (await ask('POST', '/admin/keys', body)).body
const members = async (team: string): Promise<Body[]> => (await ask('GET', `/admin/teams/${team}/members`)).body.members
const add = (team: string, user_id: unknown) => ask('POST', `/admin/teams/${team}/members`, { user_id })
const takeOut = (team: string, user: string) => ask('DELETE', `/admin/teams/${team}/members/${user}`)
const change = (team: string, body: Body) => ask('PATCH', `/admin/teams/${team}`, body)
const remove = (team: string, query = '') => ask('DELETE', `/admin/teams/${team}${query}`)
const rowOf = async (team: string): Promise<Body | undefined> =>
  (await ask('GET', '/admin/teams')).body.teams.find(({ id }: Body) => id === team)
const item = async (Key: TableKey) =>
  (await control.documents.send(new GetCommand({ TableName: control.tables.core, Key, ConsistentRead: true }))).Item

const actionsOf = async (target: string): Promise<unknown[]> =>
  (await auditsIn(control, target)).map(({ action }) => action).sort()

describe('members', () => {
  test('come and go, and are listed by address', async () => {
    const [team, other] = [await newTeam(), await newTeam()]
    const [one, two] = [
      await control.person({ email: 'b@example.com' }),
      await control.person({ email: 'A@example.com' }),
    ]
    for (const { id } of [one, two]) expect((await add(team, id)).body).toEqual({ added: true })
    expect(await members(team)).toEqual([
      expect.objectContaining({ id: two.id, email: 'A@example.com', role: 'member', active: true }),
      {
        id: one.id,
        email: 'b@example.com',
        role: 'member',
        active: true,
        created_at: new Date(control.now()).toISOString(),
        display_name: null,
      },
    ])
    // One team for each: who is added elsewhere leaves.
    await add(other, one.id)
    expect(await members(team)).toMatchObject([{ id: two.id }])
    const gone = await takeOut(team, two.id)
    expect([gone.status, gone.body]).toEqual([204, undefined])
    expect(gone.headers.get('content-type')).toBeNull()
    expect(await members(team)).toEqual([])
    expect(await item(userKey(two.id))).toMatchObject({ team_id: null })
  })

  test.each([undefined, null, '', 'me', 7])('cannot be added as %j', async (user_id) => {
    const refused = await add(await newTeam(), user_id)
    expect([refused.status, refused.body.error.message]).toEqual([400, 'user_id is required'])
  })

  test('who is not there, or not in the team, is 404', async () => {
    const [team, person] = [await newTeam(), await control.person()]
    const told = async (answer: Promise<{ status: number; body: { error: { message: string } } }>) => {
      const { status, body } = await answer
      return [status, body.error.message]
    }
    expect(await told(add(team, randomUUID()))).toEqual([404, 'User not found'])
    expect(await told(add(randomUUID(), person.id))).toEqual([404, 'Team not found'])
    expect(await told(takeOut(team, person.id))).toEqual([404, 'Member not found in team'])
    expect(await told(takeOut(team, randomUUID()))).toEqual([404, 'Member not found in team'])
    expect(await members(randomUUID())).toEqual([])
    expect(await item(userKey(person.id))).toMatchObject({ team_id: null })
  })

  test('who is added to a team that is deleted at that moment is in a team that is there, or in none', async () => {
    for (let round = 0; round < 5; round++) {
      const [team, person] = [await newTeam(), await control.person()]
      const [added] = await Promise.all([add(team, person.id), remove(team)])
      expect([200, 400, 404]).toContain(added.status)
    }
  })
})

test('K7: the keys of a team are its own alone, newest first, with and without owner', async () => {
  const [team, other] = [await newTeam(), await newTeam()]
  const member = await control.person({ teamId: team })
  const first = await newKey({ team_id: team, user_id: null })
  control.advance(1000)
  const second = await newKey({ team_id: team, user_id: member.id })
  await newKey({ team_id: other, user_id: null })
  await newKey({ user_id: member.id })
  const { body } = await ask('GET', `/admin/teams/${team}/keys`)
  expect(body.keys).toMatchObject([
    { id: second.id, user_id: member.id, owner_email: member.email, team_id: team, status: 'active' },
    { id: first.id, user_id: null, team_id: team },
  ])
  expect((await ask('GET', `/admin/teams/${randomUUID()}/keys`)).body.keys).toEqual([])
})

describe('a team', () => {
  test('is renamed in one step: the old name is free, the new one taken', async () => {
    const [before, after] = [randomUUID(), randomUUID()]
    const team = await newTeam(before)
    expect((await change(team, { name: ` ${after} ` })).body).toEqual({ updated: true })
    expect(await rowOf(team)).toMatchObject({ name: after, allowed_models: null })
    expect((await ask('POST', '/admin/teams', { name: before })).status).toBe(201)
    expect((await ask('POST', '/admin/teams', { name: after.toUpperCase() })).status).toBe(409)
    expect((await change(team, { name: after.toUpperCase() })).status).toBe(200)
    expect(await rowOf(team)).toMatchObject({ name: after.toUpperCase() })
    const taken = await change(team, { name: before })
    expect([taken.status, taken.body.error.message]).toEqual([409, 'name: there is a team of this name already'])
    expect(await actionsOf(`team:${team}`)).toEqual(['team.changed', 'team.changed', 'team.created'])
  })

  test('of two teams that are given the same name at once, one gets it', async () => {
    const [one, two, name] = [await newTeam(), await newTeam(), randomUUID()]
    const answers = await Promise.all([change(one, { name }), change(two, { name })])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const free = await newTeam(name).catch(() => undefined)
    expect(free).toBeUndefined()
  })

  test('may be held to some models, under their undated names, and to none again', async () => {
    const team = await newTeam()
    await change(team, {
      allowed_models: [
        'claude-opus-4-6-20250605',
        'claude-opus-4-6',
        ' claude-haiku-9 ',
        'us.anthropic.claude-sonnet-4-6',
      ],
    })
    expect(await rowOf(team)).toMatchObject({
      allowed_models: ['claude-opus-4-6', 'claude-haiku-9', 'claude-sonnet-4-6'],
    })
    await change(team, { name: randomUUID() })
    expect(await item(teamKey(team))).toMatchObject({
      allowed_models: ['claude-opus-4-6', 'claude-haiku-9', 'claude-sonnet-4-6'],
    })
    await change(team, { allowed_models: null })
    expect(await rowOf(team)).toMatchObject({ allowed_models: null })
  })

  test.each([
    [{ allowed_models: ['gpt-5'] }, 'allowed_models: "gpt-5" is not a Claude model'],
    [{ allowed_models: ['claude-'] }, 'allowed_models: "claude-" is not a Claude model'],
    [
      { allowed_models: ['arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'] },
      'allowed_models: "arn:aws',
    ],
    [{ allowed_models: [] }, 'allowed_models: must name a model'],
    [{ allowed_models: 'claude-opus-4-6' }, 'allowed_models: '],
    [{ name: '' }, 'name: '],
    [{ name: null }, 'name: '],
    [{}, 'name or allowed_models is required'],
    [{ budget_amount_usd: 5 }, 'unknown member: budget_amount_usd'],
  ])('%j is refused, and nothing changes', async (body, message) => {
    const team = await newTeam()
    const before = await item(teamKey(team))
    const refused = await change(team, body)
    expect([refused.status, refused.body.error.message]).toEqual([400, expect.stringContaining(message)])
    expect(await item(teamKey(team))).toEqual(before)
  })

  test('that is not there cannot be changed', async () => {
    const answer = await change(randomUUID(), { name: 'x' })
    expect([answer.status, answer.body.error.message]).toEqual([404, 'Team not found'])
  })
})

describe('control A17: a team that is in use', () => {
  test('stays, and tells a program what is in the way', async () => {
    const team = await newTeam()
    const person = await control.person({ teamId: team })
    await newKey({ team_id: team, user_id: null })
    const refused = await remove(team)
    expect(refused.status).toBe(409)
    expect(refused.body).toEqual({
      type: 'error',
      error: {
        type: 'admin_error',
        message: 'The team still has 1 member and 1 key. Move or delete them first.',
        blockers: { members: 1, keys: 1 },
      },
    })
    // Half of what is needed is not begun.
    const half = await remove(team, '?move_members_to=none')
    expect([half.status, half.body.error.message]).toEqual([
      409,
      'The team still has 1 key. Move or delete them first.',
    ])
    expect(half.body.error.blockers).toEqual({ members: 1, keys: 1 })
    expect(await item(userKey(person.id))).toMatchObject({ team_id: team })
  })

  test('goes with its members moved and its keys revoked, however many', async () => {
    const [team, target] = [await newTeam(), await newTeam()]
    const people: string[] = []
    for (let i = 0; i < 23; i++) people.push((await control.person({ teamId: team })).id)
    const keys: string[] = []
    for (let i = 0; i < 45; i++) keys.push((await newKey({ team_id: team, user_id: null })).key)
    const following = await newKey({ user_id: people[0] })
    const { status, body } = await remove(team, `?move_members_to=${target}&revoke_keys=true`)
    expect([status, body]).toEqual([200, { deleted: true, members_moved: 23, keys_revoked: 45 }])
    expect((await members(target)).map(({ id }) => id).sort()).toEqual([...people].sort())
    for (const key of keys) expect(await item(virtualKeyKey(hashOfKey(key)))).toMatchObject({ is_active: false })
    expect(await item(virtualKeyKey(hashOfKey(following.key)))).toMatchObject({
      is_active: true,
      owner_team_id: target,
    })
    expect(await rowOf(team)).toBeUndefined()
    expect(await actionsOf(`user:${people[0]}`)).toEqual(['user.moved'])
    expect((await remove(team)).status).toBe(404)
  })

  test('goes with keys that were revoked before', async () => {
    const team = await newTeam()
    const { id } = await newKey({ team_id: team, user_id: null })
    await ask('POST', `/admin/keys/${id}/revoke`)
    expect((await remove(team)).status).toBe(200)
    const listed = (await ask('GET', '/admin/keys?status=revoked')).body.keys.find((key: Body) => key.id === id)
    expect(listed).toMatchObject({ team_id: team, team_name: null })
  })

  test.each([
    [() => randomUUID(), 'move_members_to: there is no such team'],
    [(team: string) => team, 'move_members_to: is the team that is to be deleted'],
    [() => 'elsewhere', "move_members_to: must be the UUID of a team, or 'none'"],
  ])('is not emptied to where nobody can go (%#)', async (targetOf, message) => {
    const team = await newTeam()
    const person = await control.person({ teamId: team })
    const refused = await remove(team, `?move_members_to=${targetOf(team)}`)
    expect([refused.status, refused.body.error.message]).toEqual([400, message])
    expect(await item(userKey(person.id))).toMatchObject({ team_id: team })
  })

  test('?revoke_keys=maybe is refused', async () => {
    const refused = await remove(await newTeam(), '?revoke_keys=maybe')
    expect([refused.status, refused.body.error.message]).toEqual([400, 'revoke_keys: must be true or false'])
  })
})
