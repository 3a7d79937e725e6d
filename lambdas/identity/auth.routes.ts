/** `/auth`: signing in, who am I, signing out. */
import { login, logout, whoAmI } from '../../contract/auth.ts'
import { type Operation, operation, operationForKeysToo } from '../http/operation.ts'
import { clearedSessionCookie, sessionCookie } from './credential.ts'
import { SESSION_SECONDS } from './session.ts'
import { type SignInTools, signIn, signOut } from './sign-in.flow.ts'

export function authOperations(tools: SignInTools): readonly Operation[] {
  return [
    operation(login)(async ({ body, clientAddress, at, requestId }) => {
      const { token, role } = await signIn({ ...body, clientAddress, at, requestId }, tools)
      return {
        status: 200,
        body: { token, role, type: 'session' },
        headers: { 'set-cookie': sessionCookie(token, SESSION_SECONDS) },
      }
    }),
    operationForKeysToo(whoAmI)(async ({ caller }) => {
      if (caller.kind === 'virtual key') {
        const { name, userId, teamId } = caller
        return { status: 200, body: { type: 'virtual_key', name, user_id: userId, team_id: teamId, role: 'member' } }
      }
      const { email, idp, role, userId } = caller
      return { status: 200, body: { type: 'oidc', sub: email, idp, role, user_id: userId } }
    }),
    operation(logout)(async ({ caller, at, requestId }) => {
      await signOut(caller, { at, requestId }, tools)
      return { status: 200, body: { logged_out: true }, headers: { 'set-cookie': clearedSessionCookie } }
    }),
  ]
}
