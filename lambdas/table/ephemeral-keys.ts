/**
 * The Ephemeral table: what may be forgotten. Every item carries `expires_at` (epoch seconds, the TTL attribute).
 *
 * | item           | PK             | SK                 |
 * |----------------|----------------|--------------------|
 * | login attempts | LOGIN#<ip or name> | <minute>       |
 * | setup token    | SETUP#<sha256>     | META           |
 * | faults of an endpoint | FAULTS#<endpoint id> | <minute>#<shard 0-3> |
 */
import { type Instant, minuteOf } from '../platform/instant.ts'
import type { TableKey } from './core-keys.ts'

/** @param subject `ip:<address>`, `name:<lower-case user name>` or `setup:<address>`. */
export const loginAttemptsKey = (subject: string, at: Instant): TableKey => ({
  PK: `LOGIN#${subject}`,
  SK: minuteOf(at),
})

/** @param id SHA-256 of the token, in hex. */
export const setupTokenKey = (id: string): TableKey => ({ PK: `SETUP#${id}`, SK: 'META' })

/** An endpoint that is throttled fails for everybody at once; four items a minute take 4,000 such writes a second. */
const FAULT_SHARDS = 4
export const faultsPartition = (endpointId: string): string => `FAULTS#${endpointId}`
/** Counts `throttles`, `errors` and `denied` of that minute. @param shard Any number; it is brought into range. */
export const faultsKey = (endpointId: string, at: Instant, shard: number): TableKey => ({
  PK: faultsPartition(endpointId),
  SK: `${minuteOf(at)}#${shard % FAULT_SHARDS}`,
})
