/** Accounts for whoever administers them: each change is one transaction with its audit entry, made from what was read. */
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type AuditEntry, auditPut } from '../audit/audit-entry.ts'
import { rateAttributes } from '../budgets/rate-limits.ts'
import { membersOfTeam, searchProvidersKey, teamKey, USERS_LIST, uniqueEmailKey, userKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { readIndex } from '../table/query-all.store.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import { caseless, type User } from './user.ts'
import { readUser, userPuts } from './users.store.ts'

/** As it was read; a change is refused when it has been changed since. */
export interface Account {
  readonly user: User
  readonly rev: number
}

/** `no administrator`: who was to remain one is none any more. */
export type Refusal = 'address taken' | 'no such team' | 'changed since' | 'no administrator'
export type Outcome = 'done' | Refusal

export interface Revision {
  readonly next: User
  readonly audit: AuditEntry
  /** Somebody else, who must be an active administrator at that very moment. */
  readonly witness?: string | undefined
}

export interface AccountStore {
  create(user: User, audit: AuditEntry): Promise<Outcome>
  /** Strongly consistent. */
  find(id: string): Promise<Account | undefined>
  /** By address, as the index has them: somebody who has just come may be missing. */
  list(): Promise<readonly User[]>
  /** @param teamId `null`: of no team. */
  ofTeam(teamId: string | null): Promise<readonly User[]>
  revise(seen: Account, revision: Revision): Promise<Outcome>
  delete(seen: Account, audit: AuditEntry): Promise<Outcome>
}

export interface AccountTables {
  readonly core: string
  readonly events: string
}

interface Step {
  readonly item: TransactionItems[number]
  /** What it means that its condition did not hold. */
  readonly refusal: Refusal
}

export function openAccounts(documents: Documents, tables: AccountTables, waiting: Waiting): AccountStore {
  const TableName = tables.core
  const commit = async (steps: readonly Step[], audit: AuditEntry): Promise<Outcome> => {
    const items = [...steps.map(({ item }) => item), auditPut(tables.events, audit)]
    const end = await transact(documents, items, audit.id, waiting)
    return end.done ? 'done' : (steps[end.refused[0] ?? 0]?.refusal ?? 'changed since')
  }
  return {
    async create(user, audit) {
      const puts = userPuts(TableName, user).map((item): Step => ({ item, refusal: 'address taken' }))
      return await commit([...puts, ...teamThere(TableName, user.teamId)], audit)
    },
    async find(id) {
      const { Item } = await documents.send(new GetCommand({ TableName, Key: userKey(id), ConsistentRead: true }))
      return Item && { user: readUser(Item), rev: z.object({ rev: z.int().default(0) }).parse(Item).rev }
    },
    list: async () => (await readIndex(documents, TableName, 'GSI1', USERS_LIST)).map(readUser),
    ofTeam: async (teamId) => (await readIndex(documents, TableName, 'GSI2', membersOfTeam(teamId))).map(readUser),
    async revise(seen, { next, audit, witness }) {
      const moves = next.teamId !== seen.user.teamId
      const steps: Step[] = [
        { item: { Update: updateOf(TableName, seen, next) }, refusal: 'changed since' },
        ...(moves ? teamThere(TableName, next.teamId) : []),
        ...(witness === undefined ? [] : [adminThere(TableName, witness)]),
      ]
      return await commit(steps, audit)
    },
    async delete(seen, audit) {
      const { user } = seen
      const own = { TableName, Key: userKey(user.id), ...unchanged(seen.rev) }
      const address = { TableName, Key: uniqueEmailKey(caseless(user.email)) }
      // With the keys they brought.
      const providers = { TableName, Key: searchProvidersKey(user.id) }
      const steps: Step[] = [
        { item: { Delete: own }, refusal: 'changed since' },
        { item: { Delete: address }, refusal: 'changed since' },
        { item: { Delete: providers }, refusal: 'changed since' },
      ]
      return await commit(steps, audit)
    },
  }
}

/** Accounts from before there were revisions have none. */
const unchanged = (rev: number) =>
  rev === 0
    ? { ConditionExpression: 'attribute_exists(PK) AND attribute_not_exists(rev)' }
    : { ConditionExpression: 'rev = :seen', ExpressionAttributeValues: { ':seen': rev } }

function updateOf(TableName: string, { user, rev }: Account, next: User) {
  const { ConditionExpression, ...seen } = unchanged(rev)
  const attributes: Record<string, unknown> = {
    GSI2PK: membersOfTeam(next.teamId),
    role: next.role,
    active: next.active,
    team_id: next.teamId,
    display_name: next.displayName,
    spend_limit_nano: next.spendLimit,
    budget_period: next.budgetPeriod,
    ...rateAttributes(next.rates),
  }
  const names = Object.keys(attributes)
  return {
    TableName,
    Key: userKey(user.id),
    UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')} ADD rev :one`,
    ConditionExpression,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(names.map((name) => [`:${name}`, attributes[name]])),
      ':one': 1,
      ...('ExpressionAttributeValues' in seen ? seen.ExpressionAttributeValues : {}),
    },
  }
}

function teamThere(TableName: string, teamId: string | null): Step[] {
  if (teamId === null) return []
  const check = { TableName, Key: teamKey(teamId), ConditionExpression: 'attribute_exists(PK)' }
  return [{ item: { ConditionCheck: check }, refusal: 'no such team' }]
}

/**
 * Two administrators who take each other's role at once check each other, so DynamoDB lets one of them through. Nothing has to be
 * counted, so no count can be wrong.
 */
function adminThere(TableName: string, userId: string): Step {
  const check = {
    TableName,
    Key: userKey(userId),
    ConditionExpression: '#role = :admin AND active = :yes',
    ExpressionAttributeNames: { '#role': 'role' },
    ExpressionAttributeValues: { ':admin': 'admin', ':yes': true },
  }
  return { item: { ConditionCheck: check }, refusal: 'no administrator' }
}
