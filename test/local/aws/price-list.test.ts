import {
  GetPriceListFileUrlCommand,
  ListPriceListsCommand,
  PricingClient,
  paginateListPriceLists,
} from '@aws-sdk/client-pricing'
import { parse } from 'csv-parse/sync'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type PriceLists, startPriceLists } from '../../../local/aws/price-list.ts'

let lists: PriceLists
let client: PricingClient
beforeAll(async () => {
  lists = await startPriceLists()
  client = new PricingClient({
    endpoint: lists.endpoint,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'prices', secretAccessKey: 'x' },
  })
})
afterEach(() => lists.clear())
afterAll(async () => {
  client?.destroy()
  await lists?.stop()
})

const ASKED = {
  ServiceCode: 'AmazonBedrockFoundationModels',
  CurrencyCode: 'USD',
  EffectiveDate: new Date('2026-11-27T12:00:00Z'),
}

async function all() {
  const found = []
  // The SDK writes the token of the next page into what it is given.
  for await (const page of paginateListPriceLists({ client }, { ...ASKED })) found.push(...(page.PriceLists ?? []))
  return found
}

async function fileOf(region: string): Promise<string> {
  const arn = (await all()).find(({ RegionCode }) => RegionCode === region)?.PriceListArn
  const { Url } = await client.send(new GetPriceListFileUrlCommand({ PriceListArn: arn, FileFormat: 'csv' }))
  return (await fetch(Url ?? '')).text()
}

test('lists are given page by page, one for each region, under names that lead to their files', async () => {
  const { PriceLists: first = [], NextToken } = await client.send(new ListPriceListsCommand(ASKED))
  expect([first.length < 10, NextToken]).toEqual([true, expect.any(String)])
  const found = await all()
  expect(new Set(found.map(({ RegionCode }) => RegionCode)).size).toBe(found.length)
  expect(found.find(({ RegionCode }) => RegionCode === 'us-east-1')).toEqual({
    PriceListArn: expect.stringMatching(
      /^arn:aws:pricing:::price-list\/aws\/AmazonBedrockFoundationModels\/USD\/\d{14}\/us-east-1$/,
    ),
    RegionCode: 'us-east-1',
    CurrencyCode: 'USD',
    FileFormats: ['json', 'csv'],
  })
})

test('a file has five rows about itself, seventeen columns, both scopes, an hour of cache, and what others sell', async () => {
  const rows = parse(await fileOf('eu-central-1'), { relax_column_count: true })
  expect(rows.slice(0, 5).map(([name]) => name)).toEqual([
    'FormatVersion',
    'Disclaimer',
    'Publication Date',
    'Version',
    'OfferCode',
  ])
  expect([rows[5]?.[0], rows[5]?.length]).toEqual(['SKU', 17])
  const words = rows.slice(6).map((row) => String(row[4]))
  for (const one of [
    'AWS Marketplace software usage|eu-central-1|Input Tokens - Standard, Global',
    'AWS Marketplace software usage|eu-central-1|Cache Write Tokens (1h TTL) - Standard',
    'AWS Marketplace software usage|eu-central-1|Million Response Tokens Regional CRIS',
    'AWS Marketplace software usage|eu-central-1|Input Tokens - Batch, Global',
  ])
    expect(words).toContain(one)
  expect(rows.map((row) => row[13])).toContain('EUC1-MP:EUC1_cache_read_tokens_global_standard-Units')
  expect(rows.map((row) => row[16])).toContain('Stable "Image" Core, v1 (Amazon Bedrock Edition)')
  expect(new Set(rows.slice(6).map(([sku]) => sku)).size).toBe(rows.length - 6)
})

test('prices change, models come and go, and a file can be broken', async () => {
  lists.price('Claude Opus 5.5', { output: 21 })
  lists.drop('Claude Opus 4.1')
  const file = await fileOf('us-east-1')
  expect(file).toContain('"21.0000000000"')
  expect(file).not.toContain('Claude Opus 4.1')
  lists.serve('nothing')
  expect([await fileOf('us-east-1'), lists.fetched()]).toEqual(['nothing', 2])
})

test('who may not look, a list that is not there and a date that is not told are refused by AWS’s names', async () => {
  const nowhere = new GetPriceListFileUrlCommand({ PriceListArn: 'arn:aws:pricing:::price-list/x', FileFormat: 'csv' })
  await expect(client.send(nowhere)).rejects.toMatchObject({ name: 'NotFoundException' })
  const undated = new ListPriceListsCommand({ ...ASKED, EffectiveDate: undefined })
  await expect(client.send(undated)).rejects.toMatchObject({ name: 'InvalidParameterException' })
  lists.deny()
  await expect(all()).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('is not authorized to perform: pricing:ListPriceLists'),
  })
})
