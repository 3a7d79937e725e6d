import { DeleteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { searchProvidersKey, userKey, webSearchKey } from '../../../lambdas/table/core-keys.ts'
import { counterKey } from '../../../lambdas/table/usage-keys.ts'
import { startAws, type TestAws } from '../../support/aws.ts'
import { startControl, type TestControl, type TestPerson } from '../../support/control.ts'

let aws: TestAws
let control: TestControl
let admin: TestPerson
let member: TestPerson
beforeAll(async () => {
  aws = await startAws()
  control = await startControl(aws)
})
afterAll(async () => {
  await control?.stop()
  await aws?.stop()
})
beforeEach(async () => {
  admin = await control.person({ role: 'admin' })
  member = await control.person()
  await control.documents.send(new DeleteCommand({ TableName: control.tables.core, Key: { ...webSearchKey } }))
})

const PROVIDERS = '/admin/search-providers'
const MODE = '/admin/websearch-mode'
const KEY = 'tvly-0123456789abcdef'
const SHARED_KEY = 'serper-fedcba9876543210'

const ask = (method: string, path: string, body?: unknown, { token } = member) =>
  control.ask(method, path, { token, body })
const save = (provider_type: string, rest: object = {}) => ask('PUT', PROVIDERS, { provider_type, ...rest })
const activate = (provider_type: string, rest: object = {}) =>
  ask('POST', `${PROVIDERS}/activate`, { provider_type, ...rest })
const list = async (who = member) => (await ask('GET', PROVIDERS, undefined, who)).body
const activeOf = async () =>
  (await list()).providers
    .filter(({ enabled }: { enabled: boolean }) => enabled)
    .map(({ provider_type }: { provider_type: string }) => provider_type)
const setMode = (mode: string, rest: object = {}) => ask('PUT', MODE, { mode, ...rest }, admin)
const mode = async () => (await ask('GET', MODE, undefined, admin)).body
const serper = (rest: object = {}) => ({ provider: { provider_type: 'serper', api_key: SHARED_KEY, ...rest } })

async function read(table: string, PK: string) {
  const { Items = [] } = await control.documents.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'PK = :pk',
      ExpressionAttributeValues: { ':pk': PK },
    }),
  )
  return Items
}
const audited = async () =>
  (await read(control.tables.events, 'AUDIT#2026-11'))
    .filter(({ actor_id }) => actor_id === member.id || actor_id === admin.id)
    .filter(({ action }) => /^(?:search-provider|websearch-mode)/.test(action))
    .sort((one, other) => (one.SK < other.SK ? -1 : 1))
/** Everything that is kept or logged of it. */
const traces = async () =>
  JSON.stringify([
    await read(control.tables.core, searchProvidersKey(member.id).PK),
    await read(control.tables.core, webSearchKey.PK),
    await audited(),
    control.logged,
  ])

