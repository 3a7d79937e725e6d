/** `/admin/keys` */
import * as contract from '../../contract/keys.ts'
import { type Operation, operation } from '../http/operation.ts'
import { isoOf } from '../platform/instant.ts'
import { newTokenOf } from '../setup/setup-token.ts'
import { changeKey, type KeyChangeTools } from './change-key.flow.ts'
import { keyRow } from './key-rows.ts'
import { type KeyListTools, listKeys } from './list-keys.flow.ts'
import { createKey, deleteKey, type KeyTools, revokeKey } from './manage-keys.flow.ts'
import { rotateKey } from './rotate-key.flow.ts'

export function keyOperations(tools: KeyTools & KeyListTools & KeyChangeTools): readonly Operation[] {
  return [
    operation(contract.createKey)(async ({ body, ...request }) => {
      const {
        name: wishedName = null,
        user_id: userId,
        team_id: teamId = null,
        setup: withSetup = false,
        ...limits
      } = body
      const wish = { name: wishedName, userId, teamId, limits, setup: withSetup }
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
    operation(contract.changeKey)(async ({ params, body, ...request }) => {
      await changeKey(params.id, body, request, tools)
      return { status: 200, body: { updated: true } }
    }),
    operation(contract.rotateKey)(async ({ params, body, ...request }) => {
      const { raw, key, previous } = await rotateKey(params.id, body.overlap_hours, request, tools)
      const { id, prefix, name, createdAt, validUntil } = key
      return {
        status: 201,
        body: {
          key: raw,
          id,
          prefix,
          name,
          created_at: isoOf(createdAt),
          expires_at: validUntil === null ? null : isoOf(validUntil),
          previous: { id: previous.id, expires_at: isoOf(previous.validUntil) },
        },
      }
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
