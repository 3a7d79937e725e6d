/** Everything a verdict is taken from, as one strongly consistent read gave it. */
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
}

export interface Allowance {
  readonly key: KeyStanding
  /** `null` where the key has no owner; `missing` where it had one who is gone. */
  readonly owner: UserStanding | null | 'missing'
  readonly team: TeamStanding | null
  /** The version of the price table. */
  readonly pricesVersion: number
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

export function payerOf(allowance: Allowance): Payer {
  const { key, owner, team } = allowance
  const user = owner === 'missing' ? null : owner
  return {
    identity: user?.id ?? `key:${key.id}`,
    keyId: key.id,
    userId: user?.id ?? null,
    teamId: team?.id ?? null,
    counters: [
      ...(user ? [{ subject: { kind: 'user' as const, id: user.id }, shards: user.counterShards }] : []),
      ...(team ? [{ subject: { kind: 'team' as const, id: team.id }, shards: team.counterShards }] : []),
    ],
  }
}

/** The team whose routing and money a request belongs to. */
export const payingTeamOf = (keyTeamId: string | null, ownerTeamId: string | null): string | null => keyTeamId ?? ownerTeamId
