/** The inference profiles an endpoint offers, as `watch` last found them. A caller's guess never writes here. */
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { type Instant, isoOf } from '../platform/instant.ts'
import { endpointModelsKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'

const ModelsItem = z.object({ profiles: z._default(z.array(z.string()), []), discovered_at: z.string() })

export interface OfferedModels {
  /** Inference profile ids; none before the first discovery. */
  read(endpointId: string): Promise<readonly string[]>
  /** When they were last discovered, RFC 3339. */
  discoveredAt(endpointId: string): Promise<string | undefined>
  write(endpointId: string, profiles: readonly string[], at: Instant): Promise<void>
}

export function openOfferedModels(documents: Documents, coreTable: string): OfferedModels {
  const get = async (endpointId: string) => {
    const { Item } = await documents.send(
      new GetCommand({ TableName: coreTable, Key: { ...endpointModelsKey(endpointId) } }),
    )
    return Item === undefined ? undefined : ModelsItem.parse(Item)
  }
  return {
    read: async (endpointId) => (await get(endpointId))?.profiles ?? [],
    discoveredAt: async (endpointId) => (await get(endpointId))?.discovered_at,
    async write(endpointId, profiles, at) {
      await documents.send(
        new PutCommand({
          TableName: coreTable,
          Item: { ...endpointModelsKey(endpointId), profiles, discovered_at: isoOf(at) },
        }),
      )
    },
  }
}
