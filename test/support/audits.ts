/** What the audit says of somebody or something, in the month in which tests live. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import type { TestControl } from './control.ts'

export async function auditsIn(
  { documents, tables }: Pick<TestControl, 'documents' | 'tables'>,
  target: string,
): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await documents.send(
    new QueryCommand({
      TableName: tables.events,
      KeyConditionExpression: 'PK = :month',
      FilterExpression: 'target = :target',
      ExpressionAttributeValues: { ':month': 'AUDIT#2026-11', ':target': target },
    }),
  )
  return Items
}
