/** Replacing a key by a new one that is held to the same, while the old one is still accepted for a while. */
import { Fault } from '../platform/fault.ts'
import { addMs, type Instant, instant, isoOf } from '../platform/instant.ts'
import type { KeyChangeTools } from './change-key.flow.ts'
import type { KeyChanges, SeenKey } from './key-changes.store.ts'
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

/**
 * Again within the overlap, it replaces the successor: the answer that had its raw key may have been lost, and two successors would
 * have twice the limits.
 * @throws Fault `not_found` for a key that is not the caller's, `conflict` for one that is revoked or expired, or whose own
 * predecessor is still accepted
 */
export async function rotateKey(
  id: string,
  overlapHours: number,
  request: Request,
  tools: RotationTools,
): Promise<RotatedKey> {
  const { at } = request
  const raw = rawKeyOf(tools.randomHex(KEY_BYTES))
  const freshId = tools.newId()
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const seen = await rotatable(id, request, tools.keyChanges)
    const { key } = seen
    const replaced = await successorOf(seen, tools.keyChanges)
    const owner = key.userId === null ? undefined : await tools.users.find(key.userId)
    const fresh: VirtualKey = {
      ...heldAs(seen, replaced),
      id: freshId,
      hash: hashOfKey(raw),
      prefix: prefixOfKey(raw),
      ownerTeamId: owner?.teamId ?? null,
      createdAt: at,
    }
    const validUntil = instant(Math.min(addMs(at, overlapHours * HOUR_MS), key.validUntil ?? Number.POSITIVE_INFINITY))
    const audits = entriesOf({ key, fresh, replaced, validUntil }, request, tools)
    if ((await tools.keyChanges.rotate(seen, { fresh, replaced, validUntil, audits, at })) === 'done') {
      return { raw, key: fresh, previous: { id, validUntil } }
    }
  }
  throw new Fault(
    'conflict',
    'This key, its owner or its team is being changed at this moment, or not active; try again',
  )
}

async function rotatable(id: string, { caller, at }: Request, keyChanges: KeyChanges): Promise<SeenKey> {
  const seen = await keyChanges.find(id)
  if (seen === undefined || (caller.role !== 'admin' && seen.key.userId !== caller.userId)) {
    throw new Fault('not_found', 'Key not found')
  }
  if (statusOf(seen.key, at) !== 'active')
    throw new Fault('conflict', 'Only an active key can be rotated; create a new one')
  const before = seen.rotatedFrom === undefined ? undefined : await keyChanges.find(seen.rotatedFrom)
  if (before?.rotated?.to === id && statusOf(before.key, at) === 'active') {
    const end = before.key.validUntil === null ? '' : ` until ${isoOf(before.key.validUntil)}`
    throw new Fault(
      'conflict',
      `The key that this one replaces is accepted${end}. Revoke that one first, or wait for its end.`,
    )
  }
  return seen
}

/** What came of it before, while it is active and has the same owner: one that was given to somebody else is theirs. */
async function successorOf({ key, rotated }: SeenKey, keyChanges: KeyChanges): Promise<SeenKey | undefined> {
  const successor = rotated && (await keyChanges.find(rotated.to))
  if (successor?.rotated !== undefined) throw new Fault('conflict', 'The key that replaces this one was rotated itself')
  return successor?.key.isActive && successor.key.userId === key.userId ? successor : undefined
}

/** As the replaced key, which an administrator may have held to something else meanwhile. */
function heldAs({ key, rotated }: SeenKey, replaced: SeenKey | undefined): VirtualKey {
  if (replaced !== undefined) return replaced.key
  return rotated === undefined ? key : { ...key, validUntil: rotated.validUntilBefore }
}

interface Rotating {
  readonly key: VirtualKey
  readonly fresh: VirtualKey
  readonly replaced: SeenKey | undefined
  readonly validUntil: Instant
}

function entriesOf({ key, fresh, replaced, validUntil }: Rotating, request: Request, tools: RotationTools) {
  const entry = (action: string, { id, name }: VirtualKey, detail: Readonly<Record<string, unknown>>) =>
    keyEntry(action, id, { name, ...detail }, request, tools)
  return [
    entry('key.rotated', key, { new_id: fresh.id, expires_at: isoOf(validUntil) }),
    entry('key.created', fresh, { user_id: fresh.userId, team_id: fresh.teamId, rotated_from: key.id }),
    ...(replaced ? [entry('key.revoked', replaced.key, { replaced_by: fresh.id })] : []),
  ]
}
