/** How a change of endpoints is made known: by the stamp that every allowance reads, and by the one that lies beside the endpoints. */
import { configStampKey, endpointsStampKey } from '../table/core-keys.ts'
import type { TransactionItems } from '../table/transaction.store.ts'

/**
 * Two writes that belong into every transaction about endpoints. They are refused when somebody else has changed something since.
 * @param seen The stamp beside the endpoints as it was read; `null` where there was none. The first endpoint has to be written along then.
 */
export function stampWrites(coreTable: string, seen: number | null): TransactionItems {
  const add = {
    TableName: coreTable,
    UpdateExpression: 'ADD endpoints :one',
    ExpressionAttributeValues: { ':one': 1 },
  }
  const unchanged =
    seen === null
      ? { ConditionExpression: 'attribute_not_exists(PK)' }
      : {
          ConditionExpression: 'endpoints = :seen',
          ExpressionAttributeValues: { ':one': 1, ':seen': seen },
        }
  return [
    { Update: { ...add, ...unchanged, Key: { ...endpointsStampKey } } },
    { Update: { ...add, Key: { ...configStampKey } } },
  ]
}
