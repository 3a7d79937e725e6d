/**
 * What is known of how a destination does, and how much it is told because of it. While it fails it is asked with one event at a time, at
 * growing distances; when it answers again it gets what has gathered in growing portions. So an outage costs it a request now and then,
 * and its end is no flood.
 */
import { addMs, type Instant } from '../platform/instant.ts'

export interface Circuit {
  /** In a row, of different events until it fails. */
  readonly failures: number
  /** Which events these were, at most three. */
  readonly failed: readonly string[]
  /** While it fails: when it is asked the next time. */
  readonly probeAt: Instant | null
  /** How many it gets in the next run; `null`: as many as a run takes. */
  readonly portion: number | null
}

export const HEALTHY: Circuit = { failures: 0, failed: [], probeAt: null, portion: null }

/** One event that its receiver does not like fails by itself: three different ones in a row are the receiver's trouble. */
const FAILS_AFTER = 3

/** Where the distances begin and end: it is noticed within ten minutes that it is back, and a day of trying is 150 requests. */
const FIRST_PROBE_MS = 30_000
const LONGEST_PROBE_MS = 600_000

/**
 * Not two a second on average, which any receiver takes; what a day leaves (some hundreds in a company of thousands) is told within
 * a quarter of an hour.
 */
export const MOST_IN_A_RUN = 100

/** How many may be tried in this run. */
export function portionOf({ probeAt, portion }: Circuit, now: Instant): number {
  if (probeAt !== null) return probeAt <= now ? 1 : 0
  return portion ?? MOST_IN_A_RUN
}

export const isFailing = ({ probeAt }: Circuit): boolean => probeAt !== null

export function afterFailure(circuit: Circuit, eventId: string, now: Instant): Circuit {
  const { failures, failed, probeAt, portion } = circuit
  // What fails again and again by itself says nothing of the receiver. One that is known to fail has to be asked later all the same.
  if (probeAt === null && failed.includes(eventId)) return circuit
  // Whoever has just come back and fails again is not well yet.
  const next = Math.max(failures + 1, portion === null ? 0 : FAILS_AFTER)
  const last = [...failed, eventId].slice(-FAILS_AFTER)
  if (next < FAILS_AFTER) return { failures: next, failed: last, probeAt: null, portion }
  const distance = Math.min(LONGEST_PROBE_MS, FIRST_PROBE_MS * 2 ** (next - FAILS_AFTER))
  return { failures: next, failed: last, probeAt: addMs(now, distance), portion: null }
}

/**
 * The first answer after an outage; in a run without trouble the answers change nothing. While it catches up it is remembered which
 * events failed last, so that one of them alone does not stop it.
 */
export const afterSuccess = (circuit: Circuit): Circuit => {
  if (isFailing(circuit)) return { ...circuit, failures: 0, probeAt: null, portion: 1 }
  return { ...circuit, failures: 0, failed: circuit.portion === null ? [] : circuit.failed }
}

/** After a run in which nothing failed: twice as many, until it is as many as there can be. */
export function afterRun(circuit: Circuit): Circuit {
  if (isFailing(circuit) || circuit.portion === null) return circuit
  const portion = circuit.portion * 2
  return { ...circuit, portion: portion >= MOST_IN_A_RUN ? null : portion }
}
