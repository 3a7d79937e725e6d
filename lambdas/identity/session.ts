/** A portal session: begun by signing in, ended by signing out or by time. */
import { addMs, type Instant } from '../platform/instant.ts'

/** 24 hours, as the gateway this one replaces has it: one sign-in per working day. */
export const SESSION_SECONDS = 86_400

export interface Session {
  readonly id: string
  readonly userId: string
  readonly idp: string
  readonly createdAt: Instant
  readonly expiresAt: Instant
}

export const beginSession = (id: string, userId: string, idp: string, at: Instant): Session => ({
  id,
  userId,
  idp,
  createdAt: at,
  expiresAt: addMs(at, SESSION_SECONDS * 1000),
})

/** TTL deletes late, so a row that is still there may have ended. */
export const isOver = (session: Session, at: Instant): boolean => at >= session.expiresAt
