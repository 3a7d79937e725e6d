/** Who is calling. A role is that of the user row at this moment, never one that a token claims. */

import type { Instant } from '../platform/instant.ts'

export type Role = 'admin' | 'member'

export interface Person {
  readonly kind: 'person'
  readonly userId: string
  readonly email: string
  readonly displayName: string | null
  readonly role: Role
  readonly teamId: string | null
  /** Display name of the identity provider they came from. */
  readonly idp: string
  readonly sessionId: string
  readonly sessionEndsAt: Instant
}

export interface KeyHolder {
  readonly kind: 'virtual key'
  readonly keyId: string
  readonly name: string | null
  readonly userId: string | null
  readonly teamId: string | null
}

export type Caller = Person | KeyHolder
