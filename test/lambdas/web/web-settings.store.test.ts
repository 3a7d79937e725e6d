import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { jsonLog } from '../../../lambdas/platform/log.host.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import { openSeal } from '../../../lambdas/secrets/seal.client.ts'
import { searchProvidersKey, webSearchKey } from '../../../lambdas/table/core-keys.ts'
import { openWebSettings, type WebSettingsReader } from '../../../lambdas/web/web-settings.store.ts'
import { SEALING_KEY, startAws, type TestAws } from '../../support/aws.ts'
import { startControl, type TestControl, type TestPerson } from '../../support/control.ts'

const KEY = 'tvly-0123456789abcdef'
const DUCKDUCKGO = { type: 'duckduckgo', apiKey: null, apiUrl: null, maxResults: 5, price: 0 }

let aws: TestAws
let control: TestControl
let admin: TestPerson
let member: TestPerson
let logged: string[]
let reader: WebSettingsReader
beforeAll(async () => {
  aws = await startAws()
})
afterAll(() => aws.stop())
beforeEach(async () => {
  control = await startControl(aws)
  admin = await control.person({ role: 'admin' })
  member = await control.person()
  logged = []
  reader = openReader()
})
afterEach(() => control.stop())

function openReader(): WebSettingsReader {
  const credentials = { accessKeyId: 'messages', secretAccessKey: 'local' }
  const seal = openSeal(SEALING_KEY, { endpoint: aws.kms.endpoint, region: 'us-east-1', credentials })
  return openWebSettings(
    control.documents,
    control.tables.core,
    seal,
    jsonLog((line) => void logged.push(line)),
  )
}

const save = (body: object) => control.ask('PUT', '/admin/search-providers', { token: member.token, body })
const setMode = (body: object) => control.ask('PUT', '/admin/websearch-mode', { token: admin.token, body })
const spoil = async (key: { PK: string; SK: string }, change: string, values: Record<string, unknown>) =>
  void (await control.documents.send(
    new UpdateCommand({
      TableName: control.tables.core,
      Key: { ...key },
      UpdateExpression: change,
      ExpressionAttributeNames: { '#mode': 'mode' },
      ExpressionAttributeValues: values,
    }),
  ))
const warned = () => logged.map((line) => JSON.parse(line)).map(({ level, event }) => `${level} ${event}`)

describe('WS6: where everybody brings a provider of their own', () => {
  test('DuckDuckGo is asked for whoever has set nothing up, and for a key of nobody', async () => {
    const usual = { mode: 'enabled', providers: [DUCKDUCKGO], fetches: false }
    expect(await reader.of(null)).toEqual(usual)
    expect(await reader.of(member.id)).toEqual(usual)
    expect(logged).toEqual([])
  })

  test('their active one is asked first, with its key, at no price; then DuckDuckGo', async () => {
    await save({ provider_type: 'tavily', api_key: KEY, max_results: 12 })
    await save({ provider_type: 'custom', api_url: 'https://find.example.org/', api_key: 'other' })
    const own = { type: 'tavily', apiKey: KEY, apiUrl: null, maxResults: 12, price: 0 }
    expect(await reader.of(member.id)).toEqual({ mode: 'enabled', providers: [own, DUCKDUCKGO], fetches: false })
    expect((await reader.of(admin.id)).providers).toEqual([DUCKDUCKGO])
    expect((await reader.of(null)).providers).toEqual([DUCKDUCKGO])
  })

  test('DuckDuckGo is not asked twice', async () => {
    await save({ provider_type: 'duckduckgo', max_results: 9 })
    expect((await reader.of(member.id)).providers).toEqual([{ ...DUCKDUCKGO, maxResults: 9 }])
  })

  test('a change counts for the very next request', async () => {
    await save({ provider_type: 'tavily', api_key: KEY })
    await reader.of(member.id)
    await save({ provider_type: 'tavily', api_key: 'tvly-another' })
    expect((await reader.of(member.id)).providers[0]?.apiKey).toBe('tvly-another')
    await setMode({ mode: 'disabled', web_fetch: true })
    expect(await reader.of(member.id)).toEqual({ mode: 'disabled', providers: [], fetches: true })
  })

  test('a key that cannot be opened is warned of, without a word of it, and DuckDuckGo is asked', async () => {
    await save({ provider_type: 'tavily', api_key: KEY })
    await spoil(searchProvidersKey(member.id), 'SET providers[0].sealed_key = :no, #mode = :no', { ':no': 'bm8=' })
    expect((await reader.of(member.id)).providers).toEqual([DUCKDUCKGO])
    expect(warned()).toEqual(['warn web.key_unreadable'])
    expect(logged.join()).not.toContain('tvly')
  })

  test('a row that cannot be read is warned of, and DuckDuckGo is asked', async () => {
    await save({ provider_type: 'tavily', api_key: KEY })
    await spoil(searchProvidersKey(member.id), 'SET providers = :no, #mode = :no', { ':no': 'nonsense' })
    expect((await reader.of(member.id)).providers).toEqual([DUCKDUCKGO])
    expect(warned()).toEqual(['warn web.settings_unreadable'])
  })

  test('a mode that nobody knows is as good as enabled', async () => {
    await setMode({ mode: 'disabled' })
    await spoil(webSearchKey, 'SET #mode = :no', { ':no': 'sometimes' })
    expect(await reader.of(member.id)).toMatchObject({ mode: 'enabled', providers: [DUCKDUCKGO] })
  })
})

