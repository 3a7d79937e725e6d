/** How far `watch` has come with what it does minute by minute, or hour by hour. */
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { type Instant, instant } from '../platform/instant.ts'
import type { TableKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { abandonedMarkKey, packedMarkKey } from '../table/usage-keys.ts'

export interface WatchMark {
  read(): Promise<Instant | undefined>
  write(at: Instant): Promise<void>
}

export const openAbandonedMark = (documents: Documents, usageTable: string): WatchMark =>
  openMark(documents, usageTable, abandonedMarkKey)

export const openPackedMark = (documents: Documents, usageTable: string): WatchMark =>
  openMark(documents, usageTable, packedMarkKey)

function openMark(documents: Documents, usageTable: string, key: TableKey): WatchMark {
  return {
    async read() {
      const { Item } = await documents.send(
        new GetCommand({ TableName: usageTable, Key: { ...key }, ConsistentRead: true }),
      )
      return typeof Item?.until === 'number' ? instant(Item.until) : undefined
    },
    async write(at) {
      await documents.send(new PutCommand({ TableName: usageTable, Item: { ...key, until: at } }))
    },
  }
}
