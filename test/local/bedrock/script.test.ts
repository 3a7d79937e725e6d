import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type BedrockSimulator, startBedrockSimulator } from '../../../local/bedrock/simulator.ts'
import { asked, type BedrockCaller, callBedrock } from '../../support/bedrock-caller.ts'

const BUSY = { kind: 'error', status: 429, type: 'ThrottlingException', message: 'busy' } as const
const DOWN = { kind: 'error', status: 503, type: 'ServiceUnavailableException', message: 'down' } as const
const OLDER = 'global.anthropic.claude-sonnet-4-5-20250929-v1:0'

let bedrock: BedrockSimulator
let us: BedrockCaller
let eu: BedrockCaller
let theirs: BedrockCaller
beforeAll(async () => {
  bedrock = await startBedrockSimulator({
    identify: (account) => ({ account, arn: `arn:aws:iam::${account}:user/u`, sessionTags: {} }),
  })
  us = callBedrock(bedrock.url, 'us-east-1', { accessKeyId: '1', secretAccessKey: 'x' })
  eu = callBedrock(bedrock.url, 'eu-west-1', { accessKeyId: '1', secretAccessKey: 'x' })
  theirs = callBedrock(bedrock.url, 'us-east-1', { accessKeyId: '2', secretAccessKey: 'x' })
})
afterEach(() => bedrock.script.clear())
afterAll(async () => {
  for (const caller of [us, eu, theirs]) caller?.destroy()
  await bedrock?.stop()
})

/** Names of what was thrown, in order; `ok` for an answer. */
async function outcomes(...calls: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const settled = await Promise.allSettled(calls)
  return settled.map((one) => (one.status === 'fulfilled' ? 'ok' : (one.reason as Error).name))
}

test('one region fails, and neither the other nor the same region of another account', async () => {
  bedrock.script.at({ region: 'us-east-1', account: '1' }).always(BUSY)
  expect(await outcomes(us.invoke(asked()), eu.invoke(asked()), theirs.invoke(asked()))).toEqual([
    'ThrottlingException',
    'ok',
    'ok',
  ])
})

test('one model fails, by Anthropic’s name or by the id it is called with', async () => {
  bedrock.script.at({ model: 'claude-sonnet-4-5' }).always(BUSY)
  expect(await outcomes(us.invoke(asked(), { modelId: OLDER }), us.invoke(asked()))).toEqual([
    'ThrottlingException',
    'ok',
  ])
  bedrock.script.clear()
  bedrock.script.at({ model: OLDER }).always(BUSY)
  expect(await outcomes(us.invoke(asked(), { modelId: OLDER }))).toEqual(['ThrottlingException'])
})

test('what is told of a place goes before what is told of all; what is next before what is always', async () => {
  bedrock.script.always(DOWN)
  bedrock.script.at({ region: 'eu-west-1' }).always(BUSY)
  bedrock.script.at({ region: 'eu-west-1' }).next({ kind: 'text', text: 'once' })
  expect(await outcomes(eu.invoke(asked()))).toEqual(['ok'])
  expect(await outcomes(eu.invoke(asked()))).toEqual(['ThrottlingException'])
  expect(await outcomes(us.invoke(asked()))).toEqual(['ServiceUnavailableException'])
})

test('a place is cleared alone, and everything with it', async () => {
  const place = bedrock.script.at({ region: 'eu-west-1' })
  place.always(BUSY)
  bedrock.script.always(DOWN)
  place.clear()
  expect(await outcomes(eu.invoke(asked()))).toEqual(['ServiceUnavailableException'])
  place.always(BUSY)
  bedrock.script.clear()
  expect(await outcomes(eu.invoke(asked()), us.invoke(asked()))).toEqual(['ok', 'ok'])
})

test('calls that are next at one place are not used up by another', async () => {
  bedrock.script.at({ account: '2' }).next(BUSY)
  expect(await outcomes(us.invoke(asked()))).toEqual(['ok'])
  expect(await outcomes(theirs.invoke(asked()))).toEqual(['ThrottlingException'])
  expect(await outcomes(theirs.invoke(asked()))).toEqual(['ok'])
})
