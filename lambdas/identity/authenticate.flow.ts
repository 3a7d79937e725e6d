/** From a credential to the person or key behind it, as the database has them at this moment. */
import type { KeyStore } from '../keys/keys.store.ts'
import { hashOfKey, isVirtualKey, statusOf } from '../keys/virtual-key.ts'
import type { UserStore } from '../people/users.store.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { Caller, KeyHolder, Person } from './caller.ts'
import { isOver } from './session.ts'
import type { SessionTokens } from './session-tokens.client.ts'
import type { SessionStore } from './sessions.store.ts'

export interface AuthenticationTools {
  readonly tokens: SessionTokens
  readonly sessions: SessionStore
  readonly keys: Pick<KeyStore, 'findByHash'>
  readonly users: UserStore
}

/** What callers with data-plane credentials know. */
const INVALID_KEY = 'Invalid API key'

/** @throws Fault `unauthenticated`, or `suspended` when the person is known but not active */
export async function authenticatePerson(
  token: string,
  at: Instant,
  tools: Pick<AuthenticationTools, 'tokens' | 'sessions'>,
  refusal = 'Invalid credentials',
): Promise<Person> {
  const claims = await tools.tokens.verify(token, at)
  if (claims === undefined) throw new Fault('unauthenticated', refusal)
  const { session, user } = await tools.sessions.read(claims.sessionId, claims.userId)
  if (session === undefined || session.userId !== claims.userId || isOver(session, at) || user === undefined) {
    throw new Fault('unauthenticated', refusal)
  }
  if (!user.active) throw deactivated()
  return {
    kind: 'person',
    userId: user.id,
    email: user.email,
    displayName: user.displayName,
    role: user.role,
    teamId: user.teamId,
    idp: session.idp,
    sessionId: session.id,
    sessionEndsAt: session.expiresAt,
  }
}

/** A virtual key or a session. */
export async function authenticateAccount(token: string, at: Instant, tools: AuthenticationTools): Promise<Caller> {
  return isVirtualKey(token)
    ? await authenticateKey(token, at, tools)
    : await authenticatePerson(token, at, tools, INVALID_KEY)
}

async function authenticateKey(
  raw: string,
  at: Instant,
  tools: Pick<AuthenticationTools, 'keys' | 'users'>,
): Promise<KeyHolder> {
  const key = await tools.keys.findByHash(hashOfKey(raw))
  if (key === undefined || statusOf(key, at) !== 'active') throw new Fault('unauthenticated', INVALID_KEY)
  if (key.userId !== null) {
    const owner = await tools.users.find(key.userId)
    if (owner === undefined) throw new Fault('unauthenticated', INVALID_KEY)
    if (!owner.active) throw deactivated()
  }
  return { kind: 'virtual key', keyId: key.id, name: key.name, userId: key.userId, teamId: key.teamId }
}

const deactivated = (): Fault => new Fault('suspended', 'Your account has been deactivated')
