/** What a query finds, as a whole: DynamoDB ends a page at a megabyte, and says where it goes on. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import type { Documents } from './document.store.ts'

type Item = Record<string, unknown>

/** @param pageFrom The command is made where it is known which table it asks: what a function's role must allow is read from there. */
export async function queryAll(
  documents: Documents,
  pageFrom: (ExclusiveStartKey: Item | undefined) => QueryCommand,
): Promise<Item[]> {
  const items: Item[] = []
  let from: Item | undefined
  do {
    const page = await documents.send(pageFrom(from))
    items.push(...(page.Items ?? []))
    from = page.LastEvaluatedKey
  } while (from !== undefined)
  return items
}

export const readPartition = (
  documents: Documents,
  table: string,
  partition: string,
  reading: 'consistent' | 'eventual',
): Promise<Item[]> =>
  queryAll(
    documents,
    (ExclusiveStartKey) =>
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'PK = :partition',
        ExpressionAttributeValues: { ':partition': partition },
        ConsistentRead: reading === 'consistent',
        ExclusiveStartKey,
      }),
  )

export type Index = 'GSI1' | 'GSI2' | 'GSI3'

/** In the order of their sort keys, as the index has them: it lags behind a write by a moment. */
export const readIndex = (
  documents: Documents,
  table: string,
  index: Index,
  partition: string,
  order: 'ascending' | 'descending' = 'ascending',
): Promise<Item[]> =>
  queryAll(
    documents,
    (ExclusiveStartKey) =>
      new QueryCommand({
        TableName: table,
        IndexName: index,
        KeyConditionExpression: `${index}PK = :partition`,
        ExpressionAttributeValues: { ':partition': partition },
        ScanIndexForward: order === 'ascending',
        ExclusiveStartKey,
      }),
  )
