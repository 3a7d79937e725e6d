/** Signing in with a password, and out again. Sign-in by an identity provider is not told here. */
import type { AuditEntry } from '../audit/audit-entry.ts'
import { BOOTSTRAP_ADMIN_ID, bootstrapAdmin, caseless, type User } from '../people/user.ts'
import type { UserStore } from '../people/users.store.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { AdminLogin } from './admin-login.client.ts'
import type { Person, Role } from './caller.ts'
import { beginSession } from './session.ts'
import type { SessionTokens } from './session-tokens.client.ts'
import type { SessionStore } from './sessions.store.ts'
import type { SignInAttempts } from './sign-in-attempts.store.ts'
import { addressSubject, MOST_ATTEMPTS, nameSubject, secondsToNextMinute } from './sign-in-limit.ts'

export interface SignInTools {
  readonly attempts: SignInAttempts
  readonly adminLogin: AdminLogin
  readonly users: UserStore
  readonly sessions: SessionStore
  readonly tokens: SessionTokens
  readonly newId: () => string
}

export interface SignIn {
  readonly username: string
  readonly password: string
  readonly clientAddress: string
  readonly at: Instant
  readonly requestId: string
}

/** Display name of the provider that is no provider. */
const LOCAL = 'Local'

/** @throws Fault `rate_limited`, `unauthenticated`, `suspended`, `conflict` */
export async function signIn(request: SignIn, tools: SignInTools): Promise<{ token: string; role: Role }> {
  const { at } = request
  await countAttempt(addressSubject(request.clientAddress), at, tools.attempts)
  const name = nameSubject(caseless(request.username))
  await countAttempt(name, at, tools.attempts)
  const username = await tools.adminLogin.check(request.username, request.password)
  if (username === undefined) throw new Fault('unauthenticated', 'Invalid username or password')
  // Only failures count against a name: whoever knows the password may sign in as often as their address may.
  await tools.attempts.takeBack(name, at)
  const user = await beginFor(username, request, tools)
  return { token: user.token, role: user.role }
}

async function countAttempt(subject: string, at: Instant, attempts: SignInAttempts): Promise<void> {
  if ((await attempts.count(subject, at)) <= MOST_ATTEMPTS) return
  throw new Fault('rate_limited', 'Too many login attempts. Try again later.', {
    retryAfterSeconds: secondsToNextMinute(at),
  })
}

/** Two first sign-ins at once both want to create the user; the one that comes second finds it on its second try. */
const MAX_TRIES = 2

async function beginFor(username: string, request: SignIn, tools: SignInTools): Promise<{ token: string; role: Role }> {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const known = await tools.users.find(BOOTSTRAP_ADMIN_ID)
    const user = known ?? bootstrapAdmin(username, request.at)
    if (!user.active) throw new Fault('suspended', 'Your account has been deactivated')
    const session = beginSession(tools.newId(), user.id, LOCAL, request.at)
    const audits = [
      ...(known ? [] : [entryOf(user, 'user.created', `user:${user.id}`, request, tools)]),
      entryOf(user, 'session.begun', `session:${session.id}`, request, tools),
    ]
    if (await tools.sessions.begin(session, known ? undefined : user, audits)) {
      const token = await tools.tokens.issue({ userId: user.id, sessionId: session.id, idp: LOCAL }, request.at)
      return { token, role: user.role }
    }
  }
  throw new Fault(
    'conflict',
    'The name of the administrator is the address of another user. Change it in the admin secret.',
  )
}

const entryOf = (user: User, action: string, target: string, request: SignIn, tools: SignInTools): AuditEntry => ({
  id: tools.newId(),
  at: request.at,
  requestId: request.requestId,
  actor: { userId: user.id, email: user.email },
  action,
  target,
  detail: {},
})

export async function signOut(
  person: Person,
  request: { readonly at: Instant; readonly requestId: string },
  tools: Pick<SignInTools, 'sessions' | 'newId'>,
): Promise<void> {
  await tools.sessions.end(person.sessionId, {
    id: tools.newId(),
    at: request.at,
    requestId: request.requestId,
    actor: { userId: person.userId, email: person.email },
    action: 'session.ended',
    target: `session:${person.sessionId}`,
    detail: {},
  })
}
