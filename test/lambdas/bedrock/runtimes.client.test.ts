import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openRuntimes } from '../../../lambdas/bedrock/runtimes.client.ts'
import { openUpstreams, type Upstreams } from '../../../lambdas/bedrock/upstreams.client.ts'
import { instant } from '../../../lambdas/platform/instant.ts'
import { callLike, endpointLike, messagesBody } from '../../support/upstream-calls.ts'
import { sendJson, startWireServer, type WireServer } from '../../support/wire-server.ts'

const now = () => instant(Date.UTC(2026, 10, 27, 12))
const credentials = { accessKeyId: 'OWN', secretAccessKey: 'b' }
const ROLE = endpointLike({ id: 'aaaaaaaa-1', region: 'us-west-2', roleArn: 'arn:aws:iam::2:role/ccag-x' })
const never = new AbortController().signal

let bedrock: WireServer
let sts: WireServer
let upstreams: Upstreams

beforeEach(async () => {
  bedrock = await startWireServer((_, response) => sendJson(response, 200, { type: 'message' }))
  sts = await startWireServer((_, response, place) => {
    const given = `<AccessKeyId>ASIA${place}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>token${place}</SessionToken><Expiration>2026-11-27T13:00:00Z</Expiration>`
    response
      .writeHead(200, { 'content-type': 'text/xml' })
      .end(
        `<AssumeRoleResponse><AssumeRoleResult><Credentials>${given}</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
      )
  })
  upstreams = openUpstreams({ now, credentials, bedrockUrl: bedrock.url, stsUrl: sts.url })
})
afterEach(async () => {
  upstreams.close()
  await bedrock.stop()
  await sts.stop()
})

const scopes = (): string[] =>
  bedrock.asked.map(({ headers }) => /Credential=([^,]+)/.exec(String(headers.authorization))?.[1] ?? '')

test('each endpoint is called in its region and with its credentials, both ways', async () => {
  const attribution = { teamId: null, identity: 'ben', keyId: 'k', sessionId: null }
  for (const endpoint of [endpointLike(), ROLE]) {
    await upstreams.invoke.whole(callLike({ endpoint, attribution }), never)
    await upstreams.messages.whole(callLike({ endpoint, attribution, body: messagesBody(false) }), never)
  }
  expect(scopes().map((scope) => scope.replace(/\/\d{8}\//, ' '))).toEqual([
    'OWN eu-central-1/bedrock/aws4_request',
    'OWN eu-central-1/bedrock/aws4_request',
    'ASIA0 us-west-2/bedrock/aws4_request',
    'ASIA0 us-west-2/bedrock/aws4_request',
  ])
  expect(bedrock.asked.map(({ headers }) => headers['x-amz-security-token'])).toEqual([
    undefined,
    undefined,
    'token0',
    'token0',
  ])
  expect(bedrock.connections()).toBe(1)
})

test("nobody is called with somebody else's session", async () => {
  for (const identity of ['anna', 'ben', 'anna']) {
    const attribution = { teamId: null, identity, keyId: 'k', sessionId: null }
    await upstreams.invoke.whole(callLike({ endpoint: ROLE, attribution }), never)
  }
  expect(scopes().map((scope) => scope.split('/')[0])).toEqual(['ASIA0', 'ASIA1', 'ASIA0'])
})

test("a bearer token in the environment does not take the place of an endpoint's credentials", async () => {
  vi.stubEnv('AWS_BEARER_TOKEN_BEDROCK', 'of-the-own-account')
  try {
    const own = openUpstreams({ now, credentials, bedrockUrl: bedrock.url, stsUrl: sts.url })
    for (const endpoint of [endpointLike(), ROLE]) await own.invoke.whole(callLike({ endpoint }), never)
    await own.messages.whole(callLike({ endpoint: ROLE, body: messagesBody(false) }), never)
    own.close()
  } finally {
    vi.unstubAllEnvs()
  }
  expect(scopes().map((scope) => scope.split('/')[0])).toEqual(['OWN', 'ASIA0', 'ASIA0'])
})

test.each([
  ['eu-central-1', 'https://bedrock-runtime.eu-central-1.amazonaws.com/'],
  ['us-gov-west-1', 'https://bedrock-runtime.us-gov-west-1.amazonaws.com/'],
])('in %s Bedrock is at %s', async (region, url) => {
  const runtimes = openRuntimes({ now, credentials })
  expect((await runtimes.of(callLike({ endpoint: endpointLike({ region }) }))).url.href).toBe(url)
})
