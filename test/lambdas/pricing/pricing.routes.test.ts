import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { addMs, hourOf } from '../../../lambdas/platform/instant.ts'
import { PRICE_SOURCES } from '../../../lambdas/pricing/price.ts'
import { priceBookOf } from '../../../lambdas/pricing/price-book.ts'
import { openPrices } from '../../../lambdas/pricing/prices.store.ts'
import { openHourPacks } from '../../../lambdas/spend/hour-packs.store.ts'
import { aggregateKey } from '../../../lambdas/table/usage-keys.ts'
import { startAws, type TestAws } from '../../support/aws.ts'
import { startControl, type TestControl } from '../../support/control.ts'

let aws: TestAws
let control: TestControl
let token: string
let email: string
beforeAll(async () => {
  aws = await startAws()
  control = await startControl(aws)
  const admin = await control.person({ role: 'admin' })
  token = admin.token
  email = admin.email
})
afterEach(() => aws.priceLists.clear())
afterAll(async () => {
  await control?.stop()
  await aws?.stop()
})

const ask = (method: string, path: string, body?: unknown) => control.ask(method, path, { token, body })
const set = (model: string, body: object) => ask('PUT', `/admin/pricing/${encodeURIComponent(model)}`, body)
const reset = (model: string, query = '') => ask('DELETE', `/admin/pricing/${encodeURIComponent(model)}${query}`)
const refresh = (query = '') => ask('POST', `/admin/pricing/refresh${query}`)
const FOUR = { input_rate: 1, output_rate: 2, cache_read_rate: 0.1, cache_write_rate: 1.5 }

interface Row {
  readonly model_prefix: string
  readonly scope: string
  readonly tier: string
  readonly source: string
  readonly in_force: boolean
  readonly overridden_by: string | null
  readonly input_rate: number
  readonly effective_from: string
}
const rows = async (query = ''): Promise<Row[]> => (await ask('GET', `/admin/pricing${query}`)).body
const rowOf = async (model: string) => (await rows()).find(({ model_prefix }) => model_prefix === model)

const version = async (): Promise<number> => {
  const Key = { PK: 'VERSION', SK: 'META' }
  const { Item } = await control.documents.send(new GetCommand({ TableName: control.tables.core, Key }))
  return Item?.prices ?? 0
}
const audits = async (action: string) => {
  const { Items = [] } = await control.documents.send(
    new QueryCommand({
      TableName: control.tables.events,
      KeyConditionExpression: 'PK = :month',
      ExpressionAttributeValues: { ':month': 'AUDIT#2026-11' },
    }),
  )
  return Items.filter((item) => item.action === action)
}
/** As requests of the data plane are priced from now on. */
const inputOf = async (
  model: string,
  scope: 'global' | 'regional' = 'global',
  tier: string | null = null,
  daysOn = 0,
) => {
  const book = priceBookOf(await openPrices(control.documents, control.tables.core).all())
  return book.priceOf(model, scope, tier, addMs(control.now(), daysOn * 86_400_000))?.rates.input
}

test('P8: prices are not for strangers nor for members', async () => {
  const member = (await control.person()).token
  for (const [method, path, body] of [
    ['GET', '/admin/pricing'],
    ['GET', '/admin/pricing/refresh'],
    ['GET', '/admin/pricing/unpriced'],
    ['PUT', '/admin/pricing/claude-opus-5-5', FOUR],
    ['DELETE', '/admin/pricing/claude-opus-5-5'],
    ['POST', '/admin/pricing/refresh'],
  ] as const) {
    expect((await control.ask(method, path, { body })).status).toBe(401)
    expect((await control.ask(method, path, { body, token: member })).status).toBe(403)
  }
  expect(await version()).toBe(0)
})

