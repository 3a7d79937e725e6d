/** `/auth`: signing in, who am I, signing out. */
import { login, logout, whoAmI } from '../../contract/auth.ts'
import { type Operation, operation, operationForKeysToo } from '../http/operation.ts'
import type { Directory } from '../people/directory.store.ts'
import { isoOf } from '../platform/instant.ts'
import type { FirstRequest } from '../spend/first-request.store.ts'
import type { SearchSettingsStore } from '../web/search-settings.store.ts'
import type { Person } from './caller.ts'
import { clearedSessionCookie, sessionCookie } from './credential.ts'
import { SESSION_SECONDS } from './session.ts'
import { type SignInTools, signIn, signOut } from './sign-in.flow.ts'

export interface AuthTools extends SignInTools {
  readonly directory: Pick<Directory, 'teams'>
  readonly firstRequest: FirstRequest
  readonly searchSettings: Pick<SearchSettingsStore, 'ofAll'>
  /** Of the gateway. */
  readonly version: string
  /** Where Claude Code is pointed at. */
  readonly baseUrl: string
}

export function authOperations(tools: AuthTools): readonly Operation[] {
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
      return { status: 200, body: await personOf(caller, tools) }
    }),
    operation(logout)(async ({ caller, at, requestId }) => {
      await signOut(caller, { at, requestId }, tools)
      return { status: 200, body: { logged_out: true }, headers: { 'set-cookie': clearedSessionCookie } }
    }),
  ]
}

async function personOf(caller: Person, { directory, firstRequest, searchSettings, version, baseUrl }: AuthTools) {
  const { email, displayName, idp, role, userId, teamId, sessionEndsAt } = caller
  const [teams, firstRequestAt, { mode }] = await Promise.all([
    directory.teams(teamId === null ? [] : [teamId]),
    firstRequest(userId),
    searchSettings.ofAll(),
  ])
  const team = teamId === null ? undefined : teams.get(teamId)
  return {
    type: 'oidc' as const,
    sub: email,
    idp,
    role,
    user_id: userId,
    email,
    display_name: displayName,
    team: teamId === null || team === undefined ? null : { id: teamId, name: team },
    // Neither of the other two can be turned off.
    features: { virtual_keys: true, websearch_mode: mode, admin_login: true },
    session: { expires_at: isoOf(sessionEndsAt) },
    first_request_at: firstRequestAt === null ? null : isoOf(firstRequestAt),
    gateway: { version, base_url: baseUrl },
  }
}
