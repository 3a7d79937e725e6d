/** Everything a verdict is taken from, as one strongly consistent read gave it. */
import type { TeamRouting } from '../endpoints/routing.ts'
import type { Instant } from '../platform/instant.ts'
import type { CounterSubject } from '../table/usage-keys.ts'

export interface KeyStanding {
  readonly id: string
  readonly name: string | null
  readonly isActive: boolean
  readonly userId: string | null
  /** The key's own team; `null` follows the owner. */
  readonly teamId: string | null
}

export interface UserStanding {
  readonly id: string
  readonly active: boolean
  readonly teamId: string | null
  readonly counterShards: number
}

export interface TeamStanding {
  readonly id: string
  readonly counterShards: number
  readonly routing: TeamRouting
}

export interface Allowance {
  readonly key: KeyStanding
  /** `null` where the key has no owner; `missing` where it had one who is gone. */
  readonly owner: UserStanding | null | 'missing'
  readonly team: TeamStanding | null
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

/** Who pays, frozen on the row: the key's team if it has one, else its owner's. */
export interface Payer {
  /** The user's UUID, or `key:<id>` of a key without owner. */
  readonly identity: string
  readonly keyId: string
  readonly userId: string | null
  readonly teamId: string | null
  /** The counters this request adds to, with their number of shards. */
  readonly counters: readonly { readonly subject: CounterSubject; readonly shards: number }[]
}

/** Counters of one person meet few writers at once; those of a team meet all its members. A number may only grow. */
export const FIRST_USER_SHARDS = 1
export const FIRST_TEAM_SHARDS = 8

/** A key without owner is often that of a pipeline; its requests at once are about those of one person. */
const KEY_SHARDS = 1

/** Which items belong to a credential, and what a pending item says of who pays. A hint, never a fact to act on. */
export interface IdentityGraph {
  readonly keyId: string
  readonly userId: string | null
  readonly teamId: string | null
  readonly userShards: number
  readonly teamShards: number
  /** Requests may stay with one of several endpoints, and somebody has to look which. */
  readonly sticks: boolean
}

export function payerOf({ keyId, userId, teamId, userShards, teamShards }: IdentityGraph): Payer {
  return {
    identity: userId ?? `key:${keyId}`,
    keyId,
    userId,
    teamId,
    counters: [
      userId === null
        ? { subject: { kind: 'key' as const, id: keyId }, shards: KEY_SHARDS }
        : { subject: { kind: 'user' as const, id: userId }, shards: userShards },
      ...(teamId === null ? [] : [{ subject: { kind: 'team' as const, id: teamId }, shards: teamShards }]),
    ],
  }
}

/** The team whose routing and money a request belongs to. */
export const payingTeamOf = (keyTeamId: string | null, ownerTeamId: string | null): string | null =>
  keyTeamId ?? ownerTeamId
