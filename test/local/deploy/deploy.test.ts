import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SecretsManager, startSecretsManager } from '../../../local/aws/secrets-manager.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { deployBuckets } from '../../../local/deploy/deploy-buckets.ts'
import { behavioursOf } from '../../../local/deploy/deploy-distribution.ts'
import {
  type DeployedFunctions,
  type DeployedUrl,
  deployFunctions,
  deployFunctionUrls,
} from '../../../local/deploy/deploy-functions.ts'
import { rulesOf } from '../../../local/deploy/deploy-schedules.ts'
import { deploySecrets } from '../../../local/deploy/deploy-secrets.ts'
import { deployTables } from '../../../local/deploy/deploy-tables.ts'
import { refuseUnknownResources } from '../../../local/deploy/known-resources.ts'
import { scopeOf, secretArnOf } from '../../../local/deploy/names.ts'
import { readTemplate } from '../../../local/deploy/template.ts'
import { createClock } from '../../../local/schedules/clock.ts'
import { writeSmallStack } from '../../support/small-stack.ts'

const stack = writeSmallStack()
const template = readTemplate(stack.cdkOut)
const folder = mkdtempSync(join(tmpdir(), 'deploy-test-'))
const clock = createClock()

let database: Database
let secrets: SecretsManager
let client: DynamoDBClient
let functions: DeployedFunctions
let urls: readonly DeployedUrl[]
const scope = scopeOf(template, (arn) => secrets.get(arn))

beforeAll(async () => {
  database = await startDatabase()
  secrets = await startSecretsManager()
  client = new DynamoDBClient({
    endpoint: database.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  deploySecrets(template, secrets)
  functions = deployFunctions(template, scope, () => ({
    maxEnvironments: 1,
    overflow: 'queue',
    extraEnvironment: { EXTRA: 'given' },
    log: () => {},
  }))
  urls = await deployFunctionUrls(template, scope, functions, clock)
})

afterAll(async () => {
  for (const url of urls) await url.stop()
  for (const fn of functions.byName.values()) await fn.stop()
  client.destroy()
  await secrets.stop()
  await database.stop()
  stack.remove()
  rmSync(folder, { recursive: true })
})

test('a table has the keys, indexes, expiry and stream of the template', async () => {
  const events = (await deployTables(template, scope, database.endpoint)).get('events')
  expect(events?.name).toBe('ClaudeCodeGateway-Events')
  const { Table } = await client.send(new DescribeTableCommand({ TableName: events?.name }))
  expect(Table?.KeySchema?.map(({ AttributeName }) => AttributeName)).toEqual(['PK', 'SK'])
  expect(
    Table?.GlobalSecondaryIndexes?.map(({ IndexName, Projection }) => [IndexName, Projection?.ProjectionType]),
  ).toEqual([['GSI1', 'ALL']])
  expect(Table?.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' })
  expect(events?.streamArn).toBe(Table?.LatestStreamArn)
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: events?.name }))
  expect(TimeToLiveDescription?.AttributeName).toBe('expires_at')
})

test('a second deployment keeps what is in a table', async () => {
  const name = (await deployTables(template, scope, database.endpoint)).get('events')?.name
  await client.send(new PutItemCommand({ TableName: name, Item: { PK: { S: 'a' }, SK: { S: 'b' }, n: { N: '1' } } }))
  await deployTables(template, scope, database.endpoint)
  const { Item } = await client.send(new GetItemCommand({ TableName: name, Key: { PK: { S: 'a' }, SK: { S: 'b' } } }))
  expect(Item?.n?.N).toBe('1')
})

test('a secret is generated as its template wishes', () => {
  const admin = JSON.parse(secrets.get(secretArnOf('Admin')) ?? '') as Record<string, string>
  expect(admin.username).toBe('admin')
  expect(admin.password).toMatch(/^[A-HJ-NP-Za-km-z2-9]{24}$/)
  expect(secrets.get(secretArnOf('Origin'))).toHaveLength(32)
})

test('a second deployment keeps every secret', () => {
  const before = ['Admin', 'Origin'].map((id) => secrets.get(secretArnOf(id)))
  deploySecrets(template, secrets)
  expect(['Admin', 'Origin'].map((id) => secrets.get(secretArnOf(id)))).toEqual(before)
})

test('only functions of ours are started, as the template defines them', () => {
  expect([...functions.byName.keys()]).toEqual(['messages'])
  expect(functions.byName.get('messages')?.definition).toEqual({
    name: 'messages',
    codeDir: join(stack.cdkOut, 'asset.aaa'),
    handler: 'index.handler',
    environment: {
      EVENTS_TABLE: 'ClaudeCodeGateway-Events',
      ADMIN_SECRET_ARN: secretArnOf('Admin'),
      FIXED: 'as it stands',
    },
    memoryMb: 1769,
    timeoutMs: 900_000,
  })
  expect(() => functions.nameOfArn('arn:other')).toThrow('arn:other')
})

