import {
  ListServiceQuotasCommand,
  paginateListServiceQuotas,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type ServiceQuotas, startServiceQuotas } from '../../../local/aws/service-quotas.ts'

let quotas: ServiceQuotas
beforeAll(async () => {
  quotas = await startServiceQuotas({
    identify: (key) =>
      key === 'gone' ? 'expired' : { account: key, arn: `arn:aws:iam::${key}:user/u`, sessionTags: {} },
  })
})
afterEach(() => quotas.clear())
afterAll(() => quotas?.stop())

const clientOf = (account: string, region = 'us-east-1') =>
  new ServiceQuotasClient({
    endpoint: quotas.endpoint,
    region,
    maxAttempts: 1,
    credentials: { accessKeyId: account, secretAccessKey: 'x' },
  })

async function all(account: string, region?: string) {
  const found = []
  const pages = paginateListServiceQuotas(
    { client: clientOf(account, region), pageSize: 20 },
    { ServiceCode: 'bedrock' },
  )
  for await (const page of pages) found.push(...(page.Quotas ?? []))
  return found
}

const SONNET = 'Cross-region model inference requests per minute for Anthropic Claude Sonnet 4.5'

test('every page is read, with the names Bedrock gives its quotas', async () => {
  const found = await all('111122223333', 'eu-west-1')
  const names = found.map(({ QuotaName }) => QuotaName)
  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThan(40)
  expect(names).toEqual(
    expect.arrayContaining([
      SONNET,
      'Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5',
      'Global cross-region model inference tokens per minute for Anthropic Claude Opus 5.5',
      'Knowledge bases per account',
    ]),
  )
  const one = found.find(({ QuotaName }) => QuotaName === SONNET)
  expect(one).toMatchObject({ Value: 1000, Unit: 'None', Adjustable: false, ServiceCode: 'bedrock' })
  expect(one?.QuotaArn).toBe(`arn:aws:servicequotas:eu-west-1:111122223333:bedrock/${one?.QuotaCode}`)
})

test('an account has what it was granted, and others have the default', async () => {
  quotas.grant(SONNET, 5, { account: '111122223333' })
  const value = async (account: string) => (await all(account)).find(({ QuotaName }) => QuotaName === SONNET)?.Value
  expect([await value('111122223333'), await value('444455556666')]).toEqual([5, 1000])
})

test('one account may not look, the other may', async () => {
  quotas.deny({ account: '111122223333', region: 'us-east-1' })
  await expect(all('111122223333')).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('is not authorized to perform: servicequotas:ListServiceQuotas'),
  })
  expect((await all('111122223333', 'eu-west-1')).length).toBeGreaterThan(40)
  expect((await all('444455556666')).length).toBeGreaterThan(40)
})

test('another failure, expired credentials and another service are refused by AWS’s names', async () => {
  await expect(all('gone')).rejects.toMatchObject({ name: 'ExpiredTokenException' })
  await expect(clientOf('1').send(new ListServiceQuotasCommand({ ServiceCode: 'none' }))).rejects.toMatchObject({
    name: 'NoSuchResourceException',
  })
  quotas.refuse({ status: 429, type: 'TooManyRequestsException', message: 'slow down' })
  await expect(all('1')).rejects.toMatchObject({ name: 'TooManyRequestsException', message: 'slow down' })
})
