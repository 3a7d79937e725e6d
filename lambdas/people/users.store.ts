/** Users in the Core table. */
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { nanoOrNull } from '../budgets/budget-attributes.ts'
import { PERIODS } from '../budgets/period.ts'
import { rateAttributes, readRateLimits } from '../budgets/rate-limits.ts'
import { instant, isoOf } from '../platform/instant.ts'
import { membersOfTeam, USERS_LIST, uniqueEmailKey, userKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import type { TransactionItems } from '../table/transaction.store.ts'
import { caseless, type User } from './user.ts'

export interface UserStore {
  /** Strongly consistent. */
  find(id: string): Promise<User | undefined>
}

export function openUsers(documents: Documents, coreTable: string): UserStore {
  return {
    async find(id) {
      const { Item } = await documents.send(
        new GetCommand({ TableName: coreTable, Key: userKey(id), ConsistentRead: true }),
      )
      return Item && readUser(Item)
    },
  }
}

const UserItem = z.object({
  id: z.string(),
  email: z.string(),
  role: z.enum(['admin', 'member']),
  active: z.boolean().default(false),
  team_id: z.string().nullish(),
  display_name: z.string().nullish(),
  created_at: z.string(),
  spend_limit_nano: z.int().nonnegative().nullish(),
  budget_period: z.enum(PERIODS).default('monthly'),
  counter_shards: z.int().positive().default(1),
})

export function readUser(item: Record<string, unknown>): User {
  const user = UserItem.parse(item)
  return {
    id: user.id,
    email: user.email,
    role: user.role,
    active: user.active,
    teamId: user.team_id ?? null,
    displayName: user.display_name ?? null,
    createdAt: instant(Date.parse(user.created_at)),
    spendLimit: nanoOrNull(user.spend_limit_nano),
    budgetPeriod: user.budget_period,
    rates: readRateLimits(item),
    counterShards: user.counter_shards,
  }
}

/** The writes of a new user: refused when the id or the address is taken. */
export function userPuts(coreTable: string, user: User): TransactionItems {
  const emailLowerCase = caseless(user.email)
  const absent = 'attribute_not_exists(PK)'
  return [
    {
      Put: {
        TableName: coreTable,
        Item: {
          ...userKey(user.id),
          GSI1PK: USERS_LIST,
          GSI1SK: emailLowerCase,
          GSI2PK: membersOfTeam(user.teamId),
          GSI2SK: `USER#${emailLowerCase}`,
          id: user.id,
          email: user.email,
          email_lc: emailLowerCase,
          role: user.role,
          active: user.active,
          team_id: user.teamId,
          display_name: user.displayName,
          created_at: isoOf(user.createdAt),
          spend_limit_nano: user.spendLimit,
          budget_period: user.budgetPeriod,
          ...rateAttributes(user.rates),
          rev: 1,
          counter_shards: user.counterShards,
        },
        ConditionExpression: absent,
      },
    },
    {
      Put: {
        TableName: coreTable,
        Item: { ...uniqueEmailKey(emailLowerCase), user_id: user.id },
        ConditionExpression: absent,
      },
    },
  ]
}

/** Makes somebody an active administrator, whatever else is changed about them at that moment. Refused when they are gone. */
export const restorationOf = (coreTable: string, userId: string): TransactionItems[number] => ({
  Update: {
    TableName: coreTable,
    Key: userKey(userId),
    UpdateExpression: 'SET #role = :admin, active = :yes ADD rev :one',
    ConditionExpression: 'attribute_exists(PK)',
    ExpressionAttributeNames: { '#role': 'role' },
    ExpressionAttributeValues: { ':admin': 'admin', ':yes': true, ':one': 1 },
  },
})
