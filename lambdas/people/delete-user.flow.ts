/**
 * Deleting a person. They are suspended first, so that from then on nothing of theirs is accepted and no key can be made for them;
 * then their keys and sessions are ended, however many; then they are gone. Whoever is interrupted begins again and goes on.
 */

import type { SessionStore } from '../identity/sessions.store.ts'
import { type RevocationTools, revokeKeys } from '../keys/revoke-keys.flow.ts'
import { Fault } from '../platform/fault.ts'
import type { Account } from './accounts.store.ts'
import { type AccountTools, beingChanged, entryOf, type Request, reviseAccount } from './revise-account.flow.ts'

export type UserDeletionTools = AccountTools & RevocationTools & { readonly sessions: Pick<SessionStore, 'endAllOf'> }

export interface Deleted {
  readonly keysRevoked: number
  readonly sessionsEnded: number
}

/** @throws Fault `not_found`, `conflict` for the last active administrator and for somebody who is reactivated meanwhile */
export async function deleteUser(id: string, request: Request, tools: UserDeletionTools): Promise<Deleted> {
  const account = await reviseAccount(
    id,
    (user) =>
      user.active
        ? {
            next: { ...user, active: false },
            action: 'user.suspended',
            detail: { email: user.email, because: 'deletion' },
          }
        : undefined,
    request,
    tools,
  )
  const keysRevoked = await revokeKeys(await tools.keys.listOfUser(id), { owner_deleted: id }, request, tools)
  const sessionsEnded = await tools.sessions.endAllOf(id, (sessionId) => ({
    ...entryOf('session.ended', id, { because: 'deletion' }, request, tools),
    target: `session:${sessionId}`,
  }))
  await remove(account, { keys_revoked: keysRevoked, sessions_ended: sessionsEnded }, request, tools)
  return { keysRevoked, sessionsEnded }
}

/** Of those who change something about a person who is being deleted, few are expected. */
const MAX_TRIES = 5

async function remove(
  account: Account,
  detail: Readonly<Record<string, number>>,
  request: Request,
  tools: UserDeletionTools,
): Promise<void> {
  let seen: Account | undefined = account
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    if (seen === undefined) throw new Fault('not_found', 'User not found')
    const { id, email, active } = seen.user
    if (active) throw new Fault('conflict', 'This person was reactivated while being deleted; delete them again')
    const audit = entryOf('user.deleted', id, { email, ...detail }, request, tools)
    if ((await tools.accounts.delete(seen, audit)) === 'done') return
    seen = await tools.accounts.find(id)
  }
  throw beingChanged()
}
