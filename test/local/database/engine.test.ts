import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, describe, expect, test } from 'vitest'
import { chooseEngine, type Database, javaIsThere, startDatabase } from '../../../local/database/engine.ts'
import { databaseContract } from './database-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'database-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the embedded engine keeps DynamoDB’s contract', () => databaseContract(chooseEngine()))

describe.skipIf(!javaIsThere() || chooseEngine() === 'dynamodb-local')('DynamoDB Local keeps the same contract', () =>
  databaseContract('dynamodb-local', {
    'an action that cannot be done cancels, with its reason':
      'it answers ValidationException instead of a cancelled transaction',
  }),
)

const open = (database: Database): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: database.endpoint,
      maxAttempts: 1,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    }),
  )

test('what was acknowledged survives kill -9, and no transaction is torn', { timeout: 60_000 }, async () => {
  const path = join(folder, 'killed.sqlite')
  let database = await startDatabase({ path })
  await open(database).send(
    new CreateTableCommand({
      TableName: 'killed',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'PK', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
    }),
  )
  const acknowledged = [0, 0, 0, 0]
  for (let round = 0; round < 3; round++) {
    const db = open(database)
    let killed = false
    const writer = async (_: number, place: number): Promise<void> => {
      while (!killed) {
        const add = (PK: string) => ({
          Update: {
            TableName: 'killed',
            Key: { PK },
            UpdateExpression: 'ADD n :one',
            ExpressionAttributeValues: { ':one': 1 },
          },
        })
        const done = await db
          .send(new TransactWriteCommand({ TransactItems: [add(`a${place}`), add(`b${place}`)] }))
          .then(
            () => true,
            () => false,
          )
        if (done) acknowledged[place] = (acknowledged[place] ?? 0) + 1
        else return
      }
    }
    const writers = acknowledged.map(writer)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await database.kill()
    killed = true
    await Promise.all(writers)
    database = await startDatabase({ path })
    for (const [place, count] of acknowledged.entries()) {
      const read = async (PK: string) =>
        Number((await open(database).send(new GetCommand({ TableName: 'killed', Key: { PK } }))).Item?.n ?? 0)
      const [a, b] = [await read(`a${place}`), await read(`b${place}`)]
      expect(a).toBe(b)
      // One that was committed as the kill struck may not have been acknowledged.
      expect(a - count).toBeGreaterThanOrEqual(0)
      acknowledged[place] = a
    }
  }
  expect(Math.min(...acknowledged)).toBeGreaterThan(0)
  await database.stop()
})

test('data in use by another process is left alone, and told in one line', async () => {
  const path = join(folder, 'locked.sqlite')
  const first = await startDatabase({ path })
  await expect(startDatabase({ path })).rejects.toThrow(/is in use by process/)
  await first.stop()
  const second = await startDatabase({ path })
  await second.stop()
  expect(existsSync(`${path}.lock`)).toBe(false)
})

test('the lock of a process that is gone is taken over', async () => {
  const path = join(folder, 'stale.sqlite')
  // No process has this number: Linux gives out at most 4,194,304.
  writeFileSync(`${path}.lock`, '99999999')
  const database = await startDatabase({ path })
  await database.stop()
})
