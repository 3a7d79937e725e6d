/** What was noted of an endpoint's faults: an item for each minute in which there were any. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import { type Instant, minuteOf } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { faultsPartition } from '../table/ephemeral-keys.ts'
import { queryAll } from '../table/query-all.store.ts'

/** @param since Its whole minute counts. */
export const readFaults = (
  documents: Documents,
  table: string,
  endpointId: string,
  since: Instant,
): Promise<Record<string, unknown>[]> =>
  queryAll(
    documents,
    (ExclusiveStartKey) =>
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'PK = :partition AND SK >= :since',
        ExpressionAttributeValues: { ':partition': faultsPartition(endpointId), ':since': minuteOf(since) },
        ExclusiveStartKey,
      }),
  )
