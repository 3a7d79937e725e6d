/**
 * Reads an allowance. Where the environment has seen the credential before, it knows which items belong to it and asks
 * for them all in one strongly consistent BatchGetItem; otherwise the key item comes first and tells which.
 * What is remembered is only that: which items to read. Every fact is read anew, so a revoked key, a deactivated
 * owner or a changed budget is effective on the very next request.
 */
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb'
import { monthsOf } from '../budgets/period.ts'
import { addMs, type Instant } from '../platform/instant.ts'
import {
  budgetSettingsKey,
  configStampKey,
  type TableKey,
  teamKey,
  userKey,
  virtualKeyKey,
} from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { affinityKey, rateWindowKey } from '../table/ephemeral-keys.ts'
import { LeftUnread } from '../table/outage.ts'
import { counterKey } from '../table/usage-keys.ts'
import { type Allowance, type CountedSubject, type IdentityGraph, payerOf } from './allowance.ts'
import { allowanceOf, covers, firstGraphOf, graphOf, type Item } from './read-allowance.ts'

export interface Reading {
  readonly allowance: Allowance
  readonly graph: IdentityGraph
}

/** What is read along with what always is. */
export interface Question {
  readonly at: Instant
  /** What a verdict on money and rates needs. A question that costs nothing does without. */
  readonly spending: boolean
  /** Whose affinity, where a request is to be routed. */
  readonly affinity?: {
    /** Empty where the client names no session. */
    readonly session: string
    /** Anthropic's undated name. */
    readonly model: string
  }
}

export interface AllowanceTables {
  readonly core: string
  readonly usage: string
  readonly ephemeral: string
}

export interface AllowanceStore {
  /** What this environment remembers of the credential, if anything. Costs nothing. */
  recall(sha256: string): IdentityGraph | undefined
  /** One round trip: which items belong to the credential. `undefined` when it is unknown. */
  locate(sha256: string): Promise<IdentityGraph | undefined>
  /** One round trip when the graph still holds, one more for each time it has just changed. `undefined` when the key is unknown. */
  read(sha256: string, graph: IdentityGraph, question: Question): Promise<Reading | undefined>
  /** What somebody has spent by now, as their counters say. */
  countersOf(counted: CountedSubject, at: Instant): Promise<readonly Item[]>
}

/** About 500 bytes each: five megabytes for a company of ten thousand keys, beyond which the oldest are forgotten. */
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
      const [item] = await get({ core: [virtualKeyKey(sha256)], usage: [], ephemeral: [] })
      return item && firstGraphOf(item)
    },
    async read(sha256, graph, question) {
      let asked = graph
      for (let attempt = 0; attempt < MAX_READS; attempt++) {
        const allowance = allowanceOf(asked, await get(keysOf(sha256, asked, question)), question.at)
        if (allowance === undefined) {
          remembered.delete(sha256)
          return undefined
        }
        const needed = graphOf(allowance, asked)
        if (covers(asked, needed)) {
          remember(sha256, needed)
          return { allowance, graph: needed }
        }
        asked = needed
      }
      throw new Error('what belongs to a key changed on every read')
    },
    countersOf: (counted, at) => get({ core: [], usage: counterKeysOf(counted, at), ephemeral: [] }),
  }
}

/** What is read of each table. */
type BatchKeys = Readonly<Record<keyof AllowanceTables, readonly TableKey[]>>

const MINUTE_MS = 60_000

function keysOf(sha256: string, graph: IdentityGraph, { at, spending, affinity }: Question): BatchKeys {
  const { userId, sticks } = graph
  const teamIds = new Set([graph.teamId, graph.ownersTeamId].filter((id) => id !== null))
  return {
    core: [
      virtualKeyKey(sha256),
      configStampKey,
      budgetSettingsKey,
      ...(userId === null ? [] : [userKey(userId)]),
      ...[...teamIds].map(teamKey),
    ],
    usage: spending ? graph.counted.flatMap((counted) => counterKeysOf(counted, at)) : [],
    ephemeral: [
      ...(spending ? graph.paced.map((subject) => rateWindowKey(subject, addMs(at, -MINUTE_MS))) : []),
      ...(sticks && graph.teamId !== null && affinity !== undefined
        ? [affinityKey(payerOf(graph).identity, affinity.session, affinity.model)]
        : []),
    ],
  }
}

const counterKeysOf = ({ subject, shards, period }: CountedSubject, at: Instant): TableKey[] =>
  monthsOf(period, at).flatMap((month) =>
    Array.from({ length: shards }, (_, shard) => counterKey(subject, month, shard)),
  )

async function batchGet(documents: Documents, tables: AllowanceTables, keys: BatchKeys): Promise<Item[]> {
  const items: Item[] = []
  let open: Record<keyof BatchKeys, readonly Item[]> = {
    core: keys.core.map(plain),
    usage: keys.usage.map(plain),
    ephemeral: keys.ephemeral.map(plain),
  }
  for (let round = 0; open.core.length + open.usage.length + open.ephemeral.length > 0; round++) {
    if (round >= MAX_ROUNDS) throw new LeftUnread('DynamoDB left keys of a batch unread')
    const answer = await documents.send(
      new BatchGetCommand({
        // A table without keys may not be named.
        RequestItems: {
          ...(open.core.length > 0 && { [tables.core]: wanted(open.core) }),
          ...(open.usage.length > 0 && { [tables.usage]: wanted(open.usage) }),
          ...(open.ephemeral.length > 0 && { [tables.ephemeral]: wanted(open.ephemeral) }),
        },
      }),
    )
    items.push(...Object.values(answer.Responses ?? {}).flat())
    const left = answer.UnprocessedKeys ?? {}
    open = {
      core: left[tables.core]?.Keys ?? [],
      usage: left[tables.usage]?.Keys ?? [],
      ephemeral: left[tables.ephemeral]?.Keys ?? [],
    }
  }
  return items
}

const plain = (key: TableKey): Item => ({ ...key })
const wanted = (keys: readonly Item[]) => ({ Keys: [...keys], ConsistentRead: true })
