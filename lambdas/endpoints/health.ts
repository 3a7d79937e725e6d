/**
 * How an endpoint is, judged once a minute from a look at it and from what requests have met there. One bad minute is an accident; it
 * takes two in a row to call an endpoint unhealthy, and two good ones to trust it again.
 */
import { type Instant, isoOf } from '../platform/instant.ts'
import type { HealthState } from './routing.ts'

export interface Health {
  readonly state: HealthState
  /** Why it is not well, or not quite; what would help. */
  readonly reason: string | null
  readonly checkedAt: Instant | null
  /** Minutes in a row that speak against the present state. */
  readonly against: number
  /** The latest changes, oldest first. */
  readonly history: readonly HealthChange[]
}

export interface HealthChange {
  /** RFC 3339. */
  readonly at: string
  readonly state: HealthState
}

/** What a minute has shown. */
export interface Look {
  readonly well: boolean
  readonly reason: string | null
}

export const NEVER_LOOKED: Health = { state: 'unknown', reason: null, checkedAt: null, against: 0, history: [] }

const MINUTES_IN_A_ROW = 2

/** A day of an endpoint that changes each hour; the item stays small. */
const KEPT_CHANGES = 24

export function nextHealth(before: Health, look: Look, at: Instant): Health {
  const seen: HealthState = look.well ? 'healthy' : 'unhealthy'
  const against = before.state === 'unknown' || before.state === seen ? 0 : before.against + 1
  const state = before.state === 'unknown' || against >= MINUTES_IN_A_ROW ? seen : before.state
  const hasChanged = state !== before.state
  return {
    state,
    reason: look.reason,
    checkedAt: at,
    against: hasChanged ? 0 : against,
    history: hasChanged ? [...before.history, { at: isoOf(at), state }].slice(-KEPT_CHANGES) : before.history,
  }
}

/** One environment may be at fault itself; three that gave up in two minutes agree. */
const GAVE_UP = 3

/**
 * @param refusal Why the look at the endpoint itself failed; `null` when it did not.
 * @param gaveUp How often an environment gave it up in the last minutes: three failures in a row each, nothing good between.
 */
export function lookOf(refusal: string | null, gaveUp: number): Look {
  if (refusal !== null) return { well: false, reason: refusal }
  if (gaveUp < GAVE_UP) return { well: true, reason: null }
  const reason = `Bedrock does not answer requests: ${gaveUp} environments gave up on it in the last two minutes.`
  return { well: false, reason }
}
