/** A partition as a whole: one query, of more pages where it holds more than a megabyte. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import type { Documents } from './document.store.ts'

export async function readPartition(
  documents: Documents,
  table: string,
  partition: string,
  reading: 'consistent' | 'eventual',
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = []
  let from: Record<string, unknown> | undefined
  do {
    const page = await documents.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'PK = :partition',
        ExpressionAttributeValues: { ':partition': partition },
        ConsistentRead: reading === 'consistent',
        ...(from && { ExclusiveStartKey: from }),
      }),
    )
    items.push(...(page.Items ?? []))
    from = page.LastEvaluatedKey
  } while (from !== undefined)
  return items
}
