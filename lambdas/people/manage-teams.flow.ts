/** Creating teams. */
import type { AuditEntry } from '../audit/audit-entry.ts'
import { Fault } from '../platform/fault.ts'
import type { Request } from './revise-account.flow.ts'
import { newTeam, type Team } from './team.ts'
import type { TeamStore } from './teams.store.ts'

export interface TeamTools {
  readonly teams: Pick<TeamStore, 'create' | 'list'>
  readonly newId: () => string
}

/** @throws Fault `conflict` when there is a team of that name, whatever its case */
export async function createTeam(name: string, request: Request, tools: TeamTools): Promise<Team> {
  const team = newTeam(tools.newId(), name, request.at)
  if (!(await tools.teams.create(team, teamEntry('team.created', team, {}, request, tools)))) {
    throw new Fault('conflict', 'name: there is a team of this name already')
  }
  return team
}

export const teamEntry = (
  action: string,
  team: Team,
  detail: AuditEntry['detail'],
  { caller, at, requestId }: Request,
  tools: Pick<TeamTools, 'newId'>,
): AuditEntry => ({
  id: tools.newId(),
  at,
  requestId,
  actor: caller,
  action,
  target: `team:${team.id}`,
  detail: { name: team.name, ...detail },
})
