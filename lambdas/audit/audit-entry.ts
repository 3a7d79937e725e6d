/**
 * Who changed what, when. An entry is written in the same transaction as the change, so that neither exists without the
 * other; each store puts it beside its own writes.
 */
import { type Instant, isoOf } from '../platform/instant.ts'
import { auditKey } from '../table/events-keys.ts'

/** The request on whose behalf a change is made. */
interface Actor {
  readonly userId: string
  readonly email: string
}

export interface AuditEntry {
  readonly id: string
  readonly at: Instant
  readonly requestId: string
  readonly actor: Actor
  /** `<concept>.<past participle>`: `key.created` */
  readonly action: string
  /** `<concept>:<id>` */
  readonly target: string
  /** What was set or taken away; never a secret. */
  readonly detail: Readonly<Record<string, unknown>>
}

/** The write of an entry, as a member of a transaction. */
export function auditPut(eventsTable: string, entry: AuditEntry) {
  return {
    Put: {
      TableName: eventsTable,
      Item: {
        ...auditKey(entry.id, entry.at),
        id: entry.id,
        at: isoOf(entry.at),
        request_id: entry.requestId,
        actor_id: entry.actor.userId,
        actor_email: entry.actor.email,
        action: entry.action,
        target: entry.target,
        detail: entry.detail,
      },
    },
  }
}