describe('WS7: where one provider serves all', () => {
  const provider = { provider_type: 'tavily', api_key: KEY, max_results: 99, price_per_1000_usd: 8 }
  const shared = { type: 'tavily', apiKey: KEY, apiUrl: null, maxResults: 20, price: nanoUsd(8_000_000) }

  test('it is asked for everybody, at its price, whatever they have set up; then DuckDuckGo', async () => {
    await save({ provider_type: 'serper', api_key: 'own' })
    await setMode({ mode: 'global', provider, web_fetch: true })
    const all = { mode: 'global', providers: [shared, DUCKDUCKGO], fetches: true }
    expect(await reader.of(member.id)).toEqual(all)
    expect(await reader.of(null)).toEqual(all)
  })

  test('it alone is asked where the administrator wants it so', async () => {
    await setMode({ mode: 'global', provider, fallback: false })
    expect((await reader.of(member.id)).providers).toEqual([shared])
  })

  test.each([
    ['a key that cannot be opened', 'SET #mode = :global, provider.sealed_key = :no', 'web.key_unreadable'],
    ['a provider that cannot be read', 'SET #mode = :global, provider = :no', undefined],
  ])('%s is warned of; DuckDuckGo is asked if it may be', async (_, change, event) => {
    await setMode({ mode: 'global', provider })
    await spoil(webSearchKey, change, { ':no': 'bm8=', ':global': 'global' })
    expect((await reader.of(member.id)).providers).toEqual([DUCKDUCKGO])
    const both = [event, 'web.no_provider_for_everybody'].filter((one) => one !== undefined)
    expect(warned()).toEqual(both.map((one) => `warn ${one}`))
    await spoil(webSearchKey, 'SET fallback = :no, #mode = :global', { ':no': false, ':global': 'global' })
    logged.length = 0
    expect((await reader.of(member.id)).providers).toEqual([])
    expect(warned()).toContain('warn web.no_provider_for_everybody')
    expect(logged.join()).not.toContain('tvly')
  })
})

test('all of it is one read', async () => {
  await save({ provider_type: 'tavily', api_key: KEY })
  const sent: string[] = []
  const documents = control.documents
  documents.middlewareStack.add(
    (next, context) => async (args) => {
      sent.push(String(context.commandName))
      return await next(args)
    },
    { step: 'initialize' },
  )
  await reader.of(member.id)
  expect(sent).toEqual(['BatchGetItemCommand'])
})
