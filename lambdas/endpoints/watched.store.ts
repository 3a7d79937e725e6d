/** The endpoints as `watch` sees and marks them. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { addMs, type Instant, instant, isoOf } from '../platform/instant.ts'
import { endpointHealthKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import type { ConfigurationStore } from './configuration.store.ts'
import { modelsItem } from './configuration-items.ts'
import type { Endpoint } from './endpoint.ts'
import { readEndpointsPartition } from './endpoints-partition.store.ts'
import { readFaults } from './faults-partition.store.ts'
import { type Health, NEVER_LOOKED } from './health.ts'
import { sameProfiles } from './offered-models.ts'
import { type OwnPlace, routingOf } from './read-routing.ts'

export interface WatchedEndpoint {
  readonly endpoint: Endpoint
  readonly health: Health
  readonly profiles: readonly string[] | null
  /** Anthropic's undated name → ARN. */
  readonly applicationProfiles: ReadonlyMap<string, string>
}

export interface Found {
  readonly health: Health
  /** `null`: nobody could say. */
  readonly profiles: readonly string[] | null
}

export interface WatchedStore {
  all(): Promise<readonly WatchedEndpoint[]>
  /** With the stamp where every environment has to hear of it; not at all where the endpoint is gone. */
  note(before: WatchedEndpoint, found: Found, at: Instant): Promise<void>
  /** How often an environment gave it up in this minute and the one before. */
  gaveUpOf(endpointId: string, at: Instant): Promise<number>
}

export interface WatchedTables {
  readonly core: string
  readonly ephemeral: string
}

export function openWatched(
  documents: Documents,
  tables: WatchedTables,
  own: OwnPlace,
  configuration: ConfigurationStore,
): WatchedStore {
  return {
    async all() {
      const items = await readEndpointsPartition(documents, tables.core)
      return routingOf(items, own).endpoints.map((endpoint): WatchedEndpoint => {
        const { profiles, applicationProfiles } = endpoint
        const key = endpointHealthKey(endpoint.id)
        return { endpoint, health: healthOf(items.find(({ SK }) => SK === key.SK)), profiles, applicationProfiles }
      })
    },
    async note({ endpoint, health, profiles }, found, at) {
      const item = healthItem(endpoint.id, found.health)
      const areNew = found.profiles !== null && !sameProfiles(profiles, found.profiles)
      if (found.health.state === health.state && !areNew) return await renew(documents, tables.core, item)
      const puts = [item, ...(areNew ? [modelsItem(endpoint.id, found.profiles ?? [], at)] : [])]
      for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
        const seen = await configuration.load()
        if (!seen.endpoints.some(({ id }) => id === endpoint.id)) return
        if (await configuration.commit(seen, { at, puts, audit: null })) return
      }
      throw new Error('the endpoints are being changed without a pause')
    },
    async gaveUpOf(endpointId, at) {
      const met = await readFaults(documents, tables.ephemeral, endpointId, addMs(at, -MINUTE_MS))
      return met.reduce((sum, item) => sum + FaultsItem.parse(item).given_up, 0)
    },
  }
}

/** Of an endpoint that was deleted meanwhile the item is gone too, and stays so. */
async function renew(documents: Documents, table: string, item: Record<string, unknown>): Promise<void> {
  try {
    await documents.send(new PutCommand({ TableName: table, Item: item, ConditionExpression: 'attribute_exists(PK)' }))
  } catch (thrown) {
    if (!(thrown instanceof ConditionalCheckFailedException)) throw thrown
  }
}

/** Eight endpoints are looked at side by side, and each may change something in the same moment. */
const MAX_TRIES = 20

const MINUTE_MS = 60_000

const State = z.enum(['unknown', 'healthy', 'unhealthy'])
const HealthItem = z.object({
  state: State,
  reason: z._default(z.nullable(z.string()), null),
  checked_at: z._default(z.nullable(z.string()), null),
  against: z._default(z.int(), 0),
  history: z._default(z.array(z.object({ at: z.string(), state: State })), []),
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

const FaultsItem = z.object({ given_up: z._default(z.number(), 0) })
