/**
 * Reads an allowance. Where the environment has seen the credential before, it knows which items belong to it and asks
 * for them all in one strongly consistent BatchGetItem; otherwise the key item comes first and tells which.
 * What is remembered is only that: which items to read. Every fact is read anew, so a revoked key or a deactivated
 * owner is effective on the very next request.
 */
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { teamRoutingOf } from '../endpoints/read-routing.ts'
import { type Instant, instant } from '../platform/instant.ts'
import { configStampKey, type TableKey, teamKey, userKey, virtualKeyKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { affinityKey } from '../table/ephemeral-keys.ts'
import {
  type Affinity,
  type Allowance,
  FIRST_TEAM_SHARDS,
  FIRST_USER_SHARDS,
  type IdentityGraph,
  type KeyStanding,
  payerOf,
  payingTeamOf,
  type TeamStanding,
  type UserStanding,
} from './allowance.ts'

const text = z.optional(z.nullable(z.string()))
const KeyItem = z.object({
  id: z.string(),
  name: text,
  user_id: text,
  team_id: text,
  owner_team_id: text,
  is_active: z._default(z.boolean(), false),
})
const UserItem = z.object({
  id: z.string(),
  active: z._default(z.boolean(), false),
  team_id: text,
  counter_shards: z._default(z.int().check(z.positive()), FIRST_USER_SHARDS),
})
const TeamItem = z.object({
  id: z.string(),
  counter_shards: z._default(z.int().check(z.positive()), FIRST_TEAM_SHARDS),
})
const StampItem = z.object({ prices: z._default(z.number(), 0), endpoints: z._default(z.number(), 0) })
const AffinityItem = z.object({ endpoint_id: z.string(), expires_at: z.number() })

export interface Reading {
  readonly allowance: Allowance
  readonly graph: IdentityGraph
}

/** Whose affinity is read along. */
export interface AffinityQuestion {
  /** Empty where the client names no session. */
  readonly session: string
  /** Anthropic's undated name. */
  readonly model: string
  readonly at: Instant
}

export interface AllowanceTables {
  readonly core: string
  readonly ephemeral: string
}

export interface AllowanceStore {
  /** What this environment remembers of the credential, if anything. Costs nothing. */
  recall(sha256: string): IdentityGraph | undefined
  /** One round trip: which items belong to the credential. `undefined` when it is unknown. */
  locate(sha256: string): Promise<IdentityGraph | undefined>
  /** One round trip when the graph still holds, one more for each time it has just changed. `undefined` when the key is unknown. */
  read(sha256: string, graph: IdentityGraph, affinity?: AffinityQuestion): Promise<Reading | undefined>
}

/** About 200 bytes each: two megabytes for a company of ten thousand keys, beyond which the oldest are forgotten. */
const REMEMBERED = 10_000

/** A graph that changes faster than this many reads in a row is being written at this moment; give up and let the client retry. */
const MAX_READS = 4

/** DynamoDB answers a batch in part when it is throttled; asked again this often before it counts as an outage. */
const MAX_ROUNDS = 5

export function openAllowances(documents: Documents, tables: AllowanceTables): AllowanceStore {
  const remembered = new Map<string, IdentityGraph>()
  const remember = (sha256: string, graph: IdentityGraph): void => {
    remembered.delete(sha256)
    remembered.set(sha256, graph)
    if (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value ?? '')
  }
  const get = (keys: BatchKeys) => batchGet(documents, tables, keys)

  return {
    recall: (sha256) => remembered.get(sha256),
    async locate(sha256) {
      const [item] = await get({ core: [keyOf(virtualKeyKey(sha256))], ephemeral: [] })
      if (item === undefined) return undefined
      const key = KeyItem.parse(item)
      return {
        keyId: key.id,
        userId: key.user_id ?? null,
        teamId: payingTeamOf(key.team_id ?? null, key.owner_team_id ?? null),
        userShards: FIRST_USER_SHARDS,
        teamShards: FIRST_TEAM_SHARDS,
        sticks: true,
      }
    },
    async read(sha256, graph, affinity) {
      let wanted = graph
      for (let attempt = 0; attempt < MAX_READS; attempt++) {
        const reading = readingOf(wanted, await get(keysOf(sha256, wanted, affinity)), affinity?.at)
        if (reading === undefined) {
          remembered.delete(sha256)
          return undefined
        }
        if (reading.graph.userId === wanted.userId && reading.graph.teamId === wanted.teamId) {
          remember(sha256, reading.graph)
          return reading
        }
        wanted = reading.graph
      }
      throw new Error('the owner or team of a key changed on every read')
    },
  }
}

/** What is read of each table. */
interface BatchKeys {
  readonly core: readonly Item[]
  readonly ephemeral: readonly Item[]
}

const keyOf = (key: TableKey): Item => ({ ...key })

function keysOf(sha256: string, graph: IdentityGraph, affinity: AffinityQuestion | undefined): BatchKeys {
  const { userId, teamId, sticks } = graph
  const core = [
    virtualKeyKey(sha256),
    configStampKey,
    ...(userId === null ? [] : [userKey(userId)]),
    ...(teamId === null ? [] : [teamKey(teamId)]),
  ]
  const isAsked = sticks && teamId !== null && affinity !== undefined
  return {
    core: core.map(keyOf),
    ephemeral: isAsked ? [keyOf(affinityKey(payerOf(graph).identity, affinity.session, affinity.model))] : [],
  }
}

type Item = Record<string, unknown>

function readingOf(graph: IdentityGraph, items: readonly Item[], at: Instant | undefined): Reading | undefined {
  const of = (prefix: string): Item | undefined => items.find((item) => String(item.PK).startsWith(prefix))
  const keyItem = of('KEYHASH#')
  if (keyItem === undefined) return undefined
  const key = standingOfKey(keyItem)
  const userItem = of('USER#')
  const found = userItem === undefined ? null : standingOfUser(userItem)
  // A key that has just been given to somebody else: the user that was read is not its owner.
  const user = found?.id === key.userId ? found : null
  const teamItem = of('TEAM#')
  const team = teamItem === undefined ? null : standingOfTeam(teamItem)
  const stamp = StampItem.parse(of('VERSION') ?? {})
  return {
    allowance: {
      key,
      owner: key.userId === null ? null : (user ?? 'missing'),
      team,
      pricesVersion: stamp.prices,
      endpointsVersion: stamp.endpoints,
      affinity: affinityOf(of('AFFINITY#'), at),
    },
    graph: {
      keyId: key.id,
      userId: key.userId,
      teamId: payingTeamOf(key.teamId, ownersTeamOf(key, user, graph)),
      userShards: user?.counterShards ?? FIRST_USER_SHARDS,
      teamShards: team?.counterShards ?? FIRST_TEAM_SHARDS,
      sticks: team === null || (team.routing.strategy === 'sticky_user' && team.routing.endpoints.length > 1),
    },
  }
}

/** TTL lags, so its end is compared here. */
function affinityOf(item: Item | undefined, at: Instant | undefined): Affinity | null {
  const read = AffinityItem.safeParse(item)
  if (!read.success || at === undefined) return null
  const until = instant(read.data.expires_at * 1000)
  return until > at ? { endpointId: read.data.endpoint_id, until } : null
}

/** An owner who was not read, or is gone, says nothing about the team: what was asked for stands until the next read. */
function ownersTeamOf(key: KeyStanding, user: UserStanding | null, graph: IdentityGraph): string | null {
  if (key.userId === null) return null
  return user === null ? graph.teamId : user.teamId
}

function standingOfKey(item: Item): KeyStanding {
  const key = KeyItem.parse(item)
  return {
    id: key.id,
    name: key.name ?? null,
    isActive: key.is_active,
    userId: key.user_id ?? null,
    teamId: key.team_id ?? null,
  }
}

function standingOfUser(item: Item): UserStanding {
  const user = UserItem.parse(item)
  return { id: user.id, active: user.active, teamId: user.team_id ?? null, counterShards: user.counter_shards }
}

function standingOfTeam(item: Item): TeamStanding {
  const team = TeamItem.parse(item)
  return { id: team.id, counterShards: team.counter_shards, routing: teamRoutingOf(item) }
}

async function batchGet(documents: Documents, tables: AllowanceTables, keys: BatchKeys): Promise<Item[]> {
  const items: Item[] = []
  let open = keys
  for (let round = 0; open.core.length + open.ephemeral.length > 0; round++) {
    if (round >= MAX_ROUNDS) throw new Error('DynamoDB left keys of a batch unprocessed')
    const answer = await documents.send(
      new BatchGetCommand({
        // A table without keys may not be named.
        RequestItems: {
          ...(open.core.length > 0 && { [tables.core]: wanted(open.core) }),
          ...(open.ephemeral.length > 0 && { [tables.ephemeral]: wanted(open.ephemeral) }),
        },
      }),
    )
    items.push(...Object.values(answer.Responses ?? {}).flat())
    const left = answer.UnprocessedKeys ?? {}
    open = { core: left[tables.core]?.Keys ?? [], ephemeral: left[tables.ephemeral]?.Keys ?? [] }
  }
  return items
}

const wanted = (keys: readonly Item[]) => ({ Keys: [...keys], ConsistentRead: true })
