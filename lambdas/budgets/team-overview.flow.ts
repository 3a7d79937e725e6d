/** Every team with what it may spend and has spent. */
import type { Instant } from '../platform/instant.ts'
import { type Account, accountOf, countedOf } from './accounts.ts'
import { readEverybody } from './everybody.flow.ts'
import type { Spending } from './spending.store.ts'
import type { BudgetSubjects } from './subjects.store.ts'
import type { KnownTeam } from './subjects.ts'

export interface TeamOverview {
  readonly team: KnownTeam
  readonly account: Account
  readonly members: number
  /** Active keys that the team itself pays for, whoever has them. */
  readonly keys: number
}

export interface BudgetListTools {
  readonly subjects: Pick<BudgetSubjects, 'settings' | 'users' | 'teams' | 'keys'>
  readonly spending: Spending
}

/** By name. What a team has spent stands in its own counter: that of its members, of their keys, and of keys without an owner. */
export async function teamOverview(at: Instant, tools: BudgetListTools): Promise<readonly TeamOverview[]> {
  const { users, teams, keys, shards } = await readEverybody(tools.subjects)
  const spentOf = await tools.spending.read(
    teams.flatMap(({ holder }) => countedOf(holder, shards)),
    at,
  )
  const membersOf = Map.groupBy(users, ({ user }) => user.teamId)
  const keysOf = Map.groupBy(keys, ({ key }) => key.teamId)
  return teams.map(({ team, holder }) => ({
    team,
    account: accountOf(holder, spentOf, at),
    members: membersOf.get(team.id)?.length ?? 0,
    keys: keysOf.get(team.id)?.length ?? 0,
  }))
}
