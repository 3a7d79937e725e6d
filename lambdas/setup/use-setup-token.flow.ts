/**
 * What the script does with a setup token: it takes the key as often as it has to, and says once that the settings are
 * written. Only that uses the token up, so that a script which failed half way can be run again.
 */
import type { AuditEntry } from '../audit/audit-entry.ts'
import type { SignInAttempts } from '../identity/sign-in-attempts.store.ts'
import { secondsToNextMinute, setupSubject } from '../identity/sign-in-limit.ts'
import type { KeyStore } from '../keys/keys.store.ts'
import { hashOfKey, statusOf } from '../keys/virtual-key.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import { idOfSetupToken, type SetupToken, stateOf, unseal } from './setup-token.ts'
import type { SetupTokenStore } from './setup-tokens.store.ts'

export interface UsingTools {
  readonly setupTokens: SetupTokenStore
  readonly keys: Pick<KeyStore, 'findByHash'>
  readonly attempts: SignInAttempts
  readonly newId: () => string
}

export interface ScriptRequest {
  readonly token: string
  readonly clientAddress: string
  readonly at: Instant
  readonly requestId: string
}

/** @throws Fault `not_found` for a token that is not valid any more or never was, `rate_limited` */
export async function exchangeSetupToken(
  request: ScriptRequest,
  tools: UsingTools,
): Promise<{ rawKey: string; name: string | null }> {
  const { token, at } = request
  const known = await knownToken(request, tools)
  if (stateOf(known, at) === 'expired') throw noLongerValid('has expired')
  if (known.sealed === null) throw noLongerValid('has been used')
  const rawKey = unseal(known.sealed, token)
  const key = await tools.keys.findByHash(hashOfKey(rawKey))
  if (key === undefined || statusOf(key, at) !== 'active')
    throw noLongerValid('is for a key that has been revoked or has expired')
  if (known.fetchedAt === null) {
    await tools.setupTokens.markFetched(known.id, at, entryOf('setup-token.fetched', known, {}, request, tools))
  }
  return { rawKey, name: key.name }
}

/** It may be late by some minutes: a script that had the key in time has written it. @throws as the exchange does */
export async function confirmSetup(
  { system, ...request }: ScriptRequest & { readonly system: string },
  tools: UsingTools,
): Promise<void> {
  const known = await knownToken(request, tools)
  if (known.usedAt !== null) return
  if (known.fetchedAt === null) throw noLongerValid('has not been exchanged for its key')
  const entry = entryOf('setup-token.used', known, { system }, request, tools)
  await tools.setupTokens.markUsed(known.id, system, request.at, entry)
}

const noLongerValid = (why: string): Fault =>
  new Fault('not_found', `This setup token ${why}. Make a new command on the Connect page.`)

/**
 * Sixty wrong tokens a minute from one address: far beyond mistakes, far below what it takes to guess 128 bits. A whole
 * classroom behind one address is not slowed down, since a token that exists is not counted.
 */
const MOST_GUESSES = 60

async function knownToken({ token, clientAddress, at }: ScriptRequest, tools: UsingTools): Promise<SetupToken> {
  const subject = setupSubject(clientAddress)
  if ((await tools.attempts.count(subject, at)) > MOST_GUESSES) {
    throw new Fault('rate_limited', 'Too many setup tokens tried from this address. Try again in a minute.', {
      retryAfterSeconds: secondsToNextMinute(at),
    })
  }
  const known = await tools.setupTokens.find(idOfSetupToken(token), at)
  if (known === undefined) throw noLongerValid('is not known: it has expired, or was never made')
  await tools.attempts.takeBack(subject, at)
  return known
}

/** Whoever made the token is who acts, by the hand of a script. */
const entryOf = (
  action: string,
  token: SetupToken,
  detail: AuditEntry['detail'],
  { at, requestId, clientAddress }: ScriptRequest,
  tools: UsingTools,
): AuditEntry => ({
  id: tools.newId(),
  at,
  requestId,
  actor: token.maker,
  action,
  target: `key:${token.keyId}`,
  detail: { token_id: token.id, client_address: clientAddress, ...detail },
})
