/**
 * May they, now? Verdicts in their fixed order, each a value; nothing is read or written here. Suspended, model, budget, shaping,
 * requests per minute, tokens per minute: the first that says no is told.
 */
import { decisive, type Standing, spentIn, standingOf } from '../budgets/standing.ts'
import type { Instant } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'
import type { PacedSubject } from '../table/ephemeral-keys.ts'
import type { Allowance } from './allowance.ts'
import { NO_USE, type WindowUse, waitFor } from './rate-window.ts'
import { budgetsIn } from './read-allowance.ts'

export type Suspension = {
  readonly admitted: false
  readonly because: 'key_revoked' | 'key_expired' | 'owner_suspended'
}
export type ModelRefusal = {
  readonly admitted: false
  readonly because: 'model_refused'
  readonly model: string
  /** Whose list it is not on. */
  readonly by: 'key' | 'team'
}
/** The budget that holds for them cannot be read. */
export type BudgetUnknown = { readonly admitted: false; readonly because: 'settings_unreadable' }
export type OverBudget = {
  readonly admitted: false
  readonly because: 'over_budget'
  readonly standing: Standing
  /** What the request was expected to cost, where there is something left, but not that much. */
  readonly expected?: NanoUsd
}
/** What is left is held for requests that are running; most of it comes back when they have ended. */
export type BudgetHeld = {
  readonly admitted: false
  readonly because: 'budget_held'
  readonly standing: Standing
  readonly held: NanoUsd
}
/** Too much for the moment. */
export type TooFast = {
  readonly admitted: false
  readonly because: RateReason
  readonly subject: PacedSubject['kind']
  /** A minute. */
  readonly limit: number
  readonly waitSeconds: number
  /** The budget that slows them down, where it is one. */
  readonly standing?: Standing
}
export type RateReason = 'shaped' | 'requests_per_minute' | 'tokens_per_minute'
export type Refusal = Suspension | ModelRefusal | BudgetUnknown | OverBudget | BudgetHeld | TooFast

export type Verdict = { readonly admitted: true } | Refusal

/** What is judged. */
export interface Asking {
  /** Anthropic's undated name, or what the client wrote where there is none. */
  readonly model: string
  readonly at: Instant
  readonly standings: readonly Standing[]
  readonly pace: Pace
}

/** What has been asked for in the running minute, this request among it, and what of it is this request. */
export interface Pace {
  readonly now: ReadonlyMap<PacedSubject['kind'], WindowUse>
  readonly own: WindowUse
}

const ADMITTED = { admitted: true } as const

export function admit(allowance: Allowance, asking: Asking): Verdict {
  return (
    suspension(allowance, asking.at) ??
    modelRefusal(allowance, asking.model) ??
    budgetUnknown(allowance) ??
    overBudget(asking.standings) ??
    shaped(allowance, asking) ??
    tooFast(allowance, asking, 'requests_per_minute') ??
    tooFast(allowance, asking, 'tokens_per_minute') ??
    ADMITTED
  )
}

/** For what costs nothing: the verdicts on the caller and on what they ask for alone. */
export const admitForFree = (allowance: Allowance, at: Instant, model?: string): Verdict =>
  suspension(allowance, at) ?? (model === undefined ? undefined : modelRefusal(allowance, model)) ?? ADMITTED

function suspension({ key, owner }: Allowance, at: Instant): Suspension | undefined {
  if (!key.isActive) return { admitted: false, because: 'key_revoked' }
  if (key.validUntil !== null && at >= key.validUntil) return { admitted: false, because: 'key_expired' }
  if (owner === 'missing' || (owner !== null && !owner.active)) return { admitted: false, because: 'owner_suspended' }
  return undefined
}

/** Both lists must name it. */
function modelRefusal(allowance: Allowance, model: string): ModelRefusal | undefined {
  const by = (['key', 'team'] as const).find((one) => allowance[one]?.allowedModels?.includes(model) === false)
  return by && { admitted: false, because: 'model_refused', model, by }
}

/** @returns what an allowance's budgets come to, in the order key, person, team. */
export const standingsOf = (allowance: Allowance, at: Instant): readonly Standing[] =>
  budgetsIn(allowance).map((budget) => standingOf(budget, spentIn(allowance.counters, budget, at), at))

/** Of whoever falls under the default: a limit of their own is enforced by its policy. */
function budgetUnknown({ owner, ownersTeam, settings }: Allowance): BudgetUnknown | undefined {
  const falls = owner !== null && owner !== 'missing' && ownersTeam === null
  return falls && settings.usual === 'unreadable' ? { admitted: false, because: 'settings_unreadable' } : undefined
}

function overBudget(standings: readonly Standing[]): OverBudget | undefined {
  const standing = decisive(standings)
  return standing?.decision.action === 'block' ? { admitted: false, because: 'over_budget', standing } : undefined
}

function shaped({ minuteBefore, key }: Allowance, { standings, pace, at }: Asking): TooFast | undefined {
  const standing = decisive(standings)
  if (standing?.decision.action !== 'shape') return undefined
  const subject = key.userId === null ? 'key' : 'user'
  const limit = standing.decision.shapedRpm
  const before = (minuteBefore.get(subject) ?? NO_USE).requests
  const current = (pace.now.get(subject) ?? NO_USE).requests
  const waitSeconds = waitFor(before, current, pace.own.requests, limit, at)
  return waitSeconds === 0 ? undefined : { admitted: false, because: 'shaped', subject, limit, waitSeconds, standing }
}

const COUNTED = { requests_per_minute: 'requests', tokens_per_minute: 'tokens' } as const
const LIMITED = { requests_per_minute: 'rpm', tokens_per_minute: 'tpm' } as const

/** Of the key and of its owner, whoever has to wait longer. */
function tooFast(allowance: Allowance, { pace, at }: Asking, because: keyof typeof COUNTED): TooFast | undefined {
  const counted = COUNTED[because]
  const { key, owner } = allowance
  const limits = { key: key.rates, user: owner === null || owner === 'missing' ? null : owner.rates }
  const refusals = (['key', 'user'] as const).flatMap((subject): TooFast[] => {
    const limit = limits[subject]?.[LIMITED[because]] ?? null
    if (limit === null) return []
    const before = (allowance.minuteBefore.get(subject) ?? NO_USE)[counted]
    const current = (pace.now.get(subject) ?? NO_USE)[counted]
    const waitSeconds = waitFor(before, current, pace.own[counted], limit, at)
    return waitSeconds === 0 ? [] : [{ admitted: false, because, subject, limit, waitSeconds }]
  })
  return refusals.sort((one, other) => other.waitSeconds - one.waitSeconds)[0]
}
