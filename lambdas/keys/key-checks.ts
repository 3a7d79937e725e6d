/** What must hold at the moment a key is written: its team is there, and its owner, active and in the team that the key says. */
import { teamKey, userKey } from '../table/core-keys.ts'
import type { VirtualKey } from './virtual-key.ts'

/** `owner changed`: gone, suspended, or in another team than the key says. */
export type KeyRefusal = 'no such team' | 'owner changed'

type Graph = Pick<VirtualKey, 'teamId' | 'userId' | 'ownerTeamId'>

/** Members of a transaction, each with what it means that it did not hold. */
export function checksOf(TableName: string, { teamId, userId, ownerTeamId }: Graph) {
  return [
    ...(teamId === null ? [] : [check('no such team', { TableName, Key: teamKey(teamId), ...THERE })]),
    ...(userId === null ? [] : [check('owner changed', { TableName, Key: userKey(userId), ...inTeam(ownerTeamId) })]),
  ]
}

const check = <C>(refusal: KeyRefusal, ConditionCheck: C) => ({ refusal, item: { ConditionCheck } })

const THERE = { ConditionExpression: 'attribute_exists(PK)' }

const inTeam = (teamId: string | null) =>
  teamId === null
    ? {
        ConditionExpression: 'active = :yes AND (attribute_not_exists(team_id) OR attribute_type(team_id, :null))',
        ExpressionAttributeValues: { ':yes': true, ':null': 'NULL' },
      }
    : {
        ConditionExpression: 'active = :yes AND team_id = :team',
        ExpressionAttributeValues: { ':yes': true, ':team': teamId },
      }
