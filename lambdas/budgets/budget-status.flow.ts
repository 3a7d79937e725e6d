/** How the budgets of one person stand: by the same resolver and the same counters as their requests are judged. */
import type { Person } from '../identity/caller.ts'
import { Fault } from '../platform/fault.ts'
import { hourOf, type Instant } from '../platform/instant.ts'
import type { AnalyticsStore } from '../spend/analytics.store.ts'
import { type Account, accountOf, countedOf, holderOfKey, holderOfTeam, holderOfUser } from './accounts.ts'
import { NO_BUDGET } from './budget.ts'
import { usualOf } from './budget-settings.ts'
import type { RecentEvents } from './recent-events.ts'
import type { Spending } from './spending.store.ts'
import type { BudgetSubjects } from './subjects.store.ts'
import type { KnownKey, KnownTeam } from './subjects.ts'

export interface StatusTools {
  readonly subjects: Pick<BudgetSubjects, 'user' | 'team' | 'settings' | 'keysOfUser'>
  readonly spending: Spending
  readonly hours: Pick<AnalyticsStore, 'hoursOf'>
  readonly recentEvents: RecentEvents
}

export interface OwnStatus {
  readonly account: Account
  readonly team: { readonly known: KnownTeam; readonly account: Account } | null
  /** Those with a budget of their own. */
  readonly keys: readonly { readonly key: KnownKey; readonly account: Account }[]
  readonly recentEvents: Awaited<ReturnType<RecentEvents>>
  readonly unpricedTokens: number
}

/** @throws Fault `not_found` for somebody who was deleted a moment ago */
export async function budgetStatus({ userId }: Person, at: Instant, tools: StatusTools): Promise<OwnStatus> {
  const { subjects } = tools
  const [user, { settings }, all] = await Promise.all([
    subjects.user(userId),
    subjects.settings(),
    subjects.keysOfUser(userId),
  ])
  if (user === undefined) throw new Fault('not_found', 'User not found')
  const budgeted = all.filter((key) => key.active && key.budget.limit !== null)
  const teams = await teamsOf([user.teamId, ...budgeted.map(({ teamId }) => teamId)], subjects)
  const team = teams.get(user.teamId ?? '') ?? null
  // In a team the default says nothing, and its being unreadable neither.
  const usual = team === null ? usualOf(settings) : NO_BUDGET
  const own = holderOfUser(user, team, usual)
  const ofTeam = team && { known: team, holder: holderOfTeam(team, usual) }
  const keys = budgeted.map((key) => {
    const payingTeam = teams.get(key.teamId ?? user.teamId ?? '') ?? null
    return { key, holder: holderOfKey(key, { owner: user, ownersTeam: team, payingTeam }, usual) }
  })
  const shards = { users: new Map([[user.id, user]]), teams }
  const holders = [own, ...(ofTeam ? [ofTeam.holder] : []), ...keys.map(({ holder }) => holder)]
  const spentOf = await tools.spending.read(
    holders.flatMap((holder) => countedOf(holder, shards)),
    at,
  )
  const account = accountOf(own, spentOf, at)
  const [hours, recentEvents] = await Promise.all([
    tools.hours.hoursOf(userId, hourOf(account.start), hourOf(at)),
    tools.recentEvents(userId),
  ])
  return {
    account,
    team: ofTeam && { known: ofTeam.known, account: accountOf(ofTeam.holder, spentOf, at) },
    keys: keys.map(({ key, holder }) => ({ key, account: accountOf(holder, spentOf, at) })),
    recentEvents,
    unpricedTokens: hours.reduce((sum, hour) => sum + hour.unpricedTokens, 0),
  }
}

async function teamsOf(
  ids: readonly (string | null)[],
  subjects: Pick<BudgetSubjects, 'team'>,
): Promise<Map<string, KnownTeam>> {
  const known = [...new Set(ids)].filter((id) => id !== null)
  const teams = await Promise.all(known.map((id) => subjects.team(id)))
  return new Map(teams.flatMap((team) => (team === undefined ? [] : [[team.id, team]])))
}