describe('the list', () => {
  test('P1, P9: is a bare array, a row for each model by name, with numbers as numbers', async () => {
    const list = await rows()
    const names = list.map(({ model_prefix }) => model_prefix)
    expect(names).toEqual([...names].sort())
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(expect.arrayContaining(['claude-haiku-4-5', 'claude-opus-4-7', 'claude-sonnet-4-6']))
    expect(list.find(({ model_prefix }) => model_prefix === 'claude-opus-4-7')).toEqual({
      model_prefix: 'claude-opus-4-7',
      input_rate: 5,
      output_rate: 25,
      cache_read_rate: 0.5,
      cache_write_rate: 6.25,
      cache_write_1h_rate: 10,
      source: 'seed',
      aws_sku: null,
      updated_at: '2025-01-01T00:00:00.000Z',
      updated_by: null,
      scope: 'global',
      tier: 'default',
      effective_from: '2025-01-01',
      long_prompt: null,
      in_force: true,
      overridden_by: null,
      derived: false,
    })
  })

  test('with all it tells every scope, tier and source, which holds, and what holds instead', async () => {
    await set('claude-opus-5-5', FOUR)
    await set('claude-opus-5-5', { ...FOUR, input_rate: 9, effective_from: '2026-12-24' })
    const all = (await rows('?all=true')).filter(({ model_prefix }) => model_prefix === 'claude-opus-5-5')
    expect(all.map((row) => [row.scope, row.source, row.effective_from, row.in_force, row.overridden_by])).toEqual([
      ['global', 'admin_manual', '2026-12-24', false, null],
      ['global', 'admin_manual', '2026-11-24', true, null],
      ['global', 'seed', '2025-01-01', false, 'admin_manual'],
      ['regional', 'seed', '2025-01-01', true, null],
    ])
    await reset('claude-opus-5-5')
  })

  test('a model that is priced in one region alone is listed as it is charged everywhere else', async () => {
    await set('claude-land-1', { ...FOUR, scope: 'regional' })
    expect(await rowOf('claude-land-1')).toMatchObject({ scope: 'global', derived: true, input_rate: 1 })
    await reset('claude-land-1')
  })
})

