/**
 * The Ephemeral table: what may be forgotten. Every item carries `expires_at` (epoch seconds, the TTL attribute).
 *
 * | item           | PK             | SK                 |
 * |----------------|----------------|--------------------|
 * | login attempts | LOGIN#<ip or name> | <minute>       |
 */
import { type Instant, minuteOf } from '../platform/instant.ts'
import type { TableKey } from './core-keys.ts'

/** @param subject `ip:<address>` or `name:<lower-case user name>`. */
export const loginAttemptsKey = (subject: string, at: Instant): TableKey => ({
  PK: `LOGIN#${subject}`,
  SK: minuteOf(at),
})
