/** Session rows in the Core table: they make a signed token revocable at once. */
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type AuditEntry, auditPut } from '../audit/audit-entry.ts'
import type { User } from '../people/user.ts'
import { readUser, restorationOf, userPuts } from '../people/users.store.ts'
import { instant, isoOf } from '../platform/instant.ts'
import { sessionKey, sessionsOfUser, userKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { readIndex } from '../table/query-all.store.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import type { Session } from './session.ts'

interface SessionStanding {
  readonly session: Session | undefined
  readonly user: User | undefined
}

/** Who is restored is an active administrator from then on. */
export type AccountStep = { readonly created: User } | { readonly restored: User }

export interface SessionStore {
  /** Session and user in one strongly consistent round trip. */
  read(sessionId: string, userId: string): Promise<SessionStanding>
  /**
   * @param account What happens to its user in the same step. False when who is to be created, or somebody with their address, exists
   * already, and when who is to be restored is gone.
   */
  begin(session: Session, account: AccountStep | undefined, audits: readonly AuditEntry[]): Promise<boolean>
  /** Ends it everywhere. Nothing happens when it is over already. */
  end(sessionId: string, audit: AuditEntry): Promise<void>
  /** Ends all of somebody's, however many. @returns how many there were, as the index has them */
  endAllOf(userId: string, auditOf: (sessionId: string) => AuditEntry): Promise<number>
}

export interface SessionTables {
  readonly core: string
  readonly events: string
}

/** A transaction takes a hundred writes; a session takes two, and some room is left. */
const SESSIONS_AT_ONCE = 40

/** DynamoDB leaves keys of a batch of two unread only when it is throttled; asked again this often before giving up. */
const MAX_ROUNDS = 5

export function openSessions(documents: Documents, tables: SessionTables, waiting: Waiting): SessionStore {
  return {
    async read(sessionId, userId) {
      const found: Record<string, unknown>[] = []
      let open: Record<string, unknown>[] = [{ ...sessionKey(sessionId) }, { ...userKey(userId) }]
      for (let round = 0; open.length > 0; round++) {
        if (round >= MAX_ROUNDS) throw new Error('DynamoDB left keys of a batch unread')
        const answer = await documents.send(
          new BatchGetCommand({ RequestItems: { [tables.core]: { Keys: open, ConsistentRead: true } } }),
        )
        found.push(...(answer.Responses?.[tables.core] ?? []))
        open = answer.UnprocessedKeys?.[tables.core]?.Keys ?? []
      }
      const of = (PK: string) => found.find((item) => item.PK === PK)
      const session = of(sessionKey(sessionId).PK)
      const user = of(userKey(userId).PK)
      return { session: session && readSession(session), user: user && readUser(user) }
    },
    async begin(session, account, audits) {
      const outcome = await transact(
        documents,
        [
          { Put: { TableName: tables.core, Item: itemOf(session), ConditionExpression: 'attribute_not_exists(PK)' } },
          ...(account === undefined ? [] : stepsOf(tables.core, account)),
          ...audits.map((audit) => auditPut(tables.events, audit)),
        ],
        session.id,
        waiting,
      )
      return outcome.done
    },
    async endAllOf(userId, auditOf) {
      const items = await readIndex(documents, tables.core, 'GSI3', sessionsOfUser(userId))
      const ids = items.map((item) => readSession(item).id)
      for (let from = 0; from < ids.length; from += SESSIONS_AT_ONCE) {
        const page = ids.slice(from, from + SESSIONS_AT_ONCE).map((id) => ({ id, audit: auditOf(id) }))
        const writes = page.flatMap(({ id, audit }) => [
          { Delete: { TableName: tables.core, Key: sessionKey(id) } },
          auditPut(tables.events, audit),
        ])
        await transact(documents, writes, page[0]?.audit.id ?? '', waiting)
      }
      return ids.length
    },
    async end(sessionId, audit) {
      await transact(
        documents,
        [
          {
            Delete: { TableName: tables.core, Key: sessionKey(sessionId), ConditionExpression: 'attribute_exists(PK)' },
          },
          auditPut(tables.events, audit),
        ],
        audit.id,
        waiting,
      )
    },
  }
}

const stepsOf = (coreTable: string, account: AccountStep): TransactionItems =>
  'created' in account ? userPuts(coreTable, account.created) : [restorationOf(coreTable, account.restored.id)]

const itemOf = (session: Session) => ({
  ...sessionKey(session.id),
  GSI3PK: sessionsOfUser(session.userId),
  GSI3SK: isoOf(session.createdAt),
  id: session.id,
  user_id: session.userId,
  idp: session.idp,
  created_at: isoOf(session.createdAt),
  // TTL wants seconds; rounded up, so that a session is never shorter than its token.
  expires_at: Math.ceil(session.expiresAt / 1000),
})

const SessionItem = z.object({
  id: z.string(),
  user_id: z.string(),
  idp: z.string(),
  created_at: z.string(),
  expires_at: z.number(),
})

function readSession(item: Record<string, unknown>): Session {
  const session = SessionItem.parse(item)
  return {
    id: session.id,
    userId: session.user_id,
    idp: session.idp,
    createdAt: instant(Date.parse(session.created_at)),
    expiresAt: instant(session.expires_at * 1000),
  }
}