describe('setting a price', () => {
  test('P10: of a new model, and over what came with the release, answers with what is kept', async () => {
    for (const model of ['claude-new-1', 'claude-opus-4-7']) {
      const { status, body } = await set(model, { ...FOUR, aws_sku: 'SKU1' })
      expect([status, body]).toEqual([
        200,
        {
          model_prefix: model,
          ...FOUR,
          cache_write_1h_rate: 2,
          source: 'admin_manual',
          aws_sku: 'SKU1',
          updated_at: new Date(control.now()).toISOString(),
          updated_by: email,
          scope: 'global',
          tier: 'default',
          effective_from: '2026-11-24',
          long_prompt: null,
          in_force: true,
          overridden_by: null,
          derived: false,
        },
      ])
      expect(await rowOf(model)).toEqual(body)
      expect(await inputOf(model)).toBe(1e9)
    }
    await reset('claude-new-1')
    await reset('claude-opus-4-7')
  })

  test('P7: wins over anything, is the administrator’s whatever it was, and its time moves', async () => {
    const first = (await set('claude-opus-4-8', FOUR)).body
    control.advance(60_000)
    const { status, body } = await set('claude-opus-4-8', { ...FOUR, input_rate: 3 })
    expect([status, body.source]).toEqual([200, 'admin_manual'])
    expect(Date.parse(body.updated_at) - Date.parse(first.updated_at)).toBe(60_000)
    expect(await inputOf('claude-opus-4-8')).toBe(3e9)
    await reset('claude-opus-4-8')
  })

  test('P5: nobody can say where it comes from, and a row that says something else is not used', async () => {
    expect((await set('claude-opus-4-8', { ...FOUR, source: 'seed' })).body.error.message).toContain('source')
    expect(PRICE_SOURCES).toEqual(['admin_manual', 'price_list_api', 'seed'])
    const rates = { input: 1, output: 1, cacheRead: 1, cacheWrite5m: 1, cacheWrite1h: 1 }
    const row = {
      model: 'claude-opus-4-8',
      scope: 'global',
      tier: 'default',
      from: '2026-11-01',
      rates,
      source: 'rumour',
    }
    await control.put({ PK: 'PRICE', SK: 'claude-opus-4-8#global#default#2026-11-01#rumour', ...row })
    expect(await inputOf('claude-opus-4-8')).toBe(5e9)
    expect((await rows('?all=true')).map(({ source }) => source)).not.toContain('rumour')
  })

  test('any name of a model is its name', async () => {
    const { body } = await set('us.anthropic.claude-opus-4-7-v1:0', FOUR)
    expect(body.model_prefix).toBe('claude-opus-4-7')
    expect((await reset('claude-opus-4-7-20260101')).status).toBe(200)
  })

  test('by scope, tier, day, five rates and a bound for long prompts', async () => {
    const wish = {
      ...FOUR,
      cache_write_1h_rate: 7,
      scope: 'regional',
      tier: 'priority',
      effective_from: '2026-12-01',
      long_prompt: { above_tokens: 200_000, ...FOUR, input_rate: 0.000000001 },
    }
    const { body } = await set('claude-opus-5-5', wish)
    expect(body).toMatchObject({
      ...wish,
      in_force: false,
      long_prompt: { above_tokens: 200_000, input_rate: 0.000000001, cache_write_1h_rate: 0.000000002 },
    })
    expect(await inputOf('claude-opus-5-5', 'regional', 'priority')).toBe(8.8e9)
    expect(await inputOf('claude-opus-5-5', 'regional', 'priority', 7)).toBe(1e9)
    expect(await inputOf('claude-opus-5-5', 'regional', null, 7)).toBe(4.4e9)
    await reset('claude-opus-5-5')
  })

  test('is one transaction with its audit entry and the stamp that every environment goes by', async () => {
    const before = await version()
    await set('claude-opus-5', { ...FOUR, scope: 'regional' })
    expect(await version()).toBe(before + 1)
    const entry = (await audits('price.set')).find(({ target }) => target === 'price:claude-opus-5')
    expect(entry).toMatchObject({
      actor_email: email,
      target: 'price:claude-opus-5',
      detail: {
        scope: 'regional',
        tier: 'default',
        effective_from: '2026-11-24',
        rates: { input: 1e9, cacheWrite1h: 2e9 },
      },
    })
    await reset('claude-opus-5')
    expect(await version()).toBe(before + 2)
    const taken = (await audits('price.reset')).find(({ target }) => target === 'price:claude-opus-5')
    expect(taken).toMatchObject({
      detail: { prices: [{ scope: 'regional', rates: { input: 1e9 } }] },
    })
  })

  const without = (name: keyof typeof FOUR) => Object.fromEntries(Object.entries(FOUR).filter(([key]) => key !== name))

  test.each([
    ['P11: no input', without('input_rate'), 'input_rate: Missing required field'],
    ['P11: no output', without('output_rate'), 'output_rate: Missing required field'],
    ['P11: no cache read', without('cache_read_rate'), 'cache_read_rate: Missing required field'],
    ['P11: no cache write', without('cache_write_rate'), 'cache_write_rate: Missing required field'],
    ['P11: nothing at all', {}, /^input_rate: Missing.*; output_rate:.*; cache_read_rate:.*; cache_write_rate:/],
    ['a text', { ...FOUR, input_rate: '5' }, 'input_rate: must be a number'],
    ['null', { ...FOUR, output_rate: null }, 'output_rate: must be a number'],
    ['less than nothing', { ...FOUR, cache_read_rate: -1 }, 'cache_read_rate: must be 0 or more'],
    ['more than anything', { ...FOUR, cache_write_rate: 10_000.1 }, 'cache_write_rate: must be at most 10,000'],
    ['a tenth decimal', { ...FOUR, cache_write_1h_rate: 0.0000000001 }, 'cache_write_1h_rate: must have at most nine'],
    [
      'everything for nothing',
      { input_rate: 0, output_rate: 0, cache_read_rate: 0, cache_write_rate: 0 },
      'free: must be true',
    ],
    ['a scope that is none', { ...FOUR, scope: 'eu' }, 'scope: '],
    ['a tier that is none', { ...FOUR, tier: 'gold' }, 'tier: '],
    ['a day that is none', { ...FOUR, effective_from: '2026-13-01' }, 'effective_from: must be a day'],
    [
      'yesterday',
      { ...FOUR, effective_from: '2026-11-23' },
      'effective_from: must be today (2026-11-24, UTC) or later',
    ],
    ['in ten years', { ...FOUR, effective_from: '2036-11-24' }, 'effective_from: must not be later than 2027-11-25'],
    ['half a bound', { ...FOUR, long_prompt: { above_tokens: 5 } }, 'long_prompt.input_rate: Missing required field'],
    ['a bound of nothing', { ...FOUR, long_prompt: { above_tokens: 0, ...FOUR } }, 'long_prompt.above_tokens: '],
    ['a member nobody knows', { ...FOUR, discount: 1 }, 'unknown member: discount'],
  ])('%s: is refused by the name of the field, and nothing is saved', async (_, body, words) => {
    const before = await version()
    const answer = await set('claude-opus-5', body)
    expect(answer.status).toBe(400)
    expect(answer.body.error.message).toMatch(words instanceof RegExp ? words : `${words}`)
    expect([await version(), await inputOf('claude-opus-5')]).toEqual([before, 5e9])
  })

  test.each([
    'gpt-5',
    'claude',
    'anthropic.titan',
    `claude-${'a'.repeat(200)}`,
    'my-claude-opus-5-5',
    'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/x',
  ])('%j names no model that could be priced', async (model) => {
    const { status, body } = await set(model, FOUR)
    expect([status, body.error.message]).toEqual([400, 'model: must name a model of Claude, such as claude-opus-5-5'])
  })

  test('a model may be free where it is said so', async () => {
    const nothing = { input_rate: 0, output_rate: 0, cache_read_rate: 0, cache_write_rate: 0 }
    expect((await set('claude-opus-5', { ...nothing, free: true })).status).toBe(200)
    expect(await inputOf('claude-opus-5')).toBe(0)
    await reset('claude-opus-5')
  })
})

