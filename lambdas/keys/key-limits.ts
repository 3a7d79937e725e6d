/** What a key is held to, as somebody wants it. */
import type * as z from 'zod'
import type { changeKey } from '../../contract/keys.ts'
import { NO_BUDGET } from '../budgets/budget.ts'
import { budgetOf } from '../budgets/budget-wish.ts'
import { NO_RATE_LIMITS } from '../budgets/rate-limits.ts'
import type { Person } from '../identity/caller.ts'
import { readAllowedModels } from '../models/allowed-models.ts'
import { Fault } from '../platform/fault.ts'
import { type Instant, instant, isoOf } from '../platform/instant.ts'
import { usdOrNull } from '../platform/money.ts'
import type { VirtualKey } from './virtual-key.ts'

/** As it is sent: an absent member is left as it is, `null` takes it away. */
export type LimitsWish = Omit<z.output<(typeof changeKey)['body']>, 'name' | 'user_id' | 'team_id'>

export type KeyLimits = Pick<VirtualKey, 'rates' | 'budget' | 'allowedModels' | 'validUntil'>

export const NO_LIMITS: KeyLimits = { rates: NO_RATE_LIMITS, budget: NO_BUDGET, allowedModels: null, validUntil: null }

/** @throws Fault `invalid_request` that names the field */
export function wishedLimits(before: KeyLimits, wish: LimitsWish, at: Instant): KeyLimits {
  const { rate_limit_rpm: rpm, rate_limit_tpm: tpm, budget, allowed_models: models, expires_at: end } = wish
  return {
    rates: {
      // Older clients send 0 for no limit.
      rpm: kept(rpm === 0 ? null : rpm, before.rates.rpm),
      tpm: kept(tpm, before.rates.tpm),
    },
    budget: kept(budget === null ? NO_BUDGET : budget && budgetOf(budget), before.budget),
    allowedModels: kept(models && readAllowedModels(models), before.allowedModels),
    validUntil: kept(typeof end === 'string' ? futureInstant(end, at) : end, before.validUntil),
  }
}

const kept = <T>(wish: T | undefined, before: T): T => (wish === undefined ? before : wish)

function futureInstant(text: string, at: Instant): Instant {
  const end = instant(Date.parse(text))
  if (end <= at) throw new Fault('invalid_request', 'expires_at: must lie in the future; revoke a key to end it now')
  return end
}

/** Members may hold themselves to a rate and an end; what is to bind them is an administrator's word. */
export function refuseOthersLimits(wish: LimitsWish, caller: Person): void {
  if (caller.role === 'admin') return
  const field = (['allowed_models', 'budget'] as const).find((name) => wish[name] !== undefined && wish[name] !== null)
  if (field !== undefined) throw new Fault('forbidden', `${field}: only administrators may set this`)
}

/** As the audit has them. */
export const toldLimits = ({ rates, budget, allowedModels, validUntil }: KeyLimits): Record<string, unknown> => ({
  rate_limit_rpm: rates.rpm,
  rate_limit_tpm: rates.tpm,
  allowed_models: allowedModels,
  expires_at: validUntil === null ? null : isoOf(validUntil),
  budget: budget.limit === null ? null : { ...budget, limit: usdOrNull(budget.limit) },
})
