/** Creating and deleting teams. */
import type { AuditEntry } from '../audit/audit-entry.ts'
import type { Person } from '../identity/caller.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import { newTeam, type Team, whyTeamStays } from './team.ts'
import type { TeamStore } from './teams.store.ts'

export interface TeamTools {
  readonly teams: TeamStore
  readonly newId: () => string
}

/** On whose behalf, and when. */
export interface Request {
  readonly caller: Person
  readonly at: Instant
  readonly requestId: string
}

/** @throws Fault `conflict` when there is a team of that name, whatever its case */
export async function createTeam(name: string, request: Request, tools: TeamTools): Promise<Team> {
  const team = newTeam(tools.newId(), name, request.at)
  if (!(await tools.teams.create(team, entryOf('team.created', team, request, tools)))) {
    throw new Fault('conflict', 'name: there is a team of this name already')
  }
  return team
}

/** @throws Fault `conflict` while members or keys refer to it */
export async function deleteTeam(id: string, request: Request, tools: TeamTools): Promise<void> {
  const team = await tools.teams.find(id)
  if (team === undefined) throw notFound()
  const reason = whyTeamStays(await tools.teams.references(id))
  if (reason !== undefined) throw new Fault('conflict', reason)
  if (!(await tools.teams.delete(team, entryOf('team.deleted', team, request, tools)))) throw notFound()
}

const notFound = (): Fault => new Fault('not_found', 'Team not found')

const entryOf = (action: string, team: Team, { caller, at, requestId }: Request, tools: TeamTools): AuditEntry => ({
  id: tools.newId(),
  at,
  requestId,
  actor: caller,
  action,
  target: `team:${team.id}`,
  detail: { name: team.name },
})
