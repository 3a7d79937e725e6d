/** Renaming a team, and saying which models it may use. */
import type * as z from 'zod'
import type { changeTeam as route } from '../../contract/teams.ts'
import { readAllowedModels } from '../models/allowed-models.ts'
import { Fault } from '../platform/fault.ts'
import { teamEntry } from './manage-teams.flow.ts'
import type { Request } from './revise-account.flow.ts'
import type { Team } from './team.ts'
import type { TeamChanges } from './team-changes.store.ts'

export interface TeamChangeTools {
  readonly teamChanges: TeamChanges
  readonly newId: () => string
}

type TeamWish = z.output<(typeof route)['body']>

/** Of those who change one team at once, one gets through in each round; administrators are few. */
const MAX_TRIES = 12

/** @throws Fault `not_found`, `conflict` for a name that is taken, `invalid_request` for what is no model */
export async function changeTeam(id: string, wish: TeamWish, request: Request, tools: TeamChangeTools): Promise<void> {
  const models = wish.allowed_models && readAllowedModels(wish.allowed_models)
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const seen = await tools.teamChanges.find(id)
    if (seen === undefined) throw new Fault('not_found', 'Team not found')
    const { team } = seen
    const next: Team = {
      ...team,
      name: wish.name ?? team.name,
      allowedModels: models === undefined ? team.allowedModels : models,
    }
    const detail = {
      ...(next.name !== team.name && { renamed_from: team.name }),
      ...(models !== undefined && { allowed_models: { from: team.allowedModels, to: models } }),
    }
    if (Object.keys(detail).length === 0) return
    const outcome = await tools.teamChanges.change(seen, next, teamEntry('team.changed', next, detail, request, tools))
    if (outcome === 'done') return
    if (outcome === 'name taken') throw new Fault('conflict', 'name: there is a team of this name already')
  }
  throw new Fault('conflict', 'Somebody else is changing this team at this moment; try again')
}