describe('taking it back', () => {
  test('P12: what was there before holds again at once; of none it is 404', async () => {
    expect((await reset('claude-opus-5-5')).body).toEqual({ deleted: false, error: 'not found' })
    await set('claude-opus-5-5', FOUR)
    const { status, body } = await reset('claude-opus-5-5')
    expect([status, body]).toEqual([200, { deleted: true }])
    expect(await inputOf('claude-opus-5-5')).toBe(4e9)
    expect((await reset('claude-opus-5-5')).status).toBe(404)
    expect((await reset('claude-nobody-1')).status).toBe(404)
    expect((await reset('no model')).status).toBe(400)
  })

  test('what came with the release cannot be taken away', async () => {
    expect((await reset('claude-opus-5-5')).status).toBe(404)
    expect(await rowOf('claude-opus-5-5')).toMatchObject({ source: 'seed' })
  })

  test('of one scope and tier leaves the others', async () => {
    await set('claude-opus-5-5', FOUR)
    await set('claude-opus-5-5', { ...FOUR, scope: 'regional' })
    expect((await reset('claude-opus-5-5', '?scope=regional&tier=default')).status).toBe(200)
    expect([await inputOf('claude-opus-5-5'), await inputOf('claude-opus-5-5', 'regional')]).toEqual([1e9, 4.4e9])
    expect((await reset('claude-opus-5-5')).status).toBe(200)
  })
})

