/** A person without the admin role in a deployed gateway: there is no way yet to invite one over HTTP. */
import { randomUUID } from 'node:crypto'
import { openSecrets } from '../../lambdas/identity/secrets.client.ts'
import { beginSession } from '../../lambdas/identity/session.ts'
import { openSessionTokens } from '../../lambdas/identity/session-tokens.client.ts'
import { openSessions } from '../../lambdas/identity/sessions.store.ts'
import { newUser, type User } from '../../lambdas/people/user.ts'
import { instant } from '../../lambdas/platform/instant.ts'
import { openDocuments } from '../../lambdas/table/document.store.ts'
import type { Deployed } from './deployed.ts'

/** @returns the token of a session that has just begun. */
export const memberToken = async (gateway: Deployed): Promise<string> => (await newMember(gateway)).token

export interface Member {
  readonly id: string
  readonly token: string
}

export async function newMember(gateway: Deployed, wish: Partial<User> = {}): Promise<Member> {
  const table = (name: string): string => gateway.tables.get(name) ?? ''
  const documents = openDocuments({ endpoint: gateway.databaseEndpoint })
  const at = instant(Date.now())
  const id = randomUUID()
  const user = newUser(id, `${id}@example.com`, at, wish)
  const session = beginSession(randomUUID(), id, 'Local', at)
  const sessions = openSessions(
    documents,
    { core: table('core'), events: table('events') },
    { sleep: async () => {}, chance: () => 0 },
  )
  if (!(await sessions.begin(session, { created: user }, []))) throw new Error('there is such a person already')
  documents.destroy()
  const arn = gateway.functions.get('control')?.definition.environment.SESSION_SECRET_ARN ?? ''
  const tokens = openSessionTokens(openSecrets({ endpoint: gateway.secrets.endpoint }), arn)
  return { id, token: await tokens.issue({ userId: id, sessionId: session.id, idp: 'Local' }, at) }
}
