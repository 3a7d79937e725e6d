/** All items of the endpoints' configuration: one strongly consistent query, of more pages only where an organisation has hundreds. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import { ENDPOINTS_PARTITION } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'

export async function readEndpointsPartition(documents: Documents, table: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = []
  let from: Record<string, unknown> | undefined
  do {
    const page = await documents.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'PK = :partition',
        ExpressionAttributeValues: { ':partition': ENDPOINTS_PARTITION },
        ConsistentRead: true,
        ...(from && { ExclusiveStartKey: from }),
      }),
    )
    items.push(...(page.Items ?? []))
    from = page.LastEvaluatedKey
  } while (from !== undefined)
  return items
}
