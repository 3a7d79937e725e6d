import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type Instant, instant } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { requestsOf } from '../table/usage-keys.ts'

/** When somebody's first request that was not refused arrived, if there is one. */
export type FirstRequest = (identity: string) => Promise<Instant | null>

const Row = z.object({ arrived_at: z.string() })

/** Refused requests of a beginner are few; beyond these there is no point in looking further. */
const LOOKED_AT = 50

export function openFirstRequest(documents: Documents, usageTable: string): FirstRequest {
  return async (identity) => {
    const { Items = [] } = await documents.send(
      new QueryCommand({
        TableName: usageTable,
        IndexName: 'GSI1',
        KeyConditionExpression: 'GSI1PK = :requests',
        FilterExpression: '#status <> :refused',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':requests': requestsOf(identity), ':refused': 'refused' },
        Limit: LOOKED_AT,
      }),
    )
    const [first] = Items
    return first === undefined ? null : instant(Date.parse(Row.parse(first).arrived_at))
  }
}