describe('a refresh', () => {
  test('P13: has the five counts of the reference, and its errors as a list', async () => {
    const { status, body } = await refresh('?dry_run=true')
    expect(status).toBe(200)
    expect(body).toMatchObject({ inserted: 32, updated: 0, unchanged: 0, skipped_manual: 0, errors: [], failed: false })
  })

  test('dry, tells old and new, and writes nothing', async () => {
    const before = await version()
    aws.priceLists.price('Claude Opus 5.5', { input: 3.5 })
    const { body } = await refresh('?dry_run=true')
    expect(body.dry_run).toBe(true)
    const change = body.changes.find(
      (one: Row & { model: string }) => one.model === 'claude-opus-5-5' && one.scope === 'global',
    )
    expect(change).toMatchObject({
      kind: 'inserted',
      tier: 'default',
      before: { source: 'seed', input_rate: 4, cache_write_1h_rate: 8, long_prompt: null },
      after: { input_rate: 3.5, output_rate: 20, cache_write_1h_rate: 8 },
    })
    expect([await version(), await inputOf('claude-opus-5-5')]).toEqual([before, 4e9])
    expect((await ask('GET', '/admin/pricing/refresh')).body).toEqual({ last: null, next_at: null })
  })

  test('takes both scopes, one-hour writes and long prompts; asked again, nothing has changed', async () => {
    const before = await version()
    const { body } = await refresh()
    expect(body).toMatchObject({ inserted: 32, unchanged: 0, region: 'us-east-1', other_models: 4 })
    expect(await version()).toBe(before + 1)
    expect(await rowOf('claude-opus-5-5')).toMatchObject({
      source: 'price_list_api',
      aws_sku: expect.stringMatching(/^[A-Z0-9]{16}$/),
      updated_by: email,
      effective_from: '2026-11-24',
    })
    expect([await inputOf('claude-opus-4-7', 'regional'), await inputOf('claude-haiku-5-5')]).toEqual([5.5e9, 0.1e9])
    expect((await rowOf('claude-haiku-5-5')) as object).toMatchObject({
      long_prompt: { above_tokens: 100_000, input_rate: 0.5 },
    })
    expect((await rowOf('claude-opus-4-6')) as object).toMatchObject({ long_prompt: null })
    const again = (await refresh()).body
    expect([again.inserted, again.updated, again.unchanged, again.changes]).toEqual([0, 0, 32, []])
    expect(await version()).toBe(before + 1)
    expect((await audits('prices.refreshed')).at(-1)).toMatchObject({
      actor_email: email,
      detail: { region: 'us-east-1' },
    })
  })

  test('P6: what AWS has changed holds from its day on, and what it had before is still there', async () => {
    // A session lasts a day; half of one is tomorrow.
    control.advance(12 * 3_600_000)
    aws.priceLists.price('Claude Opus 5.5', { cacheRead: 0.1 })
    const { body } = await refresh()
    expect([body.updated, body.unchanged, body.inserted]).toEqual([2, 30, 0])
    const all = (await rows('?all=true')).filter(
      (row) => row.model_prefix === 'claude-opus-5-5' && row.scope === 'global',
    )
    expect(all.map((row) => [row.source, row.effective_from, row.in_force])).toEqual([
      ['price_list_api', '2026-11-25', true],
      ['price_list_api', '2026-11-24', false],
      ['seed', '2025-01-01', false],
    ])
    expect((await refresh()).body.unchanged).toBe(32)
  })

  test('P6: never touches an administrator’s price, which gives way to AWS’s newest when it is taken back', async () => {
    await refresh()
    await set('claude-opus-4-7', FOUR)
    aws.priceLists.price('Claude Opus 4.7', { input: 6 })
    const { body } = await refresh()
    expect([body.skipped_manual, body.updated]).toEqual([1, 1])
    expect(await inputOf('claude-opus-4-7')).toBe(1e9)
    expect(
      (await rows('?all=true')).find(
        (row) => row.source === 'price_list_api' && row.model_prefix === 'claude-opus-4-7',
      ),
    ).toMatchObject({
      in_force: false,
      overridden_by: 'admin_manual',
      input_rate: 6,
    })
    await reset('claude-opus-4-7')
    expect(await inputOf('claude-opus-4-7')).toBe(6e9)
  })

  test('a model that AWS takes off its list keeps the price it had', async () => {
    aws.priceLists.drop('Claude Opus 4.1')
    const { body } = await refresh()
    expect(body.failed).toBe(false)
    expect(await inputOf('claude-opus-4-1')).toBe(15e9)
  })

  test('a new model is priced as soon as AWS lists it', async () => {
    expect(await inputOf('claude-opus-6')).toBeUndefined()
    aws.priceLists.price('Claude Opus 6', { input: 8, output: 40, cacheRead: 0.4, cacheWrite: 10, cacheWrite1h: 16 })
    expect((await refresh()).body.inserted).toBe(2)
    expect([await inputOf('claude-opus-6'), await inputOf('claude-opus-6', 'regional')]).toEqual([8e9, 8.8e9])
  })

  test('holds back a price out of all proportion, dry or not, until an administrator sets it by hand', async () => {
    await refresh()
    aws.priceLists.price('Claude Opus 4.8', { input: 5000 })
    aws.priceLists.price('Claude Opus 4.6', { input: 5.5 })
    const before = await version()
    const dry = (await refresh('?dry_run=true')).body
    const held = dry.changes.filter((one: { kind: string }) => one.kind === 'held_back')
    expect(held.map((one: { model: string; scope: string }) => [one.model, one.scope])).toEqual([
      ['claude-opus-4-8', 'global'],
      ['claude-opus-4-8', 'regional'],
    ])
    expect(held[0]).toMatchObject({ before: { input_rate: 5 }, after: { input_rate: 5000, output_rate: 25 } })
    expect(await version()).toBe(before)

    const { body } = await refresh()
    expect([body.failed, body.updated, body.changes]).toEqual([false, 2, dry.changes])
    expect(body.errors).toContain(
      'claude-opus-4-8 (global, default): held back, too far from the price in force: input 5 → 5000 US dollars per million tokens; if it is right, set it by hand',
    )
    expect((await ask('GET', '/admin/pricing/refresh')).body.last.errors).toEqual(body.errors)
    expect([await inputOf('claude-opus-4-8'), await inputOf('claude-opus-4-6')]).toEqual([5e9, 5.5e9])

    const byHand = async (input: number) => {
      const right = { input_rate: input, output_rate: 25, cache_read_rate: 0.5, cache_write_rate: 6.25 }
      for (const scope of ['global', 'regional']) {
        await set('claude-opus-4-8', { ...right, cache_write_1h_rate: 10, scope })
      }
      const after = (await refresh()).body
      expect([after.errors, after.skipped_manual]).toEqual([[], 2])
      await reset('claude-opus-4-8')
      expect(await inputOf('claude-opus-4-8')).toBe(input * 1e9)
    }
    await byHand(5000)
    // Back again as well.
    aws.priceLists.clear()
    await byHand(5)
  })

  test('of a price of nothing takes nothing over for its model, and says why', async () => {
    await refresh()
    aws.priceLists.price('Claude Opus 4.7', { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 })
    const { body } = await refresh()
    expect(body.errors).toEqual([expect.stringMatching(/^claude-opus-4-7: .*costs nothing/)])
    expect(await inputOf('claude-opus-4-7')).toBe(5e9)
  })

  const failing = async (): Promise<string> => {
    const before = await version()
    const { status, body } = await refresh()
    expect([status, body.failed, body.changes, await version()]).toEqual([200, true, [], before])
    expect(body).toMatchObject({ inserted: 0, updated: 0, unchanged: 0, skipped_manual: 0 })
    return body.errors.join(' ')
  }

  test('that may not look says so in AWS’s words, and is remembered as failed', async () => {
    aws.priceLists.deny()
    expect(await failing()).toMatch(/^refresh_pricing failed: AccessDeniedException: .*pricing:ListPriceLists/)
    const { last } = (await ask('GET', '/admin/pricing/refresh')).body
    expect(last).toMatchObject({ failed: true, by: email, errors: [expect.stringContaining('AccessDenied')] })
  })

  test('without a list of the own region takes that of us-east-1, and without any fails', async () => {
    aws.priceLists.only('eu-west-1')
    expect(await failing()).toBe('refresh_pricing failed: No us-east-1 Bedrock price list found')
  })

  test.each([
    ['P16: an empty file', '', 'no row of column names'],
    ['a page in HTML', '<html></html>', 'no row of column names'],
    ['a file far too long', 'x'.repeat(20_000_001), 'more than 20000000 bytes'],
  ])('%s: nothing is written', async (_, text, words) => {
    aws.priceLists.serve(text)
    expect(await failing()).toContain(words)
  })

  test('P16: a file without a Claude model is an error; so is one that is cut off before any', async () => {
    const lines = aws.priceLists.file().split('\n')
    aws.priceLists.serve(lines.filter((line) => !line.includes('"Claude ')).join('\n'))
    expect(await failing()).toContain('no complete price of a Claude model')
    aws.priceLists.serve(lines.slice(0, 8).join('\n'))
    expect(await failing()).toContain('no complete price of a Claude model; 2 rows')
  })

  test('a file that is not there is an error', async () => {
    aws.priceLists.serve('gone', 404)
    expect(await failing()).toContain('status 404')
  })

  test('P14: one price that cannot be read drops its model, is told, and all others are taken', async () => {
    const file = aws.priceLists.file().replace('"4.0000000000"', '"four"')
    aws.priceLists.serve(file)
    const { body } = await refresh()
    expect(body).toMatchObject({ failed: false, errors: [expect.stringMatching(/^claude-[a-z0-9-]+: .*costs "four"/)] })
    expect((await ask('GET', '/admin/pricing/refresh')).body.last.errors).toEqual(body.errors)
  })
})