describe('search providers of one’s own', () => {
  test('there are none to begin with, and DuckDuckGo serves', async () => {
    expect(await list()).toEqual({
      providers: [],
      mode: 'enabled',
      global_provider: null,
      fallback: true,
      this_month: { searches: 0, cost_usd: 0 },
      rev: 0,
    })
  })

  test('what was searched for this month, and what it counts, is told to whom it was for', async () => {
    const counter = counterKey({ kind: 'user', id: member.id }, control.now(), 0)
    await control.put({ ...counter, m_cost: 9e9, m_searches: 12, m_search_cost: 60_000_000 }, 'usage')
    expect(await list()).toMatchObject({ this_month: { searches: 12, cost_usd: 0.06 } })
  })

  test.each([
    ['duckduckgo', {}, { has_api_key: false, api_url: null }],
    ['tavily', { api_key: KEY }, { has_api_key: true, api_url: null }],
    ['serper', { api_key: KEY, api_url: '' }, { has_api_key: true, api_url: null }],
    ['brave', { api_key: KEY }, { has_api_key: true, api_url: null }],
    ['searxng', { api_url: 'https://searx.example.org/search' }, { api_url: 'https://searx.example.org/search' }],
    ['custom', { api_url: 'https://find.example.org/x?y=1' }, { has_api_key: false }],
    ['custom', { api_url: 'http://localhost:8888/', api_key: KEY }, { has_api_key: true }],
  ])('WS6: %s is set up with %j', async (provider_type, rest, shown) => {
    const { status, body } = await save(provider_type, rest)
    const { provider } = body
    expect([status, provider]).toMatchObject([200, { provider_type, max_results: 5, enabled: true, ...shown }])
    expect(await list()).toMatchObject({ providers: [provider], rev: 1 })
  })

  test.each([
    ['bing', {}, 'provider_type: Invalid provider_type. Must be one of: duckduckgo, tavily, serper, brave, searxng'],
    ['tavily', {}, 'api_key: tavily requires an API key'],
    ['serper', { api_key: ' ' }, 'api_key: serper requires an API key'],
    ['brave', { api_key: null }, 'api_key: brave requires an API key'],
    ['duckduckgo', { api_key: KEY }, 'api_key: duckduckgo takes no API key'],
    ['tavily', { api_key: 'two words' }, 'api_key: must be one word'],
    ['tavily', { api_key: 'k'.repeat(513) }, 'api_key: must have at most 512 characters'],
    ['tavily', { api_key: KEY, api_url: 'https://tavily.example.org' }, 'api_url: tavily has an address of its own'],
    ['searxng', {}, 'api_url: SearXNG provider requires an API URL'],
    ['custom', { api_url: '' }, 'api_url: Custom provider requires an API URL'],
    ['duckduckgo', { max_results: 'many' }, 'max_results: must be a number'],
    ['duckduckgo', { colour: 'red' }, 'unknown member: colour'],
  ])('WS6: %s with %j is refused, the field is named, and nothing is half saved', async (type, rest, message) => {
    const { status, body } = await save(type, rest)
    expect([status, body.error.message]).toEqual([400, expect.stringContaining(message)])
    expect(await list()).toMatchObject({ providers: [], rev: 0 })
  })

  test.each([
    'http://searx.example.org/',
    'https://10.0.0.7/search',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::1]/',
    'https://2130706433/',
    'https://intranet/search',
    'https://search.internal/',
    'https://me:secret@searx.example.org/',
    'file:///etc/passwd',
    'searx.example.org',
  ])('W4: the address %s is refused when it is saved and when it is tried', async (api_url) => {
    for (const provider_type of ['searxng', 'custom']) {
      const answers = [
        await save(provider_type, { api_url }),
        await ask('POST', `${PROVIDERS}/test`, { provider_type, api_url }),
      ]
      for (const { status, body } of answers)
        expect([status, body.error.message]).toEqual([400, expect.stringMatching(/^api_url: /)])
    }
    const shared = await setMode('global', { provider: { provider_type: 'custom', api_url } })
    expect([shared.status, shared.body.error.message]).toEqual([400, expect.stringMatching(/^provider\.api_url: /)])
    expect((await list()).rev).toBe(0)
  })

  test.each([
    [0, 1],
    [-3, 1],
    [1, 1],
    [7.9, 7],
    [20, 20],
    [1e9, 20],
  ])('WS6: %d results wanted are %d', async (wanted, clamped) => {
    expect((await save('duckduckgo', { max_results: wanted })).body.provider.max_results).toBe(clamped)
  })

  test('W35: a key that is not mentioned stays, null takes it away, and what was shown can be sent back', async () => {
    await save('custom', { api_url: 'https://find.example.org/', api_key: KEY, max_results: 9 })
    const [shown] = (await list()).providers
    expect(shown).toMatchObject({ has_api_key: true, max_results: 9 })
    const sealed = (await read(control.tables.core, searchProvidersKey(member.id).PK)).find(({ SK }) => SK === 'SEARCH')

    const echoed = await ask('PUT', PROVIDERS, shown)
    expect(echoed).toMatchObject({ status: 200, body: { provider: { ...shown, updated_at: expect.anything() } } })
    const after = (await read(control.tables.core, searchProvidersKey(member.id).PK)).find(({ SK }) => SK === 'SEARCH')
    expect(after?.providers[0].sealed_key).toBe(sealed?.providers[0].sealed_key)

    expect((await save('custom', { api_key: '' })).body.provider).toMatchObject({
      has_api_key: true,
      api_url: 'https://find.example.org/',
      max_results: 9,
    })
    expect((await save('custom', { api_key: null })).body.provider).toMatchObject({ has_api_key: false, enabled: true })
  })

  test('W35: a key that is needed cannot be taken away', async () => {
    await save('tavily', { api_key: KEY })
    expect(await save('tavily', { api_key: null })).toMatchObject({
      status: 400,
      body: { error: { message: 'api_key: tavily requires an API key' } },
    })
    expect((await list()).providers[0].has_api_key).toBe(true)
  })

  test('W35: the first one is active; the next ones wait, and the active one stays active when it is changed', async () => {
    await save('tavily', { api_key: KEY })
    await save('duckduckgo')
    expect(await activeOf()).toEqual(['tavily'])
    expect((await save('tavily', { max_results: 12 })).body.provider).toMatchObject({ enabled: true, max_results: 12 })
    expect(await activeOf()).toEqual(['tavily'])
  })

  test('W35: there is never more than one that is active, whatever is said', async () => {
    await save('tavily', { api_key: KEY })
    await save('serper', { api_key: KEY, enabled: true })
    expect(await activeOf()).toEqual(['serper'])
    await activate('tavily')
    expect(await activeOf()).toEqual(['tavily'])
    await save('tavily', { enabled: false })
    expect(await activeOf()).toEqual([])
    await save('duckduckgo', { enabled: false })
    expect(await activeOf()).toEqual([])
  })

  test('W33: activating one that was not saved is 404, and changes nothing', async () => {
    await save('tavily', { api_key: KEY })
    for (const type of ['serper', 'bing']) {
      expect(await activate(type)).toMatchObject({
        status: 404,
        body: { error: { message: `Provider '${type}' not configured. Save it first.` } },
      })
    }
    expect(await activeOf()).toEqual(['tavily'])
    expect(await list()).toMatchObject({ rev: 1 })
  })

  test('one that is saved is activated, and told with its id', async () => {
    await save('tavily', { api_key: KEY })
    const { id } = (await save('duckduckgo')).body.provider
    expect(await activate('duckduckgo')).toMatchObject({
      status: 200,
      body: { provider: { id, provider_type: 'duckduckgo', enabled: true } },
    })
    // It is already; nothing is written for it.
    const { rev } = await list()
    await activate('duckduckgo')
    expect((await list()).rev).toBe(rev)
  })

  test('one is removed with its key; the active one too, and then none is', async () => {
    await save('tavily', { api_key: KEY })
    await save('duckduckgo')
    expect((await ask('DELETE', `${PROVIDERS}/tavily`)).body).toEqual({ deleted: true })
    expect(await list()).toMatchObject({ providers: [{ provider_type: 'duckduckgo', enabled: false }] })
    const gone = await ask('DELETE', `${PROVIDERS}/tavily`)
    expect([gone.status, gone.body]).toEqual([200, { deleted: false, message: 'No config to delete' }])
    expect((await ask('DELETE', `${PROVIDERS}/bing`)).status).toBe(400)
  })

  test('W35: no key is kept, told, logged or audited as it is; and it is of no use to anybody else', async () => {
    await save('tavily', { api_key: KEY })
    await save('custom', { api_url: 'https://find.example.org/secret-path', api_key: KEY })
    await setMode('global', serper())
    await ask('POST', `${PROVIDERS}/test`, { provider_type: 'tavily', api_key: KEY })
    expect(JSON.stringify([await list(), await mode()])).not.toMatch(/tvly-|serper-f/)
    expect(await traces()).not.toMatch(/tvly-|serper-f/)
    expect(JSON.stringify(await audited())).not.toContain('secret-path')
    // Sealed for its owner: in another person's item it cannot be opened.
    const [own] = await read(control.tables.core, searchProvidersKey(member.id).PK).then((items) =>
      items.filter(({ SK }) => SK === 'SEARCH'),
    )
    await control.put({ ...own, ...searchProvidersKey(admin.id) })
    const { body } = await ask('POST', `${PROVIDERS}/test`, { provider_type: 'tavily', use_stored_key: true }, admin)
    expect(body).toMatchObject({ success: false, error: expect.stringContaining('stored key cannot be opened') })
  })

  test('each change is audited with who made it', async () => {
    await save('tavily', { api_key: KEY })
    await save('tavily', { max_results: 3 })
    await save('duckduckgo')
    await activate('duckduckgo')
    await ask('DELETE', `${PROVIDERS}/tavily`)
    const entries = await audited()
    expect(entries.every(({ actor_id, target }) => actor_id === member.id && target === `user:${member.id}`)).toBe(true)
    expect(entries.map(({ action }) => action).sort()).toEqual([
      'search-provider.activated',
      'search-provider.removed',
      'search-provider.saved',
      'search-provider.saved',
      'search-provider.saved',
    ])
    expect(entries.map(({ detail }) => detail)).toEqual(
      expect.arrayContaining([
        { provider_type: 'tavily', api_key: 'new', api_url: null, max_results: 5, active: true },
        { provider_type: 'tavily', api_key: 'kept', api_url: null, max_results: 3, active: true },
        { provider_type: 'duckduckgo', instead_of: 'tavily' },
      ]),
    )
  })

  test('what one person sets up is theirs alone, and a virtual key sets up nothing', async () => {
    await save('tavily', { api_key: KEY })
    expect((await list(admin)).providers).toEqual([])
    const { body } = await ask('POST', '/admin/keys', { name: 'k' })
    expect((await control.ask('GET', PROVIDERS, { token: body.key })).status).toBe(401)
    expect((await control.ask('GET', PROVIDERS)).status).toBe(401)
  })

  test('a revision that is not the last one is refused', async () => {
    const { rev } = (await save('tavily', { api_key: KEY })).body
    await save('duckduckgo', { rev })
    expect((await save('duckduckgo', { rev, max_results: 9 })).status).toBe(409)
    expect((await activate('duckduckgo', { rev })).status).toBe(409)
    expect(await activeOf()).toEqual(['tavily'])
  })

  test('changes that are made at once are all made', async () => {
    const types = ['tavily', 'serper', 'brave']
    const saved = await Promise.all(types.map((type) => save(type, { api_key: KEY })))
    expect(saved.map(({ status }) => status)).toEqual([200, 200, 200])
    const { providers } = await list()
    expect(providers.map(({ provider_type }: { provider_type: string }) => provider_type).sort()).toEqual(types.sort())
    expect(await activeOf()).toHaveLength(1)
  })

  test('a person who is deleted takes their keys along', async () => {
    await save('tavily', { api_key: KEY })
    expect((await ask('DELETE', `/admin/users/${member.id}`, undefined, admin)).status).toBe(200)
    expect(await read(control.tables.core, userKey(member.id).PK)).toEqual([])
  })
})

