import { GetInferenceProfileCommand, paginateListInferenceProfiles } from '@aws-sdk/client-bedrock'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type BedrockSimulator, startBedrockSimulator } from '../../../local/bedrock/simulator.ts'
import { asked, type BedrockCaller, callBedrock } from '../../support/bedrock-caller.ts'

const OWN = '000000000000'
const ARN = `arn:aws:bedrock:us-east-1:${OWN}:application-inference-profile/abc123`
const THEIRS = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/def456'

let bedrock: BedrockSimulator
const callers: BedrockCaller[] = []
const at = (region: string, accessKeyId = 'own'): BedrockCaller => {
  const made = callBedrock(bedrock.url, region, { accessKeyId, secretAccessKey: 'x' })
  callers.push(made)
  return made
}

beforeAll(async () => {
  bedrock = await startBedrockSimulator({
    identify: (key) => ({
      account: key === 'own' ? OWN : key,
      arn: `arn:aws:iam::${key}:user/u`,
      sessionTags: {},
    }),
  })
  bedrock.defineProfile({ arn: ARN, model: 'us.anthropic.claude-sonnet-4-6', account: OWN, region: 'us-east-1' })
  bedrock.defineProfile({
    arn: THEIRS,
    model: 'anthropic.claude-haiku-4-5-20251001-v1:0',
    account: '111122223333',
    region: 'us-east-1',
  })
})
afterEach(() => bedrock.script.clear())
afterAll(async () => {
  for (const caller of callers) caller.destroy()
  await bedrock?.stop()
})

async function list(caller: BedrockCaller, typeEquals?: 'SYSTEM_DEFINED' | 'APPLICATION') {
  const found = []
  const pages = paginateListInferenceProfiles({ client: caller.control, pageSize: 7 }, { typeEquals })
  for await (const page of pages) found.push(...(page.inferenceProfileSummaries ?? []))
  return found
}

test.each([
  ['us-east-1', ['global', 'us']],
  ['eu-central-1', ['eu', 'global']],
  ['ap-northeast-1', ['apac', 'global', 'jp']],
  ['ap-southeast-2', ['apac', 'au', 'global']],
  ['us-gov-west-1', ['us-gov']],
])('%s offers the profiles of %j, other vendors’ too', async (region, prefixes) => {
  const ids = (await list(at(region))).map(({ inferenceProfileId }) => String(inferenceProfileId))
  expect([...new Set(ids.map((id) => id.split('.')[0]))].sort()).toEqual(prefixes)
  expect(ids.some((id) => id.includes('.anthropic.claude-'))).toBe(true)
  expect(ids.some((id) => id.includes('.amazon.nova-'))).toBe(true)
  expect(new Set(ids).size).toBe(ids.length)
})

test('a profile is found by its id and by its ARN, with its models', async () => {
  const us = at('us-east-1')
  const get = (inferenceProfileIdentifier: string) =>
    us.control.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier }))
  const byId = await get('us.anthropic.claude-sonnet-4-6')
  expect(byId).toMatchObject({
    inferenceProfileArn: `arn:aws:bedrock:us-east-1:${OWN}:inference-profile/us.anthropic.claude-sonnet-4-6`,
    type: 'SYSTEM_DEFINED',
    status: 'ACTIVE',
  })
  expect(byId.models?.length).toBe(3)
  expect((await get(String(byId.inferenceProfileArn))).inferenceProfileId).toBe('us.anthropic.claude-sonnet-4-6')
  expect(await get(ARN)).toMatchObject({
    type: 'APPLICATION',
    models: [
      { modelArn: 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6' },
      { modelArn: 'arn:aws:bedrock:us-east-2::foundation-model/anthropic.claude-sonnet-4-6' },
      { modelArn: 'arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-sonnet-4-6' },
    ],
  })
  for (const id of ['eu.anthropic.claude-sonnet-4-6', THEIRS, 'nobody'])
    await expect(get(id)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})

test('in GovCloud ARNs are of its partition', async () => {
  const gov = (await list(at('us-gov-west-1')))[0]
  expect(gov?.inferenceProfileArn).toMatch(/^arn:aws-us-gov:bedrock:us-gov-west-1:/)
  expect(gov?.models?.[0]?.modelArn).toMatch(/^arn:aws-us-gov:bedrock:us-gov-/)
})

test('application profiles are listed in their own account and region alone', async () => {
  const arns = async (caller: BedrockCaller) =>
    (await list(caller, 'APPLICATION')).map(({ inferenceProfileArn }) => inferenceProfileArn)
  expect(await arns(at('us-east-1'))).toEqual([ARN])
  expect(await arns(at('us-east-1', '111122223333'))).toEqual([THEIRS])
  expect(await arns(at('eu-west-1'))).toEqual([])
  expect((await list(at('us-east-1'), 'SYSTEM_DEFINED')).map((one) => one.inferenceProfileArn)).not.toContain(ARN)
})

test('an application profile is called in its own account and region alone', async () => {
  const call = (caller: BedrockCaller, modelId: string) => caller.invoke(asked(), { modelId })
  await call(at('us-east-1'), ARN)
  expect(bedrock.tally().at(-1)).toMatchObject({ modelId: ARN, outcome: 'completed' })
  await call(at('us-east-1', '111122223333'), THEIRS)
  await expect(call(at('us-east-1'), THEIRS)).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('bedrock:InvokeModel'),
  })
  await expect(call(at('us-west-2'), ARN)).rejects.toThrow('The provided model identifier is invalid.')
})

describe('a model is called as its region offers it', () => {
  test.each([
    ['another geography', 'eu.anthropic.claude-opus-5-5', /model identifier is invalid/],
    ['no profile', 'anthropic.claude-opus-5-5', /on-demand throughput isn’t supported/],
    ['another vendor', 'us.amazon.nova-pro-v1:0', /extraneous key/],
  ])('%s', async (_name, modelId, message) => {
    await expect(at('us-east-1').invoke(asked(), { modelId })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(message),
    })
  })
  test('the ARN of a system-defined profile', async () => {
    const modelId = `arn:aws:bedrock:eu-west-1:${OWN}:inference-profile/eu.anthropic.claude-opus-5-5`
    expect(await at('eu-west-1').invoke(asked(), { modelId })).toHaveProperty('usage')
  })
})

test('the control plane is refused at one place while the other, and the Runtime, go on', async () => {
  const denied = { status: 403, type: 'AccessDeniedException', message: 'not you' }
  bedrock.script.at({ region: 'eu-west-1' }).refuseControl(denied, 'ListInferenceProfiles')
  const eu = at('eu-west-1')
  await expect(list(eu)).rejects.toMatchObject({ name: 'AccessDeniedException', message: 'not you' })
  const id = 'eu.anthropic.claude-opus-5-5'
  await eu.control.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier: id }))
  await eu.invoke(asked())
  expect((await list(at('us-east-1'))).length).toBeGreaterThan(20)
})
