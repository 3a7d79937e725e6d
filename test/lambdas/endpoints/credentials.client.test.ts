import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type AwsIdentity,
  type EndpointCredentials,
  openEndpointCredentials,
  type RoleEndpoint,
} from '../../../lambdas/endpoints/credentials.client.ts'
import { addMs, type Instant, instant, isoOf } from '../../../lambdas/platform/instant.ts'
import { type Asked, startWireServer, type WireServer } from '../../support/wire-server.ts'

const MINUTE = 60_000
const START = instant(Date.UTC(2026, 10, 27, 12))
const XML = { 'content-type': 'text/xml' }
const NAMESPACE = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"'

/** The n-th call's credentials, good for an hour. */
function assumed(response: ServerResponse, place: number, at: Instant): void {
  const credentials = `<AccessKeyId>ASIA${place}</AccessKeyId><SecretAccessKey>secret${place}</SecretAccessKey><SessionToken>token${place}</SessionToken><Expiration>${isoOf(addMs(at, 60 * MINUTE))}</Expiration>`
  response
    .writeHead(200, XML)
    .end(
      `<AssumeRoleResponse ${NAMESPACE}><AssumeRoleResult><Credentials>${credentials}</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    )
}
const refused = (response: ServerResponse, status: number, code: string, message: string): void =>
  void response
    .writeHead(status, XML)
    .end(
      `<ErrorResponse ${NAMESPACE}><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    )

const aboutTags = 'User: arn:aws:sts::1:assumed-role/gw/x is not authorized to perform: sts:TagSession on resource: y'
const aboutRole = 'User: arn:aws:sts::1:assumed-role/gw/x is not authorized to perform: sts:AssumeRole on resource: y'

let server: WireServer
let credentials: EndpointCredentials
let now: Instant
let answer: (response: ServerResponse, asked: Asked, place: number) => void

beforeEach(async () => {
  now = START
  answer = (response, _, place) => assumed(response, place, now)
  server = await startWireServer((asked, response, place) => answer(response, asked, place))
  credentials = openEndpointCredentials({
    now: () => now,
    client: { endpoint: server.url, credentials: { accessKeyId: 'OWN', secretAccessKey: 'own' } },
  })
})
afterEach(() => server.stop())

const ENDPOINT: RoleEndpoint = {
  id: '4f0c2a9e-0000-4000-8000-000000000001',
  rev: 1,
  region: 'eu-west-1',
  roleArn: 'arn:aws:iam::210987654321:role/ccag-claude',
  externalId: 'shared-secret',
}
const ANNA = { teamId: 'team-1', identity: 'user-anna' }
const BEN = { teamId: 'team-1', identity: 'user-ben' }
const parametersOf = (place: number): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(server.asked[place]?.body))
const keyOf = async (asked: Promise<AwsIdentity>): Promise<string> => (await asked).accessKeyId

test('a role is assumed with its external id, tagged with team and user, under a name that says for which endpoint', async () => {
  expect(await credentials.of(ENDPOINT, ANNA)).toEqual({
    accessKeyId: 'ASIA0',
    secretAccessKey: 'secret0',
    sessionToken: 'token0',
  })
  expect(parametersOf(0)).toMatchObject({
    Action: 'AssumeRole',
    RoleArn: ENDPOINT.roleArn,
    RoleSessionName: 'ccag-4f0c2a9e',
    ExternalId: 'shared-secret',
    DurationSeconds: '3600',
    'Tags.member.1.Key': 'team',
    'Tags.member.1.Value': 'team-1',
    'Tags.member.2.Key': 'user',
    'Tags.member.2.Value': 'user-anna',
  })
  expect(server.asked[0]?.headers.authorization).toMatch(/Credential=OWN\/\d{8}\/eu-west-1\/sts\/aws4_request/)
})

test('only what is known is a tag, and only of characters that AWS takes', async () => {
  await credentials.of({ ...ENDPOINT, externalId: null }, { teamId: null, identity: 'key:Schlüssel 世界 <a&b> 🦊' })
  const { 'Tags.member.1.Key': key, 'Tags.member.1.Value': value } = parametersOf(0)
  expect([key, value]).toEqual(['user', 'key:Schlüssel 世界 _a_b_ _'])
  expect(parametersOf(0)).not.toHaveProperty(['Tags.member.2.Key'])
  expect(parametersOf(0)).not.toHaveProperty('ExternalId')
  await credentials.of(ENDPOINT, { teamId: null, identity: '界'.repeat(300) })
  expect(parametersOf(1)['Tags.member.1.Value']).toBe('界'.repeat(256))
  await credentials.of(ENDPOINT, { teamId: null, identity: null })
  expect(Object.keys(parametersOf(2)).filter((name) => name.startsWith('Tags'))).toEqual([])
})

