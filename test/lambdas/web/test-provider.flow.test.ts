import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startAws, type TestAws } from '../../support/aws.ts'
import { startControl, type TestControl, type TestPerson } from '../../support/control.ts'
import { answering, foundHits, type SearchEngine, startSearchEngine } from '../../support/search-engine.ts'

let aws: TestAws
let control: TestControl
let admin: TestPerson
let member: TestPerson
let engine: SearchEngine
let api_url: string

beforeAll(async () => {
  aws = await startAws()
  control = await startControl(aws)
  engine = await startSearchEngine()
  api_url = engine.url
})
afterAll(async () => {
  await engine?.stop()
  await control?.stop()
  await aws?.stop()
})
beforeEach(async () => {
  admin = await control.person({ role: 'admin' })
  member = await control.person()
  engine.asked.length = 0
  engine.answer = answering(foundHits(3))
})

const KEY = 'a-key-of-their-own'
const tryOut = (body: object, { token } = member) =>
  control.ask('POST', '/admin/search-providers/test', { token, body: { provider_type: 'custom', ...body } })
const save = (body: object) =>
  control.ask('PUT', '/admin/search-providers', { token: member.token, body: { provider_type: 'custom', ...body } })
const setShared = (provider: object) =>
  control.ask('PUT', '/admin/websearch-mode', {
    token: admin.token,
    body: { mode: 'global', provider: { provider_type: 'custom', ...provider } },
  })

test('what is found is shown, its snippets cut to two hundred, and how long it took', async () => {
  const { status, body } = await tryOut({ api_url, api_key: KEY, max_results: 3 })
  expect(status).toBe(200)
  expect(body).toEqual({
    success: true,
    result_count: 3,
    results: foundHits(3).map(({ title, link }) => ({ title, url: link, snippet: `${'s'.repeat(200)}…` })),
    duration_ms: expect.any(Number),
  })
  expect(engine.asked).toEqual([
    { authorization: `Bearer ${KEY}`, body: expect.objectContaining({ query: 'test search query', count: 3 }) },
  ])
})

test('five results are enough, and it is asked anew each time', async () => {
  engine.answer = answering(foundHits(20))
  expect((await tryOut({ api_url, max_results: 20 })).body.result_count).toBe(5)
  engine.answer = { status: 500, body: '' }
  expect((await tryOut({ api_url, max_results: 20 })).body.success).toBe(false)
})

test('nothing that is tried is saved', async () => {
  await tryOut({ api_url, api_key: KEY, enabled: true })
  const { body } = await control.ask('GET', '/admin/search-providers', { token: member.token })
  expect(body.providers).toEqual([])
})

test.each([
  [401, 'the secret of another server'],
  [302, 'the secret of another server'],
  [200, '<html>the secret of another server</html>'],
])('W4: of a server that answers %d %s no word is told', async (status, said) => {
  engine.answer = { status, body: said }
  const { body } = await tryOut({ api_url })
  expect(body).toEqual({ success: false, error: expect.stringMatching(/^\w.{10,}/), duration_ms: expect.any(Number) })
  expect(JSON.stringify(body)).not.toContain('secret')
  expect(control.logged.join()).not.toContain('secret')
  // A redirect of what was sent is not gone after.
  expect(engine.asked).toHaveLength(1)
})

test('S-H12: an address that is none of the web is not handed on', async () => {
  engine.answer = answering([{ title: 'x', link: 'javascript:alert(1)', snippet: 'x' }, ...foundHits(1)])
  const { results } = (await tryOut({ api_url })).body
  expect(results.map(({ url }: { url: string }) => url)).toEqual(['https://example.org/0'])
})

test('S-M14: a saved one is tried with its own key, which nobody has to enter again', async () => {
  await save({ api_url, api_key: KEY, max_results: 9 })
  expect((await tryOut({ use_stored_key: true })).body).toMatchObject({ success: true })
  expect((await tryOut({ use_stored_key: true, max_results: 2 })).body.result_count).toBe(2)
  expect(engine.asked.map(({ authorization, body }) => [authorization, body.count])).toEqual([
    [`Bearer ${KEY}`, 5],
    [`Bearer ${KEY}`, 2],
  ])
  // Unless they want it so, or enter another.
  await tryOut({ api_url })
  await tryOut({ use_stored_key: true, api_key: 'another' })
  expect(engine.asked.slice(2).map(({ authorization }) => authorization)).toEqual([undefined, 'Bearer another'])
})

test('one that was not saved cannot be tried as saved', async () => {
  expect(await tryOut({ use_stored_key: true })).toMatchObject({
    status: 404,
    body: { error: { message: "Provider 'custom' not configured. Save it first." } },
  })
})

test('an administrator tries the provider for all, in whatever mode; nobody else does', async () => {
  await setShared({ api_url, api_key: 'of-the-company' })
  const shared = { use_stored_key: true, scope: 'global' }
  expect((await tryOut(shared, admin)).body).toMatchObject({ success: true })
  await control.ask('PUT', '/admin/websearch-mode', { token: admin.token, body: { mode: 'enabled' } })
  expect((await tryOut(shared, admin)).body).toMatchObject({ success: true })
  expect(engine.asked.map(({ authorization }) => authorization)).toEqual([
    'Bearer of-the-company',
    'Bearer of-the-company',
  ])
  expect(await tryOut(shared)).toMatchObject({
    status: 403,
    body: { error: { message: 'Admin access required' } },
  })
  expect(engine.asked).toHaveLength(2)
})

test('W4: twenty a minute are allowed to each person, and the next minute begins anew', async () => {
  for (let tries = 0; tries < 20; tries++) expect((await tryOut({ api_url })).status).toBe(200)
  const refused = await tryOut({ api_url })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
  expect((await tryOut({ api_url }, admin)).status).toBe(200)
  expect(engine.asked).toHaveLength(21)
  control.advance(60_000)
  expect((await tryOut({ api_url })).status).toBe(200)
})