test('models that were asked for and have no price are told with what they were charged, late or packed as well, until they have one', async () => {
  const aggregate = (identity: string, model: string, daysAgo: number, add: object, late = false) => {
    const at = addMs(control.now(), -daysAgo * 86_400_000)
    const key = aggregateKey({ identity, model, endpoint: 'e', team: null, at, late })
    return control.put({ ...key, identity, model, endpoint_id: 'e', hour: hourOf(at), ...add }, 'usage')
  }
  await aggregate('a', 'claude-mystery-1', 0, {
    requests: 3,
    unpriced: 2,
    input_tokens: 10,
    output_tokens: 5,
    cost_nano: 1_500,
  })
  await aggregate('b', 'claude-mystery-1', 29, { requests: 1, unpriced: 1, cache_read_tokens: 7, cost_nano: 500 })
  await aggregate('b', 'claude-mystery-1', 30, { requests: 9, unpriced: 9, cost_nano: 9 })
  await aggregate('b', 'claude-mystery-2', 3, { requests: 4, unpriced: 4, cost_nano: 1 })
  await aggregate('b', 'claude-opus-5-5', 1, { requests: 4, cost_nano: 1 })
  await aggregate('a', 'claude-mystery-late', 29, { requests: 1, unpriced: 1, output_tokens: 6, cost_nano: 3 }, true)
  const packed = { identity: 'a', model: 'claude-mystery-packed', endpoint: 'e', team: null, hour: '2026-11-23T07' }
  const counts = new Map(Object.entries({ requests: 2, unpriced: 2, cache_write_1h_tokens: 8, cost_nano: 4 }))
  await openHourPacks(control.documents, control.tables.usage).write('AGG', packed.hour, [{ part: packed, counts }])
  const unpriced = async () => (await ask('GET', '/admin/pricing/unpriced')).body
  expect(await unpriced()).toEqual({
    days: 30,
    models: [
      { model: 'claude-mystery-2', requests: 4, tokens: 0, charged_usd: 1e-9, last_seen: '2026-11-22T00:00:00.000Z' },
      {
        model: 'claude-mystery-1',
        requests: 3,
        tokens: 22,
        charged_usd: 0.000002,
        last_seen: '2026-11-25T00:00:00.000Z',
      },
      {
        model: 'claude-mystery-packed',
        requests: 2,
        tokens: 8,
        charged_usd: 4e-9,
        last_seen: '2026-11-23T07:00:00.000Z',
      },
      {
        model: 'claude-mystery-late',
        requests: 1,
        tokens: 6,
        charged_usd: 3e-9,
        last_seen: '2026-10-27T00:00:00.000Z',
      },
    ],
  })
  await set('claude-mystery-2', FOUR)
  const left = (await unpriced()).models.map(({ model }: { model: string }) => model)
  expect(left).toEqual(['claude-mystery-1', 'claude-mystery-packed', 'claude-mystery-late'])
})
