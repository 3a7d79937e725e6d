/**
 * What the gateway relies on DynamoDB for, told as checks that any engine has to pass: the embedded one, and DynamoDB Local
 * beside it, because two engines that agree are better evidence than one. Source of each rule: the DynamoDB API reference.
 */
import { randomUUID } from 'node:crypto'
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams'
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  NumberValue,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, type EngineName, startDatabase } from '../../../local/database/engine.ts'

const A = 'contract-a'
const B = 'contract-b'
const ACCESS = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }
const VALIDATION = { name: 'ValidationException' }

type Items = NonNullable<TransactWriteCommandInput['TransactItems']>

/** @param differs Names of checks this engine is known to answer otherwise, with the reason. */
export function databaseContract(engine: EngineName, differs: Readonly<Record<string, string>> = {}): void {
  let database: Database
  let raw: DynamoDBClient
  let db: DynamoDBDocumentClient
  beforeAll(async () => {
    database = await startDatabase({ engine })
    raw = new DynamoDBClient({ endpoint: database.endpoint, maxAttempts: 1, ...ACCESS })
    db = DynamoDBDocumentClient.from(raw)
    for (const table of [A, B]) await createTable(raw, table)
  }, 60_000)
  afterAll(async () => {
    raw?.destroy()
    await database?.stop()
  })

  const check = (name: string, run: () => Promise<unknown>): void => {
    const difference = differs[name]
    if (difference === undefined) test(name, { timeout: 60_000 }, async () => void (await run()))
    // biome-ignore lint/suspicious/noSkippedTests: a known difference of this engine is shown in the run, not hidden.
    else test.skip(`${name} (known to differ: ${difference})`, () => {})
  }
  const fresh = () => ({ PK: randomUUID(), SK: 'x' })
  const put = (Item: Record<string, unknown>, more: object = {}) =>
    db.send(new PutCommand({ TableName: A, Item, ...more }))
  const get = async (Key: Record<string, unknown>) =>
    (await db.send(new GetCommand({ TableName: A, Key, ConsistentRead: true }))).Item
  const update = (
    Key: Record<string, unknown>,
    UpdateExpression: string,
    values?: Record<string, unknown>,
    more: object = {},
  ) =>
    db.send(
      new UpdateCommand({
        TableName: A,
        Key,
        UpdateExpression,
        ...(values && { ExpressionAttributeValues: values }),
        ...more,
      }),
    )
  const transact = (TransactItems: Items, more: object = {}) =>
    db.send(new TransactWriteCommand({ TransactItems, ...more }))
  const adds = (Key: Record<string, unknown>, n = 1, TableName = A) => ({
    Update: { TableName, Key, UpdateExpression: 'ADD n :n', ExpressionAttributeValues: { ':n': n } },
  })

  describe('tables', () => {
    check('one that exists is not made again', () =>
      expect(createTable(raw, A)).rejects.toMatchObject({ name: 'ResourceInUseException' }),
    )
    check('one that does not exist is named so', () =>
      expect(db.send(new GetCommand({ TableName: 'nowhere', Key: fresh() }))).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
      }),
    )
    check('the time to live is kept as declared', async () => {
      const { TimeToLiveDescription } = await raw.send(new DescribeTimeToLiveCommand({ TableName: A }))
      expect(TimeToLiveDescription).toMatchObject({ AttributeName: 'expires_at', TimeToLiveStatus: 'ENABLED' })
    })
    check('an index added later holds what was there before', async () => {
      await createTable(raw, 'contract-index', [])
      await db.send(new PutCommand({ TableName: 'contract-index', Item: { PK: 'a', SK: 'b', GSI9PK: 'g' } }))
      await raw.send(
        new UpdateTableCommand({
          TableName: 'contract-index',
          AttributeDefinitions: [{ AttributeName: 'GSI9PK', AttributeType: 'S' }],
          GlobalSecondaryIndexUpdates: [
            {
              Create: {
                IndexName: 'GSI9',
                KeySchema: [{ AttributeName: 'GSI9PK', KeyType: 'HASH' }],
                Projection: { ProjectionType: 'ALL' },
              },
            },
          ],
        }),
      )
      await expect
        .poll(
          async () => {
            const { Table } = await raw.send(new DescribeTableCommand({ TableName: 'contract-index' }))
            return Table?.GlobalSecondaryIndexes?.[0]?.IndexStatus
          },
          { timeout: 20_000 },
        )
        .toBe('ACTIVE')
      const { Items: found } = await db.send(
        new QueryCommand({
          TableName: 'contract-index',
          IndexName: 'GSI9',
          KeyConditionExpression: 'GSI9PK = :g',
          ExpressionAttributeValues: { ':g': 'g' },
        }),
      )
      expect(found).toHaveLength(1)
    })
    check('one that is protected is not deleted', async () => {
      await createTable(raw, 'contract-protected', [], true)
      await expect(raw.send(new DeleteTableCommand({ TableName: 'contract-protected' }))).rejects.toMatchObject(
        VALIDATION,
      )
    })
  })

  describe('items', () => {
    check('every type comes back as it was put', async () => {
      const item = {
        ...fresh(),
        text: 'ü',
        empty: '',
        yes: true,
        none: null,
        list: [1, 'a', { b: [2] }],
        map: { a: { b: 1 } },
        set: new Set(['x', 'y']),
        bytes: new Uint8Array([0, 255]),
      }
      await put(item)
      expect(await get({ PK: item.PK, SK: item.SK })).toEqual(item)
    })
    check('one that is not there is no item', async () => expect(await get(fresh())).toBeUndefined())
    check('put and delete give back what was there', async () => {
      const key = fresh()
      await put({ ...key, v: 1 })
      expect((await put({ ...key, v: 2 }, { ReturnValues: 'ALL_OLD' })).Attributes).toMatchObject({ v: 1 })
      expect(
        (await db.send(new DeleteCommand({ TableName: A, Key: key, ReturnValues: 'ALL_OLD' }))).Attributes,
      ).toMatchObject({ v: 2 })
    })
    check('399 kB fit', () => put({ ...fresh(), v: 'x'.repeat(399 * 1024) }))
    check('more than 400 kB do not', () =>
      expect(put({ ...fresh(), v: 'x'.repeat(401 * 1024) })).rejects.toMatchObject(VALIDATION),
    )
    check('an update may not grow one beyond 400 kB', async () => {
      const key = fresh()
      await put({ ...key, v: 'x'.repeat(300 * 1024) })
      await expect(update(key, 'SET w = :w', { ':w': 'x'.repeat(150 * 1024) })).rejects.toMatchObject(VALIDATION)
    })
    check('an empty key is refused', () => expect(put({ PK: '', SK: 'x' })).rejects.toMatchObject(VALIDATION))
    check('a missing key attribute is refused', () => expect(put({ PK: 'a' })).rejects.toMatchObject(VALIDATION))
    check('an empty index key is refused', () =>
      expect(put({ ...fresh(), GSI1PK: '', GSI1SK: 'x' })).rejects.toMatchObject(VALIDATION),
    )
    check('an index key of another type is refused', () =>
      expect(put({ ...fresh(), GSI1PK: 5, GSI1SK: 'x' })).rejects.toMatchObject(VALIDATION),
    )
    check('a partition key of more than 2048 bytes is refused', () =>
      expect(put({ PK: 'x'.repeat(2049), SK: 'x' })).rejects.toMatchObject(VALIDATION),
    )
  })

  describe('numbers', () => {
    const exact = (value: string) => NumberValue.from(value)
    const readExact = async ({ PK, SK }: { PK: string; SK: string }) =>
      (await raw.send(new GetItemCommand({ TableName: A, Key: { PK: { S: PK }, SK: { S: SK } } }))).Item?.n?.N
    check('38 digits stay exact, also when added to', async () => {
      const key = fresh()
      await put({ ...key, n: exact('99999999999999999999999999999999999998') })
      await update(key, 'ADD n :n', { ':n': 1 })
      expect(await readExact(key)).toBe('99999999999999999999999999999999999999')
    })
    check('decimals add up as decimals', async () => {
      const key = fresh()
      await put({ ...key, n: exact('0.1') })
      await update(key, 'ADD n :n', { ':n': exact('0.2') })
      expect(await readExact(key)).toBe('0.3')
    })
    check('39 digits are refused', () =>
      expect(
        raw.send(
          new PutItemCommand({ TableName: A, Item: { PK: { S: 'a' }, SK: { S: 'b' }, n: { N: '9'.repeat(39) } } }),
        ),
      ).rejects.toMatchObject(VALIDATION),
    )
    check('they are normalised', async () => {
      await raw.send(
        new PutItemCommand({ TableName: A, Item: { PK: { S: 'norm' }, SK: { S: 'b' }, n: { N: '1.0e3' } } }),
      )
      expect(await readExact({ PK: 'norm', SK: 'b' })).toBe('1000')
    })
  })

  describe('conditions and updates', () => {
    check('put if absent', async () => {
      const key = fresh()
      await put(key, { ConditionExpression: 'attribute_not_exists(PK)' })
      await expect(put(key, { ConditionExpression: 'attribute_not_exists(PK)' })).rejects.toMatchObject({
        name: 'ConditionalCheckFailedException',
      })
    })
    check('a failed condition tells what was there', async () => {
      const key = fresh()
      await put({ ...key, v: 7 })
      const wish = { ConditionExpression: 'v > :v', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }
      await expect(update(key, 'SET v = :v', { ':v': 9 }, wish)).rejects.toMatchObject({ Item: { v: { N: '7' } } })
    })
    check('arithmetic, defaults and lists in one update', async () => {
      const key = fresh()
      await put({ ...key, a: 5, many: [1] })
      const { Attributes } = await update(
        key,
        'SET a = a - :one, b = if_not_exists(b, :one) + :one, many = list_append(many, :more)',
        { ':one': 1, ':more': [2] },
        { ReturnValues: 'UPDATED_NEW' },
      )
      expect(Attributes).toEqual({ a: 4, b: 2, many: [1, 2] })
    })
    check('SET, REMOVE, ADD and DELETE in one update', async () => {
      const key = fresh()
      await put({ ...key, gone: 1, n: 1, set: new Set(['a', 'b']) })
      await update(
        key,
        'SET s = :s REMOVE gone ADD n :n DELETE #set :set',
        { ':s': 's', ':n': 2, ':set': new Set(['a']) },
        { ExpressionAttributeNames: { '#set': 'set' } },
      )
      expect(await get(key)).toEqual({ ...key, s: 's', n: 3, set: new Set(['b']) })
    })
    check('ADD makes item and attribute', async () => {
      const key = fresh()
      await update(key, 'ADD n :n', { ':n': 5 })
      expect(await get(key)).toEqual({ ...key, n: 5 })
    })
    check('a path through a map that is not there is refused', async () => {
      const key = fresh()
      await put(key)
      await expect(update(key, 'SET m.a = :v', { ':v': 1 })).rejects.toMatchObject(VALIDATION)
    })
    check('paths that overlap are refused', () =>
      expect(update(fresh(), 'SET a = :v, a.b = :v', { ':v': 1 })).rejects.toMatchObject(VALIDATION),
    )
    check('a key attribute is not updated', () =>
      expect(update(fresh(), 'SET PK = :v', { ':v': 'x' })).rejects.toMatchObject(VALIDATION),
    )
    check('a reserved word needs a placeholder', () =>
      expect(
        db.send(new GetCommand({ TableName: A, Key: fresh(), ProjectionExpression: 'status' })),
      ).rejects.toMatchObject(VALIDATION),
    )
    check('a value that is not used is refused', () =>
      expect(update(fresh(), 'SET a = :a', { ':a': 1, ':b': 2 })).rejects.toMatchObject(VALIDATION),
    )
    check('UPDATED_OLD gives what was changed', async () => {
      const key = fresh()
      await put({ ...key, a: 1, b: 2 })
      expect((await update(key, 'SET a = :a', { ':a': 9 }, { ReturnValues: 'UPDATED_OLD' })).Attributes).toEqual({
        a: 1,
      })
    })
    check('200 additions at once are 200', async () => {
      const key = fresh()
      await Promise.all(Array.from({ length: 200 }, () => update(key, 'ADD n :n', { ':n': 1 })))
      expect((await get(key))?.n).toBe(200)
    })
    check('of 100 debits at once on a balance of 50 just 50 succeed', async () => {
      const key = fresh()
      await put({ ...key, n: 50 })
      const debit = () => update(key, 'SET n = n - :n', { ':n': 1 }, { ConditionExpression: 'n >= :n' })
      const outcomes = await Promise.allSettled(Array.from({ length: 100 }, debit))
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(50)
      expect((await get(key))?.n).toBe(0)
    })
  })

  describe('batches', () => {
    check('a batch reads from two tables, strongly consistent', async () => {
      const [a, b] = [fresh(), fresh()]
      await transact([
        { Put: { TableName: A, Item: { ...a, v: 'a' } } },
        { Put: { TableName: B, Item: { ...b, v: 'b' } } },
      ])
      const { Responses } = await db.send(
        new BatchGetCommand({
          RequestItems: { [A]: { Keys: [a, fresh()], ConsistentRead: true }, [B]: { Keys: [b], ConsistentRead: true } },
        }),
      )
      expect([Responses?.[A], Responses?.[B]]).toEqual([[{ ...a, v: 'a' }], [{ ...b, v: 'b' }]])
    })
    check('101 keys are too many', () =>
      expect(
        db.send(new BatchGetCommand({ RequestItems: { [A]: { Keys: Array.from({ length: 101 }, fresh) } } })),
      ).rejects.toMatchObject(VALIDATION),
    )
    check('beyond 16 MB keys come back unprocessed', async () => {
      const keys = Array.from({ length: 50 }, fresh)
      for (const key of keys) await put({ ...key, v: 'x'.repeat(390 * 1024) })
      const answer = await db.send(new BatchGetCommand({ RequestItems: { [A]: { Keys: keys } } }))
      expect(answer.Responses?.[A]?.length).toBeLessThan(50)
      expect((answer.Responses?.[A]?.length ?? 0) + (answer.UnprocessedKeys?.[A]?.Keys?.length ?? 0)).toBe(50)
    })
    const writes = (count: number) => Array.from({ length: count }, () => ({ PutRequest: { Item: fresh() } }))
    check('25 writes fit a batch', () => db.send(new BatchWriteCommand({ RequestItems: { [A]: writes(25) } })))
    check('26 do not', () =>
      expect(db.send(new BatchWriteCommand({ RequestItems: { [A]: writes(26) } }))).rejects.toMatchObject(VALIDATION),
    )
    check('the same key twice in a batch is refused', () => {
      const [one] = writes(1)
      return expect(
        db.send(new BatchWriteCommand({ RequestItems: { [A]: one ? [one, one] : [] } })),
      ).rejects.toMatchObject(VALIDATION)
    })
  })

  describe('queries', () => {
    const partition = randomUUID()
    const query = (more: object) => db.send(new QueryCommand({ TableName: A, ...more } as never))
    beforeAll(async () => {
      for (let i = 0; i < 20; i++) {
        const GSI = i % 2 === 0 ? { GSI1PK: partition, GSI1SK: String(100 - i) } : {}
        await put({ PK: partition, SK: `s${String(i).padStart(2, '0')}`, i, ...GSI })
      }
    })
    check('a range, in pages, with what the filter looked at', async () => {
      const wish = {
        KeyConditionExpression: 'PK = :p AND SK BETWEEN :a AND :b',
        FilterExpression: 'i > :i',
        ExpressionAttributeValues: { ':p': partition, ':a': 's05', ':b': 's14', ':i': 9 },
        Limit: 8,
      }
      const first = await query(wish)
      expect([first.Count, first.ScannedCount, first.LastEvaluatedKey]).toEqual([3, 8, { PK: partition, SK: 's12' }])
      const second = await query({ ...wish, ExclusiveStartKey: first.LastEvaluatedKey })
      expect([second.Count, second.LastEvaluatedKey]).toEqual([2, undefined])
    })
    check('by beginning, backwards, counted', async () => {
      const wish = {
        KeyConditionExpression: 'PK = :p AND begins_with(SK, :s)',
        ExpressionAttributeValues: { ':p': partition, ':s': 's1' },
      }
      expect((await query({ ...wish, ScanIndexForward: false })).Items?.map(({ i }) => i)).toEqual([
        19, 18, 17, 16, 15, 14, 13, 12, 11, 10,
      ])
      expect(await query({ ...wish, Select: 'COUNT' })).toMatchObject({ Count: 10 })
    })
    check(
      'an index is sorted by its own key, holds only items that have it, and pages by four attributes',
      async () => {
        const wish = {
          IndexName: 'GSI1',
          KeyConditionExpression: 'GSI1PK = :p',
          ExpressionAttributeValues: { ':p': partition },
          Limit: 4,
        }
        const first = await query(wish)
        expect(first.Items?.map(({ i }) => i)).toEqual([0, 18, 16, 14])
        expect(Object.keys(first.LastEvaluatedKey ?? {}).sort()).toEqual(['GSI1PK', 'GSI1SK', 'PK', 'SK'])
        const second = await query({ ...wish, Limit: 20, ExclusiveStartKey: first.LastEvaluatedKey })
        expect(second.Count).toBe(6)
      },
    )
    check('an index is not read strongly consistent', () =>
      expect(
        query({
          IndexName: 'GSI1',
          ConsistentRead: true,
          KeyConditionExpression: 'GSI1PK = :p',
          ExpressionAttributeValues: { ':p': 'x' },
        }),
      ).rejects.toMatchObject(VALIDATION),
    )
    check('a page ends at a megabyte', async () => {
      const PK = randomUUID()
      for (let i = 0; i < 8; i++) await put({ PK, SK: String(i), v: 'x'.repeat(200 * 1024) })
      const page = await query({ KeyConditionExpression: 'PK = :p', ExpressionAttributeValues: { ':p': PK } })
      expect(page.Count).toBeLessThan(8)
      expect(page.LastEvaluatedKey).toBeDefined()
    })
    check('a scan in segments sees each item once', async () => {
      const segments = await Promise.all(
        [0, 1, 2].map((Segment) =>
          db.send(
            new ScanCommand({ TableName: B, Segment, TotalSegments: 3, FilterExpression: 'attribute_exists(v)' }),
          ),
        ),
      )
      const all = await db.send(new ScanCommand({ TableName: B, FilterExpression: 'attribute_exists(v)' }))
      expect(segments.reduce((sum, { Count }) => sum + (Count ?? 0), 0)).toBe(all.Count)
    })
    check('a projection reaches into maps, with placeholders', async () => {
      const key = fresh()
      await put({ ...key, status: { a: [1, 2], b: 3 } })
      const { Item } = await db.send(
        new GetCommand({
          TableName: A,
          Key: key,
          ProjectionExpression: '#s.a[1]',
          ExpressionAttributeNames: { '#s': 'status' },
        }),
      )
      expect(Item).toEqual({ status: { a: [2] } })
    })
  })

  describe('transactions', () => {
    check('several kinds of action over two tables, all or nothing', async () => {
      const [kept, counted, made, elsewhere] = [fresh(), fresh(), fresh(), fresh()]
      await put({ ...kept, v: 1 })
      await put({ ...made, v: 1 })
      await transact([
        {
          ConditionCheck: {
            TableName: A,
            Key: kept,
            ConditionExpression: 'v = :v',
            ExpressionAttributeValues: { ':v': 1 },
          },
        },
        adds(counted),
        { Delete: { TableName: A, Key: made } },
        { Put: { TableName: B, Item: elsewhere } },
      ])
      expect([await get(counted), await get(made)]).toEqual([{ ...counted, n: 1 }, undefined])
    })
    check(
      'the reasons of a cancellation stand in the order of the actions, with the old item where asked for',
      async () => {
        const [free, taken] = [fresh(), fresh()]
        await put({ ...taken, v: 'old' })
        const wish = transact([
          { Put: { TableName: A, Item: free } },
          {
            Put: {
              TableName: A,
              Item: taken,
              ConditionExpression: 'attribute_not_exists(PK)',
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            },
          },
        ])
        await expect(wish).rejects.toMatchObject({
          name: 'TransactionCanceledException',
          CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Item: { v: { S: 'old' } } }],
        })
        expect(await get(free)).toBeUndefined()
      },
    )
    check('the same token with the same content counts once', async () => {
      const key = fresh()
      const ClientRequestToken = randomUUID()
      for (let i = 0; i < 3; i++) await transact([adds(key)], { ClientRequestToken })
      expect((await get(key))?.n).toBe(1)
    })
    check('the same token with another content is refused', async () => {
      const key = fresh()
      const ClientRequestToken = randomUUID()
      await transact([adds(key)], { ClientRequestToken })
      await expect(transact([adds(key, 2)], { ClientRequestToken })).rejects.toMatchObject({
        name: 'IdempotentParameterMismatchException',
      })
    })
    check('a cancelled transaction does not use up its token', async () => {
      const key = fresh()
      const ClientRequestToken = randomUUID()
      const items: Items = [
        {
          Update: {
            TableName: A,
            Key: key,
            UpdateExpression: 'ADD n :n',
            ConditionExpression: 'attribute_exists(PK)',
            ExpressionAttributeValues: { ':n': 1 },
          },
        },
      ]
      await expect(transact(items, { ClientRequestToken })).rejects.toMatchObject({
        name: 'TransactionCanceledException',
      })
      await put(key)
      await transact(items, { ClientRequestToken })
      expect((await get(key))?.n).toBe(1)
    })
    check('a token has at most 36 characters', async () => {
      await transact([adds(fresh())], { ClientRequestToken: 'x'.repeat(36) })
      await expect(transact([adds(fresh())], { ClientRequestToken: 'y'.repeat(37) })).rejects.toMatchObject(VALIDATION)
    })
    check('the same item twice is refused', () => {
      const key = fresh()
      return expect(transact([adds(key), adds(key)])).rejects.toMatchObject(VALIDATION)
    })
    check('100 actions fit', () => transact(Array.from({ length: 100 }, () => adds(fresh()))))
    check('101 do not', () =>
      expect(transact(Array.from({ length: 101 }, () => adds(fresh())))).rejects.toMatchObject(VALIDATION),
    )
    check('4 MB are too much', () =>
      expect(
        transact(
          Array.from({ length: 12 }, () => ({
            Put: { TableName: A, Item: { ...fresh(), v: 'x'.repeat(380 * 1024) } },
          })),
        ),
      ).rejects.toMatchObject(VALIDATION),
    )
    check('an action that cannot be done cancels, with its reason', async () => {
      const key = fresh()
      await put({ ...key, n: 'text' })
      await expect(transact([adds(fresh()), adds(key)])).rejects.toMatchObject({
        name: 'TransactionCanceledException',
        CancellationReasons: [{ Code: 'None' }, { Code: 'ValidationError' }],
      })
    })
    check('a transactional read over two tables, one item missing', async () => {
      const [a, b] = [fresh(), fresh()]
      await put(a)
      const { Responses } = await db.send(
        new TransactGetCommand({
          TransactItems: [{ Get: { TableName: A, Key: a } }, { Get: { TableName: B, Key: b } }],
        }),
      )
      expect(Responses).toEqual([{ Item: a }, {}])
    })
    check('transactions cost twice the units', async () => {
      const alone = await put(fresh(), { ReturnConsumedCapacity: 'TOTAL' })
      const together = await transact([{ Put: { TableName: A, Item: fresh() } }], { ReturnConsumedCapacity: 'TOTAL' })
      expect([alone.ConsumedCapacity?.CapacityUnits, together.ConsumedCapacity?.[0]?.CapacityUnits]).toEqual([1, 2])
    })
    check('two hundred at once on two hot items lose and double nothing', async () => {
      const [one, other] = [fresh(), fresh()]
      const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => transact([adds(one), adds(other)])))
      const done = outcomes.filter(({ status }) => status === 'fulfilled').length
      expect([(await get(one))?.n, (await get(other))?.n]).toEqual([done, done])
      expect(done).toBeGreaterThan(0)
    })
  })

  check('a stream tells every change with both images, in order', async () => {
    const { Table } = await raw.send(new DescribeTableCommand({ TableName: B }))
    const streams = new DynamoDBStreamsClient({ endpoint: database.endpoint, ...ACCESS })
    const key = fresh()
    await db.send(new PutCommand({ TableName: B, Item: { ...key, v: 1 } }))
    await db.send(new PutCommand({ TableName: B, Item: { ...key, v: 2 } }))
    await db.send(new DeleteCommand({ TableName: B, Key: key }))
    const StreamArn = Table?.LatestStreamArn
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }))
    const changes: unknown[] = []
    for (const { ShardId } of StreamDescription?.Shards ?? []) {
      const { ShardIterator } = await streams.send(
        new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
      )
      const { Records } = await streams.send(new GetRecordsCommand({ ShardIterator }))
      for (const { eventName, dynamodb } of Records ?? []) {
        if (dynamodb?.Keys?.PK?.S === key.PK)
          changes.push([eventName, dynamodb.OldImage?.v?.N, dynamodb.NewImage?.v?.N])
      }
    }
    streams.destroy()
    expect(changes).toEqual([
      ['INSERT', undefined, '1'],
      ['MODIFY', '1', '2'],
      ['REMOVE', '2', undefined],
    ])
  })
}

async function createTable(
  raw: DynamoDBClient,
  TableName: string,
  indexes = ['GSI1'],
  isProtected = false,
): Promise<void> {
  const keySchema = (partition: string, sort: string) => [
    { AttributeName: partition, KeyType: 'HASH' as const },
    { AttributeName: sort, KeyType: 'RANGE' as const },
  ]
  const names = ['PK', 'SK', ...indexes.flatMap((index) => [`${index}PK`, `${index}SK`])]
  await raw.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: keySchema('PK', 'SK'),
      ...(indexes.length > 0 && {
        GlobalSecondaryIndexes: indexes.map((IndexName) => ({
          IndexName,
          KeySchema: keySchema(`${IndexName}PK`, `${IndexName}SK`),
          Projection: { ProjectionType: 'ALL' as const },
        })),
      }),
      ...(isProtected && { DeletionProtectionEnabled: true }),
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  )
  await raw.send(
    new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true } }),
  )
}
