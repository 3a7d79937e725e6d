/** Creating, revoking and deleting virtual keys. A key that is not the caller's own does not exist for a member. */
import type { AuditEntry } from '../audit/audit-entry.ts'
import type { Person } from '../identity/caller.ts'
import type { UserStore } from '../people/users.store.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import { newSetupToken, SETUP_TOKEN_BYTES, setupTokenOf } from '../setup/setup-token.ts'
import { refuseTooMany } from './key-bounds.flow.ts'
import { type LimitsWish, NO_LIMITS, refuseOthersLimits, toldLimits, wishedLimits } from './key-limits.ts'
import type { KeyStore, NewSetup } from './keys.store.ts'
import { hashOfKey, KEY_BYTES, prefixOfKey, rawKeyOf, type VirtualKey } from './virtual-key.ts'

export interface KeyTools {
  readonly keys: KeyStore
  readonly users: UserStore
  readonly newId: () => string
  readonly randomHex: (bytes: number) => string
}

/** On whose behalf, and when. */
export interface Request {
  readonly caller: Person
  readonly at: Instant
  readonly requestId: string
}

export interface KeyWish {
  readonly name: string | null
  /** `undefined`: the caller. `null`: nobody. */
  readonly userId: string | null | undefined
  readonly teamId: string | null
  readonly limits: LimitsWish
  /** A setup token is made in the same step, so that the raw key need not be sent back for one. */
  readonly setup: boolean
}

/** An owner who is moved between teams at the very moment is read again this often. */
const MAX_TRIES = 3

/** @throws Fault `forbidden` for another team than one's own, `invalid_request` for an unknown owner or team, `conflict` for too many */
export async function createKey(
  wish: KeyWish,
  request: Request,
  tools: KeyTools,
): Promise<{ raw: string; key: VirtualKey; setup: MadeToken | undefined }> {
  refuseOthersLimits(wish.limits, request.caller)
  const limits = wishedLimits(NO_LIMITS, wish.limits, request.at)
  const userId = ownerOf(wish, request.caller)
  await refuseTooMany(userId, request.at, tools.keys)
  const raw = rawKeyOf(tools.randomHex(KEY_BYTES))
  const id = tools.newId()
  const setup = wish.setup ? setupFor(raw, id, request, tools) : undefined
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const ownerTeamId = userId === null ? null : await teamOf(userId, tools.users)
    if (request.caller.role !== 'admin' && wish.teamId !== null && wish.teamId !== ownerTeamId) {
      throw new Fault('forbidden', 'team_id: you can create keys for your own team only')
    }
    const key: VirtualKey = {
      id,
      hash: hashOfKey(raw),
      prefix: prefixOfKey(raw),
      name: wish.name,
      userId,
      teamId: wish.teamId,
      ownerTeamId,
      isActive: true,
      ...limits,
      createdAt: request.at,
    }
    const detail = { name: key.name, user_id: userId, team_id: key.teamId, ...toldLimits(key) }
    const outcome = await tools.keys.create(key, keyEntry('key.created', id, detail, request, tools), setup?.made)
    if (outcome === 'created') return { raw, key, setup }
    if (outcome === 'no such team') throw new Fault('invalid_request', 'team_id: there is no such team')
  }
  throw new Fault('conflict', 'user_id: the owner is being changed at this moment; try again')
}

/** The one moment when a setup token is known, and what is kept of it. */
export interface MadeToken {
  readonly raw: string
  readonly made: NewSetup
}

export function setupFor(
  rawKey: string,
  keyId: string,
  request: Request,
  tools: Pick<KeyTools, 'newId' | 'randomHex'>,
): MadeToken {
  const raw = setupTokenOf(tools.randomHex(SETUP_TOKEN_BYTES))
  const token = newSetupToken({ token: raw, rawKey, keyId, maker: request.caller, at: request.at })
  const audit = keyEntry('setup-token.created', keyId, { token_id: token.id }, request, tools)
  return { raw, made: { token, audit } }
}

function ownerOf(wish: KeyWish, caller: Person): string | null {
  if (caller.role !== 'admin' || wish.userId === undefined) return caller.userId
  return wish.userId
}

async function teamOf(userId: string, users: UserStore): Promise<string | null> {
  const owner = await users.find(userId)
  if (owner === undefined) throw new Fault('invalid_request', 'user_id: there is no such user')
  if (!owner.active) throw new Fault('invalid_request', 'user_id: this person is suspended')
  return owner.teamId
}

/** There is no way back. Revoking again changes nothing. */
export async function revokeKey(id: string, request: Request, tools: KeyTools): Promise<void> {
  const key = await ownKey(id, request.caller, tools.keys)
  if (!key.isActive) return
  if (!(await tools.keys.revoke(key, keyEntry('key.revoked', id, { name: key.name }, request, tools)))) throw notFound()
}

export async function deleteKey(id: string, request: Request, tools: KeyTools): Promise<void> {
  const key = await ownKey(id, request.caller, tools.keys)
  const detail = { name: key.name, user_id: key.userId, team_id: key.teamId }
  if (!(await tools.keys.delete(key, keyEntry('key.deleted', id, detail, request, tools)))) throw notFound()
}

/** @throws Fault `not_found` */
export async function ownKey(id: string, caller: Person, keys: Pick<KeyStore, 'find'>): Promise<VirtualKey> {
  const key = await keys.find(id)
  if (key === undefined || (caller.role !== 'admin' && key.userId !== caller.userId)) throw notFound()
  return key
}

const notFound = (): Fault => new Fault('not_found', 'Key not found')

export const keyEntry = (
  action: string,
  keyId: string,
  detail: AuditEntry['detail'],
  { caller, at, requestId }: Request,
  tools: Pick<KeyTools, 'newId'>,
): AuditEntry => ({ id: tools.newId(), at, requestId, actor: caller, action, target: `key:${keyId}`, detail })
