/**
 * The Ephemeral table: what may be forgotten. Every item carries `expires_at` (epoch seconds, the TTL attribute).
 *
 * | item           | PK             | SK                 |
 * |----------------|----------------|--------------------|
 * | login attempts | LOGIN#<ip or name> | <minute>       |
 * | setup token    | SETUP#<sha256>     | META           |
 * | affinity       | AFFINITY#<identity> | <session>#<model> |
 * | rate window    | RATE#KEY#<id>, RATE#USER#<id> | <minute> |
 * | faults         | FAULTS#<endpoint>  | <minute>#<0-3> |
 * | learned        | LEARNED            | <endpoint>#<model>#<thing> |
 * | flag to probe  | PROBES             | <endpoint>#<model>#<flag> |
 * | probes of a day | PROBED#<endpoint> | <day> |
 */
import { dayOf, type Instant, minuteOf } from '../platform/instant.ts'
import type { TableKey } from './core-keys.ts'

/** @param subject `ip:<address>`, `name:<lower-case user name>`, `setup:<address>` or `search:<user id>`. */
export const loginAttemptsKey = (subject: string, at: Instant): TableKey => ({
  PK: `LOGIN#${subject}`,
  SK: minuteOf(at),
})

/** @param id SHA-256 of the token, in hex. */
export const setupTokenKey = (id: string): TableKey => ({ PK: `SETUP#${id}`, SK: 'META' })

/** Where a session's requests for a model have been answered since its first choice could not. @param session Empty where there is none. */
export const affinityKey = (identity: string, session: string, model: string): TableKey => ({
  PK: `AFFINITY#${identity}`,
  SK: `${session}#${model}`,
})

/** Whose requests are counted by the minute. */
export interface PacedSubject {
  readonly kind: 'key' | 'user'
  readonly id: string
}
export const rateWindowKey = ({ kind, id }: PacedSubject, at: Instant): TableKey => ({
  PK: `RATE#${kind.toUpperCase()}#${id}`,
  SK: minuteOf(at),
})

/** An endpoint in trouble is in trouble with everybody at once; four items take some thousand writes a second. */
export const FAULT_SHARDS = 4
export const faultsPartition = (endpointId: string): string => `FAULTS#${endpointId}`
export const faultsKey = (endpointId: string, at: Instant, shard: number): TableKey => ({
  PK: faultsPartition(endpointId),
  SK: `${minuteOf(at)}#${shard}`,
})

/** What endpoints and models were found to take or not; few, and read as a whole. */
export const LEARNED_PARTITION = 'LEARNED'
export const learnedKey = (endpointId: string, model: string, thing: string): TableKey => ({
  PK: LEARNED_PARTITION,
  SK: `${endpointId}#${model}#${thing}`,
})

/** Beta flags that somebody asked for and nobody has tried. */
export const PROBES_PARTITION = 'PROBES'
export const probeKey = (endpointId: string, model: string, flag: string): TableKey => ({
  PK: PROBES_PARTITION,
  SK: `${endpointId}#${model}#${flag}`,
})
/** How many flags have been tried on an endpoint in a day. */
export const probesOfDayKey = (endpointId: string, at: Instant): TableKey => ({
  PK: `PROBED#${endpointId}`,
  SK: dayOf(at),
})
