/** How often somebody has searched the web this month, and what that counts: as their counters say, which are what budgets go by. */
import type { UserFigures } from '../people/user-figures.store.ts'
import type { UserStore } from '../people/users.store.ts'
import { type Instant, monthOf } from '../platform/instant.ts'
import { addUsd, type NanoUsd, nanoUsd, ZERO_USD } from '../platform/money.ts'
import { countedIn, SEARCH_COST_ATTRIBUTE, SEARCHES_ATTRIBUTE } from '../table/usage-keys.ts'

export interface OwnSearchTools {
  readonly users: Pick<UserStore, 'find'>
  readonly figures: UserFigures
}

export interface OwnSearches {
  readonly searches: number
  readonly cost: NanoUsd
}

export async function searchesOf(
  userId: string,
  at: Instant,
  { users, figures }: OwnSearchTools,
): Promise<OwnSearches> {
  const user = await users.find(userId)
  if (user === undefined) return { searches: 0, cost: ZERO_USD }
  const counters = (await figures.counters([user], at)).get(user.id) ?? []
  const ofMonth = counters.filter(({ SK }) => String(SK).startsWith(`${monthOf(at)}#`))
  return {
    searches: ofMonth.reduce((sum, counter) => sum + countedIn(counter[SEARCHES_ATTRIBUTE]), 0),
    cost: addUsd(ZERO_USD, ...ofMonth.map((counter) => nanoUsd(countedIn(counter[SEARCH_COST_ATTRIBUTE])))),
  }
}
