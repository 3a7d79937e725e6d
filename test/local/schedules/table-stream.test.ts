import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { startTableStreams } from '../../../local/deploy/deploy-schedules.ts'
import { deployTables } from '../../../local/deploy/deploy-tables.ts'
import { scopeOf } from '../../../local/deploy/names.ts'
import { readTemplate } from '../../../local/deploy/template.ts'
import { type LocalFunction, startLocalFunction } from '../../../local/lambda/function.ts'
import type { TableStream } from '../../../local/schedules/table-stream.ts'
import { writeSmallStack } from '../../support/small-stack.ts'

/** Writes every batch down, and refuses the first change whose `SK` asks for it as often as it says. */
const HANDLER = `
import { appendFileSync } from 'node:fs'
const refused = {}
export const handler = async ({ Records }) => {
  appendFileSync(process.env.BATCHES, JSON.stringify(Records) + '\\n')
  for (const { dynamodb } of Records) {
    const { wish, times } = /^(?<wish>partial|throw|unknown) (?<times>\\d+)/.exec(dynamodb.Keys.SK.S)?.groups ?? {}
    if (wish === undefined || (refused[dynamodb.SequenceNumber] ??= 0) >= Number(times)) continue
    refused[dynamodb.SequenceNumber]++
    if (wish === 'throw') throw new Error('no')
    return { batchItemFailures: [{ itemIdentifier: wish === 'unknown' ? 'of no batch' : dynamodb.SequenceNumber }] }
  }
  return { batchItemFailures: [] }
}`

interface StreamedRecord {
  readonly eventName: string
  readonly eventSource: string
  readonly dynamodb: {
    readonly Keys: { readonly SK: { readonly S: string } }
    readonly NewImage?: Record<string, unknown>
    readonly OldImage?: Record<string, unknown>
    readonly ApproximateCreationDateTime: number
    readonly SequenceNumber: string
  }
}

const folder = mkdtempSync(join(tmpdir(), 'stream-test-'))
const batchesFile = join(folder, 'batches')
const stack = writeSmallStack()
const told: string[] = []
let database: Database
let client: DynamoDBClient
let fn: LocalFunction
let streams: readonly TableStream[]
let tableName: string

beforeAll(async () => {
  writeFileSync(join(folder, 'index.mjs'), HANDLER)
  appendFileSync(batchesFile, '')
  database = await startDatabase()
  client = new DynamoDBClient({
    endpoint: database.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const template = readTemplate(stack.cdkOut)
  const scope = scopeOf(template, () => undefined)
  const tables = await deployTables(template, scope, database.endpoint)
  tableName = tables.get('events')?.name ?? ''
  fn = startLocalFunction(
    {
      name: 'outbox',
      codeDir: folder,
      handler: 'index.handler',
      environment: { BATCHES: batchesFile },
      memoryMb: 128,
      timeoutMs: 10_000,
    },
    { maxEnvironments: 1, overflow: 'queue', extraEnvironment: {}, log: () => {} },
  )
  const functions = { byName: new Map([['outbox', fn]]), nameOfArn: () => 'outbox' }
  streams = startTableStreams(template, scope, functions, tables, {
    endpoint: database.endpoint,
    log: (line) => told.push(line),
  })
})

afterAll(async () => {
  for (const stream of streams) await stream.stop()
  await fn.stop()
  client.destroy()
  await database.stop()
  stack.remove()
  rmSync(folder, { recursive: true })
})

const put = (PK: string, SK: string, n = '1') =>
  client.send(new PutItemCommand({ TableName: tableName, Item: { PK: { S: PK }, SK: { S: SK }, n: { N: n } } }))
const batches = (): StreamedRecord[][] =>
  readFileSync(batchesFile, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
const timesSeen = (SK: string): number =>
  batches().filter((batch) => batch.some(({ dynamodb }) => dynamodb.Keys.SK.S === SK)).length
const seen = (SK: string, times: number) =>
  vi.waitFor(() => expect(timesSeen(SK)).toBe(times), { timeout: 10_000, interval: 20 })

test('a change reaches the function as Lambda would show it, with both images', async () => {
  await put('a', 'plain', '1')
  await put('a', 'plain', '2')
  await vi.waitFor(() => expect(batches().flat()).toHaveLength(2), { timeout: 10_000, interval: 20 })
  const [insert, modify] = batches().flat()
  expect(insert).toMatchObject({
    eventName: 'INSERT',
    eventSource: 'aws:dynamodb',
    dynamodb: { NewImage: { n: { N: '1' } } },
  })
  expect(insert?.dynamodb).not.toHaveProperty('OldImage')
  expect(modify).toMatchObject({
    eventName: 'MODIFY',
    dynamodb: { OldImage: { n: { N: '1' } }, NewImage: { n: { N: '2' } } },
  })
  // Seconds since the epoch, not milliseconds and not a text.
  expect(insert?.dynamodb.ApproximateCreationDateTime).toBeGreaterThan(1e9)
  expect(insert?.dynamodb.ApproximateCreationDateTime).toBeLessThan(1e11)
})

test('a batch of which a part failed is shown again from where it failed', async () => {
  await put('b', 'partial 1')
  await seen('partial 1', 2)
  const again = batches().filter((batch) => batch.some(({ dynamodb }) => dynamodb.Keys.SK.S === 'partial 1'))
  expect(again[1]?.[0]?.dynamodb.Keys.SK.S).toBe('partial 1')
})

test('a failure that names no change of the batch fails all of it', async () => {
  await Promise.all([put('e', 'unknown 1'), put('e', 'beside')])
  await seen('unknown 1', 2)
  const first = batches().findIndex((batch) => batch.some(({ dynamodb }) => dynamodb.Keys.SK.S === 'unknown 1'))
  const [before, again] = batches().slice(first)
  expect(again).toEqual(before)
})

test('a function that throws sees the batch again, and its error is told', async () => {
  await put('c', 'throw 1')
  await seen('throw 1', 2)
  expect(told.join('\n')).toContain('no')
})

test('what fails for ever is given up after its retries, and does not hold up what comes after', async () => {
  await put('d', 'throw 99')
  await seen('throw 99', 3)
  await put('d', 'after')
  await seen('after', 1)
  expect(timesSeen('throw 99')).toBe(3)
})

test('what the filter of the template does not let pass reaches no function', async () => {
  const key = { PK: { S: 'f' }, SK: { S: 'without a number' } }
  await client.send(new PutItemCommand({ TableName: tableName, Item: key }))
  await put('f', 'with a number')
  await seen('with a number', 1)
  expect(timesSeen('without a number')).toBe(0)
})
