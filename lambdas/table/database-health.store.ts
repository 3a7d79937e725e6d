/** Whether the database answers: one small read. */
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { configStampKey } from './core-keys.ts'
import type { Documents } from './document.store.ts'

/** Never rejects. */
export async function databaseAnswers(documents: Documents, coreTable: string): Promise<boolean> {
  try {
    await documents.send(new GetCommand({ TableName: coreTable, Key: { ...configStampKey } }))
    return true
  } catch {
    return false
  }
}
