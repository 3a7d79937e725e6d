/** Everything a verdict is taken from, as one strongly consistent read gave it. */
import type { SetBudget } from '../budgets/budget.ts'
import type { BudgetSettings } from '../budgets/budget-settings.ts'
import type { Period } from '../budgets/period.ts'
import type { RateLimits } from '../budgets/rate-limits.ts'
import type { TeamRouting } from '../endpoints/routing.ts'
import type { Instant } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'
import type { PacedSubject } from '../table/ephemeral-keys.ts'
import type { CounterSubject } from '../table/usage-keys.ts'
import type { WindowUse } from './rate-window.ts'

export interface KeyStanding {
  readonly id: string
  readonly name: string | null
  readonly isActive: boolean
  /** From this moment on it is refused. */
  readonly validUntil: Instant | null
  readonly userId: string | null
  /** The key's own team; `null` follows the owner. */
  readonly teamId: string | null
  readonly budget: SetBudget
  readonly rates: RateLimits
  /** Anthropic's undated names; `null`: every model. */
  readonly allowedModels: readonly string[] | null
}

export interface UserStanding {
  readonly id: string
  readonly email: string | null
  readonly active: boolean
  readonly teamId: string | null
  readonly counterShards: number
  readonly spendLimit: NanoUsd | null
  readonly budgetPeriod: Period
  readonly rates: RateLimits
}

export interface TeamStanding {
  readonly id: string
  readonly name: string | null
  readonly counterShards: number
  readonly routing: TeamRouting
  readonly budget: SetBudget
  readonly memberLimit: NanoUsd | null
  readonly allowedModels: readonly string[] | null
}

export interface Allowance {
  readonly key: KeyStanding
  /** `null` where the key has no owner; `missing` where it had one who is gone. */
  readonly owner: UserStanding | null | 'missing'
  /** The one that pays. */
  readonly team: TeamStanding | null
  /** The owner's, which is mostly the same. */
  readonly ownersTeam: TeamStanding | null
  readonly settings: BudgetSettings
  /** The counters of everybody whose budget the request falls under, as they lie in the table. */
  readonly counters: readonly Readonly<Record<string, unknown>>[]
  /** What was asked for in the minute before, by whom it is counted. */
  readonly minuteBefore: ReadonlyMap<PacedSubject['kind'], WindowUse>
  /** The version of the price table. */
  readonly pricesVersion: number
  /** The version of the endpoints' configuration. */
  readonly endpointsVersion: number
  readonly affinity: Affinity | null
}

/** The endpoint that last answered this session for this model, where its first choice could not. */
export interface Affinity {
  readonly endpointId: string
  readonly until: Instant
}

/** A counter that a request adds to. */
export interface PayersCounter {
  readonly subject: CounterSubject
  readonly shards: number
  /** Nano-dollars that are held for this request on the counter's first shard, where its budget is nearly used up. */
  readonly reserved?: number | undefined
}

/** Who pays, frozen on the row: the key's team if it has one, else its owner's. */
export interface Payer {
  /** The user's UUID, or `key:<id>` of a key without owner. */
  readonly identity: string
  readonly keyId: string
  readonly userId: string | null
  readonly teamId: string | null
  readonly counters: readonly PayersCounter[]
}

/** Counters of one person meet few writers at once; those of a team meet all its members. A number may only grow. */
export const FIRST_USER_SHARDS = 1
export const FIRST_TEAM_SHARDS = 8

/** A key's requests at once are about those of one person, also where it is that of a pipeline. */
const KEY_SHARDS = 1

/** Whose spending is read, over how many items it is spread, and for which period. */
export interface CountedSubject {
  readonly subject: CounterSubject
  readonly shards: number
  readonly period: Period
}

/** Which items belong to a credential, and what a pending item says of who pays. A hint, never a fact to act on. */
export interface IdentityGraph {
  readonly keyId: string
  readonly userId: string | null
  /** The team that pays. */
  readonly teamId: string | null
  readonly ownersTeamId: string | null
  readonly userShards: number
  readonly teamShards: number
  /** Whose budgets there are to be looked at. */
  readonly counted: readonly CountedSubject[]
  /** Whose requests are counted by the minute. */
  readonly paced: readonly PacedSubject[]
  /** Requests may stay with one of several endpoints, and somebody has to look which. */
  readonly sticks: boolean
}

type Payers = Pick<IdentityGraph, 'keyId' | 'userId' | 'teamId' | 'userShards' | 'teamShards'>

export function payerOf({ keyId, userId, teamId, userShards, teamShards }: Payers): Payer {
  return {
    identity: userId ?? `key:${keyId}`,
    keyId,
    userId,
    teamId,
    counters: [
      { subject: { kind: 'key' as const, id: keyId }, shards: KEY_SHARDS },
      ...(userId === null ? [] : [{ subject: { kind: 'user' as const, id: userId }, shards: userShards }]),
      ...(teamId === null ? [] : [{ subject: { kind: 'team' as const, id: teamId }, shards: teamShards }]),
    ],
  }
}

/** Over how many items somebody's counter is spread, as the payer knows it. */
export const shardsOf = ({ counters }: Pick<Payer, 'counters'>, { kind }: CounterSubject): number =>
  counters.find(({ subject }) => subject.kind === kind)?.shards ?? 1

/** The team whose routing and money a request belongs to. */
export const payingTeamOf = (keyTeamId: string | null, ownerTeamId: string | null): string | null =>
  keyTeamId ?? ownerTeamId
