/** Aggregates and tools of hours as single items: those of everybody, and those of one person. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import type { Documents } from '../table/document.store.ts'
import { queryAll } from '../table/query-all.store.ts'
import {
  aggregatesOf,
  type HourKind,
  hoursPartition,
  latePartition,
  toolsOf,
  USAGE_SHARDS,
} from '../table/usage-keys.ts'
import type { HourItem } from './hour-use.ts'
import type { Hours } from './org-window.ts'

export interface HourItems {
  /** What was settled in time. @param day Of both hours. */
  ofDay(kind: HourKind, day: string, hours: Hours, reading: 'consistent' | 'eventual'): Promise<HourItem[]>
  /** What was settled late. */
  late(kind: HourKind, month: string, hours: Hours): Promise<HourItem[]>
  /** Both, of one person. */
  ofPerson(kind: HourKind, identity: string, hours: Hours): Promise<HourItem[]>
}

/** `12$` comes after every sort key of that hour, since `$` follows `#`. */
const AFTER_SEPARATOR = '$'

const SHARDS = Array.from({ length: USAGE_SHARDS }, (_, shard) => shard)

export function openHourItems(documents: Documents, usageTable: string): HourItems {
  const inPartition = (partition: string, from: string, to: string, consistent: boolean) =>
    queryAll(
      documents,
      (ExclusiveStartKey) =>
        new QueryCommand({
          TableName: usageTable,
          KeyConditionExpression: 'PK = :partition AND SK BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':partition': partition, ':from': from, ':to': `${to}${AFTER_SEPARATOR}` },
          ConsistentRead: consistent,
          ExclusiveStartKey,
        }),
    )
  return {
    async ofDay(kind, day, { firstHour, lastHour }, reading) {
      const [from, to] = [firstHour.slice(11), lastHour.slice(11)]
      const shards = await Promise.all(
        SHARDS.map((shard) => inPartition(hoursPartition(kind, day, shard), from, to, reading === 'consistent')),
      )
      return shards.flat().map(readHourItem)
    },
    late: async (kind, month, { firstHour, lastHour }) =>
      (await inPartition(latePartition(kind, month), firstHour, lastHour, false)).map(readHourItem),
    async ofPerson(kind, identity, { firstHour, lastHour }) {
      const items = await queryAll(
        documents,
        (ExclusiveStartKey) =>
          new QueryCommand({
            TableName: usageTable,
            IndexName: 'GSI1',
            KeyConditionExpression: 'GSI1PK = :partition AND GSI1SK BETWEEN :from AND :to',
            ExpressionAttributeValues: {
              ':partition': kind === 'AGG' ? aggregatesOf(identity) : toolsOf(identity),
              ':from': firstHour,
              ':to': `${lastHour}${AFTER_SEPARATOR}`,
            },
            ExclusiveStartKey,
          }),
      )
      return items.map(readHourItem)
    },
  }
}

const Part = z.object({
  hour: z.string(),
  identity: z.string(),
  model: z.string(),
  endpoint_id: z.string(),
  team_id: z.nullish(z.string()),
})

function readHourItem(item: Record<string, unknown>): HourItem {
  const { hour, identity, model, endpoint_id, team_id } = Part.parse(item)
  const numbers = Object.entries(item).filter((one): one is [string, number] => typeof one[1] === 'number')
  return { part: { hour, identity, model, endpoint: endpoint_id, team: team_id ?? null }, counts: new Map(numbers) }
}
