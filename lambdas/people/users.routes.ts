/** `/admin/users` */
import type * as z from 'zod'
import * as contract from '../../contract/users.ts'
import { type Operation, operation } from '../http/operation.ts'
import { isoOf } from '../platform/instant.ts'
import { exactUsd, usdOrNull } from '../platform/money.ts'
import { deleteUser, type UserDeletionTools } from './delete-user.flow.ts'
import { listUsers, type UserListTools } from './list-users.flow.ts'
import { changeUser, createUser, moveUser, setSpendLimit, type UserTools } from './manage-users.flow.ts'
import type { User } from './user.ts'
import type { UserRow } from './user-list.ts'

export function userOperations(tools: UserTools & UserListTools & UserDeletionTools): readonly Operation[] {
  return [
    operation(contract.createUser)(async ({ body, ...request }) => ({
      status: 201,
      body: userOf(await createUser(body, request, tools)),
    })),
    operation(contract.listUsers)(async ({ caller, query, at }) => {
      const { rows, matching, total, nextCursor } = await listUsers(query, caller, at, tools)
      return { status: 200, body: { users: rows.map(rowOf), matching, total, next_cursor: nextCursor } }
    }),
    operation(contract.changeUser)(async ({ params, body, ...request }) => {
      await changeUser(params.id, body, request, tools)
      return { status: 200, body: { updated: true } }
    }),
    operation(contract.deleteUser)(async ({ params, ...request }) => {
      const { keysRevoked, sessionsEnded } = await deleteUser(params.id, request, tools)
      return { status: 200, body: { deleted: true, keys_revoked: keysRevoked, sessions_ended: sessionsEnded } }
    }),
    operation(contract.moveUser)(async ({ params, body, ...request }) => {
      const pinnedKeys = await moveUser(params.id, { to: body.team_id ?? null }, request, tools)
      return { status: 200, body: { updated: true, pinned_keys: pinnedKeys } }
    }),
    operation(contract.setSpendLimit)(async ({ params, body, ...request }) => {
      await setSpendLimit(params.id, body, request, tools)
      return { status: 200, body: { updated: true } }
    }),
  ]
}

/** What an identity provider would look after, which nobody does yet. */
const UNMANAGED = { external_id: null, given_name: null, family_name: null, scim_managed: false, idp_id: null }

const userOf = (user: User): z.input<typeof contract.User> => ({
  id: user.id,
  email: user.email,
  team_id: user.teamId,
  role: user.role,
  spend_limit_monthly_usd: usdOrNull(user.spendLimit),
  budget_period: user.budgetPeriod,
  created_at: isoOf(user.createdAt),
  active: user.active,
  display_name: user.displayName,
  rate_limit_rpm: user.rates.rpm,
  rate_limit_tpm: user.rates.tpm,
  ...UNMANAGED,
})

const rowOf = ({ user, team, spent, limit, keyCount, lastUsedAt }: UserRow): z.input<typeof contract.UserRow> => ({
  ...userOf(user),
  team_name: team?.name ?? null,
  key_count: keyCount,
  // Nano-dollars have nine decimals.
  spend_usd: exactUsd(spent),
  effective_limit:
    limit === null
      ? null
      : {
          limit_usd: exactUsd(limit.budget.limit),
          period: limit.budget.period,
          source: limit.source,
          source_name: limit.source === 'team' ? (team?.name ?? null) : null,
          percent: Math.round(limit.percent * 10) / 10,
          resets_at: isoOf(limit.resetsAt),
        },
  last_used_at: lastUsedAt === null ? null : isoOf(lastUsedAt),
})
