/**
 * A circuit breaker of this environment: an endpoint that fails again and again is asked last for a while. It forgets with the
 * environment; what all environments shall know goes through the fault counters and `watch`.
 */
import type { Trouble } from '../bedrock/faults.ts'
import { addMs, type Instant } from '../platform/instant.ts'

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
      const ofModel = nameOf(endpointId, model)
      if (trouble === 'throttle') {
        const seconds = Math.min(retryAfterSeconds ?? THROTTLED_SECONDS, LONGEST_THROTTLED_SECONDS)
        openUntil.set(ofModel, addMs(at, seconds * 1000))
        return false
      }
      // An account is denied single models more often than all of them; the look at the endpoint finds a role that is refused.
      const name = trouble === 'denied' ? ofModel : endpointId
      const inARow = (failures.get(name) ?? 0) + 1
      failures.set(name, inARow)
      if (inARow < FAILURES_IN_A_ROW) return false
      openUntil.set(name, addMs(at, OPEN_MS))
      return trouble === 'error'
    },
    noteSuccess(endpointId, model) {
      for (const name of [endpointId, nameOf(endpointId, model)]) {
        failures.delete(name)
        openUntil.delete(name)
      }
    },
  }
}
