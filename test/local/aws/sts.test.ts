/** AssumeRole through AWS's own client. */
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Sts, startSts } from '../../../local/aws/sts.ts'

const ROLE = 'arn:aws:iam::111122223333:role/path/claude'
const OWN = { accessKeyId: 'messages', secretAccessKey: 'local' }

let now = new Date('2026-11-27T12:00:00Z')
let sts: Sts
beforeAll(async () => {
  sts = await startSts({ now: () => now })
})
afterEach(() => sts.forgetRoles())
afterAll(() => sts?.stop())

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string }

const clientOf = (credentials: Keys) =>
  new STSClient({ endpoint: sts.endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 })

async function assume(more: Partial<AssumeRoleCommandInput> = {}, credentials: Keys = OWN): Promise<Keys> {
  const { Credentials: given } = await clientOf(credentials).send(
    new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'gateway-1', ...more }),
  )
  return {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
  }
}

test('a role of another account is assumed: user, credentials and their end are told', async () => {
  const answer = await clientOf(OWN).send(
    new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'a@b', DurationSeconds: 900 }),
  )
  expect(answer.AssumedRoleUser?.Arn).toBe('arn:aws:sts::111122223333:assumed-role/claude/a@b')
  expect(answer.Credentials?.AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/)
  expect(answer.Credentials?.Expiration).toEqual(new Date('2026-11-27T12:15:00Z'))
})

test('whoever holds the credentials is that role in that account', async () => {
  const held = await assume()
  expect(await clientOf(held).send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: '111122223333',
    Arn: 'arn:aws:sts::111122223333:assumed-role/claude/gateway-1',
  })
  expect(await clientOf(OWN).send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '000000000000' })
})

test('tags are remembered for the access key, and the transitive ones pass on to the next session', async () => {
  const tags = [
    { Key: 'team', Value: 'Ünïted +co@x' },
    { Key: 'person', Value: 'ada' },
  ]
  const first = await assume({ Tags: tags, TransitiveTagKeys: ['team'] })
  expect(sts.identify(first.accessKeyId, first.sessionToken)).toMatchObject({
    account: '111122223333',
    sessionTags: { team: 'Ünïted +co@x', person: 'ada' },
  })
  const second = await assume({ RoleArn: 'arn:aws:iam::444455556666:role/next' }, first)
  expect(sts.identify(second.accessKeyId, second.sessionToken)).toMatchObject({
    account: '444455556666',
    sessionTags: { team: 'Ünïted +co@x' },
  })
  expect(sts.calls().at(-1)).toMatchObject({
    callerArn: 'arn:aws:sts::111122223333:assumed-role/claude/gateway-1',
    region: 'eu-west-1',
    granted: true,
  })
})

test('credentials end when their time is over, and are nothing without their token', async () => {
  const held = await assume({ DurationSeconds: 900 })
  expect(sts.identify(held.accessKeyId, undefined)).toBe('invalid')
  now = new Date('2026-11-27T12:15:00Z')
  expect(sts.identify(held.accessKeyId, held.sessionToken)).toBe('expired')
  await expect(clientOf(held).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
    name: 'ExpiredToken',
  })
})

describe('a role that does not trust the caller is refused as STS refuses it', () => {
  const refused = (action: string) => ({
    name: 'AccessDenied',
    message: `User: arn:aws:iam::000000000000:user/messages is not authorized to perform: ${action} on resource: ${ROLE}`,
    $metadata: { httpStatusCode: 403 },
  })

  test('another external id, none, and the right one', async () => {
    sts.defineRole({ arn: ROLE, externalId: 'secret-1' })
    await expect(assume({ ExternalId: 'secret-2' })).rejects.toMatchObject(refused('sts:AssumeRole'))
    await expect(assume()).rejects.toMatchObject(refused('sts:AssumeRole'))
    expect(sts.calls().at(-1)).toMatchObject({ roleArn: ROLE, granted: false })
    expect(await assume({ ExternalId: 'secret-1' })).toHaveProperty('sessionToken')
  })

  test('tags without TagSession', async () => {
    sts.defineRole({ arn: ROLE, allowTags: false })
    const Tags = [{ Key: 'team', Value: 'a' }]
    await expect(assume({ Tags })).rejects.toMatchObject(refused('sts:TagSession'))
    expect(await assume()).toHaveProperty('sessionToken')
  })

  test('whatever else STS may say', async () => {
    const message = 'STS is not activated in this region for account:111122223333.'
    sts.defineRole({ arn: ROLE, refusal: { status: 403, code: 'RegionDisabledException', message } })
    await expect(assume()).rejects.toMatchObject({ name: 'RegionDisabledException', message })
  })

  test('nobody at all', async () => {
    sts.defineRole({ arn: ROLE, denied: true })
    await expect(assume()).rejects.toMatchObject(refused('sts:AssumeRole'))
  })
})

describe('what AssumeRole does not take is a ValidationError', () => {
  test.each<[string, Partial<AssumeRoleCommandInput>, RegExp]>([
    ['no role', { RoleArn: 'arn:aws:iam::1:role/x' }, /is invalid/],
    ['a session name with a space', { RoleSessionName: 'a b' }, /roleSessionName/],
    ['a tag STS has no letter for', { Tags: [{ Key: 'a', Value: 'a;b' }] }, /tags\.member\.value/],
    ['a transitive key that is no tag', { TransitiveTagKeys: ['team'] }, /transitive/],
    ['too short', { DurationSeconds: 60 }, /durationSeconds/],
    ['longer than the role allows', { DurationSeconds: 7200 }, /MaxSessionDuration/],
  ])('%s', async (_name, more, message) => {
    await expect(assume(more)).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringMatching(message),
    })
  })

  test('more than an hour in a session out of a session, whatever the role allows', async () => {
    sts.defineRole({ arn: ROLE, maxSeconds: 43_200 })
    const first = await assume({ DurationSeconds: 7200 })
    await expect(assume({ DurationSeconds: 7200 }, first)).rejects.toThrow(/role chaining/)
  })
})
