import {
  DynamoDBClient,
  ListTablesCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { BatchGetCommand, DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { type FaultProxy, startFaultProxy } from '../../../local/database/fault-proxy.ts'
import { createTables } from '../../support/tables.ts'

let database: Database
let proxy: FaultProxy
let raw: DynamoDBClient
let db: DynamoDBDocumentClient
let table: string

beforeAll(async () => {
  database = await startDatabase()
  proxy = await startFaultProxy(database.endpoint)
  table = (await createTables(database.endpoint)).core
  raw = new DynamoDBClient({
    endpoint: proxy.endpoint,
    maxAttempts: 1,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  })
  db = DynamoDBDocumentClient.from(raw)
})
afterEach(() => proxy.clear())
afterAll(async () => {
  raw?.destroy()
  await proxy?.stop()
  await database?.stop()
})

const Key = { PK: 'a', SK: 'b' }
const add = () =>
  db.send(
    new UpdateCommand({ TableName: table, Key, UpdateExpression: 'ADD n :n', ExpressionAttributeValues: { ':n': 1 } }),
  )
const read = async () => (await db.send(new GetCommand({ TableName: table, Key }))).Item?.n

test('without a fault everything passes, and is counted', async () => {
  proxy.forget()
  await add()
  expect(await read()).toBe(1)
  expect(proxy.operations()).toEqual(['UpdateItem', 'GetItem'])
})

test('each fault is what the SDK takes it for, and strikes as often as told', async () => {
  const transaction = () =>
    raw.send(
      new TransactWriteItemsCommand({
        TransactItems: [{ Delete: { TableName: table, Key: { PK: { S: 'x' }, SK: { S: 'y' } } } }],
      }),
    )
  proxy.inject({ fault: 'transaction-conflict', times: 1, operation: 'TransactWriteItems' })
  await expect(transaction()).rejects.toSatisfy(
    (error) =>
      error instanceof TransactionCanceledException && error.CancellationReasons?.[0]?.Code === 'TransactionConflict',
  )
  await transaction()
  proxy.inject({ fault: 'throttle', times: 1 })
  await expect(read()).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' })
  proxy.inject({ fault: 'internal-error', times: 1 })
  await expect(read()).rejects.toMatchObject({ name: 'InternalServerError' })
  proxy.inject({ fault: 'refuse-connection', times: 1 })
  await expect(read()).rejects.toThrow()
  proxy.inject({ fault: 'unprocessed-keys', times: 1 })
  const batch = () => db.send(new BatchGetCommand({ RequestItems: { [table]: { Keys: [Key] } } }))
  expect((await batch()).UnprocessedKeys?.[table]?.Keys).toHaveLength(1)
  expect((await batch()).Responses?.[table]).toHaveLength(1)
})

test('a lost answer was committed', async () => {
  const before = await read()
  proxy.inject({ fault: 'lost-answer', times: 1, operation: 'UpdateItem' })
  await expect(add()).rejects.toThrow()
  expect(await read()).toBe(before + 1)
})

test('down is down until it is up', async () => {
  proxy.down()
  await expect(raw.send(new ListTablesCommand({}))).rejects.toThrow()
  proxy.up()
  await raw.send(new ListTablesCommand({}))
})

test('a caller without permission is refused as IAM refuses it, also inside a transaction and on an index', async () => {
  const asked: string[] = []
  proxy.enforce((caller, action, resource) => {
    asked.push(`${caller} ${action} ${resource.split(':').at(-1)}`)
    return action === 'dynamodb:BatchGetItem'
  })
  const query = { TableName: table, IndexName: 'GSI1', KeyConditionExpression: 'GSI1PK = :a' }
  const change = { TableName: table, Key: { PK: { S: 'a' }, SK: { S: 'b' } } }
  const transaction = new TransactWriteItemsCommand({ TransactItems: [{ Delete: change }] })
  await db.send(new BatchGetCommand({ RequestItems: { [table]: { Keys: [Key] } } }))
  const refusal = { name: 'AccessDeniedException', message: expect.stringContaining('dynamodb:DeleteItem') }
  await expect(raw.send(transaction)).rejects.toMatchObject(refusal)
  await expect(db.send(new QueryCommand({ ...query, ExpressionAttributeValues: { ':a': 'a' } }))).rejects.toMatchObject(
    { name: 'AccessDeniedException' },
  )
  proxy.enforce(() => true)
  expect(asked).toEqual([
    `a dynamodb:BatchGetItem table/${table}`,
    `a dynamodb:DeleteItem table/${table}`,
    `a dynamodb:Query table/${table}/index/GSI1`,
  ])
})
