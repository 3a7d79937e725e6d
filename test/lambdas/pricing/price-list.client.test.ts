import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { instant } from '../../../lambdas/platform/instant.ts'
import { openPriceList } from '../../../lambdas/pricing/price-list.client.ts'
import { type PriceLists, startPriceLists } from '../../../local/aws/price-list.ts'

const AT = instant(Date.parse('2026-11-27T12:00:00Z'))
const credentials = { accessKeyId: 'prices', secretAccessKey: 'local' }

let lists: PriceLists
beforeAll(async () => {
  lists = await startPriceLists()
})
afterEach(() => {
  vi.unstubAllEnvs()
  lists.clear()
})
afterAll(() => lists.stop())

const current = (region: string) => openPriceList({ region, endpoint: lists.endpoint, credentials }).current(AT)

test('the list is that of the own region, and of us-east-1 where AWS has none there', async () => {
  const own = await current('eu-central-1')
  expect([own.region, own.text]).toEqual(['eu-central-1', lists.file('eu-central-1')])
  expect((await current('af-south-1')).region).toBe('us-east-1')
})

test('a file without TLS is taken only from where AWS is said to be', async () => {
  // The SDK finds the emulation by itself, and nobody has told the client that it is one.
  vi.stubEnv('AWS_ENDPOINT_URL_PRICING', lists.endpoint)
  await expect(openPriceList({ region: 'us-east-1', credentials }).current(AT)).rejects.toThrow(
    'the price list is not offered over https but http:',
  )
  expect(lists.fetched()).toBe(0)
})
