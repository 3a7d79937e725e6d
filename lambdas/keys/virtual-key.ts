/** A virtual key: what Claude Code shows to the gateway. The raw text leaves once, at creation; its SHA-256 is what is kept. */
import { createHash } from 'node:crypto'
import type { SetBudget } from '../budgets/budget.ts'
import type { RateLimits } from '../budgets/rate-limits.ts'
import type { Instant } from '../platform/instant.ts'

export interface VirtualKey {
  readonly id: string
  /** SHA-256 of the raw key, lower-case hex: 256 bits of chance need neither salt nor pepper. */
  readonly hash: string
  /** What is shown of it for good. */
  readonly prefix: string
  readonly name: string | null
  readonly userId: string | null
  /** The team that pays and routes; `null` follows the owner. */
  readonly teamId: string | null
  /** The owner's team when this was written; a hint that saves a round trip, checked by whoever uses it. */
  readonly ownerTeamId: string | null
  readonly isActive: boolean
  readonly rates: RateLimits
  readonly budget: SetBudget
  /** Anthropic's undated names; `null`: every model. */
  readonly allowedModels: readonly string[] | null
  /** From this moment on it is refused; `null`: never. */
  readonly validUntil: Instant | null
  readonly createdAt: Instant
}

export type KeyStatus = 'active' | 'expired' | 'revoked'

/** What becomes of a request with it, as far as the key itself decides. */
export function statusOf(
  { isActive, validUntil }: Pick<VirtualKey, 'isActive' | 'validUntil'>,
  at: Instant,
): KeyStatus {
  if (!isActive) return 'revoked'
  return validUntil !== null && at >= validUntil ? 'expired' : 'active'
}

/** 32 bytes: nobody guesses 256 bits. */
export const KEY_BYTES = 32

const MARK = 'sk-proxy-'
const VIRTUAL_KEY = /^sk-proxy-[0-9a-f]{64}$/
const SHOWN_CHARACTERS = 16

export const isVirtualKey = (text: string): boolean => VIRTUAL_KEY.test(text)

/** @param hex `KEY_BYTES` of chance as lower-case hex. */
export function rawKeyOf(hex: string): string {
  const raw = `${MARK}${hex}`
  if (!isVirtualKey(raw)) throw new RangeError('a virtual key is made of 64 lower-case hex digits')
  return raw
}

export const hashOfKey = (raw: string): string => createHash('sha256').update(raw).digest('hex')

export const prefixOfKey = (raw: string): string =>
  raw.length <= SHOWN_CHARACTERS ? raw : `${raw.slice(0, SHOWN_CHARACTERS)}...`
