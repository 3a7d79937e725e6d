/**
 * A setup token stands in for a virtual key during the minutes in which Claude Code is set up. The raw key lies in the
 * database encrypted under a key that is derived from the token itself, so that whoever reads the table has neither.
 * Why it is made so: docs/decisions/0005-setup-tokens.md
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { SETUP_TOKEN_SECONDS } from '../../contract/setup.ts'
import { addMs, type Instant, isoOf } from '../platform/instant.ts'

export interface SetupToken {
  /** SHA-256 of the token, lower-case hex. */
  readonly id: string
  readonly keyId: string
  /** Who made it, and on whose behalf it is used. */
  readonly maker: { readonly userId: string; readonly email: string }
  readonly createdAt: Instant
  readonly expiresAt: Instant
  /** The encrypted raw key, base64; `null` once the token is used up. */
  readonly sealed: string | null
  readonly fetchedAt: Instant | null
  readonly usedAt: Instant | null
  readonly usedFrom: string | null
}

/** 16 bytes: nobody guesses 128 bits in five minutes. */
export const SETUP_TOKEN_BYTES = 16

const TOKEN = /^st_[0-9a-f]{32}$/

export const isSetupToken = (text: string): boolean => TOKEN.test(text)

/** @param hex `SETUP_TOKEN_BYTES` of chance as lower-case hex. */
export function setupTokenOf(hex: string): string {
  const token = `st_${hex}`
  if (!isSetupToken(token)) throw new RangeError('a setup token is made of 32 lower-case hex digits')
  return token
}

export const idOfSetupToken = (token: string): string => createHash('sha256').update(token).digest('hex')

export interface SetupTokenWish {
  readonly token: string
  readonly rawKey: string
  readonly keyId: string
  readonly maker: SetupToken['maker']
  readonly at: Instant
}

export function newSetupToken({ token, rawKey, keyId, maker, at }: SetupTokenWish): SetupToken {
  return {
    id: idOfSetupToken(token),
    keyId,
    maker: { userId: maker.userId, email: maker.email },
    createdAt: at,
    expiresAt: addMs(at, SETUP_TOKEN_SECONDS * 1000),
    sealed: seal(rawKey, token),
    fetchedAt: null,
    usedAt: null,
    usedFrom: null,
  }
}

/** AES-256-GCM: 32 bytes of key, 12 of nonce, 16 of tag. */
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** The nonce is derived too: it must not be used twice under one key, and each key encrypts once. */
function cipherOf(token: string): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const bytes = new Uint8Array(hkdfSync('sha256', token, '', 'setup token', KEY_BYTES + NONCE_BYTES))
  return { key: bytes.subarray(0, KEY_BYTES), nonce: bytes.subarray(KEY_BYTES) }
}

function seal(rawKey: string, token: string): string {
  const { key, nonce } = cipherOf(token)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return Buffer.concat([cipher.update(rawKey, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

/** @throws Error when it was sealed with another token, or changed since. */
export function unseal(sealed: string, token: string): string {
  const { key, nonce } = cipherOf(token)
  const bytes = Buffer.from(sealed, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8')
}

/** As the contract tells it, at the one moment when it is known. */
export const newTokenOf = (token: string, { id, expiresAt }: SetupToken) => ({
  id,
  token,
  expires_at: isoOf(expiresAt),
})

type State = 'waiting' | 'fetched' | 'used' | 'expired'

/** TTL deletes late, so a row that is still there may have expired. */
export function stateOf(token: SetupToken, at: Instant): State {
  if (token.usedAt !== null) return 'used'
  if (at >= token.expiresAt) return 'expired'
  return token.fetchedAt === null ? 'waiting' : 'fetched'
}