test('a function URL leads to its function, which finds the environment of the template and that of the machine', async () => {
  expect(urls.map(({ functionName }) => functionName)).toEqual(['messages'])
  const answer = (await (await fetch(`${urls[0]?.url}/v1/models`)).json()) as Record<string, unknown>
  expect(answer).toMatchObject({
    own: 'as it stands',
    table: 'ClaudeCodeGateway-Events',
    extra: 'given',
    event: { rawPath: '/v1/models' },
  })
})

test('the event of a function URL tells the time of the clock that was moved', async () => {
  clock.set(new Date('2031-01-01T00:00:00Z'))
  const { event } = (await (await fetch(`${urls[0]?.url}/`)).json()) as {
    event: { requestContext: { timeEpoch: number } }
  }
  expect(new Date(event.requestContext.timeEpoch).getUTCFullYear()).toBe(2031)
})

test('behaviours come in the order of the template, the default one last', () => {
  const [portal, rest, ...more] = behavioursOf(template, scope, urls, folder)
  expect(more).toEqual([])
  expect(portal).toMatchObject({
    pathPattern: '/portal*',
    methods: new Set(['GET', 'HEAD']),
    viewerRequest: undefined,
    origin: { kind: 'folder', path: join(folder, 'bucket.s3.local') },
    responseHeaders: [
      { name: 'content-security-policy', value: "default-src 'none'", override: true },
      { name: 'x-content-type-options', value: 'nosniff', override: true },
      { name: 'x-frame-options', value: 'DENY', override: true },
      { name: 'referrer-policy', value: 'no-referrer', override: false },
      { name: 'permissions-policy', value: 'camera=()', override: true },
    ],
  })
  expect(rest?.pathPattern).toBe('*')
  expect(rest?.origin).toEqual({
    kind: 'function',
    url: urls[0]?.url,
    headers: { 'x-origin-verify': secrets.get(secretArnOf('Origin')) },
    readTimeoutMs: 60_000,
  })
  expect(rest?.viewerRequest?.({ method: 'GET', uri: '/', headers: {} })).toMatchObject({
    kind: 'response',
    status: 302,
  })
})

test('a bucket deployment fills its folder under its prefix, and clears what an earlier one left, if it may', () => {
  deployBuckets(template, scope, folder)
  const portal = join(folder, 'bucket.s3.local/portal')
  expect(readFileSync(join(portal, 'index.html'), 'utf8')).toBe('<p>portal</p>')
  expect(readFileSync(join(portal, 'assets/app.1.js'), 'utf8')).toBe('app()')
  writeFileSync(join(portal, 'old.html'), 'left over')
  writeFileSync(join(portal, 'assets/app.0.js'), 'an open tab asks for it')
  deployBuckets(template, scope, folder)
  expect(() => readFileSync(join(portal, 'old.html'))).toThrow()
  expect(readFileSync(join(portal, 'assets/app.0.js'), 'utf8')).toBe('an open tab asks for it')
})

test('each file has the cache-control of the deployment that brought it', () => {
  deployBuckets(template, scope, folder)
  const [portal] = behavioursOf(template, scope, urls, folder)
  expect(portal?.origin.kind === 'folder' && Object.fromEntries(portal.origin.cacheControl)).toEqual({
    'portal/index.html': 'no-cache',
    'portal/assets/app.1.js': 'immutable',
  })
})

/** The small stack has one that is unknown, for the tests of references. */
const known = { ...template, resources: template.resources.filter(({ type }) => type !== 'AWS::SQS::Queue') }

const withResource = (logicalId: string, type: string, condition?: string) => ({
  ...known,
  resources: [...known.resources, { logicalId, type, ...(condition !== undefined && { condition }) }],
})

test('a resource that nobody here knows is an error that names it, and so is one that may not be there', () => {
  expect(() => refuseUnknownResources(known)).not.toThrow()
  expect(() => refuseUnknownResources(withResource('Line', 'AWS::SQS::Queue'))).toThrow('Line (AWS::SQS::Queue)')
  expect(() => refuseUnknownResources(withResource('More', 'AWS::DynamoDB::Table', 'Sometimes'))).toThrow(
    'More (Sometimes)',
  )
  expect(() => refuseUnknownResources(withResource('Loud', 'AWS::CloudWatch::Alarm', 'Sometimes'))).not.toThrow()
})

test('what a bucket deployment wishes and nobody here knows is an error that names it', () => {
  const [deployment] = template.of('Custom::CDKBucketDeployment')
  const wish = (more: object) => ({
    ...template,
    of: () => [{ logicalId: 'D', properties: { ...deployment?.properties, ...more } }],
  })
  expect(() => deployBuckets(wish({ SignContent: true }), scope, folder)).toThrow('D has SignContent')
  expect(() => deployBuckets(wish({ SystemMetadata: { 'content-language': 'en' } }), scope, folder)).toThrow(
    'content-language',
  )
})

test('a rule leads to the function it names', () => {
  expect(rulesOf(template, scope, functions)).toEqual([{ functionName: 'messages', expression: 'rate(1 minute)' }])
})
