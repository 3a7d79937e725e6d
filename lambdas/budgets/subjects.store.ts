/** Those who have budgets, from the Core table: one by one strongly consistent, as lists in the way the indexes have them. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { readItems } from '../table/batch-read.store.ts'
import {
  budgetSettingsKey,
  KEYS_LIST,
  keysOfTeam,
  keysOfUser,
  membersOfTeam,
  TEAMS_LIST,
  teamKey,
  USERS_LIST,
  userKey,
  virtualKeyByIdKey,
  virtualKeyKey,
} from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { readIndex } from '../table/query-all.store.ts'
import { nanoOrNull, readBudget } from './budget-attributes.ts'
import { type BudgetSettings, readBudgetSettings } from './budget-settings.ts'
import { PERIODS } from './period.ts'
import type { KnownKey, KnownTeam, KnownUser } from './subjects.ts'

export interface SettingsRead {
  readonly settings: BudgetSettings
  /** 0 until they were first set. */
  readonly rev: number
}

export interface BudgetSubjects {
  settings(): Promise<SettingsRead>
  user(id: string): Promise<KnownUser | undefined>
  team(id: string): Promise<KnownTeam | undefined>
  key(id: string): Promise<KnownKey | undefined>
  /** By address. */
  users(): Promise<readonly KnownUser[]>
  /** By name. */
  teams(): Promise<readonly KnownTeam[]>
  /** Newest first. */
  keys(): Promise<readonly KnownKey[]>
  /** @param teamId `null`: people without a team. */
  members(teamId: string | null): Promise<readonly KnownUser[]>
  countWithoutTeam(): Promise<number>
  keysOfTeam(teamId: string): Promise<readonly KnownKey[]>
  keysOfUser(userId: string): Promise<readonly KnownKey[]>
}

export function openBudgetSubjects(documents: Documents, coreTable: string): BudgetSubjects {
  const get = async (key: { PK: string; SK: string }) => (await readItems(documents, coreTable, [key]))[0]
  return {
    async settings() {
      const item = await get({ ...budgetSettingsKey })
      return { settings: readBudgetSettings(item), rev: revOf(item) }
    },
    async user(id) {
      const item = await get(userKey(id))
      return item && readUser(item)
    },
    async team(id) {
      const item = await get(teamKey(id))
      return item && readTeam(item)
    },
    async key(id) {
      const pointer = await get(virtualKeyByIdKey(id))
      if (pointer === undefined) return undefined
      const item = await get(virtualKeyKey(z.object({ key_hash: z.string() }).parse(pointer).key_hash))
      return item && readKey(item)
    },
    users: async () => (await readIndex(documents, coreTable, 'GSI1', USERS_LIST)).map(readUser),
    teams: async () => (await readIndex(documents, coreTable, 'GSI1', TEAMS_LIST)).map(readTeam),
    keys: async () => (await readIndex(documents, coreTable, 'GSI1', KEYS_LIST, 'descending')).map(readKey),
    members: async (teamId) => (await readIndex(documents, coreTable, 'GSI2', membersOfTeam(teamId))).map(readUser),
    countWithoutTeam: () => countMembers(documents, coreTable, null),
    keysOfTeam: async (id) =>
      (await readIndex(documents, coreTable, 'GSI2', keysOfTeam(id), 'descending')).map(readKey),
    keysOfUser: async (id) =>
      (await readIndex(documents, coreTable, 'GSI3', keysOfUser(id), 'descending')).map(readKey),
  }
}

/** Without reading a single row of them across the network. */
async function countMembers(documents: Documents, table: string, teamId: string | null): Promise<number> {
  let count = 0
  let from: Record<string, unknown> | undefined
  do {
    const page = await documents.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'GSI2',
        KeyConditionExpression: 'GSI2PK = :partition',
        ExpressionAttributeValues: { ':partition': membersOfTeam(teamId) },
        Select: 'COUNT',
        ...(from && { ExclusiveStartKey: from }),
      }),
    )
    count += page.Count ?? 0
    from = page.LastEvaluatedKey
  } while (from !== undefined)
  return count
}

const revOf = (item: Record<string, unknown> | undefined): number => (typeof item?.rev === 'number' ? item.rev : 0)

const UserItem = z.object({
  id: z.string(),
  email: z.string(),
  display_name: z.string().nullish(),
  team_id: z.string().nullish(),
  active: z.boolean().default(false),
  spend_limit_nano: z.int().nonnegative().nullish(),
  budget_period: z.enum(PERIODS).default('monthly'),
  counter_shards: z.int().positive().default(1),
})

function readUser(item: Record<string, unknown>): KnownUser {
  const user = UserItem.parse(item)
  return {
    id: user.id,
    email: user.email,
    displayName: user.display_name ?? null,
    teamId: user.team_id ?? null,
    active: user.active,
    limit: nanoOrNull(user.spend_limit_nano),
    period: user.budget_period,
    counterShards: user.counter_shards,
  }
}

const TeamItem = z.object({
  id: z.string(),
  name: z.string(),
  default_user_budget_nano: z.int().nullish(),
  notify_recipients: z.enum(['both', 'user', 'admin']).default('both'),
  routing_strategy: z.enum(['primary_fallback', 'sticky_user', 'round_robin']).default('sticky_user'),
  counter_shards: z.int().positive().default(8),
  budget_rev: z.number().default(0),
})

function readTeam(item: Record<string, unknown>): KnownTeam {
  const team = TeamItem.parse(item)
  return {
    id: team.id,
    name: team.name,
    budget: readBudget(item),
    memberLimit: nanoOrNull(team.default_user_budget_nano),
    notifyRecipients: team.notify_recipients,
    routingStrategy: team.routing_strategy,
    counterShards: team.counter_shards,
    budgetRev: team.budget_rev,
  }
}

const KeyItem = z.object({
  id: z.string(),
  key_prefix: z.string(),
  name: z.string().nullish(),
  user_id: z.string().nullish(),
  team_id: z.string().nullish(),
  is_active: z.boolean().default(false),
})

function readKey(item: Record<string, unknown>): KnownKey {
  const key = KeyItem.parse(item)
  return {
    id: key.id,
    name: key.name ?? null,
    prefix: key.key_prefix,
    userId: key.user_id ?? null,
    teamId: key.team_id ?? null,
    active: key.is_active,
    budget: readBudget(item),
  }
}
