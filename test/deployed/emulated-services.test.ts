/** The services beside the functions know of one another: what STS gives out, Bedrock and Service Quotas take for that account. */
import { ListServiceQuotasCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { afterEach, expect, inject, test } from 'vitest'
import { type Gateway, type GatewayOptions, startGateway } from '../../local/gateway.ts'
import { asked, callBedrock, type Keys } from '../support/bedrock-caller.ts'

const ROLE = 'arn:aws:iam::111122223333:role/claude'
const ELSEWHERE = 'http://127.0.0.1:9'

let gateway: Gateway | undefined
afterEach(async () => {
  await gateway?.stop()
  gateway = undefined
})

async function start(options: Partial<GatewayOptions> = {}): Promise<Gateway> {
  gateway = await startGateway({ cdkOut: inject('cdkOut'), schedules: 'manual', log: () => {}, ...options })
  return gateway
}

async function assume(endpoint: string): Promise<Keys> {
  const own = { accessKeyId: 'messages', secretAccessKey: 'local' }
  const client = new STSClient({ endpoint, region: 'us-east-1', credentials: own })
  const { Credentials: given } = await client.send(
    new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'gateway', DurationSeconds: 900 }),
  )
  client.destroy()
  return {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
  }
}

test('an assumed role is its account everywhere, until the told time is over', async () => {
  let now = new Date('2026-11-27T12:00:00Z')
  const { sts, quotas, bedrock } = await start({ stsNow: () => now })
  const keys = await assume(sts?.endpoint ?? '')
  const caller = callBedrock(bedrock?.url ?? '', 'eu-west-1', keys)
  await caller.invoke(asked())
  expect(bedrock?.tally().at(-1)).toMatchObject({ account: '111122223333', region: 'eu-west-1' })
  const looking = new ServiceQuotasClient({ endpoint: quotas?.endpoint ?? '', region: 'eu-west-1', credentials: keys })
  const { Quotas: found } = await looking.send(new ListServiceQuotasCommand({ ServiceCode: 'bedrock', MaxResults: 1 }))
  expect(found?.[0]?.QuotaArn).toContain(':eu-west-1:111122223333:bedrock/')
  now = new Date('2026-11-27T12:15:00Z')
  await expect(caller.invoke(asked())).rejects.toMatchObject({ name: 'ExpiredTokenException' })
  caller.destroy()
  looking.destroy()
})

test('where somebody has services of their own, or the real AWS, nothing is emulated', async () => {
  const services = ['STS', 'SERVICE_QUOTAS', 'PRICING', 'KMS', 'SNS', 'EVENTBRIDGE']
  const theirs = Object.fromEntries(services.map((service) => [`AWS_ENDPOINT_URL_${service}`, ELSEWHERE]))
  const own = await start({ endpoints: theirs })
  const started = [own.sts, own.quotas, own.priceLists, own.kms, own.sns, own.eventBridge]
  expect([started.filter((one) => one !== undefined), own.bedrock !== undefined]).toEqual([[], true])
  await own.stop()
  const real = await start({ aws: { AWS_REGION: 'us-east-1' } })
  expect([real.sts, real.quotas, real.priceLists, real.sns, real.eventBridge, real.bedrock].filter(Boolean)).toEqual([])
  // What is sealed on this machine stays under a key of this machine.
  expect(real.kms).toBeDefined()
})
