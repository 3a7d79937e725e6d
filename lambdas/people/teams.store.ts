/** Teams in the Core table. Their names are unique by an item of their own, written in the same transaction. */
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type AuditEntry, auditPut } from '../audit/audit-entry.ts'
import { budgetAttributes, nanoOrNull, readBudget } from '../budgets/budget-attributes.ts'
import { instant, isoOf } from '../platform/instant.ts'
import { TEAMS_LIST, teamKey, uniqueTeamNameKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { readIndex } from '../table/query-all.store.ts'
import { transact, type Waiting } from '../table/transaction.store.ts'
import type { Team } from './team.ts'
import { caseless } from './user.ts'

export interface TeamStore {
  /** False when the name is taken. */
  create(team: Team, audit: AuditEntry): Promise<boolean>
  /** Strongly consistent. */
  find(id: string): Promise<Team | undefined>
  /** By name. */
  list(): Promise<readonly Team[]>
  /**
   * False when it is gone already, or has another name than was read. A key or member that came in the very instant before may keep the id of a deleted team. They then
   * pay and route as those without team do.
   */
  delete(team: Team, audit: AuditEntry): Promise<boolean>
}

export interface TeamTables {
  readonly core: string
  readonly events: string
}

export function openTeams(documents: Documents, tables: TeamTables, waiting: Waiting): TeamStore {
  const TableName = tables.core
  return {
    async create(team, audit) {
      const nameLowerCase = caseless(team.name)
      const absent = 'attribute_not_exists(PK)'
      const outcome = await transact(
        documents,
        [
          { Put: { TableName, Item: itemOf(team), ConditionExpression: absent } },
          {
            Put: {
              TableName,
              Item: { ...uniqueTeamNameKey(nameLowerCase), team_id: team.id },
              ConditionExpression: absent,
            },
          },
          auditPut(tables.events, audit),
        ],
        audit.id,
        waiting,
      )
      return outcome.done
    },
    async find(id) {
      const { Item } = await documents.send(new GetCommand({ TableName, Key: teamKey(id), ConsistentRead: true }))
      return Item && readTeam(Item)
    },
    list: () => listTeams(documents, TableName),
    async delete(team, audit) {
      const outcome = await transact(
        documents,
        [
          {
            Delete: {
              TableName,
              Key: teamKey(team.id),
              ConditionExpression: '#name = :name',
              ExpressionAttributeNames: { '#name': 'name' },
              ExpressionAttributeValues: { ':name': team.name },
            },
          },
          {
            Delete: {
              TableName,
              Key: uniqueTeamNameKey(caseless(team.name)),
              ConditionExpression: 'team_id = :id',
              ExpressionAttributeValues: { ':id': team.id },
            },
          },
          auditPut(tables.events, audit),
        ],
        audit.id,
        waiting,
      )
      return outcome.done
    },
  }
}

async function listTeams(documents: Documents, table: string): Promise<Team[]> {
  return (await readIndex(documents, table, 'GSI1', TEAMS_LIST)).map(readTeam)
}

/** A team's counter is written by all its members at once; eight shards keep their transactions off each other. */
const COUNTER_SHARDS = 8

const itemOf = (team: Team): Record<string, unknown> => ({
  ...teamKey(team.id),
  GSI1PK: TEAMS_LIST,
  GSI1SK: caseless(team.name),
  id: team.id,
  name: team.name,
  ...budgetAttributes(team.budget),
  default_user_budget_nano: team.memberLimit,
  allowed_models: team.allowedModels,
  notify_recipients: team.notifyRecipients,
  routing_strategy: team.routingStrategy,
  created_at: isoOf(team.createdAt),
  external_id: team.externalId,
  display_name: team.displayName,
  scim_managed: team.scimManaged,
  idp_id: team.idpId,
  rev: 1,
  counter_shards: COUNTER_SHARDS,
})

const TeamItem = z.object({
  id: z.string(),
  name: z.string(),
  default_user_budget_nano: z.int().nullish(),
  allowed_models: z.array(z.string()).nullish(),
  notify_recipients: z.enum(['both', 'user', 'admin']).default('both'),
  routing_strategy: z.enum(['primary_fallback', 'sticky_user', 'round_robin']).default('sticky_user'),
  created_at: z.string(),
  external_id: z.string().nullish(),
  display_name: z.string().nullish(),
  scim_managed: z.boolean().default(false),
  idp_id: z.string().nullish(),
})

export function readTeam(item: Record<string, unknown>): Team {
  const team = TeamItem.parse(item)
  return {
    id: team.id,
    name: team.name,
    budget: readBudget(item),
    memberLimit: nanoOrNull(team.default_user_budget_nano),
    allowedModels: team.allowed_models ?? null,
    notifyRecipients: team.notify_recipients,
    routingStrategy: team.routing_strategy,
    createdAt: instant(Date.parse(team.created_at)),
    externalId: team.external_id ?? null,
    displayName: team.display_name ?? null,
    scimManaged: team.scim_managed,
    idpId: team.idp_id ?? null,
  }
}