test('somebody who is deleted while they save leaves nothing behind', async () => {
  let gone = false
  control.documents.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'TransactWriteItemsCommand' && !gone) {
          gone = true
          await control.documents.send(new DeleteCommand({ TableName: control.tables.core, Key: userKey(member.id) }))
        }
        return await next(args)
      },
    { step: 'initialize', name: 'deletesThem' },
  )
  const { status, body } = await save('tavily', { api_key: KEY })
  expect([status, body.error.message]).toEqual([404, 'User not found in database'])
  control.documents.middlewareStack.remove('deletesThem')
  expect(await read(control.tables.core, userKey(member.id).PK)).toEqual([])
})

describe('E14, WS8: the mode of the web search', () => {
  test('is enabled to begin with, without reading pages', async () => {
    expect(await mode()).toEqual({ mode: 'enabled', web_fetch: false, fallback: true, rev: 0 })
  })

  test.each(['enabled', 'disabled'])('can be set to %s', async (to) => {
    const { status, body } = await setMode(to)
    expect([status, body]).toEqual([200, { updated: true, rev: 1 }])
    expect((await mode()).mode).toBe(to)
  })

  test.each([
    ['off', {}, "mode: Invalid websearch mode 'off'. Must be one of: enabled, disabled, global"],
    [7, {}, "mode: Invalid websearch mode '7'. Must be one of: enabled, disabled, global"],
    ['global', {}, "provider: Provider configuration is required when mode is 'global'"],
    ['global', { provider: null }, "provider: Provider configuration is required when mode is 'global'"],
    [
      'global',
      { provider: {} },
      'provider.provider_type: provider_type is required in the provider configuration. Must be one of: duckduckgo',
    ],
    [
      'global',
      { provider: { provider_type: 'bing' } },
      "provider.provider_type: Invalid provider_type 'bing'. Must be one of: duckduckgo, tavily, serper, brave",
    ],
    ['global', { provider: { provider_type: 'tavily' } }, 'provider.api_key: tavily requires an API key'],
    ['global', { provider: { provider_type: 'custom' } }, 'provider.api_url: Custom provider requires an API URL'],
    ['global', serper({ price_per_1000_usd: -1 }), 'provider.price_per_1000_usd: must be 0 or more'],
    ['global', serper({ price_per_1000_usd: 1001 }), 'provider.price_per_1000_usd: must be at most 1,000'],
    ['global', serper({ price_per_1000_usd: 0.0000001 }), 'provider.price_per_1000_usd: must have at most six'],
    ['global', serper({ price_per_1000_usd: '5' }), 'provider.price_per_1000_usd: must be a number'],
    ['enabled', { provider: { provider_type: 'bing' } }, "Invalid provider_type 'bing'"],
    ['enabled', { web_fetch: 'yes' }, 'web_fetch'],
    ['enabled', { fallback: 1 }, 'fallback'],
  ])('%s with %j is refused, the field is named, and nothing is changed', async (to, rest, message) => {
    const { status, body } = await setMode(to as string, rest)
    expect([status, body.error.message]).toEqual([400, expect.stringContaining(message)])
    expect(await mode()).toMatchObject({ mode: 'enabled', rev: 0 })
  })

  test.each([
    ['tavily', { api_key: KEY }],
    ['serper', { api_key: KEY }],
    ['brave', { api_key: KEY }],
    ['duckduckgo', {}],
    ['searxng', { api_url: 'https://searx.example.org/' }],
    ['custom', { api_url: 'https://find.example.org/', api_key: KEY }],
  ])('WS7: %s can be the provider for all', async (provider_type, rest) => {
    await setMode('global', { provider: { provider_type, max_results: 99, ...rest } })
    const { api_key, ...shown } = { api_key: undefined, ...rest }
    expect((await mode()).provider).toEqual({
      provider_type,
      has_api_key: api_key !== undefined,
      api_url: null,
      ...shown,
      max_results: 20,
      price_per_1000_usd: 0,
    })
  })

  test('E15, W35: its key is not shown, and stays when what is shown is sent back', async () => {
    await setMode('global', serper({ price_per_1000_usd: 0.000003, max_results: 7 }))
    const shown = await mode()
    expect(shown.provider).toEqual({
      provider_type: 'serper',
      has_api_key: true,
      api_url: null,
      max_results: 7,
      price_per_1000_usd: 0.000003,
    })
    expect((await ask('PUT', MODE, shown, admin)).status).toBe(200)
    expect(await mode()).toEqual({ ...shown, rev: shown.rev + 1 })
  })

  test('E16: its provider is not shown in another mode, and is there again with its key', async () => {
    await setMode('global', serper({ price_per_1000_usd: 1.5 }))
    await setMode('enabled')
    expect(await mode()).toEqual({ mode: 'enabled', web_fetch: false, fallback: true, rev: 2 })
    expect((await setMode('global', { provider: { provider_type: 'serper' } })).status).toBe(200)
    expect((await mode()).provider).toMatchObject({ has_api_key: true, price_per_1000_usd: 1.5 })
  })

  test('a provider of another type takes over neither key nor price', async () => {
    await setMode('global', serper({ price_per_1000_usd: 1.5 }))
    const { status, body } = await setMode('global', { provider: { provider_type: 'tavily' } })
    expect([status, body.error.message]).toEqual([400, 'provider.api_key: tavily requires an API key'])
    await setMode('global', { provider: { provider_type: 'tavily', api_key: KEY } })
    expect((await mode()).provider).toMatchObject({ price_per_1000_usd: 0 })
  })

  test('a stored key is not sent to another address because an administrator names one', async () => {
    const custom = (rest: object) => setMode('global', { provider: { provider_type: 'custom', ...rest } })
    await custom({ api_url: 'https://find.example.org/a', api_key: KEY })
    const refused = /api_key: enter the key again, since it would go to another address/
    const moved = await custom({ api_url: 'https://elsewhere.example.org/a' })
    expect([moved.status, moved.body.error.message]).toEqual([400, expect.stringMatching(refused)])
    const tried = await ask(
      'POST',
      `${PROVIDERS}/test`,
      { provider_type: 'custom', api_url: 'https://elsewhere.example.org/', use_stored_key: true, scope: 'global' },
      admin,
    )
    expect([tried.status, tried.body.error.message]).toEqual([400, expect.stringMatching(refused)])
    expect((await custom({ api_url: 'https://find.example.org/b' })).status).toBe(200)
  })

  test('reading pages and asking DuckDuckGo besides are kept unless they are named', async () => {
    await setMode('enabled', { web_fetch: true, fallback: false })
    await setMode('disabled')
    expect(await mode()).toMatchObject({ mode: 'disabled', web_fetch: true, fallback: false })
    await setMode('enabled', { web_fetch: false, fallback: true })
    expect(await mode()).toMatchObject({ web_fetch: false, fallback: true })
  })

  test('is for administrators', async () => {
    for (const [method, body] of [
      ['GET', undefined],
      ['PUT', { mode: 'disabled' }],
    ] as const) {
      expect(await ask(method, MODE, body)).toMatchObject({
        status: 403,
        body: { error: { message: 'Admin access required' } },
      })
    }
  })

  test('members are told the mode and who is asked, and nothing else of it', async () => {
    await setMode('global', serper())
    expect(await list()).toMatchObject({
      providers: [],
      mode: 'global',
      global_provider: 'serper',
      fallback: true,
      rev: 0,
    })
    await setMode('disabled')
    expect(await list()).toMatchObject({ mode: 'disabled', global_provider: null })
  })

  test('of two administrators who set it at once neither is lost, and whoever saw an older one is told', async () => {
    const rev = 0
    const both = await Promise.all([
      setMode('enabled', { web_fetch: true, rev }),
      setMode('enabled', { fallback: false, rev }),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
    const blind = await Promise.all([setMode('enabled', { web_fetch: true }), setMode('enabled', { fallback: false })])
    expect(blind.map(({ status }) => status)).toEqual([200, 200])
    expect(await mode()).toMatchObject({ web_fetch: true, fallback: false })
  })

  test('is audited', async () => {
    await setMode('global', serper({ price_per_1000_usd: 5 }))
    const [{ action, actor_id, target, detail } = {}] = await audited()
    expect({ action, actor_id, target, detail }).toEqual({
      action: 'websearch-mode.set',
      actor_id: admin.id,
      target: 'setting:websearch',
      detail: {
        mode: 'global',
        web_fetch: false,
        fallback: true,
        provider: { provider_type: 'serper', api_key: 'new', api_url: null, max_results: 5, price_per_1000_usd: 5 },
      },
    })
  })

  test('E17, WS8: the settings show it, and follow it in the running process', async () => {
    const settings = async () => (await ask('GET', '/admin/settings', undefined, admin)).body
    const usual = { virtual_keys_enabled: true, admin_login_enabled: true, session_token_ttl_hours: 24 }
    expect(await settings()).toEqual({ ...usual, websearch_mode: 'enabled' })
    for (const to of ['disabled', 'enabled']) {
      await setMode(to)
      expect(await settings()).toEqual({ ...usual, websearch_mode: to })
    }
    expect((await ask('GET', '/admin/settings')).status).toBe(403)
  })
})
