/** All items of the endpoints' configuration: one strongly consistent query, of more pages only where an organisation has hundreds. */
import { ENDPOINTS_PARTITION } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { readPartition } from '../table/query-all.store.ts'

export const readEndpointsPartition = (documents: Documents, table: string): Promise<Record<string, unknown>[]> =>
  readPartition(documents, table, ENDPOINTS_PARTITION, 'consistent')
