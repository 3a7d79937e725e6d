/** The items of an allowance, read: what stands in them, and which items it takes to judge a request. */
import * as z from 'zod/mini'
import { type BudgetedTeam, type BudgetFacts, budgetsOf, NO_BUDGET, type SubjectBudget } from '../budgets/budget.ts'
import { nanoOrNull, readBudget } from '../budgets/budget-attributes.ts'
import { readBudgetSettings } from '../budgets/budget-settings.ts'
import { PERIODS } from '../budgets/period.ts'
import { type RateLimits, readRateLimits } from '../budgets/rate-limits.ts'
import { teamRoutingOf } from '../endpoints/read-routing.ts'
import { type Instant, instant } from '../platform/instant.ts'
import type { PacedSubject } from '../table/ephemeral-keys.ts'
import {
  type Affinity,
  type Allowance,
  type CountedSubject,
  FIRST_TEAM_SHARDS,
  FIRST_USER_SHARDS,
  type IdentityGraph,
  type KeyStanding,
  payingTeamOf,
  type TeamStanding,
  type UserStanding,
} from './allowance.ts'
import { readWindow } from './rate-window.ts'

export type Item = Readonly<Record<string, unknown>>

const text = z.optional(z.nullable(z.string()))
const names = z.optional(z.nullable(z.array(z.string())))
const KeyItem = z.object({
  id: z.string(),
  name: text,
  user_id: text,
  team_id: text,
  owner_team_id: text,
  is_active: z._default(z.boolean(), false),
  valid_until: text,
  allowed_models: names,
})
const UserItem = z.object({
  id: z.string(),
  email: text,
  active: z._default(z.boolean(), false),
  team_id: text,
  counter_shards: z._default(z.int().check(z.positive()), FIRST_USER_SHARDS),
  spend_limit_nano: z.optional(z.nullable(z.int().check(z.nonnegative()))),
  budget_period: z._default(z.enum(PERIODS), 'monthly'),
})
const TeamItem = z.object({
  id: z.string(),
  name: text,
  counter_shards: z._default(z.int().check(z.positive()), FIRST_TEAM_SHARDS),
  default_user_budget_nano: z.optional(z.nullable(z.int().check(z.nonnegative()))),
  allowed_models: names,
})
const StampItem = z.object({ prices: z._default(z.number(), 0), endpoints: z._default(z.number(), 0) })
const AffinityItem = z.object({ endpoint_id: z.string(), expires_at: z.number() })

/**
 * What is asked for when nothing but the key is known: a person's counter and minute, and the team's counters, whether or not there
 * are limits. A week reaches as far back as any period.
 */
export function firstGraphOf(keyItem: Item): IdentityGraph {
  const { owner_team_id } = KeyItem.parse(keyItem)
  const key = standingOfKey(keyItem)
  const ownersTeamId = owner_team_id ?? null
  const teamId = payingTeamOf(key.teamId, ownersTeamId)
  const { id: keyId, userId } = key
  const period = 'weekly' as const
  return {
    keyId,
    userId,
    teamId,
    ownersTeamId,
    userShards: FIRST_USER_SHARDS,
    teamShards: FIRST_TEAM_SHARDS,
    counted: [
      ...(key.budget.limit === null ? [] : [{ subject: { kind: 'key' as const, id: keyId }, shards: 1, period }]),
      ...(userId === null
        ? []
        : [{ subject: { kind: 'user' as const, id: userId }, shards: FIRST_USER_SHARDS, period }]),
      ...(teamId === null
        ? []
        : [{ subject: { kind: 'team' as const, id: teamId }, shards: FIRST_TEAM_SHARDS, period }]),
    ],
    paced: [
      ...(isLimited(key.rates) || userId === null ? [{ kind: 'key' as const, id: keyId }] : []),
      ...(userId === null ? [] : [{ kind: 'user' as const, id: userId }]),
    ],
    sticks: true,
  }
}

const isLimited = ({ rpm, tpm }: RateLimits): boolean => rpm !== null || tpm !== null

/** @returns nothing where there is no such key. @param graph By which the items were asked for. */
export function allowanceOf(
  graph: IdentityGraph,
  items: readonly Item[],
  at: Instant | undefined,
): Allowance | undefined {
  const startingWith = (prefix: string): Item | undefined => items.find((item) => String(item.PK).startsWith(prefix))
  const keyItem = startingWith('KEYHASH#')
  if (keyItem === undefined) return undefined
  const key = standingOfKey(keyItem)
  const userItem = startingWith('USER#')
  const found = userItem === undefined ? null : standingOfUser(userItem)
  // A key that has just been given to somebody else: the user that was read is not its owner.
  const user = found?.id === key.userId ? found : null
  const teamOf = (id: string | null): TeamStanding | null => {
    const item = id === null ? undefined : items.find(({ PK }) => PK === `TEAM#${id}`)
    return item === undefined ? null : standingOfTeam(item)
  }
  const stamp = StampItem.parse(startingWith('VERSION') ?? {})
  const minuteBefore = (['key', 'user'] as const).flatMap((kind) => {
    const window = startingWith(`RATE#${kind.toUpperCase()}#`)
    return window === undefined ? [] : [[kind, readWindow(window)] as const]
  })
  return {
    key,
    owner: key.userId === null ? null : (user ?? 'missing'),
    team: teamOf(graph.teamId),
    ownersTeam: teamOf(graph.ownersTeamId),
    settings: readBudgetSettings(startingWith('SETTING')),
    counters: items.filter(({ PK }) => String(PK).startsWith('SPEND#')),
    minuteBefore: new Map(minuteBefore),
    pricesVersion: stamp.prices,
    endpointsVersion: stamp.endpoints,
    affinity: affinityOf(startingWith('AFFINITY#'), at),
  }
}

