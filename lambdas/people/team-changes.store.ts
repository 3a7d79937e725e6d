/** Changes of a team's own members; its budget and its endpoints are written elsewhere, and stay untouched here. */
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type AuditEntry, auditPut } from '../audit/audit-entry.ts'
import { teamKey, uniqueTeamNameKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import type { Team } from './team.ts'
import { readTeam, type TeamTables } from './teams.store.ts'
import { caseless } from './user.ts'

/** As it was read; a change is refused when it has been changed since. */
export interface SeenTeam {
  readonly team: Team
  readonly rev: number
}

export interface TeamChanges {
  /** Strongly consistent. */
  find(id: string): Promise<SeenTeam | undefined>
  /** Name and models. */
  change(seen: SeenTeam, next: Team, audit: AuditEntry): Promise<'done' | 'name taken' | 'changed since'>
}

export function openTeamChanges(documents: Documents, tables: TeamTables, waiting: Waiting): TeamChanges {
  const TableName = tables.core
  return {
    async find(id) {
      const { Item } = await documents.send(new GetCommand({ TableName, Key: teamKey(id), ConsistentRead: true }))
      return Item && { team: readTeam(Item), rev: z.object({ rev: z.int().default(0) }).parse(Item).rev }
    },
    async change({ team, rev }, next, audit) {
      const update = {
        TableName,
        Key: teamKey(team.id),
        UpdateExpression: 'SET #name = :name, GSI1SK = :order, allowed_models = :models ADD rev :one',
        ConditionExpression: rev === 0 ? 'attribute_exists(PK) AND attribute_not_exists(rev)' : 'rev = :seen',
        ExpressionAttributeNames: { '#name': 'name' },
        ExpressionAttributeValues: {
          ':name': next.name,
          ':order': caseless(next.name),
          ':models': next.allowedModels,
          ':one': 1,
          ...(rev !== 0 && { ':seen': rev }),
        },
      }
      const writes = [{ Update: update }, ...renaming(TableName, team, next), auditPut(tables.events, audit)]
      const end = await transact(documents, writes, audit.id, waiting)
      if (end.done) return 'done'
      return end.refused.includes(0) ? 'changed since' : 'name taken'
    },
  }
}

/** The names are unique by items of their own. One that differs in case only is the same. */
function renaming(TableName: string, before: Team, after: Team): TransactionItems {
  const [from, to] = [caseless(before.name), caseless(after.name)]
  if (from === to) return []
  return [
    {
      Put: {
        TableName,
        Item: { ...uniqueTeamNameKey(to), team_id: before.id },
        ConditionExpression: 'attribute_not_exists(PK)',
      },
    },
    { Delete: { TableName, Key: uniqueTeamNameKey(from) } },
  ]
}
