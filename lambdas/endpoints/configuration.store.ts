/**
 * The endpoints' configuration, for whoever changes it. It is read whole, and a change is written only if nothing else was since: so
 * nothing can refer to an endpoint that is deleted at the same moment, and no two changes are made from the same state.
 */
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { type AuditEntry, auditPut } from '../audit/audit-entry.ts'
import { type Instant, isoOf } from '../platform/instant.ts'
import { readItems } from '../table/batch-read.store.ts'
import { endpointKey, type TableKey, TEAMS_LIST, teamKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { readIndex } from '../table/query-all.store.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import type { Configuration } from './configuration.ts'
import { defaultItem, endpointItem, type Item, readConfiguration, writtenOptions } from './configuration-items.ts'
import { FIRST_ENDPOINT_ID } from './endpoint.ts'
import { readEndpointsPartition } from './endpoints-partition.store.ts'
import { type OwnPlace, teamRoutingOf } from './read-routing.ts'
import type { TeamRouting } from './routing.ts'
import { stampWrites } from './stamp-writes.ts'

export interface RoutedTeam extends TeamRouting {
  readonly id: string
  readonly name: string
  /** Of its routing; 0 until it was first set. */
  readonly rev: number
}

export interface Change {
  readonly at: Instant
  /** Items of the partition, each whole. */
  readonly puts?: readonly Item[]
  /** Keys of the partition; one that is not there is none the worse. */
  readonly deletes?: readonly TableKey[]
  /** As they are to be; refused where one is not as it was read. */
  readonly teams?: readonly RoutedTeam[]
  /** `null` where nobody decided anything: what was found out is written down. */
  readonly audit: AuditEntry | null
}

export interface ConfigurationStore {
  /** Strongly consistent, as everything here. */
  load(): Promise<Configuration>
  /** By name. */
  teams(): Promise<readonly RoutedTeam[]>
  team(id: string): Promise<RoutedTeam | undefined>
  /** False where something was changed since it was read; nothing was written then. */
  commit(seen: Configuration, change: Change): Promise<boolean>
}

export interface ConfigurationTables {
  readonly core: string
  readonly events: string
}

export function openConfiguration(
  documents: Documents,
  tables: ConfigurationTables,
  own: OwnPlace,
  tools: Waiting & { readonly newId: () => string },
): ConfigurationStore {
  return {
    load: async () => readConfiguration(await readEndpointsPartition(documents, tables.core), own),
    async teams() {
      const ids = await teamIds(documents, tables.core)
      const teams = (await readItems(documents, tables.core, ids.map(teamKey))).map(readTeam)
      return teams.sort((one, other) => one.name.localeCompare(other.name))
    },
    async team(id) {
      const { Item } = await documents.send(
        new GetCommand({ TableName: tables.core, Key: { ...teamKey(id) }, ConsistentRead: true }),
      )
      return Item && readTeam(Item)
    },
    async commit(seen, change) {
      const writes: TransactionItems = [
        ...partitionWrites(tables.core, seen, change),
        ...(change.teams ?? []).map((team) => ({ Update: teamUpdate(tables.core, team) })),
        ...stampWrites(tables.core, seen.stamp),
        ...(change.audit === null ? [] : [auditPut(tables.events, change.audit)]),
      ]
      return (await transact(documents, writes, tools.newId(), tools)).done
    },
  }
}

/** As long as nothing was written, the endpoint that the deployment brings is written along with the first change. */
function partitionWrites(TableName: string, seen: Configuration, change: Change): TransactionItems {
  const [first] = seen.endpoints
  const brought =
    seen.stamp !== null || first === undefined ? [] : [endpointItem(first), defaultItem(FIRST_ENDPOINT_ID)]
  const items = new Map([...brought, ...(change.puts ?? [])].map((item) => [String(item.SK), item]))
  const gone = new Map((change.deletes ?? []).map((key) => [key.SK, key]))
  const dated = (item: Item): Item =>
    seen.stamp === null && item.SK === endpointKey(FIRST_ENDPOINT_ID).SK
      ? { ...item, created_at: isoOf(change.at) }
      : item
  return [
    ...[...items.values()]
      .filter(({ SK }) => !gone.has(String(SK)))
      .map((item) => ({ Put: { TableName, Item: dated(item) } })),
    ...[...gone.values()].map((key) => ({ Delete: { TableName, Key: { ...key } } })),
  ]
}

/** @param team As it is to be, with the revision that was read. */
function teamUpdate(TableName: string, team: RoutedTeam) {
  return {
    TableName,
    Key: { ...teamKey(team.id) },
    UpdateExpression:
      'SET endpoints = :endpoints, routing_strategy = :strategy, bedrock_options = :options ADD routing_rev :one',
    ConditionExpression:
      team.rev === 0 ? 'attribute_exists(PK) AND attribute_not_exists(routing_rev)' : 'routing_rev = :seen',
    ExpressionAttributeValues: {
      ':endpoints': team.endpoints,
      ':strategy': team.strategy,
      ':options': writtenOptions(team.options),
      ':one': 1,
      ...(team.rev !== 0 && { ':seen': team.rev }),
    },
  }
}

const TeamItem = z.object({ id: z.string(), name: z.string(), routing_rev: z._default(z.number(), 0) })

function readTeam(item: Record<string, unknown>): RoutedTeam {
  const { id, name, routing_rev } = TeamItem.parse(item)
  return { ...teamRoutingOf(item), id, name, rev: routing_rev }
}

/** As the index has them: a team made in the instant before may be missing, and uses no endpoint yet. */
async function teamIds(documents: Documents, table: string): Promise<string[]> {
  const listed = await readIndex(documents, table, 'GSI1', TEAMS_LIST)
  return listed.map((item) => z.object({ id: z.string() }).parse(item).id)
}
