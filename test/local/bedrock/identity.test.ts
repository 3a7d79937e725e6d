/** One simulator is Bedrock in every account: STS says whose an access key is. */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sts, startSts } from '../../../local/aws/sts.ts'
import { type BedrockSimulator, startBedrockSimulator } from '../../../local/bedrock/simulator.ts'
import { asked, type BedrockCaller, callBedrock, type Keys } from '../../support/bedrock-caller.ts'

const ROLE = 'arn:aws:iam::111122223333:role/claude'

let now = new Date('2026-11-27T12:00:00Z')
let sts: Sts
let bedrock: BedrockSimulator
const callers: BedrockCaller[] = []

beforeAll(async () => {
  sts = await startSts({ now: () => now })
  bedrock = await startBedrockSimulator({ identify: sts.identify })
})
afterAll(async () => {
  for (const caller of callers) caller.destroy()
  await bedrock?.stop()
  await sts?.stop()
})

function caller(region: string, keys?: Keys): BedrockCaller {
  const made = callBedrock(bedrock.url, region, keys)
  callers.push(made)
  return made
}

async function assume(Tags: { Key: string; Value: string }[] = []): Promise<Keys> {
  const client = new STSClient({
    endpoint: sts.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'messages', secretAccessKey: 'local' },
  })
  const { Credentials: given } = await client.send(
    new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'gateway', DurationSeconds: 900, Tags }),
  )
  client.destroy()
  return {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
  }
}

test('an assumed role calls in its own account, and the books know the tags of its session', async () => {
  await caller('eu-west-1', await assume([{ Key: 'team', Value: 'red' }])).invoke(asked())
  expect(bedrock.tally().at(-1)).toMatchObject({
    account: '111122223333',
    region: 'eu-west-1',
    sessionTags: { team: 'red' },
  })
  await caller('us-west-2').invoke(asked())
  expect(bedrock.tally().at(-1)).toMatchObject({ account: '000000000000', region: 'us-west-2', sessionTags: {} })
})

test('what one account and region has in its cache another one has not', async () => {
  const body = asked({
    system: [{ type: 'text', text: 'long '.repeat(2000), cache_control: { type: 'ephemeral' } }],
  })
  const here = caller('us-east-1')
  const readAfterWrite = async (other: BedrockCaller) =>
    ((await other.invoke(body)).usage as Record<string, number>).cache_read_input_tokens
  await here.invoke(body)
  expect(await readAfterWrite(here)).toBeGreaterThan(1000)
  expect(await readAfterWrite(caller('us-west-2'))).toBe(0)
  expect(await readAfterWrite(caller('us-east-1', await assume()))).toBe(0)
})

test('credentials past their time, without their token or of nobody are refused', async () => {
  const keys = await assume()
  const { sessionToken: _, ...alone } = keys
  const unknown = { name: 'UnrecognizedClientException', $metadata: { httpStatusCode: 403 } }
  await expect(caller('us-east-1', alone).invoke(asked())).rejects.toMatchObject(unknown)
  await expect(caller('us-east-1', { ...keys, accessKeyId: 'ASIANOBODY' }).invoke(asked())).rejects.toMatchObject(
    unknown,
  )
  now = new Date('2026-11-27T12:15:00Z')
  await expect(caller('us-east-1', keys).invoke(asked())).rejects.toMatchObject({
    name: 'ExpiredTokenException',
    $metadata: { httpStatusCode: 403 },
  })
})

test('metadata, guardrail, tier and latency of a request are in the books; what Bedrock does not take is refused', async () => {
  const here = caller('us-east-1')
  const metadata = { team: 'red', person: 'ada@example.com' }
  await here.invoke(asked(), {
    requestMetadata: JSON.stringify(metadata),
    guardrailIdentifier: 'gr-1',
    guardrailVersion: '2',
    serviceTier: 'flex',
    performanceConfigLatency: 'optimized',
  })
  expect(bedrock.tally().at(-1)).toMatchObject({
    requestMetadata: metadata,
    guardrail: { id: 'gr-1', version: '2' },
    serviceTier: 'flex',
    latency: 'optimized',
  })
  const refused = { name: 'ValidationException' }
  const wrong = JSON.stringify({ team: 'a;b' })
  await expect(here.invoke(asked(), { requestMetadata: wrong })).rejects.toMatchObject(refused)
  await expect(here.invoke(asked(), { guardrailIdentifier: 'gr-1' })).rejects.toMatchObject(refused)
  await expect(here.invoke(asked(), { serviceTier: 'fast' as never })).rejects.toMatchObject(refused)
})
