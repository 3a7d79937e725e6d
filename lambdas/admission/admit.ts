/** May they, now? Verdicts in their fixed order, each a value; nothing is read or written here. */
import { Fault } from '../platform/fault.ts'
import type { Allowance } from './allowance.ts'

export type Verdict =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly because: 'key_revoked' | 'owner_suspended' }

export function admit(allowance: Allowance): Verdict {
  if (!allowance.key.isActive) return { admitted: false, because: 'key_revoked' }
  const { owner } = allowance
  if (owner === 'missing' || (owner !== null && !owner.active)) return { admitted: false, because: 'owner_suspended' }
  return { admitted: true }
}

const REFUSALS = {
  key_revoked: 'This API key has been revoked. Ask the administrator of this gateway for a new one.',
  owner_suspended: 'The account this API key belongs to is not active. Ask the administrator of this gateway.',
} as const

export const refusalOf = (verdict: Extract<Verdict, { admitted: false }>): Fault =>
  new Fault('suspended', REFUSALS[verdict.because])
