/** Replacing a key by a new one that is held to the same, while the old one is still accepted for a while. */
import { Fault } from '../platform/fault.ts'
import { addMs, type Instant, instant, isoOf } from '../platform/instant.ts'
import type { KeyChangeTools } from './change-key.flow.ts'
import { type KeyTools, keyEntry, type Request } from './manage-keys.flow.ts'
import { hashOfKey, KEY_BYTES, prefixOfKey, rawKeyOf, statusOf, type VirtualKey } from './virtual-key.ts'

export type RotationTools = Pick<KeyChangeTools, 'keyChanges' | 'users' | 'newId'> & Pick<KeyTools, 'randomHex'>

export interface RotatedKey {
  /** It is known this once. */
  readonly raw: string
  readonly key: VirtualKey
  readonly previous: { readonly id: string; readonly validUntil: Instant }
}

const HOUR_MS = 3_600_000

/** Of those who change one key at once, one gets through in each round. */
const MAX_TRIES = 5

/** @throws Fault `not_found` for a key that is not the caller's, `conflict` for one that is revoked or expired */
export async function rotateKey(
  id: string,
  overlapHours: number,
  request: Request,
  tools: RotationTools,
): Promise<RotatedKey> {
  const { caller, at } = request
  const raw = rawKeyOf(tools.randomHex(KEY_BYTES))
  const freshId = tools.newId()
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const seen = await tools.keyChanges.find(id)
    if (seen === undefined || (caller.role !== 'admin' && seen.key.userId !== caller.userId)) {
      throw new Fault('not_found', 'Key not found')
    }
    const { key } = seen
    if (statusOf(key, at) !== 'active')
      throw new Fault('conflict', 'Only an active key can be rotated; create a new one')
    const owner = key.userId === null ? undefined : await tools.users.find(key.userId)
    const fresh: VirtualKey = {
      ...key,
      id: freshId,
      hash: hashOfKey(raw),
      prefix: prefixOfKey(raw),
      ownerTeamId: owner?.teamId ?? null,
      createdAt: at,
    }
    const validUntil = instant(Math.min(addMs(at, overlapHours * HOUR_MS), key.validUntil ?? Number.POSITIVE_INFINITY))
    const audits = [
      keyEntry('key.rotated', id, { name: key.name, new_id: freshId, expires_at: isoOf(validUntil) }, request, tools),
      keyEntry(
        'key.created',
        freshId,
        { name: key.name, user_id: key.userId, team_id: key.teamId, rotated_from: id },
        request,
        tools,
      ),
    ]
    if ((await tools.keyChanges.rotate(seen, { fresh, validUntil, audits, at })) === 'done') {
      return { raw, key: fresh, previous: { id, validUntil } }
    }
  }
  throw new Fault(
    'conflict',
    'This key, its owner or its team is being changed at this moment, or not active; try again',
  )
}
