/** A person with an account. */

import type { Period } from '../budgets/period.ts'
import { NO_RATE_LIMITS, type RateLimits } from '../budgets/rate-limits.ts'
import type { Role } from '../identity/caller.ts'
import type { Instant } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'

export interface User {
  readonly id: string
  readonly email: string
  readonly role: Role
  readonly active: boolean
  readonly teamId: string | null
  readonly displayName: string | null
  readonly createdAt: Instant
  /** What they may spend in a period; `null`: as their team says, or the default. */
  readonly spendLimit: NanoUsd | null
  /** Of the limit of their own. */
  readonly budgetPeriod: Period
  /** Of all their keys together. */
  readonly rates: RateLimits
  /** Over how many items their counter is spread; it may only grow. */
  readonly counterShards: number
}

/** The administrator that the deployment brings: a user like any other, with an id that every deployment shares. */
export const BOOTSTRAP_ADMIN_ID = '00000000-0000-4000-8000-000000000001'

/** A member without a team and without limits, unless it is said otherwise. */
export const newUser = (id: string, email: string, at: Instant, wish: Partial<User> = {}): User => ({
  id,
  email,
  role: 'member',
  active: true,
  teamId: null,
  displayName: null,
  createdAt: at,
  spendLimit: null,
  budgetPeriod: 'monthly',
  rates: NO_RATE_LIMITS,
  // One person makes few requests at a time: their counter needs no spreading.
  counterShards: 1,
  ...wish,
})

/** Their name stands where others have an e-mail address. */
export const bootstrapAdmin = (username: string, at: Instant): User =>
  newUser(BOOTSTRAP_ADMIN_ID, username, at, { role: 'admin' })

/** Addresses that differ in case only belong to one person. */
export const caseless = (text: string): string => text.normalize('NFC').toLowerCase()
