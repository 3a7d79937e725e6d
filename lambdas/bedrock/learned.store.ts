/** What was learnt of endpoints, shared by all environments, and the beta flags that wait to be tried. */
import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { addMs, type Instant, instant } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { LEARNED_PARTITION, learnedKey, PROBES_PARTITION, probeKey, probesOfDayKey } from '../table/ephemeral-keys.ts'
import { readPartition } from '../table/query-all.store.ts'
import type { Learned, Probe } from './learned.ts'

export interface LearnedStore {
  /** Everything, the expired left out. */
  all(at: Instant): Promise<readonly Learned[]>
  put(learned: Learned): Promise<void>
  /** Asked for again, it waits all the same only once. */
  addProbe(probe: Probe, at: Instant): Promise<void>
  probes(): Promise<readonly Probe[]>
  removeProbe(probe: Probe): Promise<void>
  /** @returns how many the endpoint has had today, this one included. */
  countProbe(endpointId: string, at: Instant): Promise<number>
}

const seconds = (at: Instant): number => Math.floor(at / 1000)

const LearnedItem = z.object({
  endpoint_id: z.string(),
  model: z.string(),
  thing: z.string(),
  takes: z.boolean(),
  suspicion: z._default(z.boolean(), false),
  expires_at: z.number(),
})
const ProbeItem = z.object({ endpoint_id: z.string(), model: z.string(), flag: z.string() })

/** A flag nobody asks for any more need not be tried. */
const PROBE_WAITS_MS = 24 * 3_600_000
const COUNT_KEPT_MS = 48 * 3_600_000

export function openLearned(documents: Documents, table: string): LearnedStore {
  const TableName = table
  return {
    async all(at) {
      const items = await readPartition(documents, table, LEARNED_PARTITION, 'eventual')
      return items.flatMap((item): Learned[] => {
        const read = LearnedItem.safeParse(item)
        if (!read.success) return []
        const { endpoint_id, model, thing, takes, suspicion, expires_at } = read.data
        const until = instant(expires_at * 1000)
        return until > at ? [{ endpointId: endpoint_id, model, thing, takes, isSuspicion: suspicion, until }] : []
      })
    },
    async put({ endpointId, model, thing, takes, isSuspicion: suspicion, until }) {
      const key = learnedKey(endpointId, model, thing)
      const about = { endpoint_id: endpointId, model, thing, takes, suspicion }
      const Item = { ...key, ...about, expires_at: seconds(until) }
      await documents.send(new PutCommand({ TableName, Item }))
    },
    async addProbe({ endpointId, model, flag }, at) {
      const key = probeKey(endpointId, model, flag)
      const expires_at = seconds(addMs(at, PROBE_WAITS_MS))
      await documents.send(
        new PutCommand({ TableName, Item: { ...key, endpoint_id: endpointId, model, flag, expires_at } }),
      )
    },
    async probes() {
      const items = await readPartition(documents, table, PROBES_PARTITION, 'eventual')
      return items.flatMap((item): Probe[] => {
        const read = ProbeItem.safeParse(item)
        return read.success ? [{ endpointId: read.data.endpoint_id, model: read.data.model, flag: read.data.flag }] : []
      })
    },
    async removeProbe({ endpointId, model, flag }) {
      await documents.send(new DeleteCommand({ TableName, Key: { ...probeKey(endpointId, model, flag) } }))
    },
    async countProbe(endpointId, at) {
      const { Attributes } = await documents.send(
        new UpdateCommand({
          TableName,
          Key: { ...probesOfDayKey(endpointId, at) },
          UpdateExpression: 'ADD probes :one SET expires_at = :end',
          ExpressionAttributeValues: { ':one': 1, ':end': seconds(addMs(at, COUNT_KEPT_MS)) },
          ReturnValues: 'UPDATED_NEW',
        }),
      )
      return Number(Attributes?.probes ?? 0)
    },
  }
}
