/** Many items of one table by their keys, strongly consistent, in as few round trips as DynamoDB allows. */
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb'
import type { TableKey } from './core-keys.ts'
import type { Documents } from './document.store.ts'
import { LeftUnread } from './outage.ts'

/** BatchGetItem takes no more keys at once. */
const KEYS_AT_ONCE = 100

/** DynamoDB leaves keys unread when it is throttled or the answer grows beyond 16 MB; asked again this often before it counts as an outage. */
const MAX_ROUNDS = 10

export async function readItems(
  documents: Documents,
  table: string,
  keys: readonly TableKey[],
): Promise<Record<string, unknown>[]> {
  const chunks = Array.from({ length: Math.ceil(keys.length / KEYS_AT_ONCE) }, (_, place) =>
    keys.slice(place * KEYS_AT_ONCE, (place + 1) * KEYS_AT_ONCE),
  )
  return (await Promise.all(chunks.map((chunk) => readChunk(documents, table, chunk)))).flat()
}

async function readChunk(documents: Documents, table: string, keys: readonly TableKey[]) {
  const items: Record<string, unknown>[] = []
  let open: Record<string, unknown>[] = keys.map((key) => ({ ...key }))
  for (let round = 0; open.length > 0; round++) {
    if (round >= MAX_ROUNDS) throw new LeftUnread('DynamoDB left keys of a batch unread')
    const answer = await documents.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: open, ConsistentRead: true } } }),
    )
    items.push(...(answer.Responses?.[table] ?? []))
    open = answer.UnprocessedKeys?.[table]?.Keys ?? []
  }
  return items
}