describe('what was assumed', () => {
  test('serves until five minutes before its end, then the next is had', async () => {
    expect(await keyOf(credentials.of(ENDPOINT, ANNA))).toBe('ASIA0')
    now = addMs(START, 55 * MINUTE - 1)
    expect(await keyOf(credentials.of(ENDPOINT, ANNA))).toBe('ASIA0')
    now = addMs(START, 55 * MINUTE)
    expect(await keyOf(credentials.of(ENDPOINT, ANNA))).toBe('ASIA1')
    expect(server.asked).toHaveLength(2)
  })
  test('serves its user, team and endpoint alone', async () => {
    const others = [
      credentials.of(ENDPOINT, ANNA),
      credentials.of(ENDPOINT, BEN),
      credentials.of(ENDPOINT, { ...ANNA, teamId: 'team-2' }),
      credentials.of({ ...ENDPOINT, id: 'other000-0000-4000-8000-000000000001' }, ANNA),
      credentials.of({ ...ENDPOINT, rev: 2 }, ANNA),
    ]
    expect(new Set(await Promise.all(others.map(keyOf)))).toHaveProperty('size', 5)
  })
  test('is asked for once by all who ask at the same time', async () => {
    const keys = await Promise.all(Array.from({ length: 25 }, () => keyOf(credentials.of(ENDPOINT, ANNA))))
    expect(new Set(keys)).toEqual(new Set(['ASIA0']))
    now = addMs(START, 56 * MINUTE)
    const next = await Promise.all(Array.from({ length: 25 }, () => keyOf(credentials.of(ENDPOINT, ANNA))))
    expect(new Set(next)).toEqual(new Set(['ASIA1']))
    expect(server.asked).toHaveLength(2)
  })
  test('is kept for the last 256, and asked for anew by who comes back after them', async () => {
    for (let person = 0; person <= 256; person++)
      await credentials.of(ENDPOINT, { teamId: null, identity: `user-${person}` })
    await credentials.of(ENDPOINT, { teamId: null, identity: 'user-256' })
    expect(server.asked).toHaveLength(257)
    await credentials.of(ENDPOINT, { teamId: null, identity: 'user-0' })
    expect(server.asked).toHaveLength(258)
  })
  test('serves to its very end while STS fails', async () => {
    await credentials.of(ENDPOINT, ANNA)
    answer = (response) => refused(response, 403, 'AccessDenied', aboutRole)
    now = addMs(START, 57 * MINUTE)
    expect(await keyOf(credentials.of(ENDPOINT, ANNA))).toBe('ASIA0')
    now = addMs(START, 60 * MINUTE - 1)
    expect(await keyOf(credentials.of(ENDPOINT, ANNA))).toBe('ASIA0')
    now = addMs(START, 60 * MINUTE)
    await expect(credentials.of(ENDPOINT, ANNA)).rejects.toMatchObject({ code: 'upstream_forbidden' })
  })
})

describe('a trust policy without sts:TagSession', () => {
  const withoutTags: typeof answer = (response, { body }, place) =>
    body.includes('Tags.member') ? refused(response, 403, 'AccessDenied', aboutTags) : assumed(response, place, now)

  test('costs one refused call an hour, and the role is assumed without tags', async () => {
    answer = withoutTags
    expect(await keyOf(credentials.of(ENDPOINT, ANNA))).toBe('ASIA1')
    expect(await keyOf(credentials.of(ENDPOINT, BEN))).toBe('ASIA2')
    expect(server.asked).toHaveLength(3)
    // Untagged, one session is as good as another.
    expect(await keyOf(credentials.of(ENDPOINT, ANNA))).toBe('ASIA2')
    now = addMs(START, 60 * MINUTE)
    answer = (response, _, place) => assumed(response, place, now)
    await credentials.of(ENDPOINT, ANNA)
    expect(parametersOf(3)).toHaveProperty(['Tags.member.1.Key'])
  })
  test('of one endpoint says nothing about another', async () => {
    answer = withoutTags
    await credentials.of(ENDPOINT, ANNA)
    await credentials.of({ ...ENDPOINT, id: 'other000-0000-4000-8000-000000000001' }, ANNA)
    expect(server.asked.filter(({ body }) => body.includes('Tags.member'))).toHaveLength(2)
  })
  test('that does not allow the role itself either is a refusal', async () => {
    answer = (response, { body }) =>
      refused(response, 403, 'AccessDenied', body.includes('Tags.member') ? aboutTags : aboutRole)
    await expect(credentials.of(ENDPOINT, ANNA)).rejects.toMatchObject({ code: 'upstream_forbidden' })
  })
})

describe('a refusal', () => {
  test.each([
    [403, 'AccessDenied', 'upstream_forbidden', 'denied'],
    [403, 'InvalidClientTokenId', 'upstream_forbidden', 'denied'],
    [403, 'RegionDisabledException', 'upstream_forbidden', 'denied'],
    [400, 'ValidationError', 'upstream_forbidden', 'denied'],
    [500, 'InternalFailure', 'upstream_busy', 'error'],
    [503, 'ServiceUnavailable', 'upstream_busy', 'error'],
  ])('of STS with %s %s is told as %s', async (status, code, told, trouble) => {
    answer = (response) => refused(response, status, code, 'arn:aws:iam::210987654321:role/geheim – nein')
    await expect(credentials.of(ENDPOINT, ANNA)).rejects.toMatchObject({
      code: told,
      message: expect.not.stringContaining('arn:'),
      detail: { upstream: `sts:${code}`, trouble, said: 'arn:aws:iam::210987654321:role/geheim – nein' },
    })
  })
  test('is remembered for three seconds, so that a crowd does not ask one by one, and no longer', async () => {
    answer = (response) => refused(response, 403, 'AccessDenied', aboutRole)
    for (let round = 0; round < 3; round++) await expect(credentials.of(ENDPOINT, ANNA)).rejects.toThrow()
    expect(server.asked).toHaveLength(1)
    answer = (response, _, place) => assumed(response, place, now)
    now = addMs(START, 3_000)
    expect(await keyOf(credentials.of(ENDPOINT, ANNA))).toBe('ASIA1')
  })
  test('an STS that cannot be reached is busy', async () => {
    const nowhere = openEndpointCredentials({
      now: () => now,
      client: { endpoint: 'http://127.0.0.1:9', credentials: { accessKeyId: 'OWN', secretAccessKey: 'own' } },
    })
    await expect(nowhere.of(ENDPOINT, ANNA)).rejects.toMatchObject({ code: 'upstream_busy', retryAfterSeconds: 5 })
  })
})