/** Which items it takes to judge a request with this allowance. */
export function graphOf(allowance: Allowance, asked: IdentityGraph): IdentityGraph {
  const { key, owner, team } = allowance
  const user = owner === 'missing' ? null : owner
  const ownersTeamId = ownersTeamIdOf(key, user, asked)
  const teamId = payingTeamOf(key.teamId, ownersTeamId)
  const budgets = budgetsIn(allowance)
  const userShards = user?.counterShards ?? FIRST_USER_SHARDS
  const teamShards = team?.counterShards ?? FIRST_TEAM_SHARDS
  return {
    keyId: key.id,
    userId: key.userId,
    teamId,
    ownersTeamId,
    userShards,
    teamShards,
    counted: budgets.map(({ subject, budget: { period } }) => ({
      subject,
      shards: subject.kind === 'user' ? userShards : subject.kind === 'team' ? teamShards : 1,
      period,
    })),
    paced: pacedIn(allowance, user, budgets),
    sticks: team === null || (team.routing.strategy === 'sticky_user' && team.routing.endpoints.length > 1),
  }
}

/** A key by its own limit; a person by theirs, and wherever a budget may slow them down. A key without owner is its own person. */
function pacedIn({ key }: Allowance, user: UserStanding | null, budgets: readonly SubjectBudget[]): PacedSubject[] {
  const shapes = budgets.some(({ budget }) => budget.rules.some(({ action }) => action === 'shape'))
  const isPerson = key.userId === null
  return [
    ...(isLimited(key.rates) || (isPerson && shapes) ? [{ kind: 'key' as const, id: key.id }] : []),
    ...(user !== null && (isLimited(user.rates) || shapes) ? [{ kind: 'user' as const, id: user.id }] : []),
  ]
}

/** The budgets that a request with this allowance falls under. */
export const budgetsIn = (allowance: Allowance): readonly SubjectBudget[] => budgetsOf(factsOf(allowance))

function factsOf({ key, owner, team, ownersTeam, settings }: Allowance): BudgetFacts {
  const user = owner === null || owner === 'missing' ? null : owner
  return {
    key: { id: key.id, budget: key.budget },
    user: user && { id: user.id, limit: user.spendLimit, period: user.budgetPeriod },
    usersTeam: ownersTeam && budgetedTeam(ownersTeam),
    payingTeam: team && budgetedTeam(team),
    // Where it is needed and cannot be read, the verdict is no, whatever the other budgets say (`admit.ts`).
    usual: settings.usual === 'unreadable' ? NO_BUDGET : settings.usual,
  }
}

const budgetedTeam = ({ id, budget, memberLimit }: TeamStanding): BudgetedTeam => ({ id, budget, memberLimit })

/** Whether everything that `needed` names has been read by `asked`. */
export function covers(asked: IdentityGraph, needed: IdentityGraph): boolean {
  return (
    asked.userId === needed.userId &&
    asked.teamId === needed.teamId &&
    asked.ownersTeamId === needed.ownersTeamId &&
    needed.counted.every((one) => asked.counted.some((other) => isCoveredBy(one, other))) &&
    needed.paced.every((one) => asked.paced.some((other) => other.kind === one.kind && other.id === one.id))
  )
}

const isCoveredBy = (needed: CountedSubject, asked: CountedSubject): boolean =>
  asked.subject.kind === needed.subject.kind &&
  asked.subject.id === needed.subject.id &&
  asked.shards >= needed.shards &&
  (asked.period === needed.period || asked.period === 'weekly')

/** TTL lags, so its end is compared here. */
function affinityOf(item: Item | undefined, at: Instant | undefined): Affinity | null {
  const read = AffinityItem.safeParse(item)
  if (!read.success || at === undefined) return null
  const until = instant(read.data.expires_at * 1000)
  return until > at ? { endpointId: read.data.endpoint_id, until } : null
}

/** An owner who was not read, or is gone, says nothing about the team: what was asked for stands until the next read. */
function ownersTeamIdOf(key: KeyStanding, user: UserStanding | null, asked: IdentityGraph): string | null {
  if (key.userId === null) return null
  return user === null ? asked.ownersTeamId : user.teamId
}

function standingOfKey(item: Item): KeyStanding {
  const key = KeyItem.parse(item)
  return {
    id: key.id,
    name: key.name ?? null,
    isActive: key.is_active,
    validUntil: key.valid_until == null ? null : instant(Date.parse(key.valid_until)),
    userId: key.user_id ?? null,
    teamId: key.team_id ?? null,
    budget: readBudget(item),
    rates: readRateLimits(item),
    allowedModels: key.allowed_models ?? null,
  }
}

function standingOfUser(item: Item): UserStanding {
  const user = UserItem.parse(item)
  return {
    id: user.id,
    email: user.email ?? null,
    active: user.active,
    teamId: user.team_id ?? null,
    counterShards: user.counter_shards,
    spendLimit: nanoOrNull(user.spend_limit_nano),
    budgetPeriod: user.budget_period,
    rates: readRateLimits(item),
  }
}

function standingOfTeam(item: Item): TeamStanding {
  const team = TeamItem.parse(item)
  return {
    id: team.id,
    name: team.name ?? null,
    counterShards: team.counter_shards,
    routing: teamRoutingOf(item),
    budget: readBudget(item),
    memberLimit: nanoOrNull(team.default_user_budget_nano),
    allowedModels: team.allowed_models ?? null,
  }
}
