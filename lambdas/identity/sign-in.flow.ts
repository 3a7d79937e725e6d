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
import type { AccountStep, SessionStore } from './sessions.store.ts'
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

/** @throws Fault `rate_limited`, `unauthenticated`, `conflict` */
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

/**
 * Two first sign-ins at once both want to create the user; the one that comes second finds it on its second try. The third is for who
 * is deleted between being found and being restored.
 */
const MAX_TRIES = 3

/**
 * Whoever knows the deployment's secret is an active administrator, whatever their row says: it owns the gateway anyway, and there may
 * be nobody else who can sign in to give back what was taken.
 */
async function beginFor(username: string, request: SignIn, tools: SignInTools): Promise<{ token: string; role: Role }> {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const known = await tools.users.find(BOOTSTRAP_ADMIN_ID)
    const user = known ?? bootstrapAdmin(username, request.at)
    const session = beginSession(tools.newId(), user.id, LOCAL, request.at)
    const target = `user:${user.id}`
    const { account, entries } = accountOf(known, user)
    const audits = [
      ...entries.map(({ action, detail }) => entryOf(user, { action, target, detail }, request, tools)),
      entryOf(user, { action: 'session.begun', target: `session:${session.id}`, detail: {} }, request, tools),
    ]
    if (await tools.sessions.begin(session, account, audits)) {
      const token = await tools.tokens.issue({ userId: user.id, sessionId: session.id, idp: LOCAL }, request.at)
      return { token, role: 'admin' }
    }
  }
  throw new Fault(
    'conflict',
    'The name of the administrator is the address of another user. Change it in the admin secret.',
  )
}

type Entry = Pick<AuditEntry, 'action' | 'target' | 'detail'>

/** What has to be done to the account, and what the audit says of it. */
function accountOf(
  known: User | undefined,
  user: User,
): { account: AccountStep | undefined; entries: readonly Omit<Entry, 'target'>[] } {
  if (known === undefined) return { account: { created: user }, entries: [{ action: 'user.created', detail: {} }] }
  const { role, active } = known
  if (role === 'admin' && active) return { account: undefined, entries: [] }
  return { account: { restored: known }, entries: [{ action: 'user.restored', detail: { from: { role, active } } }] }
}

const entryOf = (user: User, entry: Entry, request: SignIn, tools: SignInTools): AuditEntry => ({
  id: tools.newId(),
  at: request.at,
  requestId: request.requestId,
  actor: { userId: user.id, email: user.email },
  ...entry,
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
