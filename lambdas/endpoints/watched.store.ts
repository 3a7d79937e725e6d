/** The endpoints as `watch` sees and marks them. */
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { addMs, type Instant, instant, isoOf, minuteOf } from '../platform/instant.ts'
import { endpointHealthKey, endpointModelsKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { faultsPartition } from '../table/ephemeral-keys.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import { readEndpointsPartition } from './endpoints-partition.store.ts'
import { type Health, NEVER_LOOKED } from './health.ts'
import { type OwnPlace, routingOf } from './read-routing.ts'
import { stampWrites } from './stamp-writes.ts'
import type { WatchedEndpoint, WatchedStore } from './watch-endpoints.flow.ts'

export interface WatchedTables {
  readonly core: string
  readonly ephemeral: string
}

export interface WatchedTools extends Waiting {
  newId(): string
}

export function openWatched(
  documents: Documents,
  tables: WatchedTables,
  own: OwnPlace,
  waiting: WatchedTools,
): WatchedStore {
  const { core: TableName } = tables
  const tell = async (item: Record<string, unknown>): Promise<void> => {
    const items: TransactionItems = [{ Put: { TableName, Item: item } }, ...stampWrites(TableName)]
    await transact(documents, items, waiting.newId(), waiting)
  }
  return {
    async all() {
      const items = await readEndpointsPartition(documents, TableName)
      return routingOf(items, own).endpoints.map((endpoint): WatchedEndpoint => {
        const key = endpointHealthKey(endpoint.id)
        return {
          endpoint,
          health: healthOf(items.find(({ SK }) => SK === key.SK)),
          profiles: endpoint.profiles,
          applicationProfiles: endpoint.applicationProfiles,
        }
      })
    },
    async noteHealth(endpointId, health, hasChanged) {
      const item = healthItem(endpointId, health)
      if (hasChanged) await tell(item)
      else await documents.send(new PutCommand({ TableName, Item: item }))
    },
    async noteModels(endpointId, profiles, at) {
      await tell({ ...endpointModelsKey(endpointId), profiles, discovered_at: isoOf(at) })
    },
    async troubleOf(endpointId, at) {
      const met = await troubleSince(documents, tables.ephemeral, endpointId, addMs(at, -MINUTE_MS))
      return met.reduce((sum, { given_up, denied }) => ({ gaveUp: sum.gaveUp + given_up, denied: sum.denied + denied }), {
        gaveUp: 0,
        denied: 0,
      })
    },
  }
}

const MINUTE_MS = 60_000

const HealthItem = z.object({
  state: z.enum(['unknown', 'healthy', 'unhealthy']),
  reason: z._default(z.nullable(z.string()), null),
  checked_at: z._default(z.nullable(z.string()), null),
  against: z._default(z.int(), 0),
  history: z._default(z.array(z.object({ at: z.string(), state: z.enum(['unknown', 'healthy', 'unhealthy']) })), []),
})

function healthOf(item: Record<string, unknown> | undefined): Health {
  const read = HealthItem.safeParse(item)
  if (!read.success) return NEVER_LOOKED
  const { checked_at, ...health } = read.data
  return { ...health, checkedAt: checked_at === null ? null : instant(Date.parse(checked_at)) }
}

const healthItem = (endpointId: string, { checkedAt, ...health }: Health): Record<string, unknown> => ({
  ...endpointHealthKey(endpointId),
  ...health,
  checked_at: checkedAt === null ? null : isoOf(checkedAt),
})

const FaultsItem = z.object({ given_up: z._default(z.number(), 0), denied: z._default(z.number(), 0) })

async function troubleSince(documents: Documents, table: string, endpointId: string, since: Instant) {
  const { Items = [] } = await documents.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'PK = :partition AND SK >= :since',
      ExpressionAttributeValues: { ':partition': faultsPartition(endpointId), ':since': minuteOf(since) },
    }),
  )
  return Items.map((item) => FaultsItem.parse(item))
}
