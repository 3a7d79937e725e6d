/** `/admin/keys` */
import * as contract from '../../contract/keys.ts'
import { type Operation, operation } from '../http/operation.ts'
import { isoOf } from '../platform/instant.ts'
import { newTokenOf } from '../setup/setup-token.ts'
import { keyRow } from './key-rows.ts'
import { type KeyListTools, listKeys } from './list-keys.flow.ts'
import { createKey, deleteKey, type KeyTools, revokeKey } from './manage-keys.flow.ts'

export function keyOperations(tools: KeyTools & KeyListTools): readonly Operation[] {
  return [
    operation(contract.createKey)(async ({ body, ...request }) => {
      const wish = {
        name: body.name ?? null,
        userId: body.user_id,
        teamId: body.team_id ?? null,
        rateLimitRpm: body.rate_limit_rpm ?? null,
        setup: body.setup ?? false,
      }
      const { raw, key, setup } = await createKey(wish, request, tools)
      const { id, prefix, name, createdAt } = key
      return {
        status: 201,
        body: {
          key: raw,
          id,
          prefix,
          name,
          created_at: isoOf(createdAt),
          ...(setup && { setup: newTokenOf(setup.raw, setup.made.token) }),
        },
      }
    }),
    operation(contract.listKeys)(async ({ caller, query, at }) => {
      const { rows, matching, total, nextCursor } = await listKeys(query, caller, at, tools)
      return { status: 200, body: { keys: rows.map(keyRow), matching, total, next_cursor: nextCursor } }
    }),
    operation(contract.revokeKey)(async ({ params, ...request }) => {
      await revokeKey(params.id, request, tools)
      return { status: 200, body: { revoked: true } }
    }),
    operation(contract.deleteKey)(async ({ params, ...request }) => {
      await deleteKey(params.id, request, tools)
      return { status: 200, body: { deleted: true } }
    }),
  ]
}
