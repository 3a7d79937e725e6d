/** `/admin/teams/{id}`: what it is called and may use, its members, its keys, and its end. */
import * as contract from '../../contract/teams.ts'
import { type Operation, operation } from '../http/operation.ts'
import { keyRow } from '../keys/key-rows.ts'
import { type KeyListTools, listKeysOfTeam } from '../keys/list-keys.flow.ts'
import { Fault } from '../platform/fault.ts'
import { isoOf } from '../platform/instant.ts'
import { changeTeam, type TeamChangeTools } from './change-team.flow.ts'
import { deleteTeam, type TeamDeletionTools } from './delete-team.flow.ts'
import { moveUser } from './manage-users.flow.ts'

export type MemberTools = TeamDeletionTools & TeamChangeTools & KeyListTools

export function memberOperations(tools: MemberTools): readonly Operation[] {
  return [
    operation(contract.changeTeam)(async ({ params, body, ...request }) => {
      await changeTeam(params.id, body, request, tools)
      return { status: 200, body: { updated: true } }
    }),
    operation(contract.deleteTeam)(async ({ params, query, ...request }) => {
      const { move_members_to: to } = query
      const wish = { moveMembersTo: to === 'none' ? null : to, revokeKeys: query.revoke_keys === 'true' }
      const { membersMoved, keysRevoked } = await deleteTeam(params.id, wish, request, tools)
      return { status: 200, body: { deleted: true, members_moved: membersMoved, keys_revoked: keysRevoked } }
    }),
    operation(contract.listMembers)(async ({ params }) => {
      const members = await tools.accounts.ofTeam(params.id)
      return {
        status: 200,
        body: {
          members: members.map(({ id, email, displayName, role, active, createdAt }) => ({
            id,
            email,
            role,
            active,
            created_at: isoOf(createdAt),
            display_name: displayName,
          })),
        },
      }
    }),
    operation(contract.addMember)(async ({ params, body, ...request }) => {
      if ((await tools.teams.find(params.id)) === undefined) throw new Fault('not_found', 'Team not found')
      await moveUser(body.user_id, { to: params.id }, request, tools)
      return { status: 200, body: { added: true } }
    }),
    operation(contract.removeMember)(async ({ params, ...request }) => {
      await moveUser(params.user_id, { from: params.id, to: null }, request, tools)
      return { status: 204, body: undefined }
    }),
    operation(contract.listTeamKeys)(async ({ params, at }) => ({
      status: 200,
      body: { keys: (await listKeysOfTeam(params.id, at, tools)).map(keyRow) },
    })),
  ]
}
