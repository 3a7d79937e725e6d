/** Finding and sorting of people, and how they stand, as plain thought. */
import { personalBudget, type SetBudget } from '../budgets/budget.ts'
import { type Standing, spentIn, standingOf } from '../budgets/standing.ts'
import type { Ordered } from '../http/page.ts'
import { type Instant, instant } from '../platform/instant.ts'
import { type NanoUsd, ZERO_USD } from '../platform/money.ts'
import { USED_ATTRIBUTE } from '../table/usage-keys.ts'
import type { Team } from './team.ts'
import { caseless, type User } from './user.ts'
import type { Counters } from './user-figures.store.ts'

export interface ListedUser {
  readonly user: User
  /** `null` also where theirs is gone. */
  readonly team: Team | null
}

export interface WantedUsers {
  readonly q?: string | undefined
  /** `none`: of no team. */
  readonly team_id?: string | undefined
  readonly role: User['role'] | 'all'
  readonly status: 'active' | 'suspended' | 'all'
}

export function matches({ user, team }: ListedUser, wanted: WantedUsers): boolean {
  if (wanted.role !== 'all' && user.role !== wanted.role) return false
  if (wanted.status !== 'all' && user.active !== (wanted.status === 'active')) return false
  if (wanted.team_id !== undefined && (user.teamId ?? 'none') !== wanted.team_id) return false
  const { q } = wanted
  if (q === undefined || q === '') return true
  return [user.email, user.displayName, team?.name ?? null].some(
    (text) => text !== null && caseless(text).includes(caseless(q)),
  )
}

export interface Figures {
  /** In the period of the limit; without one, in that of whoever would set one. */
  readonly spent: NanoUsd
  readonly limit: Standing | null
  /** `null` when not in this month or the one before. */
  readonly lastUsedAt: Instant | null
}

/** By the same resolver as requests are admitted by. */
export function figuresOf({ user, team }: ListedUser, usual: SetBudget, counters: Counters, at: Instant): Figures {
  const budgeted = { id: user.id, limit: user.spendLimit, period: user.budgetPeriod }
  const [own] = personalBudget(budgeted, team, usual)
  const unlimited = { limit: ZERO_USD, period: (team?.budget ?? usual).period, rules: [] }
  const of = own ?? { subject: { kind: 'user' as const, id: user.id }, budget: unlimited, source: 'explicit' as const }
  const spent = spentIn(counters, of, at)
  return { spent, limit: own === undefined ? null : standingOf(own, spent, at), lastUsedAt: lastUseIn(counters) }
}

function lastUseIn(counters: Counters): Instant | null {
  const uses = counters.map((counter) => counter[USED_ATTRIBUTE]).filter((used) => typeof used === 'string')
  return uses.length === 0 ? null : instant(Math.max(...uses.map((used) => Date.parse(used))))
}

export interface UserRow extends ListedUser, Figures {
  /** That are not revoked. */
  readonly keyCount: number
}

export const byAddress = (descending: boolean): Ordered<ListedUser> => ({
  placeOf: ({ user }) => [caseless(user.email), user.id],
  descending,
})

export const byCreation = (descending: boolean): Ordered<ListedUser> => ({
  placeOf: ({ user }) => [user.createdAt, user.id],
  descending,
})

export const byFigure = (by: 'spend' | 'last_used', descending: boolean): Ordered<ListedUser & Figures> => ({
  placeOf: ({ user, spent, lastUsedAt }) => [by === 'spend' ? spent : (lastUsedAt ?? 0), user.id],
  descending,
})
