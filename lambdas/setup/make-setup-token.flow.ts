/** Making a setup token for a key that exists, and following what becomes of it. */
import { type KeyTools, ownKey, type Request, setupFor } from '../keys/manage-keys.flow.ts'
import { hashOfKey, statusOf } from '../keys/virtual-key.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { KeyUsageStore } from '../spend/key-usage.store.ts'
import type { SetupToken } from './setup-token.ts'
import type { SetupTokenStore } from './setup-tokens.store.ts'

export type MakingTools = Pick<KeyTools, 'newId' | 'randomHex'> & {
  readonly keys: Pick<KeyTools['keys'], 'find'>
  readonly setupTokens: SetupTokenStore
}

/** @throws Fault `not_found` for a key that is not the caller's or not active, `invalid_request` for the text of another key */
export async function makeSetupToken(
  keyId: string,
  rawKey: string,
  request: Request,
  tools: MakingTools,
): Promise<{ raw: string; token: SetupToken }> {
  const key = await ownKey(keyId, request.caller, tools.keys)
  if (statusOf(key, request.at) !== 'active') throw new Fault('not_found', 'Key not found')
  if (hashOfKey(rawKey) !== key.hash) throw new Fault('invalid_request', 'raw_key: is not the text of this key')
  const { raw, made } = setupFor(rawKey, keyId, request, tools)
  await tools.setupTokens.create(made.token, made.audit)
  return { raw, token: made.token }
}

export interface FollowingTools {
  readonly setupTokens: Pick<SetupTokenStore, 'find'>
  readonly keys: Pick<KeyTools['keys'], 'find'>
  readonly usage: KeyUsageStore
}

/** @throws Fault `not_found` for a token that somebody else made */
export async function followSetupToken(
  id: string,
  { caller, at }: Request,
  tools: FollowingTools,
): Promise<{ token: SetupToken; firstRequestAt: Instant | null }> {
  const token = await tools.setupTokens.find(id, at)
  if (token === undefined || (caller.role !== 'admin' && token.maker.userId !== caller.userId)) {
    throw new Fault('not_found', 'Setup token not found')
  }
  return { token, firstRequestAt: await usedSince(token, at, tools) }
}

/** What is known is the last use of a key. That is a request made after the setup, or none was. */
async function usedSince(token: SetupToken, at: Instant, tools: FollowingTools): Promise<Instant | null> {
  const key = await tools.keys.find(token.keyId)
  if (key === undefined) return null
  const usage = await tools.usage.of([key.id], at)
  const lastUsedAt = usage.get(key.id)?.lastUsedAt ?? null
  return lastUsedAt !== null && lastUsedAt >= token.createdAt ? lastUsedAt : null
}
