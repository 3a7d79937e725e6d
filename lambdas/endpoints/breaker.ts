/**
 * A circuit breaker of this environment: an endpoint that fails again and again is asked last for a while. It forgets with the
 * environment; what all environments shall know goes through the fault counters and `watch`.
 */
import { addMs, type Instant } from '../platform/instant.ts'

/** `throttle`: too much for this model there, at this moment. `error`, `denied`: something is wrong with the endpoint. */
export type Trouble = 'throttle' | 'error' | 'denied'

export interface Breaker {
  isOpen(endpointId: string, model: string, at: Instant): boolean
  /** @returns whether the endpoint has just been given up for a while. */
  noteTrouble(
    endpointId: string,
    model: string,
    trouble: Trouble,
    retryAfterSeconds: number | undefined,
    at: Instant,
  ): boolean
  noteSuccess(endpointId: string, model: string): void
}

/** One failure is an accident, two in a row may be one; the third is a state. */
const FAILURES_IN_A_ROW = 3
/** Long enough to spare most requests the detour, short enough that a repaired endpoint is found within a minute. */
const OPEN_MS = 30_000
/** A throttle passes with its minute; Bedrock rarely says how long. */
const THROTTLED_SECONDS = 5
const LONGEST_THROTTLED_SECONDS = 60

export function createBreaker(): Breaker {
  const failures = new Map<string, number>()
  const openUntil = new Map<string, Instant>()
  const nameOf = (endpointId: string, model: string): string => `${endpointId} ${model}`
  return {
    isOpen: (endpointId, model, at) =>
      [endpointId, nameOf(endpointId, model)].some((name) => (openUntil.get(name) ?? 0) > at),
    noteTrouble(endpointId, model, trouble, retryAfterSeconds, at) {
      if (trouble === 'throttle') {
        const seconds = Math.min(retryAfterSeconds ?? THROTTLED_SECONDS, LONGEST_THROTTLED_SECONDS)
        openUntil.set(nameOf(endpointId, model), addMs(at, seconds * 1000))
        return false
      }
      const inARow = (failures.get(endpointId) ?? 0) + 1
      failures.set(endpointId, inARow)
      if (inARow < FAILURES_IN_A_ROW) return false
      openUntil.set(endpointId, addMs(at, OPEN_MS))
      return true
    },
    noteSuccess(endpointId, model) {
      failures.delete(endpointId)
      openUntil.delete(endpointId)
      openUntil.delete(nameOf(endpointId, model))
    },
  }
}
