/**
 * The Ephemeral table: what may be forgotten. Every item carries `expires_at` (epoch seconds, the TTL attribute).
 *
 * | item           | PK             | SK                 |
 * |----------------|----------------|--------------------|
 * | login attempts | LOGIN#<ip or name> | <minute>       |
 * | setup token    | SETUP#<sha256>     | META           |
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
