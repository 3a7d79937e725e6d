/** What went through the endpoints and what failed there, counted by whoever served it. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { addMs, hourOf, type Instant } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { queryAll } from '../table/query-all.store.ts'
import { aggregatePartition, USAGE_SHARDS } from '../table/usage-keys.ts'
import { readFaults } from './faults-partition.store.ts'

export interface Faults {
  readonly throttles: number
  readonly errors: number
  readonly denied: number
}

export interface EndpointFigures {
  /** Of the last 60 minutes, this one included. */
  faultsOf(endpointId: string, at: Instant): Promise<Faults>
  /** Endpoint id → settled requests that arrived in this hour or the one before. */
  requests(at: Instant): Promise<ReadonlyMap<string, number>>
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

const count = z._default(z.number(), 0)
const FaultsItem = z.object({ throttles: count, errors: count, denied: count })
const AggregateItem = z.object({ endpoint_id: z._default(z.string(), ''), requests: count })

interface Tables {
  readonly usage: string
  readonly ephemeral: string
}

export function openEndpointFigures(documents: Documents, tables: Tables): EndpointFigures {
  return {
    async faultsOf(endpointId, at) {
      const since = addMs(at, MINUTE_MS - HOUR_MS)
      const total = { throttles: 0, errors: 0, denied: 0 }
      for (const item of await readFaults(documents, tables.ephemeral, endpointId, since)) {
        const { throttles, errors, denied } = FaultsItem.parse(item)
        total.throttles += throttles
        total.errors += errors
        total.denied += denied
      }
      return total
    },
    async requests(at) {
      const shards = Array.from({ length: USAGE_SHARDS }, (_, shard) => shard)
      const hours = [hourOf(at), hourOf(addMs(at, -HOUR_MS))]
      const asked = hours.flatMap((hour) => shards.map((shard) => hourOfShard(documents, tables.usage, hour, shard)))
      const counts = new Map<string, number>()
      for (const item of (await Promise.all(asked)).flat()) {
        const { endpoint_id, requests } = AggregateItem.parse(item)
        counts.set(endpoint_id, (counts.get(endpoint_id) ?? 0) + requests)
      }
      return counts
    },
  }
}

/** @param hour `2026-11-24T12` */
function hourOfShard(documents: Documents, TableName: string, hour: string, shard: number) {
  const [day = '', ofDay = ''] = hour.split('T')
  return queryAll(
    documents,
    (ExclusiveStartKey) =>
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'PK = :partition AND begins_with(SK, :hour)',
        ExpressionAttributeValues: { ':partition': aggregatePartition(day, shard), ':hour': `${ofDay}#` },
        ProjectionExpression: 'endpoint_id, requests',
        ExclusiveStartKey,
      }),
  )
}
