/** `/admin/teams` */
import type * as z from 'zod'
import * as contract from '../../contract/teams.ts'
import { type Operation, operation } from '../http/operation.ts'
import { isoOf } from '../platform/instant.ts'
import { usdOrNull } from '../platform/money.ts'
import { createTeam, type TeamTools } from './manage-teams.flow.ts'
import type { Team } from './team.ts'

export function teamOperations(tools: TeamTools): readonly Operation[] {
  return [
    operation(contract.createTeam)(async ({ body, ...request }) => ({
      status: 201,
      body: rowOf(await createTeam(body.name, request, tools)),
    })),
    operation(contract.listTeams)(async () => ({
      status: 200,
      body: { teams: (await tools.teams.list()).map(rowOf) },
    })),
  ]
}

export const rowOf = (team: Team): z.input<typeof contract.Team> => ({
  id: team.id,
  name: team.name,
  budget_amount_usd: usdOrNull(team.budget.limit),
  budget_period: team.budget.period,
  budget_policy: team.budget.rules === null ? null : [...team.budget.rules],
  default_user_budget_usd: usdOrNull(team.memberLimit),
  allowed_models: team.allowedModels === null ? null : [...team.allowedModels],
  notify_recipients: team.notifyRecipients,
  routing_strategy: team.routingStrategy,
  created_at: isoOf(team.createdAt),
  external_id: team.externalId,
  display_name: team.displayName,
  scim_managed: team.scimManaged,
  idp_id: team.idpId,
})
