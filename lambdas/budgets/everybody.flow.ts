/** Everybody who can have a budget, from three lists by their indexes: some five pages of queries for a thousand people. */
import { type Holder, holderOfKey, holderOfTeam, holderOfUser } from './accounts.ts'
import { usualOf } from './budget-settings.ts'
import type { Shards } from './standings.ts'
import type { BudgetSubjects } from './subjects.store.ts'
import type { KnownKey, KnownTeam, KnownUser } from './subjects.ts'

export interface Everybody {
  readonly users: readonly { readonly user: KnownUser; readonly team: KnownTeam | null; readonly holder: Holder }[]
  readonly teams: readonly { readonly team: KnownTeam; readonly holder: Holder }[]
  /** Active ones. */
  readonly keys: readonly { readonly key: KnownKey; readonly team: KnownTeam | null; readonly holder: Holder }[]
  readonly shards: Shards
}

export async function readEverybody(
  subjects: Pick<BudgetSubjects, 'settings' | 'users' | 'teams' | 'keys'>,
): Promise<Everybody> {
  const [{ settings }, users, teams, keys] = await Promise.all([
    subjects.settings(),
    subjects.users(),
    subjects.teams(),
    subjects.keys(),
  ])
  const usual = usualOf(settings)
  const shards = {
    users: new Map(users.map((user) => [user.id, user])),
    teams: new Map(teams.map((team) => [team.id, team])),
  }
  const teamOf = (id: string | null | undefined): KnownTeam | null => shards.teams.get(id ?? '') ?? null
  return {
    users: users.map((user) => {
      const team = teamOf(user.teamId)
      return { user, team, holder: holderOfUser(user, team, usual) }
    }),
    teams: teams.map((team) => ({ team, holder: holderOfTeam(team, usual) })),
    keys: keys
      .filter(({ active }) => active)
      .map((key) => {
        const owner = shards.users.get(key.userId ?? '') ?? null
        const team = teamOf(key.teamId ?? owner?.teamId)
        const context = { owner, ownersTeam: teamOf(owner?.teamId), payingTeam: team }
        return { key, team, holder: holderOfKey(key, context, usual) }
      }),
    shards,
  }
}
