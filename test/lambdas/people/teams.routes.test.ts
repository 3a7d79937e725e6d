import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startControl, type TestControl } from '../../support/control.ts'

let control: TestControl
let token: string
beforeAll(async () => {
  control = await startControl()
  token = (await control.person({ role: 'admin' })).token
})
afterAll(() => control.stop())

const create = (name: unknown) => control.ask('POST', '/admin/teams', { token, body: { name } })
const remove = (id: string) => control.ask('DELETE', `/admin/teams/${id}`, { token })
const names = async (): Promise<string[]> =>
  (await control.ask('GET', '/admin/teams', { token })).body.teams.map(({ name }: { name: string }) => name)

test('a team is created, listed and deleted', async () => {
  const { status, body } = await create('  Platform  ')
  expect(status).toBe(201)
  expect(body).toEqual({
    id: expect.any(String),
    name: 'Platform',
    budget_amount_usd: null,
    allowed_models: null,
    budget_period: 'monthly',
    budget_policy: null,
    default_user_budget_usd: null,
    notify_recipients: 'both',
    routing_strategy: 'sticky_user',
    created_at: new Date(control.now()).toISOString(),
    external_id: null,
    display_name: null,
    scim_managed: false,
    idp_id: null,
  })
  expect((await control.ask('GET', '/admin/teams', { token })).body.teams).toEqual([body])
  expect((await remove(body.id)).body).toEqual({ deleted: true, members_moved: 0, keys_revoked: 0 })
  expect(await names()).toEqual([])
  expect((await remove(body.id)).status).toBe(404)
})

test('a name is taken whatever its case, and free again after deletion', async () => {
  const { body } = await create('Données')
  const taken = await create('DONNÉES')
  expect(taken.status).toBe(409)
  expect(taken.body.error.message).toMatch(/^name: /)
  await remove(body.id)
  const again = await create('DONNÉES')
  expect(again.status).toBe(201)
  await remove(again.body.id)
})

test('of two who create the same name at once, one is told it is taken', async () => {
  const answers = await Promise.all([create('Race'), create('race')])
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
  for (const { status, body } of answers) if (status === 201) await remove(body.id)
})

test('teams are listed by name, without regard to case', async () => {
  const made = []
  for (const name of ['beta', 'Alpha', 'gamma']) made.push((await create(name)).body.id)
  expect(await names()).toEqual(['Alpha', 'beta', 'gamma'])
  for (const id of made) await remove(id)
})

test.each(['', '  ', 'x'.repeat(101), 'a\tb', null, 5])('%j is no name', async (name) => {
  const refused = await create(name)
  expect(refused.status).toBe(400)
  expect(refused.body.error.message).toMatch(/^name: /)
})

test('a team stays while members or keys refer to it, and says how many', async () => {
  const { id } = (await create('Busy')).body
  await control.person({ teamId: id })
  const key = await control.ask('POST', '/admin/keys', { token, body: { team_id: id, user_id: null } })
  const refused = await remove(id)
  expect(refused.status).toBe(409)
  expect(refused.body.error.message).toBe('The team still has 1 member and 1 key. Move or delete them first.')
  await control.ask('DELETE', `/admin/keys/${key.body.id}`, { token })
  expect((await remove(id)).body.error.message).toBe('The team still has 1 member. Move or delete them first.')
})

test('an unknown team is 404', async () => {
  const answer = await remove(randomUUID())
  expect(answer.status).toBe(404)
  expect(answer.body.error.message).toBe('Team not found')
})
