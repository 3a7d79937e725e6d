/** How far the settling of abandoned requests has come. */
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { type Instant, instant } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { abandonedMarkKey } from '../table/usage-keys.ts'

export interface AbandonedMark {
  read(): Promise<Instant | undefined>
  write(at: Instant): Promise<void>
}

export function openAbandonedMark(documents: Documents, usageTable: string): AbandonedMark {
  return {
    async read() {
      const { Item } = await documents.send(
        new GetCommand({ TableName: usageTable, Key: { ...abandonedMarkKey }, ConsistentRead: true }),
      )
      return typeof Item?.until === 'number' ? instant(Item.until) : undefined
    },
    async write(at) {
      await documents.send(new PutCommand({ TableName: usageTable, Item: { ...abandonedMarkKey, until: at } }))
    },
  }
}
