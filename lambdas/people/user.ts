/** A person with an account. */
import type { Role } from '../identity/caller.ts'
import type { Instant } from '../platform/instant.ts'

export interface User {
  readonly id: string
  readonly email: string
  readonly role: Role
  readonly active: boolean
  readonly teamId: string | null
  readonly displayName: string | null
  readonly createdAt: Instant
}

/** The administrator that the deployment brings: a user like any other, with an id that every deployment shares. */
export const BOOTSTRAP_ADMIN_ID = '00000000-0000-4000-8000-000000000001'

/** Their name stands where others have an e-mail address. */
export const bootstrapAdmin = (username: string, at: Instant): User => ({
  id: BOOTSTRAP_ADMIN_ID,
  email: username,
  role: 'admin',
  active: true,
  teamId: null,
  displayName: null,
  createdAt: at,
})

/** Addresses that differ in case only belong to one person. */
export const caseless = (text: string): string => text.normalize('NFC').toLowerCase()
